#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# requires: root cgroup:memory cgroup:pids
# A hostile root asks the kernel, and reaches for the node and for its neighbours.
# shellcheck source=tests/attack/common.sh
. "$(dirname "$0")/common.sh"
tenant 101
tenant 102

# What an attack that got out would find.
touch "$node/root/outside"
python3 - > /dev/null << 'END' &
import ctypes, socket, time
s = socket.socket(socket.AF_UNIX)
s.bind("\0vz-attack-outside")
s.listen()
shm = ctypes.CDLL(None).shmget(0x765A6174, 4096, 0o1600)
time.sleep(600)
END
outside=$!
sleep 0.3
vzctl exec2 102 'sleep 600' > /dev/null 2>&1 &
enter=
for name in $("$attack" -l | cut -f 1); do
	case $name in
	*-bomb | *-storm | *-thrash | arp-* | *-source | rogue-* | router-* | take-address) continue ;;
	entering-*) # somebody comes in all the time
		while :; do vzctl exec3 101 /bin/true; vzctl exec2 101 'true; true'; done > /dev/null 2>&1 &
		enter=$!
		;;
	uevents)
		(sleep 0.7; echo change > /sys/devices/virtual/mem/null/uevent) 2> /dev/null &
		;;
	esac
	held "$name"
	[ -z "$enter" ] || { kill "$enter"; wait "$enter"; enter=; } 2> /dev/null
done
kill "$outside"
wait "$outside" 2> /dev/null
ipcrm -M 0x765A6174 2> /dev/null

rm "$node/root/outside"

is "$(cat /proc/sys/fs/binfmt_misc/vz-attack 2> /dev/null)" "" "the node knows no binary format of the VPS"
unlike "$(cat /proc/sys/kernel/core_pattern)" '/tmp/x' "core_pattern is what it was"
is "$(state 101)" "exist mounted running" "after all that the attacker runs"
is "$(state 102)" "exist mounted running" "and so does its neighbour"
ok "which takes commands" vzctl exec2 102 true

# The same inside of a VPS whose root has namespaces of its own to give away.
vzctl set 101 --features nesting:on --save > /dev/null
vzctl restart 101 > /dev/null
carry 101
for name in mknod-in-new-userns mknod-disks mount-disk release-agent core-pattern sysrq uevent-helper \
	init-module kexec open-by-handle bpf perf fresh-proc; do
	run vzctl exec2 101 "attack $name"
	[[ $out = "held: "* ]] || told
	[[ $out = "held: "* ]]
	verdict $? "with nesting, $name is held: ${out#held: }"
done
finish
