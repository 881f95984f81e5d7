#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# requires: root
# vztop: rates in rounds for scripts, and the screen.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
begin "$@"

refused 1 "terminal" "without a terminal -b is needed" vztop
refused 1 "sort" "an unknown field to sort by" vztop -b -n 1 -s bogus
refused 1 "delay" "a delay of nothing" vztop -b -n 1 -d 0
refused 1 "delay" "a negative one" vztop -b -n 1 -d -1
refused 1 "rounds" "no round" vztop -b -n 0
refused 1 "rounds" "half a round" vztop -b -n 1.5
refused 1 "777" "a VPS that is not there" vztop -b -n 1 -E 777
refused 1 "word" "a word" vztop -b 101
ok "--help" vztop --help
ok "a node without VPSs" vztop -b -n 1 -d 0.1
is "$(wc -l <<< "$out")" 3 "is two lines and a header"

have 101 --hostname busy.example.com --ipadd 203.0.113.1
have 102 --hostname idle.example.com
run vzctl set 101 --ram 64M --swap 0 --numproc 20 --save
booted 101
booted 102
timeout 100 vzctl exec2 101 'echo on > /tmp/on; while test -e /tmp/on; do i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; done' \
	< /dev/null > /dev/null 2>&1 &
job=$!
wait_for 10 in_ct 101 'test -e /tmp/on'

json() { # FILTER -> of one round
	vztop -j -n 1 -d 0.4 -E "$1" > "$scratch/json" && jq -r "$2" "$scratch/json"
}
ok "one line of JSON for each round" bash -c "vztop -j -n 2 -d 0.2 > $scratch/j && [ \$(wc -l < $scratch/j) = 2 ] && jq -e . $scratch/j"
is "$(json 101 '.vps | length')" 1 "-E takes one"
is "$(json 101 '.vps[0] | "\(.ctid) \(.name) \(.limit) \(.cpu > 3 and .cpu < 210) \(.mem > 100000) \(.procs > 2) \(.procs_limit)"')" \
	"101 busy.example.com 67108864 true true true 20" "its figures are live"
is "$(json 102 '.vps[0].cpu < 3')" true "who does nothing uses no CPU"
is "$(json 102 '.node | (.cpus > 0) and (.mem > .mem_free) and (.load | length == 3)')" true "and the node's are there"
is "$(vztop -b -n 1 -d 0.3 | awk 'NR > 3 { print $1 }' | tr '\n' ' ')" "101 102 " "the one that uses most comes first"
is "$(vztop -b -n 1 -d 0.3 -r | awk 'NR > 3 { print $1 }' | tr '\n' ' ')" "102 101 " "-r: last"
is "$(vztop -b -n 1 -d 0.1 -s name | awk 'NR > 3 { print $1 }' | tr '\n' ' ')" "101 102 " "-s name"
is "$(vztop -b -n 1 -d 0.1 -f IDLE | awk 'NR > 3 { print $1 }' | tr '\n' ' ')" "102 " "-f has those with such a name"

# What flows.
before=$(json 101 '.vps[0].net_in_bytes')
ping -c 5 -i 0.01 -s 1000 -W 1 203.0.113.1 > /dev/null 2>&1
after=$(json 101 '.vps[0].net_in_bytes')
verdict $((after - before < 5000)) "what is sent to it comes in ($before, $after)"
is "$(json 101 '.vps[0].fail')" 0 "nothing was refused so far"
vztop -j -n 1 -d 1.5 -E 101 > "$scratch/later" &
top=$!
wait_for 5 grep -q . "/proc/$top/comm"
in_ct 101 'for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do sleep 1 & done' > /dev/null 2>&1
wait $top
verdict $(($(jq '.vps[0].fail' "$scratch/later") < 1)) "refused forks count while it looks"
if [ -e "$(cg_two 101)/cpu.pressure" ]; then
	is "$(json 101 '.vps[0].psi_cpu != null')" true "pressure is told"
else
	skip "pressure is told" "this kernel has none of groups"
fi

