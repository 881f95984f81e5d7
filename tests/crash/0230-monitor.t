#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# requires: root
# The monitor and init are killed at any moment of start, stop, reboot: a verb that follows puts it right.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
begin "$@"
have 101 --ipadd 203.0.113.1 --hostname one
ns=$(readlink /proc/self/ns/mnt)

# The monitor of our VPS, without the state file: it may not be written yet.
find_monitor() {
	local p
	for p in $(grep -lx -e vz-101 -e vz-monitor /proc/[0-9]*/comm 2> /dev/null); do
		p=${p%/comm}
		[ "$(readlink "$p/ns/mnt" 2> /dev/null)" = "$ns" ] && echo "${p#/proc/}"
	done | head -n 1
}

kills=0
for delay in 0 1 2 4 6 8 10 15 20 30 50; do
	vzctl start 101 > "$scratch/o" 2>&1 &
	job=$!
	m=
	for ((i = 0; i < 400; i++)); do
		m=$(find_monitor)
		[ -n "$m" ] && break
		is_alive $job || { m=$(find_monitor); break; }
	done
	[ $delay = 0 ] || sleep "0.$(printf %03d $delay)"
	[ -n "$m" ] && kill -9 "$m" 2> /dev/null && kills=$((kills + 1))
	wait $job
	s=$?
	if [ $s = 0 ]; then
		is "$(state 101)" "exist mounted running" "monitor killed $delay ms after its birth: the VPS runs"
		code 0 "and is adopted" patiently vzctl mount 101
		soon "by one monitor" one_monitor 101
	else
		is "$(wc -l < "$scratch/o")" 1 "monitor killed $delay ms after its birth: start fails with one line ($s)"
	fi
	code 0 "stop succeeds" patiently vzctl stop 101 --fast
	ok "and nothing is left" nothing_runs 101
done
verdict $((kills < 6)) "monitors were killed ($kills)"

# vzctl itself, by the clock.
for delay in 2 4 6 8 11 15 20 30; do
	vzctl start 101 > /dev/null 2>&1 &
	job=$!
	sleep "0.$(printf %03d $delay)"
	kill -9 $job 2> /dev/null
	wait $job 2> /dev/null
	code 0 "vzctl start killed after $delay ms: stop succeeds" patiently vzctl stop 101 --fast
	ok "and nothing is left" nothing_runs 101
done

# Reboots that are disturbed.
unlocked() { [ -z "$(ls "$node/lock")" ]; }
for delay in 1 10 30 80; do
	booted 101
	in_ct 101 reboot > /dev/null 2>&1 &
	sleep "0.$(printf %03d $delay)"
	m=$(find_monitor)
	[ -z "$m" ] || kill -9 "$m" 2> /dev/null
	wait $!
	wait_for 5 unlocked
	code 0 "monitor killed $delay ms after a reboot began: stop succeeds" patiently vzctl stop 101 --fast
	ok "and nothing is left" nothing_runs 101
done
finish
