#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# requires: root
# tests/residue.sh must see each kind of thing that a node can leave behind.
set -u
cd "$(dirname "$0")/../.." || exit 1
if [ "$(id -u)" != 0 ]; then
	echo "1..0 # SKIP needs root"
	exit 0
fi
if [ "${1:-}" != inside ]; then
	exec unshare --mount --net --propagation private -- "$0" inside
fi

node=$(mktemp -d /tmp/residue.XXXXXX)
mkdir "$node/conf" "$node/m"
: >"$node/m/f"
# shellcheck disable=SC2034 # the library reads them
RESIDUE_NODE=$node RESIDUE_CGROUP=residue-test-$$ RESIDUE_WAIT=2
# shellcheck source=tests/residue.sh
. tests/residue.sh
number=0
bad=0

verdict() {
	number=$((number + 1))
	if [ "$1" = 0 ]; then
		echo "ok $number - $2"
	else
		echo "not ok $number - $2"
		bad=1
	fi
}

# seen WHAT PATTERN: the list now differs from before, by a line that matches
seen() {
	out=$(residue_after 7)
	case $out in
	*"$2"*"not ok 7 - "*) verdict 0 "$1 is seen" ;;
	*)
		echo "$out" | sed 's/^/# /'
		verdict 1 "$1 is seen"
		;;
	esac
}

residue_before
[ "$(residue_after 3)" = "ok 3 - everything is as it was" ]
verdict $? "nothing done is nothing left"

mount -t tmpfs residue "$node/m"
seen "a mount" "left: mount $node/m tmpfs residue"
umount "$node/m"

touch "$node/ns" && residue_before && mount --bind /proc/self/ns/uts "$node/ns"
seen "a pinned namespace" "left: nsfs $node/ns"
umount "$node/ns" && rm "$node/ns" && residue_before

: >"$node/conf/101.lck"
seen "a file" "left: file f 644 $node/conf/101.lck"
rm "$node/conf/101.lck"

rmdir "$node/conf"
seen "a file gone" "gone: file d 755 $node/conf"
mkdir "$node/conf"

exec 9<"$node/m/f" && flock 9
seen "an flock" "left: flock $node/m/f"
exec 9<&-

ip link add venet101 type veth peer name venet102
seen "a network link" "left: link venet101"
ip link set venet102 up && ip link set venet101 up && ip route add 192.0.2.1/32 dev venet101
seen "a route" "left: route 192.0.2.1"
ip link del venet101

# A group of ours in the first hierarchy that is mounted, with a process in it
group=$(awk '{ for (i = 7; $i != "-"; i++) ; if ($(i + 1) ~ /^cgroup2?$/) { print $5; exit } }' \
	/proc/self/mountinfo)
if [ -n "$group" ] && mkdir "$group/$RESIDUE_CGROUP" 2>/dev/null; then
	seen "a cgroup" "left: cgroup $group/$RESIDUE_CGROUP"
	sleep 60 &
	kid=$!
	if echo "$kid" >"$group/$RESIDUE_CGROUP/cgroup.procs"; then
		seen "a process in a cgroup" "left: process $kid sleep"
	fi
	kill "$kid"
	wait "$kid" 2>/dev/null
	rmdir "$group/$RESIDUE_CGROUP"
fi

# The name is what counts, not the program
sh -c 'printf vz-monitor >/proc/$$/comm; while :; do sleep 0.2; done' &
kid=$!
sleep 0.3
seen "a monitor" "left: process $kid vz-monitor"
kill "$kid"
wait "$kid" 2>/dev/null

RESIDUE_IGNORE='conf/seen[.]json$'
: >"$node/conf/seen.json"
residue_after 1 >/dev/null
verdict $? "what is to be ignored is"
rm "$node/conf/seen.json"

residue_after 1 >/dev/null
verdict $? "all undone is nothing left"
rm -rf "$node"
echo "1..$number"
exit $bad
