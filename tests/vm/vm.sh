#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A throw-away virtual machine with Debian's own kernel and nothing but cgroup v2, under qemu without
# hardware help. Everything inside is root's; what happens to the disks is forgotten at the end.
#
#   vm.sh build                        kernel, initrd and root image into $VM_DIR, unless they are there
#   vm.sh data TEMPLATE_DIR NAME...    a second disk with these templates, unless it is there
#   vm.sh run [-s DIR] -- COMMAND...   boot, run COMMAND (one word: a shell command line), show what it
#                                      prints, exit with its status; 124 too slow, 125 the VM failed
#
# Inside: cgroup2 on /sys/fs/cgroup with every controller handed down, DIR of -s on /host (9p, read and
# write), the data disk on /vz when there is one, ext4 as root.
#
# Settings: VM_DIR VM_SUITE VM_CPUS VM_MEM (MiB) VM_TIMEOUT (seconds) VM_INIT (bare|systemd)
# VM_LOG (keep the kernel's messages here) VZ_APT_CACHE VZ_MIRROR
# shellcheck disable=SC2054 # the commas in arrays belong to arguments of qemu
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=templates/family/mmdeb.sh
. "$here/../../templates/family/mmdeb.sh"

VM_DIR=${VM_DIR:-/var/cache/mainvz-check/vm}
VM_SUITE=${VM_SUITE:-bookworm}
VM_CPUS=${VM_CPUS:-2}
VM_MEM=${VM_MEM:-3072}
VM_TIMEOUT=${VM_TIMEOUT:-900}
VM_INIT=${VM_INIT:-bare}

# What the tests and the tools under test need inside. Split by reason, one line each.
packages=(
	kmod iproute2 procps util-linux e2fsprogs nftables iptables netbase iputils-ping # a usable host
	systemd-sysv dbus                                      # for VM_INIT=systemd
	perl python3-minimal openssh-client jq attr psmisc strace # the tests' own tools
	libjansson4 libseccomp2 libcap2 libcap2-bin libmount1 libcgroup2 libnftables1
	libnl-3-200 libnl-route-3-200 libmd0 libbsd0 libcrypt1 # what our tools are linked with
	criu lxcfs                                             # Debian 12's fit its own kernel
	btrfs-progs xfsprogs fuse3 busybox-static
)
# Parts of the kernel package that a VM without hardware can use.
module_dirs=(
	arch block crypto fs lib mm net/8021q net/802 net/bridge net/core net/ipv4 net/ipv6 net/llc
	net/netfilter net/netlink net/packet net/sched net/unix net/9p net/xfrm net/key net/vmw_vsock
	net/openvswitch net/mpls net/xdp drivers/block drivers/char drivers/md drivers/net drivers/virtio
	drivers/vhost drivers/firmware
)
module_drop=(drivers/net/{ethernet,wireless,usb,phy,can,wan,hamradio,dsa,fddi,arcnet,ieee802154,hyperv}
	drivers/char/{agp,ipmi,tpm} fs/{ocfs2,gfs2,dlm,ceph,afs,coda,jfs,reiserfs,ubifs,jffs2})
initrd_modules=(virtio_pci virtio_blk virtio_console virtio_rng ext4 crc32c_generic
	crc32c_intel quota_v2 9p 9pnet_virtio overlay)

die() {
	echo "vm: $*" >&2
	exit 125
}

# The image is rebuilt when anything that went into it has changed.
image_key() {
	{
		echo "$VM_SUITE ${packages[*]} ${module_dirs[*]} ${module_drop[*]} ${initrd_modules[*]}"
		cat "$here/initrd-init.sh"
	} | sha256sum | cut -c1-16
}

# An uncompressed kernel spares qemu the slowest part of a boot: look for the packed one by its magic.
unpack_kernel() { # BZIMAGE OUT
	local tool magic at
	while read -r tool magic; do
		for at in $(LC_ALL=C grep -aobUP "$magic" "$1" | cut -d: -f1 | head -n 4); do
			tail -c +$((at + 1)) "$1" | "$tool" -dcq > "$2" 2> /dev/null || :
			[ "$(head -c 4 "$2" | tail -c 3)" = ELF ] && return 0
		done
	done <<- 'END'
		xz \xfd7zXZ\x00
		zstd \x28\xb5\x2f\xfd
		gzip \x1f\x8b\x08
	END
	cp "$1" "$2" # qemu takes this form too
}

