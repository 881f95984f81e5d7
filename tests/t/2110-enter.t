#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# requires: root
# enter and exec as programs call them: without a terminal, with input that ends, with nobody who reads.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
begin "$@"
have 101 --hostname one
booted 101

entered() { # LINE-OF-INPUT COMMAND...: run, its screen without what terminals add
	local in=$1
	shift
	printf "$in" | timeout -k 5 $((30 * slow)) "$@" > "$scratch/screen" 2>&1
	rc=${PIPESTATUS[1]}
	screen=$(tr -d '\r' < "$scratch/screen" | sed 's/\x1b\[?2004[hl]//g')
	cmdline="$* (input: $in)" out=$screen err=
}
ends() { # STATUS SENTENCE
	[ "$rc" = "$1" ] || told
	verdict $((rc != $1)) "$2"
}
no_shell() { [ -z "$(in_ct "$1" 'pidof -- -sh -bash')" ]; }

each_shell() { # ID NAME
	code 0 "$2: enter --exec < /dev/null ends" vzctl enter "$1" --exec 'echo "in-$(hostname)"'
	out=$(tr -d '\r' <<< "$out" | sed 's/\x1b\[?2004[hl]//g')
	like "$out" '^in-one$' "$2: and shows what the command says"
	like "$out" '^exited from CT' "$2: and says that it has left"
	code 1 "$2: with the status of the command" vzctl enter "$1" --exec false
	code 7 "$2: also when it leaves the shell" vzctl enter "$1" --exec exit 7
	code 3 "$2: the end of the input is the end of what the command reads" \
		vzctl enter "$1" --exec 'cat; cat; (exit 3)'
	code 4 "$2: a command that takes its time is awaited" vzctl enter "$1" --exec 'sleep 1; (exit 4)'
	entered 'echo one-$((20 + 3))\nexit 5\n' vzctl enter "$1"
	ends 5 "$2: commands may come through a pipe"
	like "$screen" '^one-23$' "$2: and are run"
	entered 'echo last-$((40 + 2))' vzctl enter "$1"
	ends 0 "$2: the last line needs no end"
	like "$screen" '^last-42$' "$2: to be run"
}
each_shell 101 sh
entered '' vzctl enter 101
ends 0 "enter without anything to do ends"
is "$(timeout $((30 * slow)) setsid -w vzctl enter 101 --exec 'test -t 0 && echo on-a-$(echo terminal)' < /dev/null |
	tr -d '\r' | grep -c '^on-a-terminal')" 1 "a caller without a terminal has one inside all the same"
is "$(env -i timeout $((30 * slow)) setsid -w "$VZ_TEST_PREFIX/sbin/vzctl" --version)" "$(vzctl --version)" \
	"nothing of the environment is needed"
code 6 "nor descriptors: closed input" bash -c 'vzctl enter 101 --exec exit 6 <&-'
run bash -c 'vzctl enter 101 --exec exit 6 <&- >&- 2>&-'
verdict $((rc == 124 || rc == 0)) "all three closed: it ends, and not as if all was well"

# More than any buffer on the way has room for, and each line answered.
for i in {1..3000}; do echo "echo answer to line number $i; echo $i >> /root/answers"; done > "$scratch/lines"
echo 'exit 9' >> "$scratch/lines"
timeout -k 5 $((60 * slow)) vzctl enter 101 < "$scratch/lines" > "$scratch/screen" 2>&1
is "$?" 9 "a long file of commands is read to its end"
is "$(in_ct 101 'md5sum < /root/answers')" "$(seq 3000 | md5sum)" "and each is run, in its turn"

# nobody reads
timeout -k 5 $((30 * slow)) vzctl enter 101 --exec yes < /dev/null 2> /dev/null | head -n 3 > /dev/null
is "${PIPESTATUS[0]/124/hangs}" "${PIPESTATUS[0]/124/ends}" "a reader that leaves ends enter"
soon "and what ran inside" no_shell 101
no_yes() { [ -z "$(in_ct 101 'pidof yes')" ]; }
soon "with all that it said" no_yes
if command -v script > /dev/null; then
	mkfifo "$scratch/keys"
	script -qfec 'stty -a > '"$scratch/before"'; vzctl enter 101 | head -n 1; stty -a > '"$scratch/after" /dev/null \
		< "$scratch/keys" > /dev/null 2>&1 &
	job=$!
	exec 7> "$scratch/keys"
	wait_for 10 in_ct 101 'pidof -- -sh'
	for i in {1..20}; do
		[ ! -s "$scratch/after" ] || break
		printf 'echo x\n' >&7
		sleep 0.2
	done
	exec 7>&-
	wait $job
	is "$(cat "$scratch/after")" "$(cat "$scratch/before")" "the caller's terminal is put back when its reader has left"
fi

# exec
code 0 "exec: closed input is empty input" bash -c 'vzctl exec 101 cat <&-'
is "$(bash -c 'vzctl exec2 101 "cat; echo read-\$?" <&-')" read-0 "for all that read it"
run bash -c 'vzctl exec2 101 "echo x" >&-'
verdict $((rc == 0 || rc == 124)) "what says something into a closed output fails, and does not hang"
is "$(bash -c 'vzctl exec2 101 "ls /proc/self/fd | wc -l" <&- 2>&-')" 4 "descriptors 0 to 2 are there inside, and no other"
is "$(setsid -w vzctl exec2 101 'echo here; ps -o tty= > /dev/null 2>&1; exit 5' < /dev/null; echo $?)" $'here\n5' \
	"no terminal is needed"
(vzctl exec2 101 yes; echo $? > "$scratch/status") 2> /dev/null | head -n 1 > /dev/null
wait_for 5 test -s "$scratch/status"
verdict $(($(cat "$scratch/status") == 0)) "a reader that leaves ends a command of exec, and not with 0"

# start with nothing open: what it opens must not become the VPS's output
have 102
code 0 "start with three closed descriptors" bash -c 'vzctl start 102 <&- >&- 2>&-'
is "$(state 102)" "exist mounted running" "starts it"
is "$(bash -c 'vzctl stop 102 --fast <&- >&- 2>&-'; echo $?)" 0 "and stop, too"
is "$(state 102)" "exist unmounted down" "stops it"

# the shell of real guests has an editor of its own
if [ -d "$VZ_TEST_TEMPLATES/debian-12-x86_64/root" ]; then
	run vzctl create 103 --ostemplate debian-12-x86_64 --hostname one
	[ "$rc" = 0 ] || told
	started 103
	each_shell 103 bash
	code 0 "and is stopped" vzctl stop 103 --fast
else
	skip "bash" "there is no template of Debian 12"
fi
finish
