#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# requires: root cgroup:memory cgroup:pids
# A hostile root takes all it can get: it is stopped at its own limits, and its neighbour goes on working.
# With each attack a line says what the neighbour felt: the 99th of a hundred of its fork, fsync and ping, in
# microseconds, before and during. Those are figures; what is asserted is that none of them failed.
# shellcheck source=tests/attack/common.sh
. "$(dirname "$0")/common.sh"
tenant 101
tenant 102
quiet() { [ "$(cat "$(cg_dir pids 101)/pids.current")" -lt 30 ]; }
feel() { vzctl exec2 102 "attack probe 192.0.2.1 $1"; }
# Whose memory is full of what has to be written first has no room for a new process, for a moment; of what no process
# owns, its first process may be ended a moment after the attack.
three_times() { # NAME
	local i
	for i in 1 2 3 4 5; do
		[ "$(state 101)" = "exist mounted running" ] || vzctl start 101 > /dev/null
		timeout $((60 * slow)) vzctl exec2 101 "for i in 1 2 3; do attack $1; done" > "$scratch/said" 2>&1
		head -n 1 "$scratch/said" | grep -q -e 'FORK.*Cannot allocate' -e 'is not running$' || return 0
		sleep 1
	done
}

before=$(feel 150)
read -r _ _ _ failed <<< "$before"
is "$failed" 0 "a neighbour left in peace forks, syncs and pings"
for name in $("$attack" -l | cut -f 1 | grep -E -e '-(bomb|storm|thrash)$'); do
	three_times "$name" &
	bomb=$!
	sleep 0.3
	during=$(feel 100)
	wait $bomb
	said=$(head -n 1 "$scratch/said")
	read -r _ _ _ failed <<< "$during"
	like "${said:-held: the whole VPS fell}" '^held: ' "$name is held (by: $(held_by "$name")): ${said#held: }"
	verdict $((${failed:-9} > 2)) "the neighbour goes on meanwhile, ${failed:-9} of 300 failed (p99 of fork, fsync, ping: ${before% *} -> ${during% *} us)"
	is "$(state 102)" "exist mounted running" "and runs on"
	# What it took is given back when it ends, the longest sleep of a fork bomb later.
	wait_for 15 quiet
	[ "$(state 101)" = "exist mounted running" ] || vzctl start 101 > /dev/null
	soon "afterwards the attacker, or its next start, takes commands" vzctl exec2 101 true
	vzctl exec2 101 'rm -rf /root/many /dev/shm/fill /root/storm /root/thrash' > /dev/null 2>&1
	nsenter --ipc -t "$(init_pid 101)" ipcrm --all=shm 2> /dev/null
done
finish
