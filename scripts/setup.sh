# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Sourced by quickstart and check: showing steps, installing Debian packages, building outside the
# source tree. The caller sets: top (the source tree), log (a file for what commands print), and
# self (its name in messages).
: "${top:?}" "${log:?}" "${self:?}"

# shellcheck disable=SC2034 # for those who source this
build_packages=(gcc libc6-dev linux-libc-dev make autoconf automake libtool pkg-config libnl-3-dev
	libnl-route-3-dev libjansson-dev libseccomp-dev libcap-dev libmount-dev libcgroup-dev
	libnftables-dev libcrypt-dev libmd-dev libncurses-dev)
# shellcheck disable=SC2034
run_packages=(mmdebstrap apt debian-archive-keyring ca-certificates iproute2 nftables criu lxcfs)

fail() {
	echo "$self: $*" >&2
	exit 1
}

# step TEXT COMMAND...: one line of progress; what the command prints goes to the log, and its end is
# shown should it fail. The command may leave a few words on its result in $said.
step() {
	local text=$1 begin=$SECONDS ticker='' status=0
	shift
	said=
	if [ -t 1 ]; then
		(while sleep 1; do printf '\r  %s ... %ds ' "$text" $((SECONDS - begin)); done) &
		ticker=$!
	fi
	printf '  %s ... ' "$text"
	"$@" >> "$log" 2>&1 || status=$?
	if [ -n "$ticker" ]; then
		kill "$ticker" 2> /dev/null || :
		wait "$ticker" 2> /dev/null || :
		printf '\r\033[K  %s ... ' "$text"
	fi
	if [ "$status" = 0 ]; then
		echo "${said:-done ($((SECONDS - begin)) s)}"
		return 0
	fi
	echo "failed"
	tail -n 15 "$log" | sed 's/^/    /' >&2
	fail "'$text' failed; all that was printed is in $log"
}

# Names of those packages that are not installed.
missing_packages() {
	local p
	for p in "$@"; do
		[ "$(dpkg-query -W -f '${db:Status-Status}' "$p" 2> /dev/null)" = installed ] || echo "$p"
	done
}

install_packages() {
	local -a want
	mapfile -t want < <(missing_packages "$@")
	if [ "${#want[@]}" = 0 ]; then
		said="all there"
		return 0
	fi
	export DEBIAN_FRONTEND=noninteractive
	apt-get -q -o DPkg::Lock::Timeout=300 update || return 1
	apt-get -q -y -o DPkg::Lock::Timeout=300 --no-install-recommends install "${want[@]}"
}

# Files that belong to the source: all but what git is told to ignore. The tree may be somebody else's.
source_files() {
	cd "$top" || return 1
	if [ -e .git ]; then
		git -c safe.directory="$top" ls-files -z --cached --others --exclude-standard
	else
		find . -type f -print0
	fi | sort -zu
}

# A name for exactly this state of what is installed from.
source_id() {
	(source_files | grep -zvE '^(\./)?(tests|docs|bench|scripts|\.ci)/' | xargs -0 sha256sum 2> /dev/null || :) | sha256sum | cut -c 1-16
}

# A copy of the source: nothing that a build makes ends up in the source tree, and a tree in which
# somebody has built already does not disturb.
export_source() { # DEST
	rm -rf "${1:?}"
	mkdir -p "$1"
	(source_files | tar --null --no-recursion --ignore-failed-read -T - -cf -) | tar -xf - -C "$1"
}

configure_source() { # DIR CONFIGURE-OPTION...
	cd "$1" || return 1
	shift
	autoreconf -i && ./configure "$@"
}
