#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# requires: root userns
# What a VPS has of the node: ids, descriptors, devices, kernel files. And of its neighbours: nothing.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
begin "$@"
have 101 --hostname one --ipadd 203.0.113.1
have 102 --hostname two

# ids
started 101
started 102
is "$(in_ct 101 'awk "{ print \$1, \$3 }" /proc/self/uid_map')" "0 65536" "a VPS has 65536 user ids"
is "$(in_ct 101 'awk "{ print \$1, \$3 }" /proc/self/gid_map')" "0 65536" "and group ids"
a=$(in_ct 101 'awk "{ print \$2 }" /proc/self/uid_map')
b=$(in_ct 102 'awk "{ print \$2 }" /proc/self/uid_map')
verdict $(((a > b ? a - b : b - a) < 65536)) "of two VPSs none is the same ($a, $b)"
verdict $((a < 65536 || b < 65536)) "and none is the node's own"
is "$(cat /proc/"$(init_pid 101)"/uid_map | awk '{ print $2 }')" "$a" "the node sees it so"

# descriptors: a caller with open files of all kinds, which must get nowhere
vzctl stop 101 > /dev/null
echo secret > "$scratch/secret"
echo 'exec 5< "$1" 6< / 7<> "$2" 9< "$3" 33< "$1" 200< "$1"; vzctl start 101 | cat' > "$scratch/start"
code 0 "start | cat comes to its end" timeout $((20 * slow)) bash "$scratch/start" \
	"$scratch/secret" "$scratch/rw" "$node/private"
is "$(state 101)" "exist mounted running" "and the VPS runs"
fds() { in_ct 101 "for f in /proc/$1/fd/*; do readlink \$f; done"; }
unlike "$(fds 1)" "$top|$scratch|secret|socket|pidfd|memfd|anon_inode" "process 1 has no file of the node open"
unlike "$(fds 1)" '^/dev/(console|null) .*deleted|^/$' "nor a folder"
is "$(ls "/proc/$(monitor_pid 101)/fd" | wc -l)" "$(ls "/proc/$(monitor_pid 102)/fd" | wc -l)" \
	"the monitor has no descriptor more than another one"
unlike "$(ls -l "/proc/$(monitor_pid 101)/fd")" "$scratch|secret|$node/private" "and no file of its caller"
is "$(readlink "/proc/$(monitor_pid 101)/cwd")" / "it stands in no folder"
like "$(tr '\0' '\n' < "/proc/$(monitor_pid 101)/environ" | cut -d = -f 1 | sort | tr '\n' ' ')" '^PATH VZ_CONF $' \
	"and has no environment of its caller"
is "$(exec 5< "$scratch/secret" 33< / 200< "$scratch/secret"
	vzctl exec3 101 sh -c 'for f in /proc/self/fd/*; do echo ${f##*/}; done' < /dev/null 2> /dev/null | grep -cvE '^(0|1|2|3)$')" \
	0 "exec takes standard input, output, error and no other descriptor along"
is "$(exec 5< "$scratch/secret"; vzctl exec2 101 'cat <&5' 2> /dev/null < /dev/null)" "" "so that a secret stays one"
timeout 20 bash -c 'x=$(vzctl restart 101)'
is $? 0 "nobody waits for a VPS who waits for the end of vzctl's output"
not "no process of it is the caller's child" pgrep -P $$ -x init

# the lock and the state
is "$(ls -A "$node/lock")" "" "no lock is held by a running VPS"
not "the run folder is closed" test "$(stat -c %a "$node/run/101")" != 700
is "$(find "$node/run/101" -type f -perm /077)" "" "nor is the state for others"

# devices
is "$(in_ct 101 'cd /dev && ls' | tr '\n' ' ')" \
	"console fd full null ptmx pts random shm stderr stdin stdout tty urandom zero " "/dev has these and no more"
is "$(in_ct 101 'echo x > /dev/null; head -c 4 /dev/zero | wc -c; head -c 4 /dev/urandom | wc -c' | tr '\n' ' ')" "4 4 " \
	"they work"
not "mknod of a disk fails" vzctl exec2 101 'mknod /root/disk b 8 0'
not "of a terminal, too" vzctl exec2 101 'mknod /root/tty c 4 0'
not "of memory, too" vzctl exec2 101 'mknod /dev/mem c 1 1'
mknod "$scratch/disk" b "$(stat -c '%Hd %Ld' / | cut -d ' ' -f 1)" "$(stat -c '%Hd %Ld' / | cut -d ' ' -f 2)" 2> /dev/null ||
	mknod "$scratch/disk" b 254 0
mknod "$(upper 102 /root/disk)" b 254 0 2> /dev/null
not "a node that was there is not opened" vzctl exec2 102 'head -c 1 /root/disk'
mode=$(stat -c '%a %u' /dev/null)
in_ct 101 'chmod 600 /dev/null; chown 5 /dev/null; touch /dev/null' > /dev/null 2>&1
is "$(stat -c '%a %u' /dev/null)" "$mode" "it cannot change the node's null device"
not "nor put another in its place on the node" vzctl exec2 101 'rm /dev/null && test -e /dev/null'
ok "which is there" test -c /dev/null
vzctl restart 101 > /dev/null

