#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# requires: root
# Files that are not what they should be: a code and a line, never a crash, nothing lost.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
begin "$@"
have 101 --ipadd 203.0.113.1 --hostname one
conf=$node/conf/101.conf
cp "$conf" "$scratch/good.conf"
cp "$VZ_CONF" "$scratch/good.vz.conf"

# No signal, no more than a few lines, and a status of the contract.
sane() { # SENTENCE COMMAND...
	run "${@:2}"
	[ "$rc" -lt 124 ] || [ "$rc" = 131 ] || [ "$rc" = 133 ] && [ "$(wc -l <<< "$err")" -le 12 ] || told
	verdict $((rc >= 124 && rc != 131 && rc != 133)) "$1"
}

# the VPS's own
put() { printf "$1" > "$conf"; }
put 'garbage\n\001\002\377\n="x"\n===\nHOSTNAME\nONBOOT=maybe\nPHYSPAGES="x:y"\n'
cat "$scratch/good.conf" >> "$conf"
sum=$(md5sum < "$conf")
code 0 "a configuration with garbage in it can be started" vzctl start 101
like "$err" '101.conf:[0-9]+' "with warnings that name file and line"
is "$(in_ct 101 hostname 2> /dev/null)" one "what is good in it counts"
code 0 "it can be set" vzctl set 101 --bootorder 3 --save
ok "and keeps every line" test "$(grep -c . "$conf")" -gt "$(grep -c . "$scratch/good.conf")"
code 0 "and stopped" vzctl stop 101 --fast
put 'HOSTNAME="a\0b"\n'
cat "$scratch/good.conf" >> "$conf"
sane "a configuration with a zero byte is no harm" vzctl mount 101
sane "nor for the verb that takes it back" vzctl umount 101
: > "$conf"
sane "nor is an empty one" vzctl start 101
vzctl stop 101 --fast > /dev/null 2>&1
head -c 3000000 /dev/zero | tr '\0' 'x' > "$conf"
sane "three megabytes in one line" vzctl start 101
verdict $((rc == 0)) "are refused"
vzctl stop 101 --fast > /dev/null 2>&1
yes 'HOSTNAME="x"' | head -n 300000 > "$conf"
sane "300000 lines" vzctl status 101
rm "$conf"
refused 14 "101.conf" "without it start is 14" vzctl start 101
is "$(vzctl status 101)" "CTID 101 deleted unmounted down" "and status says deleted"
mkdir "$conf"
run vzctl start 101
verdict $((rc == 0)) "a folder in its place is a refusal"
like "$err" '101\.conf' "that names it"
is "$(wc -l <<< "$err")" 1 "in one line"
rmdir "$conf"
ln -s 101.conf "$conf"
run vzctl start 101
verdict $((rc == 0)) "a link to itself is a refusal"
like "$err" '101\.conf' "that names it"
rm "$conf"
mkfifo "$conf"
run vzctl start 101
verdict $((rc == 0 || rc == 124)) "a fifo is a refusal, and holds nobody"
rm "$conf"
ln -s /dev/zero "$conf"
run vzctl start 101
verdict $((rc == 0 || rc == 124)) "so is a device without an end"
rm "$conf"
cp "$scratch/good.conf" "$conf"
for line in 'VE_ROOT=""' 'VE_PRIVATE=""' 'VE_ROOT="relative/$VEID"' 'VE_PRIVATE="/proc/$VEID"' \
	'LOCAL_UID="0"' 'LOCAL_UID="4294967295"' 'LOCAL_UID="12345"' 'VE_ROOT="/dev/null"'; do
	{ echo "$line"; grep -v "^${line%%=*}=" "$scratch/good.conf"; } > "$conf"
	sane "$line: start" vzctl start 101
	if [ "$rc" = 0 ]; then
		pid=$(init_pid 101)
		is "$(awk '{ print ($2 > 65535) }' "/proc/$pid/uid_map")" 1 "$line: does not run with ids of the node"
	else
		ok "$line: nothing is mounted" test "$(grep -c "$node" /proc/self/mountinfo)" = 0
	fi
	vzctl stop 101 --fast > /dev/null 2>&1
