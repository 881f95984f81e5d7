# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Runs inside the test VM: the command of this run, its output to the port, its status to the share.
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export HOME=/root TERM=dumb LC_ALL=C.UTF-8
port=/dev/null
for d in /sys/class/virtio-ports/*; do
	[ "$(cat "$d/name")" = vm.out ] && port=/dev/${d##*/}
done
cut -d ' ' -f 1 /proc/uptime > /ctl/boot
cd /root || exit 1
bash /ctl/cmd < /dev/null > "$port" 2>&1
echo $? > /ctl/rc
sync
echo 1 > /proc/sys/kernel/sysrq
echo o > /proc/sysrq-trigger
sleep 60