# kernel files
for f in kernel/core_pattern kernel/panic kernel/modprobe kernel/sysrq vm/drop_caches vm/swappiness \
	fs/file-max kernel/printk net/core/rmem_max net/core/bpf_jit_enable kernel/randomize_va_space; do
	in_ct 101 "test -e /proc/sys/$f" || continue
	old=$(cat "/proc/sys/$f" 2> /dev/null)
	not "/proc/sys/$f cannot be written" vzctl exec2 101 "cat /proc/sys/$f > /tmp/v 2> /dev/null || echo 1 > /tmp/v; cat /tmp/v > /proc/sys/$f"
done
for f in net/ipv4/ip_forward net/ipv4/conf/all/rp_filter kernel/shmmax kernel/msgmax net/ipv6/conf/all/forwarding; do
	ok "/proc/sys/$f, which is its own, can" vzctl exec2 101 "cat /proc/sys/$f > /tmp/v && cat /tmp/v > /proc/sys/$f"
done
was=$(cat /proc/sys/net/ipv4/ip_forward)
in_ct 101 "echo $((1 - was)) > /proc/sys/net/ipv4/ip_forward"
is "$(cat /proc/sys/net/ipv4/ip_forward)" "$was" "and is not the node's"
for f in /proc/kcore /proc/kmsg /proc/keys /proc/timer_list /proc/sched_debug /proc/vmallocinfo /proc/slabinfo \
	/proc/kpageflags; do
	is "$(in_ct 101 "cat $f 2> /dev/null | head -c 100 | wc -c")" 0 "$f tells nothing"
done
not "sysrq is out of reach" vzctl exec2 101 'echo h > /proc/sysrq-trigger'
not "/sys is read-only" vzctl exec2 101 'echo 1 > /sys/kernel/mm/ksm/run'
is "$(in_ct 101 'ls /sys/kernel/debug /sys/kernel/tracing /sys/firmware 2> /dev/null | grep -v : | grep -c .')" 0 \
	"debugging and firmware folders are empty"
in_ct 101 'mount -o remount,rw /sys' > /dev/null 2>&1
not "also after a remount by root inside" vzctl exec2 101 'echo 1 > /sys/kernel/mm/ksm/run'
for f in timer_list vmallocinfo kpageflags slabinfo kcore; do
	not "what is behind the mask of /proc/$f does not speak either" \
		vzctl exec2 101 "umount /proc/$f; head -c 1 /proc/$f | grep ."
done
is "$(in_ct 101 'cat /proc/sys/kernel/hostname')" one "names are its own"

# neighbours
is "$(in_ct 101 'ls /proc | grep -c "^[0-9]*$"' | awk '{ print ($1 < 20) }')" 1 "it sees its own processes only"
unlike "$(in_ct 101 'cat /proc/self/mountinfo | cut -d " " -f 5')" "$node|$top" "its mount points are its own"
is "$(in_ct 101 'ls /sys/fs/cgroup' | grep -c cgroup.procs)" 1 "its control groups are a tree of its own"
unlike "$(in_ct 101 'cat /proc/self/cgroup')" '\.\.' "exec'ed processes are in it, too"
is "$(in_ct 101 'cat /proc/1/cgroup | grep "^0:"')" 0::/ "process 1 is at its root"
not "limits cannot be lifted from inside" vzctl exec2 101 'echo max > /sys/fs/cgroup/pids.max'
not "nor groups made above" vzctl exec2 101 'mkdir /sys/fs/cgroup/../x 2> /dev/null && ls -d /sys/fs/cgroup/../../x'
ok "groups below can be made" vzctl exec2 101 'mkdir /sys/fs/cgroup/mine && rmdir /sys/fs/cgroup/mine'
is "$(in_ct 101 'ls /sys/class/net' | sort | tr '\n' ' ')" "lo venet0 " "links of the node are not seen"

# the root
is "$(in_ct 101 'cd /; for i in 1 2 3 4 5 6 7 8; do cd ..; done; ls -d root proc sys | wc -l')" 3 "there is no way up from its root"
not "it cannot read the node's files through its process 1" vzctl exec2 101 "ls /proc/1/root/$node"
not "nor a private area" vzctl exec2 101 "ls $node"
# mounts, where everything is shared, as on a host with systemd
mount --make-rshared /
have 103
started 103
not "no mount of it is a peer of one of the node's" vzctl exec2 103 "grep -E ' (shared|master):' /proc/1/mountinfo"
ok "it mounts over a device of its own" vzctl exec2 103 'echo mine > /root/f && mount --bind /root/f /dev/null && mount -t tmpfs t /dev/shm'
ok "the node's device stays a device" test -c /dev/null
not "nor does the node see it elsewhere" grep -F " /dev/null " /proc/self/mountinfo
mount --make-rprivate /

echo suid > "$(upper 102 /root/x)"
in_ct 101 'cp /bin/busybox /root/suid && chmod 4755 /root/suid'
not "what it makes set-user-id is out of reach of the node's users" \
	setpriv --reuid 65534 --clear-groups test -e "$node/private/101/upper/root/suid"
not "also by the mount" setpriv --reuid 65534 --clear-groups test -e "$node/root/101/root/suid"
finish