# Kernel package, unpacked and never installed: no maintainer script runs.
get_kernel() { # WORK -> $WORK/vmlinux, $WORK/modules/, $WORK/version
	local w=$1 from version d
	mmdeb "$VM_SUITE" "$w/kpkg" extract linux-image-amd64,busybox-static
	from=$(find "$w/kpkg/lib/modules" "$w/kpkg/usr/lib/modules" -mindepth 1 -maxdepth 1 -type d \
		2> /dev/null | head -n 1 || :)
	[ -n "$from" ] || die "the kernel package of $VM_SUITE has no modules"
	version=${from##*/}
	unpack_kernel "$w/kpkg/boot/vmlinuz-$version" "$w/vmlinux"
	for d in "${module_drop[@]}"; do rm -rf "${from:?}/kernel/$d"; done
	mkdir -p "$w/modules/$version/kernel"
	for d in "${module_dirs[@]}"; do
		[ -d "$from/kernel/$d" ] || continue
		mkdir -p "$w/modules/$version/kernel/$(dirname "$d")"
		mv "$from/kernel/$d" "$w/modules/$version/kernel/$d"
	done
	cp "$from"/modules.{builtin,builtin.modinfo,order} "$w/modules/$version/"
	echo "$version" > "$w/version"
}

# The root of the VM, with a unit for VM_INIT=systemd; bare-init.sh comes with each run.
make_root() { # WORK
	local w=$1 r=$1/root version include
	version=$(cat "$w/version")
	include=$(IFS=,; echo "${packages[*]}")
	mmdeb "$VM_SUITE" "$r" minbase "$include"
	mkdir -p "$r/lib/modules" "$r/host" "$r/ctl" "$r/vz"
	mv "$w/modules/$version" "$r/lib/modules/"
	chroot "$r" depmod "$version"
	echo testvm > "$r/etc/hostname"
	rm -f "$r/etc/resolv.conf"
	: > "$r/etc/fstab"
	cat > "$r/etc/systemd/system/ctl.service" <<- 'END'
		[Unit]
		After=multi-user.target
		[Service]
		Type=oneshot
		StandardOutput=null
		ExecStart=/bin/bash /ctl/command.sh
		[Install]
		WantedBy=multi-user.target
	END
	mkdir -p "$r/etc/systemd/system/multi-user.target.wants"
	ln -s ../ctl.service "$r/etc/systemd/system/multi-user.target.wants/ctl.service"
}

make_initrd() { # WORK OUT
	local w=$1 i=$1/initrd version f
	version=$(cat "$w/version")
	mkdir -p "$i"/{bin,proc,sys,dev,mods,new}
	cp "$(find "$w/kpkg" -path '*bin/busybox' -type f | head -n 1)" "$i/bin/busybox"
	chroot "$w/root" modprobe -S "$version" -a -D "${initrd_modules[@]}" 2> /dev/null |
		awk '$1 == "insmod" && !seen[$2]++ { print $2 }' > "$w/insmod"
	while read -r f; do
		cp "$w/root/$f" "$i/mods/"
		f=${f##*/}
		echo "${f%.xz}"
	done < "$w/insmod" > "$i/mods/order"
	find "$i/mods" -name '*.xz' -exec xz -d {} +
	install -m 755 "$here/initrd-init.sh" "$i/init"
	(cd "$i" && find . | cpio -o -H newc --quiet | gzip -1) > "$2"
}

build() {
	local key new w
	key=$(image_key)
	[ "$(cat "$VM_DIR/key" 2> /dev/null)" = "$key" ] && return 0
	[ "$(id -u)" = 0 ] || die "building needs root"
	mkdir -p "$VM_DIR"
	w=$VM_DIR/work new=$VM_DIR/new
	rm -rf "$w" "$new"
	mkdir "$w" "$new"
	echo "vm: fetching Debian's kernel" >&2
	get_kernel "$w" > "$VM_DIR/build.log" 2>&1 || die "no kernel: $(tail -n 1 "$VM_DIR/build.log")"
	echo "vm: building the root image" >&2
	make_root "$w" >> "$VM_DIR/build.log" 2>&1 || die "no root: $(tail -n 1 "$VM_DIR/build.log")"
	make_initrd "$w" "$new/initrd.gz"
	mv "$w/vmlinux" "$new/"
	make_image "$w/root" "$new/root.img" 4G
	rm -rf "$w" "$VM_DIR/key"
	mv -f "$new"/* "$VM_DIR/"
	rmdir "$new"
	echo "$key" > "$VM_DIR/key"
	echo "vm: ready: $(du -m "$VM_DIR/root.img" | cut -f 1) MiB" >&2
}

# mke2fs fills the file system itself: no loop device, no mount.
make_image() { # TREE IMAGE SIZE
	rm -f "$2"
	truncate -s "$3" "$2"
	mke2fs -q -t ext4 -O ^has_journal,quota,project -E lazy_itable_init=1,root_owner=0:0 -d "$1" "$2"
}

# Templates on a disk of their own: an overlay needs a real file system below it, which 9p is not.
data() { # TEMPLATE_DIR NAME...
	local from=$1 n key tree=$VM_DIR/data.tree
	shift
	for n in "$@"; do [ -f "$from/$n/manifest.json" ] || die "template '$n' is not in '$from'"; done
	key=$(for n in "$@"; do cat "$from/$n/manifest.json"; done | sha256sum | cut -c1-16)
	[ "$(cat "$VM_DIR/data.key" 2> /dev/null)" = "$key" ] && return 0
	echo "vm: building the disk of templates" >&2
	rm -rf "$tree" "$VM_DIR/data.key"
	mkdir -p "$tree/template"
	for n in "$@"; do
		cp -al "$from/$n" "$tree/template/" 2> /dev/null || cp -a "$from/$n" "$tree/template/"
	done
	make_image "$tree" "$VM_DIR/data.img" 12G
	rm -rf "$tree"
	echo "$key" > "$VM_DIR/data.key"
}

# The command goes in, and its status comes out, by files on a small share of its own.
prepare_ctl() { # CTL COMMAND...
	local ctl=$1
	shift
	if [ $# = 1 ]; then printf '%s\n' "$1"; else printf '%q ' "$@"; echo; fi > "$ctl/cmd"
	cp "$here/bare-init.sh" "$ctl/init.sh"
	cp "$here/command.sh" "$ctl/command.sh"
}

run() {
	local share='' ctl append status=0 catter
	while [ $# -gt 0 ]; do
		case $1 in
		-s) share=$2; shift 2 ;;
		--) shift; break ;;
		*) break ;;
		esac
	done
	[ $# -gt 0 ] || die "no command given"
	[ -f "$VM_DIR/key" ] || die "there is no image; run '$0 build' first"
	ctl=$(mktemp -d)
	# shellcheck disable=SC2064 # the value of now is meant
	trap "rm -rf '$ctl'" EXIT
	prepare_ctl "$ctl" "$@"
	append="console=ttyS0 quiet panic=-1 reboot=t mitigations=off cgroup_no_v1=all random.trust_cpu=1"
	append+=" systemd.mask=serial-getty@ttyS0.service" # for which it would wait a minute and a half
	append+=" tsc=reliable vm.init=$VM_INIT${share:+ vm.share=1}"
	local -a q=(-nodefaults -no-user-config -display none -no-reboot -M q35
		-accel tcg,thread=multi -cpu max -smp "$VM_CPUS" -m "$VM_MEM"
		-kernel "$VM_DIR/vmlinux" -initrd "$VM_DIR/initrd.gz" -serial "file:$ctl/console"
		-drive "if=none,id=root,file=$VM_DIR/root.img,format=raw,snapshot=on,cache=unsafe"
		-device virtio-blk-pci,drive=root,serial=root
		-chardev file,id=out,path=/dev/fd/9,append=on
		-device virtio-serial-pci -device virtserialport,chardev=out,name=vm.out
		-fsdev "local,id=ctl,path=$ctl,security_model=none"
		-device virtio-9p-pci,fsdev=ctl,mount_tag=ctl -device virtio-rng-pci)
	[ -z "$share" ] || q+=(-fsdev "local,id=share,path=$share,security_model=none"
		-device virtio-9p-pci,fsdev=share,mount_tag=share)
	[ ! -f "$VM_DIR/data.key" ] || q+=(-device virtio-blk-pci,drive=data,serial=data
		-drive "if=none,id=data,file=$VM_DIR/data.img,format=raw,snapshot=on,cache=unsafe")
	# qemu opens the path anew, which must not cut a file short: a pipe stands there.
	exec 9> >(exec cat)
	catter=$!
	timeout -k 5 "$VM_TIMEOUT" qemu-system-x86_64 "${q[@]}" -append "$append" < /dev/null \
		> "$ctl/qemu.log" 2>&1 || status=$?
	exec 9>&-
	wait "$catter" || :
	[ -z "${VM_LOG:-}" ] || cp "$ctl/console" "$VM_LOG"
	[ ! -s "$ctl/rc" ] || return "$(cat "$ctl/rc")"
	tail -n 5 "$ctl/qemu.log" "$ctl/console" >&2 || :
	[ "$status" = 124 ] && return 124
	return 125
}

case ${1:-} in
build) build ;;
data) shift; data "$@" ;;
run) shift; run "$@" ;;
*) sed -n '4,19s/^# \{0,1\}//p' "$0"; exit 2 ;;
esac
