# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Sourced, never run. What every tree of Debian packages ends with.

# Write the list of packages that the builder wants.
deb_list() { # ROOT
	# shellcheck disable=SC2016 # not ours to expand
	chroot "$1" dpkg-query -W -f '${Package} ${Version}\n' > "$VZ_PACKAGE_LIST"
}

# What must differ from one VPS to the next, or is stale tomorrow, is not in a template.
deb_clean() { # ROOT
	rm -f "$1"/etc/ssh/ssh_host_* "$1/etc/resolv.conf" "$1/var/lib/dbus/machine-id" \
		"$1/var/lib/systemd/random-seed" "$1"/var/log/{dpkg.log,alternatives.log,bootstrap.log} \
		"$1"/var/log/apt/* "$1"/var/cache/debconf/*-old "$1"/var/lib/dpkg/*-old
	rm -rf "$1"/var/lib/apt/lists/* "$1"/var/cache/apt/*
	rm -rf "${1:?}"/run/* "${1:?}"/tmp/* "${1:?}"/dev/*
}
