#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Builds the tree of a Debian template into the given, empty folder. Called by the template builder:
#   family/debian.sh ROOT
# with the recipe in the environment: VZ_NAME, VZ_SUITE, VZ_RELEASE, VZ_INIT (systemd or sysvinit),
# VZ_PACKAGES (comma separated), VZ_MASK (systemd units that cannot work in a VPS, space separated).
# Writes "name version" of each package to the file VZ_PACKAGE_LIST. VZ_APT_CACHE and VZ_MIRROR are
# optional. Lines that begin with "I: " tell how far it is, those with "E: " why it failed.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=templates/family/mmdeb.sh
. "$here/mmdeb.sh"
# shellcheck source=templates/family/deb.sh
. "$here/deb.sh"
export LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive
root=${1:?}

mmdeb "$VZ_SUITE" "$root" minbase "$VZ_PACKAGES"

echo "I: adapting it to a VPS..."
deb_list "$root"
deb_clean "$root"
: > "$root/etc/machine-id"
: > "$root/etc/fstab"
echo localhost > "$root/etc/hostname"
printf '127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n' > "$root/etc/hosts"
chroot "$root" passwd -l root > /dev/null
# Recommended packages are a matter of the VPS's owner again.
rm -f "$root"/etc/apt/apt.conf.d/99mmdebstrap

# Host keys are made at the first boot, before the server that needs them.
hostkeys_systemd() {
	cat > "$root/etc/systemd/system/ssh-hostkeys.service" <<- 'END'
		[Unit]
		Description=Make the host keys of the SSH server
		Before=ssh.service ssh.socket
		ConditionPathExists=|!/etc/ssh/ssh_host_ed25519_key
		ConditionPathExists=|!/etc/ssh/ssh_host_ecdsa_key
		ConditionPathExists=|!/etc/ssh/ssh_host_rsa_key

		[Service]
		Type=oneshot
		RemainAfterExit=yes
		ExecStart=/usr/bin/ssh-keygen -A

		[Install]
		WantedBy=multi-user.target
	END
	chroot "$root" systemctl --quiet enable ssh-hostkeys.service
}

hostkeys_sysvinit() {
	cat > "$root/etc/init.d/ssh-hostkeys" <<- 'END'
		#!/bin/sh
		### BEGIN INIT INFO
		# Provides:          ssh-hostkeys
		# Required-Start:    $remote_fs
		# Required-Stop:
		# X-Start-Before:    ssh
		# Default-Start:     2 3 4 5
		# Default-Stop:
		# Short-Description: Make the host keys of the SSH server
		### END INIT INFO
		[ "$1" = start ] || exit 0
		exec /usr/bin/ssh-keygen -A > /dev/null
	END
	chmod 755 "$root/etc/init.d/ssh-hostkeys"
	chroot "$root" update-rc.d ssh-hostkeys defaults
}

adapt_systemd() {
	local u
	hostkeys_systemd
	# No virtual terminals; console-getty comes by itself where systemd finds a container.
	chroot "$root" systemctl --quiet disable getty@tty1.service
	for u in $VZ_MASK; do
		ln -sfn /dev/null "$root/etc/systemd/system/$u"
	done
	chroot "$root" systemctl --quiet set-default multi-user.target
}

adapt_sysvinit() {
	local s
	hostkeys_sysvinit
	# The node says "power fails" (SIGPWR) for a clean halt, and takes /run/vz-booted for the end of the
	# boot, which is when the lines for the run level have been waited for. One login, on the console.
	sed -i -e '/^[1-6]:.*getty/d' -e '/^p[fno]:/d' -e '/^ca:/d' "$root/etc/inittab"
	cat >> "$root/etc/inittab" <<- 'END'
		pf::powerwait:/sbin/shutdown -h now
		vb:2345:once:/bin/touch /run/vz-booted
		co:2345:respawn:/sbin/agetty --noclear --keep-baud console 115200,38400 linux
		vz:2345:once:/bin/touch /run/vz-booted
	END
	# These look after hardware and file systems that are the node's. A script without links is left
	# alone by insserv; "update-rc.d disable" cannot do it for those that only stop.
	for s in $VZ_MASK; do
		rm -f "$root"/etc/rc[0-6S].d/[SK][0-9][0-9]"$s"
	done
}

"adapt_$VZ_INIT"
