#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# requires: root cgroup:memory cgroup:pids
# What the kernel has one of for all: a hostile root takes all that it can get and keeps it, and its neighbour
# still gets one. Where root of the node lacks CAP_SYS_RESOURCE the namespaces of all VPSs have one owner (SECURITY.md),
# and what is counted by owner is left out; so is what a setting of the node decides.
# shellcheck source=tests/attack/common.sh
. "$(dirname "$0")/common.sh"
tenant 101
tenant 102
resource=$((0x$(awk '/^CapEff/ { print $2 }' /proc/self/status) >> 24 & 1))
[ $resource = 1 ] && note "namespaces belong to an id of each VPS" || note "namespaces belong to root"

hold() { # NAME: taken and kept, until let_go
	rm -f "$scratch/fifo"
	mkfifo "$scratch/fifo"
	vzctl exec2 101 "attack hold $1" < "$scratch/fifo" > "$scratch/held" 2>&1 &
	holder=$!
	exec 7> "$scratch/fifo"
	wait_for 20 grep -q "then" "$scratch/held"
}
let_go() {
	exec 7>&-
	wait $holder
	vzctl exec2 101 'rm -rf /dev/shm/w*' > /dev/null 2>&1
}

while IFS=$'\t' read -r name by; do
	case $name in
	inotify | mqueue | watches | locked | signals | netns | mntns) [ $resource = 1 ] || continue ;;
	aio) [ "$(cat /proc/sys/fs/aio-max-nr)" -ge 1048576 ] || continue ;;
	files) [ "$(cat /proc/sys/fs/file-max)" -ge 1048576 ] || continue ;;
	keys) continue ;; # refused to all, see the row of users' keys
	esac
	hold "$name"
	run vzctl exec2 102 "attack one $name"
	[[ $out = "held: "* ]] || told
	[[ $out = "held: "* ]]
	verdict $? "a neighbour still gets one of $name (by: $by); the attacker took $(cat "$scratch/held")"
	let_go
	[ "$(state 101)" = "exist mounted running" ] || { vzctl start 101 > /dev/null; carry 101; }
done < <("$attack" pools)

# A VPS that stays within its own limit has what it was promised.
is "$(awk '$1 == "cgroup.max.descendants" || 1 { print $1 }' "$(cg_two 101)/cgroup.max.descendants")" 2048 \
	"a VPS can make 2048 groups and no more"
is "$(ps -e -o comm= | grep -c psimon)" 0 "no thread of the kernel was made for one"

# Whoever is sent in and held at its end is not waited for without end.
mkfifo "$scratch/exits"
vzctl exec2 101 'attack hold-exit' < "$scratch/exits" > "$scratch/holding" 2>&1 &
holder=$!
exec 8> "$scratch/exits"
wait_for 10 grep -q holding "$scratch/holding"
timeout 3 vzctl exec2 101 true < /dev/null > /dev/null 2>&1
ok "a VPS whose processes are held at their ends is stopped" timeout $((60 * slow)) vzctl stop 101 --fast
exec 8>&-
wait $holder
is "$(state 101)" "exist unmounted down" "and down"
ok "and started again" vzctl start 101

# All are stopped as soon as they are there, and its groups frozen.
vzctl exec2 101 '(while :; do for p in /proc/[0-9]*; do p=${p#/proc/}; [ $p = $$ ] || [ $p = 1 ] || kill -STOP $p; done; done) > /dev/null 2>&1 &' > /dev/null 2>&1
timeout 2 vzctl exec2 101 true < /dev/null > /dev/null 2>&1
ok "one that stops every process is stopped" timeout $((60 * slow)) vzctl stop 101 --fast
vzctl start 101 > /dev/null
vzctl exec2 101 '(mkdir -p /sys/fs/cgroup/ice; echo $$ > /sys/fs/cgroup/ice/cgroup.procs; while :; do
	for g in /sys/fs/cgroup/vz-exec; do echo 1 > $g/cgroup.freeze; done; done) > /dev/null 2>&1 &' > /dev/null 2>&1
timeout 2 vzctl exec2 101 true < /dev/null > /dev/null 2>&1
ok "one that freezes who comes in is stopped" timeout $((60 * slow)) vzctl stop 101 --fast
is "$(state 101)" "exist unmounted down" "and down"
is "$(state 102)" "exist mounted running" "the neighbour has run on"
finish
