#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# requires: root
# vzpid: whose is a process, whatever it calls itself.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
begin "$@"

code 1 "without a number it is 1" vzpid
like "$err" '^Usage: vzpid ' "with how it is used"
ok "--help" vzpid --help
refused 1 "frob" "a word that is no number is 1" vzpid frob
refused 1 "unknown option" "an unknown option is 1" vzpid -x
refused 1 "process number" "a negative number, too" vzpid -- -5
refused 1 "process number" "and one that is too large" vzpid 99999999999999999999
ok "a process that is not there is no failure" vzpid 4194303
is "$out" $'Pid\tCTID\tName' "it is passed over"

is "$(vzpid $$ | tail -n 1)" "$$"$'\t0\t'"$(cat /proc/$$/comm)" "a process of the node has CTID 0"
is "$(vzpid -p $$ | tail -n 1)" "$$"$'\t'"$$"$'\t0\t'"$(cat /proc/$$/comm)" "with -p its own number, too"

have 101
have 102
booted 101
booted 102
init=$(init_pid 101)
is "$(vzpid "$init" "$(init_pid 102)")" "$(printf 'Pid\tCTID\tName\n%d\t101\tinit\n%d\t102\tinit' "$init" "$(init_pid 102)")" \
	"init of each VPS is its own"
is "$(vzpid -p "$init")" "$(printf 'Pid\tCT/Pid\tCTID\tName\n%d\t1\t101\tinit' "$init")" "and is 1 inside"
is "$(printf '%s 1\n\n%s\n' "$init" "$$" | vzpid - | cut -f 2 | tr '\n' ' ')" "CTID 101 0 0 " \
	"numbers come from standard input, too"
is "$(vzpid "$(monitor_pid 101)" | tail -n 1 | cut -f 2)" 0 "the monitor is the node's"

# What a VPS can choose: names of processes, arguments, control groups of its own.
# The name of a process is set by itself: the shell's $! writes to its own comm.
timeout 60 vzctl exec2 101 'printf "b) R 7\n\033[31m" > /proc/$$/comm; echo ready > /tmp/ready; while :; do sleep 1; done' \
	< /dev/null > /dev/null 2>&1 &
job=$!
wait_for 10 in_ct 101 'test -e /tmp/ready'
bad=$(for p in $(cat "$(cg_dir pids 101)/cgroup.procs"); do
	grep -q '^b) R' "/proc/$p/comm" && echo "$p"; done | head -n 1)
ok "a process whose name has a bracket, a newline and an escape" test -n "$bad"
is "$(vzpid "$bad" | wc -l)" 2 "is one line"
like "$(vzpid "$bad" | tail -n 1)" "^$bad"$'\t101\tb\\) R 7' "of its VPS, by its right number"
unlike "$(vzpid -p "$bad" | cat -v)" '\^|\\e' "and says nothing to the terminal"
like "$(vzps -E 101 -o pid,vpid,comm | grep " b) R")" "^ *$bad +[1-9]" "vzps sees it likewise"

# A control group of its own making, named like another VPS's.
timeout 60 vzctl exec2 101 'for d in /sys/fs/cgroup/unified /sys/fs/cgroup; do mkdir -p $d/'"$slice"'/102/ve 2> /dev/null && echo $$ > $d/'"$slice"'/102/ve/cgroup.procs && break; done
	echo in > /tmp/moved; while :; do sleep 1; done' < /dev/null > /dev/null 2>&1 &
job2=$!
wait_for 10 in_ct 101 'test -e /tmp/moved'
moved=$(for p in $(cat "$(cg_dir pids 101)/cgroup.procs"); do
	grep -q moved "/proc/$p/cmdline" && echo "$p"; done | head -n 1)
grep -q '/102/' "/proc/$moved/cgroup" || note "the VPS has no tree of control groups: $(tr '\n' ' ' < "/proc/$moved/cgroup")"
is "$(vzpid "$moved" | tail -n 1 | cut -f 2)" 101 "a group named like another VPS's does not take a process there"
is "$(vzps -E 102 -o ctid,pid | grep -cw "$moved")" 0 "and vzps does not list it there"
run vzctl stop 101 --fast
wait "$job" "$job2" 2> /dev/null
is "$(vzpid "$init" | wc -l)" 1 "a stopped VPS has no processes"
not "a full disk is noticed" bash -c "vzpid $$ > /dev/full"
finish
