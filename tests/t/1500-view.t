#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A VPS sees its own limits as the machine: files of the node's lxcfs lie over those of the kernel.
. "$(dirname "$0")/../lib.sh"
command -v lxcfs > /dev/null || skip_all "no lxcfs on this node"
[ -c /dev/fuse ] || skip_all "no /dev/fuse"
begin "$@"
sed -i 's/^VE_PROCFS=.*/VE_PROCFS="yes"/' "$node/vz.conf"

# As systemd mounts it.
mount -o remount,bind,nosuid,nodev,noexec /proc
shown() { in_ct "$1" "cat $2" 2>&1; }
total() { shown 101 /proc/meminfo | awk '/^MemTotal:/ { print $2 }'; }
keeper() { cat "$node/run/lxcfs.lock"; }
views() { # ID -> how many files of lxcfs are in it
	grep -c ' - fuse.lxcfs ' "/proc/$(init_pid "$1")/mountinfo"
}

have 101
ok "limits are set" vzctl set 101 --ram 128M --swap 64M --cpus 1 --save
booted 101
is "$(views 101)" 8 "eight files of the kernel are covered"
is "$(total)" 131072 "/proc/meminfo shows the memory that the VPS was given"
ok "a new limit is set" vzctl set 101 --ram 256M --save
is "$(total)" 262144 "and seen at once"
is "$(shown 101 /sys/devices/system/cpu/online)" 0 "one virtual processor is on line"
is "$(shown 101 /proc/cpuinfo | grep -c '^processor')" 1 "/proc/cpuinfo names one"
# Where nobody counts by processor for a group, as in the second generation, lxcfs shows the node's.
[ -e "$(cg_dir cpuacct 101)/cpuacct.usage_all" ] && cpus=1 || cpus=$(grep -c '^cpu[0-9]' /proc/stat)
is "$(shown 101 /proc/stat | grep -c '^cpu[0-9]')" "$cpus" "/proc/stat, too, if it can"
is "$(grep -c . /proc/"$(init_pid 101)"/status > /dev/null; awk '/^Cpus_allowed:/ { print $2 }' /proc/"$(init_pid 101)"/status)" \
	"$(awk '/^Cpus_allowed:/ { print $2 }' /proc/self/status)" "without being bound to it"
up=$(shown 101 /proc/uptime | cut -d. -f1)
ok "the VPS is younger than the node (up $up s)" [ "$up" -lt 60 ]
like "$(shown 101 /proc/loadavg)" '^[0-9.]+ [0-9.]+ [0-9.]+ [0-9]+/[0-9]+ [0-9]+' "/proc/loadavg can be read"
not "files of the view cannot be written" in_ct 101 'echo 1 > /proc/meminfo'
like "$(shown 101 /proc/swaps)" '^Filename' "/proc/swaps can be read"
like "$(shown 101 /proc/diskstats; echo "status $?")" 'status 0' "/proc/diskstats can be read"

seen() { [ "$(views 101)" = "$1" ]; } # the keeper of the view may have to be started
ok "--meminfo none" vzctl set 101 --meminfo none --save
is "$(views 101)" 0 "takes the view away, live"
is "$(total)" "$(awk '/^MemTotal:/ { print $2 }' /proc/meminfo)" "and the node's figures are seen"
ok "--meminfo pages:1" vzctl set 101 --meminfo pages:1 --save
soon "gives it back" seen 8
ok "it restarts" vzctl restart 101
is "$(views 101)" 8 "with its view"

have 102
ok "nesting is allowed" vzctl set 102 --ram 64M --features nesting:on --save
started 102
is "$(views 102)" 0 "a VPS that may nest has a /proc that nothing covers"

# Debian 12's criu is too old for kernels much newer than its own.
if [ -x "$VZ_TEST_PREFIX/lib/mainvz/criu/criu" ] || [ "${VZ_TEST_LANE:-native}" = vm ]; then
	ok "a VPS with a view is suspended" vzctl suspend 101
	ok "and resumed" vzctl resume 101
	is "$(views 101) $(total)" "8 262144" "with its view"
	ok "suspended again" vzctl suspend 101
	k=$(keeper)
	kill "$k"
	wait_for 5 [ ! -d "$node/run/lxcfs" ]
	sed -i 's/^VE_PROCFS=.*/VE_PROCFS="no"/' "$node/vz.conf"
	ok "and resumed on a node that shows none" vzctl resume 101
	is "$(total)" "$(awk '/^MemTotal:/ { print $2 }' /proc/meminfo)" "it sees the node's figures"
	is "$(grep -cE ' /(proc/meminfo|sys/devices/system/cpu/online) ' "/proc/$(init_pid 101)/mountinfo")" 0 \
		"by its own /proc: nothing of the node's lies in it"
	ok "so it can be suspended once more" vzctl suspend 101
	ok "and resumed" vzctl resume 101
	sed -i 's/^VE_PROCFS=.*/VE_PROCFS="yes"/' "$node/vz.conf"
	ok "where views are switched on, --meminfo" vzctl set 101 --meminfo pages:2 --save
	soon "brings its view back" seen 8
	is "$(total)" 262144 "with its own figures"
	k=$(keeper)
	kill -9 "$(cat "$node/run/lxcfs.pid")"
	ok "suspended as lxcfs dies" vzctl suspend 101
	ok "it comes back" vzctl resume 101
	soon "with its view" seen 8
fi
ok "when the node goes down" vz stop --stop-mode stop
not "the keeper of the view goes" is_alive "$k"
rm -rf "$node"/run/lxcfs* "$node/state/vzreboot"
for id in 101 102; do vzctl destroy $id > /dev/null 2>&1; done
finish
