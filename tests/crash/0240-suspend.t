#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# requires: root fault criu
# vzctl suspend and resume die at each of their points; the next verb puts things right, and what the VPS
# had in memory is never lost.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
begin "$@"
need_fault
have 101 --ipadd 203.0.113.1 --hostname one
dump=$node/dump/Dump.101

# Something that only memory has: a process, and a file of /run.
remember() {
	vzctl exec 101 'sh -c "while sleep 1; do :; done" < /dev/null > /dev/null 2>&1 & echo $! > /run/kept'
}
remembers() { in_ct 101 'kill -0 $(cat /run/kept)'; }
no_dump() { [ -z "$(find "$node/dump" -mindepth 1 -print -quit)" ]; }

runs_again() { # SENTENCE
	is "$(state 101) $(monitors 101)" "exist mounted running 1" "$1 it runs, with one monitor"
	ok "with all that it had in memory" remembers
	ok "and is reached" ping -c 1 -W 2 203.0.113.1
	ok "no dump is left: it would be older than the disk" no_dump
}

fresh() {
	booted 101 # or init would still mount over what is remembered
	remember
}

gone() {
	code 0 "it stops" patiently vzctl stop 101 --fast
	ok "and nothing is left" nothing_runs 101
	ok "no dump either" no_dump
}

verb=0
for p in dump:before dump:after $(for s in guest net init cgroup root; do echo "$s:before $s:after"; done); do
	fresh
	crash "suspend:$p" "suspend dies at $p" vzctl suspend 101
	like "$(vzctl status 101)" '^CTID 101 exist (un)?mounted (running|down)( suspended)?$' "status can be asked"
	verb=$((1 - verb))
	if [ $verb = 1 ]; then run patiently vzctl resume 101; else run patiently vzctl start 101; fi
	case $p:$rc in
	dump:before:32 | *:0) r=0 ;;
	*) r=1; told ;;
	esac
	verdict $r "the next verb finds it running, or brings it back ($rc)"
	runs_again "after suspend:$p"
	gone
done

for p in $(for s in root cgroup init net guest; do echo "$s:before $s:after"; done); do
	fresh
	code 0 "it is suspended" patiently vzctl suspend 101
	crash "resume:$p" "resume dies at $p" vzctl resume 101
	run patiently vzctl start 101
	case $p:$rc in
	guest:after:32 | *:0) r=0 ;;
	*) r=1; told ;;
	esac
	verdict $r "start brings it back, or it is back already ($rc)"
	runs_again "after resume:$p"
	gone
done

# Killed around the moment in which the VPS is let go, after which it ends before anybody looks.
fresh
code 0 "it is suspended" patiently vzctl suspend 101
crash resume:go:after "resume dies right after it let the VPS go" vzctl resume 101
kill -9 "$(init_pid 101)"
soon "the VPS ends, and is cleared up without another command" nothing_runs 101
ok "no dump is left: it would be older than the disk" no_dump
fresh
code 0 "it is suspended" patiently vzctl suspend 101
crash resume:go:before "resume dies right before" vzctl resume 101
code 0 "start succeeds" patiently vzctl start 101
is "$(state 101) $(monitors 101)" "exist mounted running 1" "it runs, with one monitor"
ok "and no dump is left: nobody could know that it had not run" no_dump
gone
fresh
code 0 "it is suspended" patiently vzctl suspend 101
rm "$dump/pstree.img"
crash start:go:before "a start after a resume that failed dies right before init" vzctl start 101
ok "no dump is left of which the disk knows more" no_dump
code 0 "start succeeds" patiently vzctl start 101
gone

# A resume that fails, and dies on its way back: the dump is not used up by that.
fresh
code 0 "it is suspended" patiently vzctl suspend 101
mv "$dump/pstree.img" "$scratch/"
for s in init cgroup root; do
	crash "undo:$s:after" "a resume that fails dies at undo:$s:after" vzctl resume 101
	code 17 "the next one fails as it must" patiently vzctl resume 101
	like "$(vzctl status 101)" 'down suspended$' "the VPS is suspended still"
done
mv "$scratch/pstree.img" "$dump/"
code 0 "with a whole dump it comes back" patiently vzctl resume 101
runs_again "after all that"
gone

# In the middle of the dump, where CRIU is at work and outlives its caller for a moment.
fresh
for i in 1 2 3; do
	vzctl suspend 101 > /dev/null 2>&1 &
	v=$!
	wait_for 10 test -e "$dump.new"
	sleep "0.0$((i * 3))"
	kill -9 $v 2> /dev/null
	wait $v 2> /dev/null
	run patiently vzctl resume 101
	[ "$rc" = 0 ] || [ "$rc" = 32 ] || told
	verdict $((rc != 0 && rc != 32)) "killed in the middle of a dump it runs, or can be resumed ($rc)"
	soon "and answers, with what it had in memory" remembers
	is "$(state 101) $(monitors 101)" "exist mounted running 1" "with one monitor"
done
gone
finish
