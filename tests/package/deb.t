#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# requires: root dpkg-buildpackage lintian mmdebstrap's archives
#
# The Debian packages build from a clean export of the tree, lintian has nothing to say, and they have what they
# are for. Takes minutes, so it is not part of ./check:
#	tests/package/deb.t [DIR]	DIR is kept; debhelper, devscripts and lintian must be installed
set -uo pipefail
top=$(cd "$(dirname "$0")/../.." && pwd)
number=0 failed=0
dir=${1:-$(mktemp -d /tmp/vz-deb.XXXXXX)}
[ $# -gt 0 ] || trap 'rm -rf "$dir"' EXIT
log=$dir/build.log

verdict() { # STATUS SENTENCE
	number=$((number + 1))
	[ "$1" = 0 ] && echo "ok $number - $2" && return
	failed=$((failed + 1))
	echo "not ok $number - $2"
}
note() { sed 's/^/# /' | head -n 40; }

export_tree() {
	rm -rf "$dir/mainvz"
	mkdir -p "$dir/mainvz" && cd "$top" &&
		git -c safe.directory="$top" ls-files -z --cached --others --exclude-standard |
		tar --null --ignore-failed-read -T - -cf - | tar -xf - -C "$dir/mainvz"
}

content() { # PACKAGE -> its files
	dpkg-deb -c "$dir/$1"_*.deb | awk '{ print substr($6, 2) }'
}
has() { # PACKAGE PATH...
	local p bad=0 all
	all=$(content "$1")
	for p in "${@:2}"; do
		grep -qxE -e "$p" <<< "$all" || { echo "# $1 lacks $p"; bad=1; }
	done
	return $bad
}
script() { dpkg-deb -I "$dir/vzctl"_*.deb "$1"; }

for tool in dpkg-buildpackage lintian dh; do
	command -v $tool > /dev/null || { echo "1..0 # SKIP $tool is not installed"; exit 0; }
done
export_tree
verdict $? "the tree is exported"
(cd "$dir/mainvz" && DEB_BUILD_OPTIONS="parallel=$(nproc)" timeout 1800 dpkg-buildpackage -us -uc -b) > "$log" 2>&1
status=$?
[ $status = 0 ] || tail -n 20 "$log" | note
verdict $status "dpkg-buildpackage builds it"
[ $status = 0 ] || { echo "1..$number"; exit 1; }
said=$(lintian --allow-root --fail-on error,warning "$dir"/*.changes 2>&1)
status=$?
note <<< "$said"
verdict $status "lintian has nothing to say"

has vzctl /usr/sbin/vzctl /usr/sbin/vzlist /usr/sbin/vz /usr/sbin/vzcheck /usr/sbin/vztmpl /usr/sbin/vzpkg \
	/usr/libexec/mainvz/vz-monitor /usr/libexec/mainvz/vz-node /lib/systemd/system/vz.service /etc/init.d/vz \
	/etc/logrotate.d/vzctl /etc/network/if-up.d/vzctl /usr/lib/NetworkManager/dispatcher.d/50-vzctl \
	/usr/lib/networkd-dispatcher/routable.d/50-vzctl /usr/lib/tmpfiles.d/vzctl.conf /etc/vz/vz.conf /etc/vz/conf/0.conf \
	/etc/vz/conf/ve-vswap-256m.conf-sample /usr/share/man/man8/vzctl.8.gz /usr/share/man/man5/ctid.conf.5.gz \
	/usr/share/bash-completion/completions/{vzctl,vzpkg,vztmpl-dl} /usr/share/zsh/vendor-completions/_{vzctl,vzpkg,vztmpl-dl}
verdict $? "vzctl has the tools and what boots a node"
has libvz1 '/usr/lib/[^/]*/libvz.so.1'
verdict $? "libvz1 has the library"
has libvz-dev /usr/include/vz/vz.h '/usr/lib/[^/]*/libvz.so' '/usr/lib/[^/]*/pkgconfig/vz.pc'
verdict $? "libvz-dev what to build with"
has vz-templates /usr/share/mainvz/templates/debian-12-x86_64.json /usr/share/mainvz/templates/family/debian.sh
verdict $? "vz-templates the recipes"
script conffiles | grep -qx /etc/vz/vz.conf
verdict $? "vz.conf is a conffile"

# An upgrade stops and starts nothing.
script postinst | grep -E 'restart|start vz' | grep -v deb-systemd-invoke | note
! script postinst | grep -qE 'invoke.*restart|try-restart|invoke-rc.d' && ! script prerm | grep -q 'restart'
verdict $? "no script of the package restarts the service"
mkdir -p "$dir/root"
dpkg-deb -x "$dir"/vzctl_*.deb "$dir/root"
"$dir/root/usr/sbin/vzctl" --version | grep -qF "$(sed -n '1s/.*(\(.*\)).*/\1/p' "$top/debian/changelog")"
verdict $? "the tools in it run, and say this version"
echo "1..$number"
exit $((failed > 0))
