#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Adds packages to the tree of a Debian template. Called by the template builder as family/debian.sh is (see
# there); below ROOT lies the base, and only what differs from it is kept. VZ_MASK are units that shall not
# run.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=templates/family/mmdeb.sh
. "$here/mmdeb.sh"
# shellcheck source=templates/family/deb.sh
. "$here/deb.sh"
export LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive
root=${1:?}

# We are in a mount namespace of our own, so none of these outlives us.
mount -t tmpfs -o mode=755 vz "$root/dev"
for d in null:3 zero:5 full:7 random:8 urandom:9; do mknod -m 666 "$root/dev/${d%:*}" c 1 "${d#*:}"; done
ln -s /proc/self/fd "$root/dev/fd"
mount -t tmpfs -o mode=1777 vz "$root/tmp"
mount -t tmpfs -o mode=755 vz "$root/run"
mount -t tmpfs -o mode=755 vz "$root/var/lib/apt/lists"
mount --bind /proc "$root/proc"
mkdir -p "$root/var/cache/apt/archives/partial"
if [ -n "${VZ_APT_CACHE:-}" ]; then
	mkdir -p "$VZ_APT_CACHE"
	mount --bind "$VZ_APT_CACHE" "$root/var/cache/apt/archives"
	mkdir -p "$root/var/cache/apt/archives/partial"
fi
# No service is started by its package; the names of the mirror are looked up as the node does it.
printf '#!/bin/sh\nexit 101\n' > "$root/usr/sbin/policy-rc.d"
chmod 755 "$root/usr/sbin/policy-rc.d"
cp /etc/resolv.conf "$root/run/resolv.conf"
: > "$root/etc/resolv.conf"
mount --bind "$root/run/resolv.conf" "$root/etc/resolv.conf"
apt_acquire > "$root/run/apt.conf" || :
printf '%s\n' 'APT::Install-Recommends "false";' 'APT::Sandbox::User "root";' 'Acquire::Languages "none";' \
	'DPkg::Options { "--force-unsafe-io"; };' 'DPkg::Use-Pty "0";' >> "$root/run/apt.conf"

in_root() { APT_CONFIG=/run/apt.conf chroot "$root" "$@"; }
echo "I: reading the lists of packages..."
in_root apt-get -q update
echo "I: installing..."
IFS=, read -ra packages <<< "$VZ_PACKAGES"
in_root apt-get -q -y install "${packages[@]}"

echo "I: clearing up..."
umount "$root/etc/resolv.conf" "$root/proc" "$root/run" "$root/tmp" "$root/dev" "$root/var/lib/apt/lists"
[ -z "${VZ_APT_CACHE:-}" ] || umount "$root/var/cache/apt/archives"
rm -f "$root/usr/sbin/policy-rc.d"
deb_list "$root"
deb_clean "$root"
for u in $VZ_MASK; do
	ln -sfn /dev/null "$root/etc/systemd/system/$u"
done
