#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# requires: root mmdebstrap's archives
#
# The packages in a clean Debian: they install by dpkg and apt, the tools run, what an administrator changed survives an
# upgrade, a removal keeps what is his, and a purge leaves nothing. By hand, behind deb.t:
#	tests/package/install.t DIR	DIR has the packages
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=templates/family/mmdeb.sh
. "$here/../../templates/family/mmdeb.sh"
number=0 failed=0
debs=${1:?a folder with packages is needed}
top=$(mktemp -d /tmp/vz-inst.XXXXXX)
root=$top/root said=$top/said
clean() {
	local m
	for m in dev/pts dev proc; do umount -l "$root/$m" 2> /dev/null; done
	rm -rf --one-file-system "$top"
}
trap clean EXIT

verdict() { # STATUS SENTENCE
	number=$((number + 1))
	[ "$1" = 0 ] && echo "ok $number - $2" && return
	failed=$((failed + 1))
	[ ! -s "$said" ] || sed 's/^/# /' "$said" | tail -n 40
	echo "not ok $number - $2"
}
inside() { # COMMAND...
	timeout -k 5 600 unshare --pid --fork --kill-child chroot "$root" /usr/bin/env -i \
		PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C DEBIAN_FRONTEND=noninteractive ${http_proxy:+"http_proxy=$http_proxy"} \
		${https_proxy:+"https_proxy=$https_proxy"} "$@" > "$said" 2>&1 < /dev/null
}
ok() { inside "${@:2}"; verdict $? "$1"; } # SENTENCE COMMAND...
files() { # all there is, but for what package managers keep of themselves
	find "$root" -xdev \( -path "$root/proc" -o -path "$root/dev" -o -path "$root/debs" -o -path "$root/var/lib/dpkg" \
		-o -path "$root/var/lib/apt" -o -path "$root/var/cache" -o -path "$root/var/log" -o -path "$root/tmp" \) -prune \
		-o -printf '/%P\n' | sort
}

mmdeb bookworm "$root" apt ca-certificates --skip=cleanup/apt/lists > "$said" 2>&1
verdict $? "a clean Debian 12"
[ $failed = 0 ] || { echo "1..$number"; exit 1; }
mount -t proc proc "$root/proc" && mount --bind /dev "$root/dev"
mkdir "$root/debs"
[ ! -e /etc/resolv.conf ] || cp -L /etc/resolv.conf "$root/etc/resolv.conf"
cp "$debs"/*.deb "$root/debs/"
rm -f "$root"/debs/*-dbgsym_*
# What a chroot must not start.
printf '#!/bin/sh\nexit 101\n' > "$root/usr/sbin/policy-rc.d"
chmod 755 "$root/usr/sbin/policy-rc.d"
files > "$top/before"

inside sh -c 'dpkg -i /debs/*.deb'
verdict $(($? == 0)) "dpkg says that they depend on other packages"
ok "apt brings those" apt-get -y --no-install-recommends -f install
# What -f has taken away rather than completed.
ok "all are installed" sh -c 'apt-get -y --no-install-recommends install /debs/*.deb'
[ $failed = 0 ] || { echo "1..$number"; exit 1; }
ok "and configured" sh -c 'test -z "$(dpkg --audit)" && dpkg -s vzctl libvz1 libvz-dev vz-templates'
version=$(sed -n '1s/.*(\(.*\)).*/\1/p' "$here/../../debian/changelog")
inside vzctl --version
grep -q "^vzctl version ${version%%-*}" "$said"
verdict $? "vzctl runs, and says its version"
ok "vzlist runs, on a node without VPSs" vzlist -a
inside vztmpl list -a
grep -qx debian-12-x86_64 "$said"
verdict $? "the recipes are found"
ok "a program is built against the library" sh -c 'test -e /usr/include/vz/vz.h && test -e /usr/lib/*/libvz.so'
ok "the manual is there" sh -c 'test -e /usr/share/man/man8/vzctl.8.gz && test -e /usr/share/man/man8/vzpkg.8.gz'
ok "it starts at boot, by systemd" test -L /etc/systemd/system/multi-user.target.wants/vz.service
ok "and by System V" sh -c 'ls /etc/rc2.d/S??vz /etc/rc0.d/K??vz'

echo '# mine' >> "$root/etc/vz/vz.conf"
echo 'HOSTNAME="x"' > "$root/etc/vz/conf/101.conf"
ok "an upgrade" sh -c 'dpkg -i /debs/*.deb'
tail -n 1 "$root/etc/vz/vz.conf" | grep -qx '# mine'
verdict $? "asks nothing and keeps what was changed"
rm -f "$root/etc/vz/conf/101.conf"
ok "a removal" apt-get -y remove vzctl vz-templates libvz-dev libvz1
ok "keeps the configuration" grep -qx '# mine' /etc/vz/vz.conf
mkdir -p "$root/var/lib/vz/private/101" "$root/etc/vz/conf"
echo 'HOSTNAME="x"' > "$root/etc/vz/conf/101.conf"
ok "installed again" sh -c 'dpkg -i /debs/*.deb'
ok "a purge" dpkg -P vzctl vz-templates libvz-dev libvz1
ok "leaves what are VPSs" sh -c 'test -e /etc/vz/conf/101.conf && test -d /var/lib/vz/private/101'
rm -rf "$root/etc/vz/conf/101.conf" "$root/var/lib/vz"
ok "installed once more, without VPSs" sh -c 'dpkg -i /debs/*.deb'
ok "and purged" dpkg -P vzctl vz-templates libvz-dev libvz1
files > "$top/after"
# Packages that came along stay; what is theirs is theirs.
comm -13 "$top/before" "$top/after" > "$top/new"
cat "$root"/var/lib/dpkg/info/*.list | sort -u > "$top/owned"
comm -23 "$top/new" "$top/owned" | grep -i 'vz' > "$said"
verdict $((${PIPESTATUS[1]} == 0)) "nothing is left of it"
comm -23 "$top/before" "$top/after" > "$said"
verdict $(($(wc -l < "$said") > 0)) "and nothing is missing that was there"
echo "1..$number"
exit $((failed > 0))
