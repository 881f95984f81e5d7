#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# requires: root fault
# vzctl start dies at each of its points; the next verb, whichever it is, puts things right.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
begin "$@"
need_fault
have 101 --ipadd 203.0.113.1 --hostname one
points=$(for s in root cgroup init net guest; do echo "start:$s:before start:$s:after"; done)

for p in $points; do
	crash "$p" "start dies at $p" vzctl start 101
	like "$(vzctl status 101)" '^CTID 101 exist (un)?mounted (running|down)$' "status can be asked"
	run patiently vzctl start 101
	[ "$rc" = 0 ] || [ "$rc" = 32 ] || told
	verdict $((rc != 0 && rc != 32)) "start again succeeds, or it had succeeded already ($rc)"
	is "$(state 101) $(in_ct 101 hostname) $(monitors 101)" "exist mounted running one 1" "the VPS runs, with one monitor"
	ok "and is reached" ping -c 1 -W 2 203.0.113.1
	code 0 "stop succeeds" patiently vzctl stop 101 --fast
	ok "and nothing is left" nothing_runs 101
done

for p in $points; do
	VZ_CRASH=$p run vzctl start 101
	code 0 "after $p stop succeeds" patiently vzctl stop 101 --fast
	ok "and nothing is left" nothing_runs 101
	VZ_CRASH=$p run vzctl start 101
	m=$(monitor_pid 101) i=$(init_pid 101)
	[ -z "$m" ] || kill -9 "$m" 2> /dev/null
	code 0 "with the monitor killed as well, stop succeeds" patiently vzctl stop 101 --fast
	ok "and nothing is left" nothing_runs 101
	[ -z "$i" ] || not "nor its first process" is_alive "$i"
done

# The verbs that are not stop, from the middle.
for verb in mount umount destroy 'set --numproc 99 --save'; do
	VZ_CRASH=start:net:after run vzctl start 101
	# shellcheck disable=SC2086
	set -- $verb
	run patiently vzctl "$1" 101 "${@:2}"
	case $1:$rc in
	mount:0 | umount:40 | destroy:0 | set:0) r=0 ;;
	*) r=1; told ;;
	esac
	verdict $r "after a killed start $1 finds the VPS stopped"
	run patiently vzctl umount 101
	[ -d "$node/private/101" ] || have 101 --ipadd 203.0.113.1 --hostname one
	ok "and nothing runs" nothing_runs 101
done

# A start that fails, and dies on its way back.
init=$(upper 101 /usr/sbin/init)
rm -f "$init" && mknod "$init" c 0 0
for s in guest net init cgroup root; do
	for w in before after; do
		crash "undo:$s:$w" "a start that fails dies at undo:$s:$w" vzctl start 101
		code 47 "the next one fails as it must" patiently vzctl start 101
		ok "and nothing is left" nothing_runs 101
	done
done
# Recovery itself dies.
rm -f "$init"
for s in guest net init cgroup root; do
	VZ_CRASH=start:cgroup:after run vzctl start 101 # no monitor yet, that would recover it as well
	crash "undo:$s:after" "the recovery of a killed start dies at undo:$s:after" vzctl mount 101
	code 0 "the next one starts" patiently vzctl start 101
	code 0 "and stops" patiently vzctl stop 101 --fast
	ok "with nothing left" nothing_runs 101
done
finish
