# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Sourced, never run. One way of calling mmdebstrap for all who need a Debian tree (the template
# families, the VM lane): the host's own apt settings for fetching hold for the tree as well, and
# packages that were fetched once are taken from a cache shared by all builds.

# The host's Acquire settings (proxy, validity of an archive's dates), one a line.
apt_acquire() {
	apt-config dump 2> /dev/null |
		grep -E '^Acquire::(http|https|ftp|Check|Retries|ForceIPv)[^ ]* ".*";$'
}

# mmdeb SUITE DIR VARIANT PACKAGE,PACKAGE... [more options of mmdebstrap]
# Fetched packages are kept as hard links (copies on another file system) in $VZ_APT_CACHE when set.
mmdeb() {
	command -v mmdebstrap > /dev/null || {
		echo "E: mmdebstrap is not installed"
		return 1
	}
	local suite=$1 dir=$2 variant=$3 include=$4 mirror=${VZ_MIRROR:-} keep=customize
	shift 4
	local -a opt=(--mode=root --format=directory --variant="$variant"
		--aptopt='APT::Install-Recommends "false"' --aptopt='Acquire::Languages "none"'
		--dpkgopt=force-unsafe-io)
	mapfile -t -O "${#opt[@]}" opt < <(apt_acquire | sed 's/^/--aptopt=/')
	if [ -n "${VZ_APT_CACHE:-}" ]; then
		mkdir -p "$VZ_APT_CACHE"
		export VZ_APT_CACHE
		# The variant "extract" ends before the customize hooks.
		[ "$variant" = extract ] && keep=extract
		# shellcheck disable=SC2016,SC2191 # expanded by the hook's own shell; "=" is meant as it stands
		opt+=(--skip=download/empty --skip=essential/unlink
			--setup-hook='d=$1/var/cache/apt/archives; mkdir -p "$d"; cd "$VZ_APT_CACHE" || exit 0
				set -- *.deb; [ -e "$1" ] || exit 0
				cp -lf "$@" "$d/" 2>/dev/null || cp -uf "$@" "$d/"'
			"--$keep-hook"='cd "$1/var/cache/apt/archives" || exit 0
				set -- *.deb; [ -e "$1" ] || exit 0
				cp -lf "$@" "$VZ_APT_CACHE/" 2>/dev/null || cp -uf "$@" "$VZ_APT_CACHE/"')
	fi
	mmdebstrap "${opt[@]}" --include="$include" "$@" "$suite" "$dir" ${mirror:+"$mirror"}
}
