#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Process 1 of the test VM when no systemd is wanted: a host as a service manager would leave it, in a
# second instead of half a minute. Only reaps afterwards.
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
mount -t proc -o nosuid,nodev,noexec proc /proc
mount -t sysfs -o nosuid,nodev,noexec sys /sys
mkdir -p /dev/pts /dev/shm
mount -t devpts -o gid=5,mode=620,ptmxmode=666 devpts /dev/pts
mount -t tmpfs -o mode=1777 shm /dev/shm
ln -sf /proc/self/fd /dev/fd
ln -sf /proc/self/fd/0 /dev/stdin
ln -sf /proc/self/fd/1 /dev/stdout
ln -sf /proc/self/fd/2 /dev/stderr
mount -t tmpfs -o mode=755 run /run
mkdir -p /run/lock
# /tmp stays on the root: tests have their nodes there, and tmpfs cannot be idmapped before Linux 6.3.
mount -t cgroup2 -o nsdelegate,memory_recursiveprot cgroup2 /sys/fs/cgroup
read -ra controllers < /sys/fs/cgroup/cgroup.controllers
for c in "${controllers[@]}"; do
	echo "+$c" > /sys/fs/cgroup/cgroup.subtree_control
done
mkdir /sys/fs/cgroup/test
echo $$ > /sys/fs/cgroup/test/cgroup.procs
modprobe -q -a tun fuse loop veth nf_tables
mount --make-rshared /
hostname testvm
ip link set lo up
bash /ctl/command.sh &
while :; do
	wait
	sleep 1
done
