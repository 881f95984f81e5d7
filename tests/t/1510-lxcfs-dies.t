#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lxcfs is killed under running VPSs: they have their view again at once, in every mount namespace of theirs.
. "$(dirname "$0")/../lib.sh"
command -v lxcfs > /dev/null || skip_all "no lxcfs on this node"
[ -c /dev/fuse ] || skip_all "no /dev/fuse"
begin "$@"
sed -i 's/^VE_PROCFS=.*/VE_PROCFS="yes"/' "$node/vz.conf"

server() { cat "$node/run/lxcfs.pid"; }
keeper() { cat "$node/run/lxcfs.lock"; }
sees() { # ID KIB
	[ "$(awk '/^MemTotal:/ { print $2 }' "/proc/$(init_pid "$1")/root/proc/meminfo" 2> /dev/null)" ]  &&
		[ "$(in_ct "$1" 'cat /proc/meminfo' | awk '/^MemTotal:/ { print $2 }')" = "$2" ]
}
views() { grep -c ' - fuse.lxcfs ' "/proc/$1/mountinfo"; }

have 101
have 102
ok "limits are set" vzctl set 101 --ram 128M --save
vzctl set 102 --ram 96M --save > /dev/null
booted 101
started 102
ok "a VPS has its view" sees 101 131072
in_ct 101 'unshare -m sleep 1000 > /dev/null 2>&1 &' || :
wait_for 3 in_ct 101 'pidof sleep'
inner=
for p in $(pgrep -x sleep); do
	[ "$(readlink "/proc/$p/ns/pid")" = "$(readlink "/proc/$(init_pid 101)/ns/pid")" ] && inner=$p
done

old=$(server) t=${EPOCHREALTIME/./}
kill -9 "$old"
# lxcfs's own start is the most of it; one second on a machine that has nothing else to do
wait_for 10 sees 101 131072
took=$(((${EPOCHREALTIME/./} - t) / 1000))
ok "lxcfs is killed, and the VPS has its view again ($took ms)" [ "$took" -lt $((1500 * slow)) ]
ok "another lxcfs serves it" [ "$(server)" != "$old" ]
soon "the other VPS as well" sees 102 98304
is "$(views "$(init_pid 101)")" 8 "there are no layers of dead ones"
if [ -n "$inner" ] && [ "$(readlink "/proc/$inner/ns/mnt")" != "$(readlink "/proc/$(init_pid 101)/ns/mnt")" ]; then
	is "$(views "$inner") $(nsenter -t "$inner" -U -m --preserve-credentials cat /proc/uptime > /dev/null 2>&1; echo $?)" \
		"8 0" "a service with mounts of its own has it, too"
fi

ok "its keeper is killed" kill -9 "$(keeper)"
ok "the VPS goes on with what it has" sees 101 131072
ok "the next start" vzctl restart 102
ok "finds another keeper" is_alive "$(keeper)"
ok "for the same lxcfs" [ "$(server)" != "$old" ]
old=$(server)
kill -9 "$old"
soon "which is replaced when it dies" sees 101 131072
soon "in both" sees 102 98304

ok "when the node goes down" vz stop
rm -rf "$node"/run/lxcfs* "$node/state/vzreboot"
for id in 101 102; do vzctl stop $id --fast; rm -rf "$node/dump/Dump.$id"; vzctl destroy $id; done > /dev/null 2>&1
finish
