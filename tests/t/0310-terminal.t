#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# requires: root
# enter and console on a terminal.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
begin "$@"
have 101 --hostname one
booted 101

# A command on a terminal of its own: what is typed comes from a fifo, the screen goes to a file.
screen=$scratch/screen
on_tty() { # COMMAND-LINE
	rm -f "$scratch/keys" && mkfifo "$scratch/keys"
	: > "$screen"
	script -qfec "$1" /dev/null < "$scratch/keys" > "$screen" 2>&1 &
	tty_job=$!
	exec 7> "$scratch/keys"
}
type_in() { printf "$1" >&7; }
shows() { tr -d '\r' < "$screen" | grep -qE -e "$1"; }
tty_end() { # -> rc
	exec 7>&-
	local i
	for ((i = 0; i < 200 * slow; i++)); do
		is_alive $tty_job || break
		sleep 0.05
	done
	is_alive $tty_job && kill -9 $tty_job
	wait $tty_job
	rc=$?
}
see() { # SENTENCE ERE
	local r=0
	wait_for 10 shows "$2" || { r=1; note "screen: $(tail -c 1000 "$screen" | tr -d '\r')"; }
	verdict $r "$1"
}

on_tty "vzctl enter 101"
see "enter says where one is" '^entered into CT 101$'
type_in 'echo host-$(hostname)\n'
see "and gives a shell in the VPS" '^host-one'
type_in 'tty; test -t 0 && echo is-a-terminal\n'
see "on a terminal" '^is-a-terminal'
see "of the VPS's own" '^/dev/pts/[0-9]+'
type_in 'echo "env $USER $HOME $LOGNAME $HISTFILE"\n'
see "with the environment of a login" '^env root /root root /dev/null'
type_in 'sleep 100\n'
wait_for 5 in_ct 101 'pidof sleep'
type_in '\003'
type_in 'echo still-here\n'
see "an interrupt reaches what runs there" '^still-here'
type_in 'exit 5\n'
see "at the end it says so" '^exited from CT 101$'
tty_end
is "$rc" 5 "and the shell's status is enter's"

on_tty "vzctl enter 101 --exec echo typed"
see "--exec types the command" '^typed$'
type_in 'exit\n'
tty_end
is "$rc" 0 "into a shell that one leaves oneself"

on_tty "stty rows 33 cols 111; vzctl enter 101"
see "entered" 'entered into'
type_in 'stty size\n'
see "the window has the size of the caller's" '^33 111'
exec 7>&-
tty_end
no_shell() { [ "$(in_ct 101 'pidof -- -sh' | wc -w)" = 0 ]; }
soon "a terminal that goes away takes its shell along" no_shell

# the console
on_tty "vzctl console 101"
see "console attaches" 'attached to the console'
type_in '\n'
see "to a login" 'login:'
type_in '\033.'
tty_end
is "$rc" 0 "ESC . detaches"
is "$(state 101)" "exist mounted running" "and the VPS lives on"

in_ct 101 'echo said-before > /dev/console'
on_tty "vzctl console 101"
see "what was said before is shown" 'said-before'
in_ct 101 'echo said-now > /dev/console'
see "and what is said now" 'said-now'
screen1=$screen tty1=$tty_job
exec 8>&7
screen=$scratch/screen2
on_tty "vzctl console 101"
see "two may look at once" 'said-now'
in_ct 101 'echo said-to-both > /dev/console'
see "the second sees" 'said-to-both'
screen=$screen1 see "what the first sees" 'said-to-both'
type_in '\033.'
tty_end
screen=$screen1
printf '\033x\n' >&8
in_ct 101 'echo after-escape > /dev/console'
see "ESC and another key are passed on" 'after-escape'
printf '\033.' >&8
exec 8>&-
tty_job=$tty1
tty_end
is "$rc" 0 "the first detaches, too"

# More than the scrollback holds.
in_ct 101 'i=0; while [ $i -lt 3000 ]; do echo line $i of many, some forty bytes long....; i=$((i+1)); done > /dev/console'
on_tty "vzctl console 101"
see "after 120 kB the last lines are shown" 'line 2999 of many'
unlike "$(head -n 3 "$screen")" 'line 0 of' "and the first are not"
type_in '\033.'
tty_end

# a login
vzctl set 101 --userpasswd root:sesame > /dev/null
on_tty "vzctl console 101"
type_in '\n'
see "a login" 'login:'
type_in 'root\n'
see "asks for a password" 'assword:'
type_in 'sesame\n'
wait_for 5 shows 'one:.*# '
type_in 'echo in-$(id -un)\n'
see "and lets root in" '^in-root'
type_in 'exit\n'
type_in '\033.'
tty_end

# a reader that does not read
mkfifo "$scratch/deaf"
exec 6<> "$scratch/deaf"
vzctl console 101 < "$scratch/deaf" > "$scratch/heard" 2>&1 &
stuck=$!
wait_for 5 grep -q attached "$scratch/heard"
kill -STOP $stuck
begin_s=$SECONDS
in_ct 101 'i=0; while [ $i -lt 5000 ]; do echo line $i of many, some forty bytes long....; i=$((i+1)); done > /dev/console'
verdict $((SECONDS - begin_s > 10 * slow)) "one who does not read holds nobody"
kill -CONT $stuck
kill $stuck
wait $stuck 2> /dev/null
exec 6>&-

# the monitor dies
kill -9 "$(monitor_pid 101)"
on_tty "vzctl console 101"
see "with its monitor killed the console is made anew" 'attached to the console'
in_ct 101 'echo on-the-new-console > /dev/console'
see "and works" 'on-the-new-console'
type_in '\n'
see "with a login on it" 'login:'
on_tty_job=$tty_job
code 0 "stop of a VPS whose console is open" vzctl stop 101
see "closes it" 'console was closed'
tty_end
not "and its client has ended" is_alive "$on_tty_job"
refused 21 "console" "another tty than the first is refused" vzctl console 101 7
finish