done
# A mount of the node's own in the place of VE_ROOT: in a namespace that may be lost.
for dir in / /proc /dev "$node/own"; do
	{ echo "VE_ROOT=\"$dir\""; grep -v '^VE_ROOT=' "$scratch/good.conf"; } > "$conf"
	ok "VE_ROOT=$dir: mounts of the node's own stay" unshare --mount --propagation private bash -c '
		mkdir -p "$1" && mount -t tmpfs own "$1" && echo mine > "$1/file"
		for v in mount umount start "stop --fast" umount destroy; do vzctl ${v%% *} 101 ${v#"${v%% *}"} > /dev/null 2>&1; done
		[ "$(cat "$1/file")" = mine ] && [ -d /proc/self ] && [ -c /dev/null ]' sh "$node/own"
	vzctl stop 101 --fast > /dev/null 2>&1
	rm -rf "$node/own"
	[ -d "$node/private/101" ] || { rm -f "$conf"; have 101; }
done
cp "$scratch/good.conf" "$conf"
code 0 "and the good configuration starts" vzctl start 101

# the state
state=$node/run/101/state.json
nothing() { [ "$(state 101)" = "exist unmounted down" ] && [ "$(find /sys/fs/cgroup -path "*/$slice/101*" | wc -l)" = 0 ]; }
bad_state() { # SENTENCE; the file is bad already, the good one is in $scratch/state
	code 0 "$1: status is 0 as always" vzctl status 101
	code 0 "$1: the VPS can be stopped" patiently vzctl stop 101 --fast
	ok "$1: and nothing of it is left" nothing
	if ! nothing; then
		mkdir -p "${state%/*}" && cp "$scratch/state" "$state"
		vzctl stop 101 --fast > /dev/null 2>&1
	fi
	run vzctl start 101
	cp "$state" "$scratch/state"
}
cp "$state" "$scratch/state"
for text in '' '{' '[]' '{"op":"","stage":99}' \
	"$(jq -c '.op = "nosuch" | .stage = 0' "$state")" "$(jq -c '.op = "start" | .stage = 3 | .init.pid = 1' "$state")" \
	"$(head -c 9000 /dev/zero | tr '\0' '[')"; do
	printf %s "$text" > "$state"
	bad_state "a state file like '${text:0:30}'"
done
rm "$state"
bad_state "no state file"
rm -r "$node/run/101"
bad_state "no folder in the run directory"
sed -i "s/\"pid\": $(jq .init.pid "$scratch/state"),/\"pid\": $$,/" "$state"
like "$(state 101)" 'down$' "a number used again by another process is not taken for init"
bad_state "the number of another process"
ok "which lives" is_alive $$
soon "one monitor looks after the VPS" one_monitor 101
vzctl stop 101 --fast > /dev/null

# the node's
for text in '' 'garbage' $'VE_ROOT=""\nVE_PRIVATE=""' "LOCKDIR=\"\"" 'RUNDIR="/proc/nosuch"' "$(head -c 2000000 /dev/zero | tr '\0' x)"; do
	printf '%s\n' "$text" > "$top/bad.conf"
	VZ_CONF=$top/bad.conf sane "vz.conf with '${text:0:30}'" vzctl start 101
	verdict $((rc == 0)) "starts nothing"
done
rm -rf "$top/bad.conf" "$top/vz" "$top/run" "$top/ids" "$top/names" "$top/conf"
VZ_CONF=$node sane "a folder is no vz.conf" vzctl start 101
verdict $((rc == 0)) "and starts nothing"
VZ_CONF=/dev/zero sane "nor is a device" vzctl start 101
echo 'junk' > "$node/run/cgroups.json"
code 0 "a broken cache of the node is made anew" vzctl start 101
vzctl stop 101 --fast > /dev/null
for f in "$node"/run/filter-*; do head -c 800 /dev/urandom > "$f"; done
run vzctl start 101
[ "$rc" = 0 ] || rm -f "$node"/run/filter-*
code 0 "a broken cache of the filter does not keep a VPS down for ever" vzctl restart 101
finish
