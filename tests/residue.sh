# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Is everything as it was? A library for tests: what a node may leave behind is listed before and
# after, and any difference, in either direction, fails the test.
#
#	. tests/residue.sh
#	RESIDUE_CGROUP=vz-t210	# parent group in every hierarchy; also finds the processes in it
#	RESIDUE_NODE="$dir"	# folders of the node, separated by blanks
#	RESIDUE_IGNORE='[.]log$'	# optional: lines that match this ERE do not count
#	residue_before
#	...
#	residue_after [NUMBER]	# prints "ok NUMBER - ..."; or "not ok NUMBER - ...", and returns 1
#
# Looked at: mounts (nsfs among them), maps with a name and monitors of this mount namespace, links and routes of
# this network namespace, cgroup folders and the processes in them, loop devices on files of the node,
# files, locks and flocks below the node's folders. Give each test its own mount and network
# namespace, and tests run side by side.

RESIDUE_CGROUP=${RESIDUE_CGROUP:-}
RESIDUE_NODE=${RESIDUE_NODE:-}
RESIDUE_IGNORE=${RESIDUE_IGNORE:-}
# The kernel takes a dying network namespace apart behind our back; tenths of a second to wait.
RESIDUE_WAIT=${RESIDUE_WAIT:-30}

residue_mounts() {
	# mount point, type and source; the numbers of a mount say nothing
	awk '{ for (i = 7; $i != "-"; i++)
			;
		print ($(i + 1) == "nsfs" ? "nsfs" : "mount"), $5, $(i + 1), $(i + 2) }' \
		/proc/self/mountinfo
}

residue_cgroups() {
	[ -n "$RESIDUE_CGROUP" ] || return 0
	awk '{ for (i = 7; $i != "-"; i++)
			;
		if ($(i + 1) ~ /^cgroup2?$/) print $5 }' /proc/self/mountinfo |
		while read -r residue_h; do
			find "$residue_h/$RESIDUE_CGROUP" -type d -printf 'cgroup %p\n' 2>/dev/null
		done
}

# Those of this node: its slice is its control group.
residue_maps() {
	[ -n "$RESIDUE_CGROUP" ] || return 0
	find "/sys/fs/bpf/mainvz_$(echo "$RESIDUE_CGROUP" | tr ./ __)" -type f -printf 'map %p\n' 2>/dev/null
}

residue_links() {
	sed -n 's/^ *\([^:]*\):.*/link \1/p' /proc/self/net/dev
	ip -o -4 route show table all 2>/dev/null | sed 's/^/route /; s/ *$//'
	ip -o -6 route show table all 2>/dev/null | sed 's/ expires [^ ]*//; s/^/route /; s/ *$//'
}

residue_processes() {
	residue_ns=$(readlink /proc/self/ns/mnt)
	{
		grep -lxE "vz-(monitor|[0-9]+)" /proc/[0-9]*/comm 2>/dev/null | while read -r residue_p; do
			[ "$(readlink "${residue_p%/comm}/ns/mnt")" = "$residue_ns" ] &&
				echo "$residue_p"
		done
		[ -z "$RESIDUE_CGROUP" ] ||
			grep -lE ":/([^/]*/)*$RESIDUE_CGROUP(/|\$)" /proc/[0-9]*/cgroup 2>/dev/null
	} | cut -d/ -f3 | sort -u | while read -r residue_p; do
		read -r residue_comm 2>/dev/null <"/proc/$residue_p/comm" || continue
		echo "process $residue_p $residue_comm"
	done
}

residue_loops() {
	for residue_l in /sys/block/loop*/loop/backing_file; do
		read -r residue_file 2>/dev/null <"$residue_l" || continue
		for residue_n in $RESIDUE_NODE; do
			case $residue_file in
			"$residue_n"/*) echo "loop $residue_l $residue_file" ;;
			esac
		done
	done
}

residue_files() {
	# -xdev: what is mounted below is the matter of residue_mounts
	for residue_n in $RESIDUE_NODE; do
		find "$residue_n" -xdev -printf 'file %y %m %p\n' 2>/dev/null
		find "$residue_n" -xdev -printf '%i %p\n' 2>/dev/null
	done | awk '
		BEGIN { while ((getline line < "/proc/locks") > 0) {
				n = split(line, w, " "); split(w[n - 2], d, ":"); held[d[3]] = 1 } }
		$1 == "file" { print; next }
		$1 in held { i = $1; sub(/^[0-9]+ /, ""); print "flock", $0 }'
}

residue_list() {
	{
		residue_mounts
		residue_cgroups
		residue_maps
		residue_links
		residue_processes
		residue_loops
		residue_files
	} | if [ -n "$RESIDUE_IGNORE" ]; then grep -Ev -e "$RESIDUE_IGNORE"; else cat; fi |
		LC_ALL=C sort
}

residue_before() {
	residue_was=$(residue_list)
}

# One comment line per difference; 0 when there is none. A thing listed twice counts twice.
residue_diff() {
	{
		echo "$residue_was" | sed 's/^/- /'
		residue_list | sed 's/^/+ /'
	} | awk '
		{ what = substr($0, 3); if (!what) next; n[what] += ($1 == "+" ? 1 : -1) }
		END {
			for (w in n)
				if (n[w]) { bad = 1; print "#", (n[w] > 0 ? "left:" : "gone:"), w }
			exit bad
		}'
}

residue_after() {
	residue_tries=$RESIDUE_WAIT
	until residue_found=$(residue_diff); do
		if [ "$residue_tries" -eq 0 ]; then
			echo "$residue_found" | LC_ALL=C sort
			echo "not ok${1:+ $1} - everything is as it was"
			return 1
		fi
		residue_tries=$((residue_tries - 1))
		sleep 0.1
	done
	echo "ok${1:+ $1} - everything is as it was"
}
