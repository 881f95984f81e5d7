#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Builds the tree of a "tiny" template: Debian's static busybox, an init of our own, and a small ssh
# server with the few libraries it needs. Called as family/debian.sh is; see there.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=templates/family/mmdeb.sh
. "$here/mmdeb.sh"

root=$1
pkgs=$root.packages
trap 'rm -rf "$pkgs"' EXIT
rm -rf "$pkgs"

# The packages are only unpacked; what is wanted of them is then copied out.
# shellcheck disable=SC2016 # expanded by the hook's own shell
mmdeb "$VZ_SUITE" "$pkgs" extract "$VZ_PACKAGES" \
	--extract-hook='APT_CONFIG=$MMDEBSTRAP_APT_CONFIG apt-cache --no-all-versions show \
		$(echo "$VZ_PACKAGES" | tr , " ") |
		awk "/^Package:/ { p = \$2 } /^Version:/ { print p, \$2 }" | sort > "$VZ_PACKAGE_LIST"'

echo "I: putting the tree together..."
mkdir -p "$root"/{dev,etc,home,mnt,opt,proc,root,run,srv,sys,tmp} \
	"$root"/usr/{bin,sbin,lib,lib64} "$root"/var/{log,tmp,spool}
for d in bin sbin lib lib64; do ln -s "usr/$d" "$root/$d"; done
chmod 1777 "$root/tmp" "$root/var/tmp"
chmod 700 "$root/root"
ln -s ../run "$root/var/run"
cp "$(find "$pkgs" -path '*bin/busybox' -type f)" "$root/usr/bin/busybox"
while read -r applet; do
	case $applet in
	busybox | init | linuxrc | rpm | rpm2cpio | dpkg | dpkg-deb | acpid | watchdog | openvt | chvt) continue ;;
	esac
	ln -s busybox "$root/usr/bin/$applet"
done < <("$root/usr/bin/busybox" --list)
install -m 755 "$here/tiny-init" "$root/usr/sbin/init"
for c in halt poweroff reboot; do ln -s ../bin/busybox "$root/usr/sbin/$c"; done

# dropbear is linked dynamically: its loader and libraries come along under the names it asks for.
if [ -e "$pkgs/usr/sbin/dropbear" ]; then
	loader=$(find "$pkgs" -type f -name 'ld-linux-x86-64.so.2' | head -n 1)
	path=$(find "$pkgs" -type d -name x86_64-linux-gnu -path '*lib/*' | paste -sd :)
	cp "$pkgs/usr/sbin/dropbear" "$root/usr/sbin/"
	cp "$pkgs/usr/bin/dropbearkey" "$root/usr/bin/"
	mkdir -p "$root/etc/dropbear" "$root/usr/lib/x86_64-linux-gnu"
	cp -L "$loader" "$root/usr/lib64/ld-linux-x86-64.so.2"
	"$loader" --library-path "$path" --list "$pkgs/usr/sbin/dropbear" |
		awk '$2 == "=>" && $3 ~ /^\// { print $3 }' |
		while read -r lib; do cp -L "$lib" "$root/usr/lib/x86_64-linux-gnu/${lib##*/}"; done
fi

cat > "$root/etc/passwd" <<'END'
root:x:0:0:root:/root:/bin/sh
daemon:x:1:1:daemon:/:/bin/false
nobody:x:65534:65534:nobody:/:/bin/false
END
cat > "$root/etc/group" <<'END'
root:x:0:
daemon:x:1:
tty:x:5:
shadow:x:42:
utmp:x:43:
users:x:100:
nogroup:x:65534:
END
printf 'root:*:19000:0:99999:7:::\nnobody:*:19000:0:99999:7:::\n' > "$root/etc/shadow"
chmod 640 "$root/etc/shadow"
chown 0:42 "$root/etc/shadow"
echo /bin/sh > "$root/etc/shells"
printf '127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n' > "$root/etc/hosts"
echo localhost > "$root/etc/hostname"
printf 'passwd: files\ngroup: files\nshadow: files\nhosts: files dns\n' > "$root/etc/nsswitch.conf"
: > "$root/etc/fstab"
ln -s ../proc/self/mounts "$root/etc/mtab"
cat > "$root/etc/profile" <<'END'
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
PS1='\u@\h:\w\$ '
END
cat > "$root/etc/os-release" <<END
ID=tiny
ID_LIKE=debian
NAME="tiny"
PRETTY_NAME="tiny (busybox of Debian $VZ_RELEASE)"
VERSION_ID="$VZ_RELEASE"
END
