#!/bin/busybox sh
# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-or-later
# /init of the test VM's initrd: load what the disks need, mount the root and the shares, hand over.
/bin/busybox --install -s /bin
export PATH=/bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev

give_up() {
	echo "vm: $*"
	poweroff -f
}

# Not every kernel has every one of them as a module.
while read -r m; do
	insmod "/mods/$m" 2> /dev/null
done < /mods/order

disk() { # SERIAL -> device node; virtio disks carry the name that was given to them
	for d in /sys/block/vd*; do
		[ "$(cat "$d/serial" 2> /dev/null)" = "$1" ] && echo "/dev/${d##*/}"
	done
}

n=0
while [ -z "$(disk root)" ]; do
	n=$((n + 1))
	[ "$n" -lt 250 ] || give_up "the root disk did not appear"
	usleep 20000
done
mount -t ext4 -o noatime "$(disk root)" /new || give_up "the root disk cannot be mounted"
data=$(disk data)
if [ -n "$data" ]; then
	mount -t ext4 -o noatime,prjquota "$data" /new/vz || give_up "the data disk cannot be mounted"
fi

p9=trans=virtio,version=9p2000.L,msize=524288,cache=mmap,access=client
mount -t 9p -o "$p9" ctl /new/ctl || give_up "the control share cannot be mounted"
if grep -q vm.share=1 /proc/cmdline; then
	mount -t 9p -o "$p9" share /new/host || give_up "the share cannot be mounted"
fi

next="/bin/bash /ctl/init.sh"
grep -q vm.init=systemd /proc/cmdline && next=/sbin/init
mount --move /dev /new/dev
umount /sys /proc
# shellcheck disable=SC2086 # two words are meant
exec switch_root /new $next
