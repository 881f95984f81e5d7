#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# requires: root userns
# Capabilities and system call filter: of process 1, of what is exec'ed; what works all the same.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
begin "$@"
have 101 --hostname one
booted 101

rights='Cap|NoNewPrivs|Seccomp:|Groups|Shd|Umask'
one=$(in_ct 101 "grep -E '$rights' /proc/1/status")
like "$one" '^Seccomp:\s*2$' "process 1 is under a filter"
is "$(vzctl exec3 101 grep -E "$rights" /proc/self/status)" "$one" "exec'ed processes have its rights, to the bit"
is "$(script -qec 'vzctl enter 101 --exec "grep -E \"Cap|Seccomp:\" /proc/self/status > /tmp/rights; exit"' /dev/null < /dev/null > /dev/null 2>&1
	in_ct 101 'cat /tmp/rights')" "$(grep -E 'Cap|Seccomp:' <<< "$one")" "so has a shell of enter"
is "$(echo "grep -E '$rights' /proc/self/status" > "$scratch/s"; vzctl runscript 101 "$scratch/s")" "$one" \
	"so has a script of runscript"
bnd=$(awk '/^CapBnd/ { print $2 }' <<< "$one")
bit() { echo $((0x$bnd >> $1 & 1)); }
# net_admin 12, sys_chroot 18, sys_ptrace 19, sys_admin 21, sys_boot 22, setuid 7, chown 0
for c in 0 7 12 18 19 21 22; do is "$(bit $c)" 1 "capability $c is in the bounding set"; done
# sys_module 16, sys_rawio 17, sys_time 25, syslog 34, audit_control 30, mac_admin 33, bpf 39
for c in 16 17 25 30 33 34 39; do is "$(bit $c)" 0 "capability $c is not"; done
vzctl set 101 --capability net_raw:off,sys_time:on --setmode ignore --save > /dev/null 2>&1
vzctl set 101 --capability net_raw:off --save > /dev/null 2>&1
vzctl restart 101 > /dev/null
bnd=$(in_ct 101 "grep CapBnd /proc/1/status" | awk '{ print $2 }')
is "$(bit 13)" 0 "--capability takes one away"
is "$(in_ct 101 "grep CapBnd /proc/self/status" | awk '{ print $2 }')" "$bnd" "from exec'ed processes, too"
vzctl set 101 --capability net_raw:on --save > /dev/null 2>&1
vzctl restart 101 > /dev/null
wait_for 5 in_ct 101 'pidof getty'

# refused
not "the clock is the node's" vzctl exec2 101 'date -s 2001-01-01 > /dev/null; test $(date +%Y) = 2001'
not "so are modules" vzctl exec2 101 'rmmod loop; insmod /nothing.ko 2>&1 | grep -q "not permitted" && exit 1; exit 1'
not "swap" vzctl exec2 101 'dd if=/dev/zero of=/swap bs=1M count=1 2> /dev/null; mkswap /swap > /dev/null && swapon /swap'
not "the kernel's log" vzctl exec2 101 'dmesg | grep .'
not "other namespaces of users" vzctl exec2 101 'unshare -U true'
not "of processes" vzctl exec2 101 'unshare -p -f true'
ok "namespaces of mounts can be made" vzctl exec2 101 'unshare -m true'
ok "of the network, too" vzctl exec2 101 'unshare -n true'
not "a chroot is no way out" vzctl exec2 101 "mkdir -p /tmp/x; chroot /tmp/x ls $node"
not "nor the descriptor of a parent's root" vzctl exec2 101 'nsenter -t 1 -m -- ls /host'
not "a process of the node is not to be had by its number" vzctl exec2 101 "kill -0 $$"

# what must work
ok "mount of a tmpfs" vzctl exec2 101 'mkdir -p /mnt/t && mount -t tmpfs none /mnt/t && echo x > /mnt/t/f && umount /mnt/t'
ok "of an overlay" vzctl exec2 101 'mkdir -p /run/o/l /run/o/u /run/o/w /run/o/m && echo x > /run/o/l/f &&
	mount -t overlay -o lowerdir=/run/o/l,upperdir=/run/o/u,workdir=/run/o/w none /run/o/m &&
	echo y >> /run/o/m/f && umount /run/o/m'
ok "bind mounts" vzctl exec2 101 'mkdir -p /tmp/b && mount --bind /etc /tmp/b && ls /tmp/b/passwd && umount /tmp/b'
not "mount of a disk does not" vzctl exec2 101 'mount -t ext4 /dev/sda /mnt'
ok "chown to any of its ids" vzctl exec2 101 'touch /tmp/f && chown 65534:65534 /tmp/f'
not "but to no other" vzctl exec2 101 'chown 65536 /tmp/f'
ok "ping without them" vzctl exec2 101 'cat /proc/sys/net/ipv4/ping_group_range | grep -q 65535'
ok "real-time priorities are refused or allowed, without harm" vzctl exec2 101 'nice -n -5 true; true'
ok "extended attributes and set-user-id programs" vzctl exec2 101 \
	'cp /bin/busybox /tmp/su && chown 0 /tmp/su && chmod 4755 /tmp/su'
is "$(in_ct 101 'cat /proc/sys/kernel/ns_last_pid 2> /dev/null | wc -l; ulimit -c' | tail -n 1)" 0 "no cores by default"
is "$(in_ct 101 'cat /proc/keys 2> /dev/null' | wc -l)" 0 "keys of the node are not seen"
finish