# The screen.
screen=$scratch/screen
on_tty() { # COMMAND-LINE
	rm -f "$scratch/keys" && mkfifo "$scratch/keys"
	: > "$screen"
	script -qfec "stty rows 30 cols 150; TERM=xterm $1" /dev/null < "$scratch/keys" > "$screen" 2>&1 &
	tty_job=$!
	exec 7> "$scratch/keys"
}
type_in() { printf "$1" >&7; }
shows() { tr -d '\r' < "$screen" | grep -qE -e "$1"; }
see() { # SENTENCE ERE
	local r=0
	wait_for 10 shows "$2" || { r=1; note "screen: $(tail -c 1500 "$screen" | cat -v)"; }
	verdict $r "$1"
}
tty_end() { # -> rc
	exec 7>&-
	wait_for 10 eval "! is_alive $tty_job" || kill -9 $tty_job
	wait $tty_job
	rc=$?
}
again() { : > "$screen"; }

timeout 100 vzctl exec2 102 'printf "\033]0;gotcha\a" > /proc/$$/comm; echo x > /tmp/up; while :; do sleep 1; done #'$'\033]0;gotcha\a' \
	< /dev/null > /dev/null 2>&1 &
job2=$!
wait_for 10 in_ct 102 'test -e /tmp/up'
on_tty "vztop -d 0.3 -s ctid"
see "the screen has the VPSs" 'busy\.example\.com'
see "and the node" 'load [0-9]+\.[0-9]+'
see "the history of CPU is drawn" '[.:=+*#@-]|▁|▂|▃|▄|▅|▆|▇|█'
type_in '/idle\r'
see "a filter is told in the last line" 'only: idle'
type_in '\r'
see "Enter shows the processes of the VPS, with harmless names" '\?\]0;gotcha\?'
unlike "$(LC_ALL=C tr -d '\r\n' < "$screen" | LC_ALL=C grep -ao $'\033]0;' | cat -v)" 'gotcha|\]0' "which set no title"
type_in 'h'
see "h is help" 'processes of a VPS, and away again'
type_in 'h'
type_in 'd'
see "d asks for seconds" 'seconds:'
type_in '0\r'
see "and refuses none" 'between 0.1'
type_in 'm'
see "m sorts by memory" 'by mem'
type_in 'q'
tty_end
is "$rc" 0 "q ends it"
like "$(tail -c 200 "$screen" | cat -v)" '\?1049l|\[\?25h' "and the terminal is as it was"

# The busiest process stands first below its VPS.
busy=$(vzps -E 101 --no-headers --sort -cputimes -o pid= | head -n 1 | tr -d ' ')
on_tty "vztop -d 0.3 -E 101"
see "it begins again" 'busy\.example\.com'
type_in '\r'
see "with the processes of one" 'getty'
sleep 0.8
type_in '\033[B'
type_in 'k'
see "k asks what to send, naming process and VPS" "to process $busy \\(.*\\) of VPS 101"
type_in 'NOSUCH\r'
see "a signal that is none is not sent" "no signal 'NOSUCH'"
type_in 'k'
type_in 'KILL\r'
soon "the process gets what was chosen" eval "! is_alive $busy"
ok "and init does not" is_alive "$(init_pid 101)"
type_in '\003'
tty_end
is "$rc" 0 "an interrupt ends it, too"
on_tty "vztop -d 0.3"
see "and again" 'busy\.example\.com'
sh=$(pgrep -P $tty_job | head -n 1) # which may have become vztop itself
vt=$(pgrep -P "$sh" | head -n 1)
vt=${vt:-$sh}
{
	kill -9 $tty_job
	wait $tty_job
} 2> /dev/null
soon "a terminal that goes ends it" eval "[ -n '$vt' ] && ! is_alive '$vt'"
exec 7>&-

on_tty "vztop -d 0.1"
run vzctl stop 102 --fast
run vzctl start 102
see "VPSs come and go while it looks" 'idle\.example\.com'
type_in 'q'
tty_end
is "$rc" 0 "and it lives"
run vzctl stop 101 --fast
run vzctl stop 102 --fast
wait "$job" "$job2" 2> /dev/null
not "a full disk is noticed" bash -c 'vztop -b -n 1 -d 0.1 > /dev/full'
finish
