#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# requires: root
# The node comes up and goes down: who is started, in which order, how fast, and what is remembered.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
begin "$@"
VZ=(vz --timeout 60 --pressure "$scratch/psi")
psi() { # WHAT AVERAGE: of the last ten seconds, the others have none
	local f
	mkdir -p "$scratch/psi"
	for f in cpu io memory; do
		echo "some avg10=$([ $f = "$1" ] && echo "$2" || echo 0.00) avg60=0.00 avg300=0.00 total=5" > "$scratch/psi/$f"
	done
}
psi memory 0.00

quiet_locks() { [ -z "$(ls "$node/lock")" ]; }
running() { vzlist -H1 2> /dev/null | tr -d ' ' | tr '\n' ' '; }
conf() { # ID LINE...
	printf '%s\n' "${@:2}" >> "$node/conf/$1.conf"
}
listed() { ls "$node/state/vzreboot" 2> /dev/null | tr '\n' ' '; }
logged() { sed -n "s/^[^ ]* vz : VPS \([0-9]*\) was $1.*/\1/p" "$node/log" | tr '\n' ' '; }
fresh_log() { : > "$node/log"; }
in_group() { # PID -> its group in the tree that tells whose a process is
	awk -F: '$2 == "" { print $3 }' "/proc/$1/cgroup"
}

# a node without VPSs
code 2 "vz without a word is 2" vz
code 2 "an unknown word is 2" vz dance
code 2 "two words are 2" vz start stop
code 2 "a bad number is 2" vz start --parallel 0
code 2 "so is a negative one" vz start --timeout -5
code 0 "help is help" vz --help
like "$out" '^Usage: vz start' "on standard output"
VZ_CONF=$top/none code 6 "without vz.conf start is 6" vz start
code 3 "status of a node that is not up is 3" vz status
code 0 "stop of it succeeds" vz stop
code 0 "start of a node without VPSs succeeds" vz start
code 0 "then its status is 0" vz status

ok "and its control groups are known" test -s "$node/run/cgroups.json"
code 0 "stop succeeds" vz stop
code 3 "then its status is 3" vz status
refused 1 'neither suspend nor stop' "a bad stop mode is refused" vz stop --stop-mode kill

# ONBOOT has three states, and DISABLED is above them
for i in 101 102 103 104 105 106; do have $i; done
conf 101 'ONBOOT="yes"'
conf 102 'ONBOOT="no"'
conf 104 'ONBOOT="yes"' 'DISABLED="yes"'
conf 105 'ONBOOT="auto"'
code 0 "the first start succeeds" "${VZ[@]}" start
is "$(running)" "101 " "ONBOOT=yes is started; no, unset and disabled are not"
like "$out" '^1 of 1 VPSs were started$' "and the count is told"
m=$(monitor_pid 101)
like "$(in_group "$m")" "/$slice/[.]node\$" "its monitor is in a group of the node, not in the caller's"
unlike "$(in_group $$)" "/$slice" "where the caller is not"
for i in 102 103 105; do started $i; done
vzctl start 104 --force > /dev/null
code 0 "the node goes down" "${VZ[@]}" stop --stop-mode stop
is "$(running)" "" "and nothing runs"
is "$(listed)" "101 102 103 104 105 " "it is written down who ran"
code 0 "the second start succeeds" "${VZ[@]}" start
is "$(running)" "101 103 105 " "who ran before is started, if it has no ONBOOT=no and is not disabled"
is "$(listed)" "" "and nobody is on the list any more"
vzctl stop 103 --fast > /dev/null
code 0 "another start succeeds" "${VZ[@]}" start
is "$(running)" "101 105 " "who was stopped by hand is not started again"
code 0 "the node goes down again" "${VZ[@]}" stop --stop-mode stop
is "$(listed)" "101 105 " "and the list is a new one"
echo > "$node/conf/ve-x.conf-sample"
touch "$node/state/vzreboot/999" "$node/state/vzreboot/note"
code 0 "a list with one that is no more is no trouble" "${VZ[@]}" start
is "$(running)" "101 105 " "the others are started"
code 0 "stop" "${VZ[@]}" stop --stop-mode stop
is "$(listed)" "101 105 note " "and it goes from the list"
rm "$node/state/vzreboot/note"

# VIRTUOZZO
echo 'VIRTUOZZO="no"' >> "$VZ_CONF"
code 0 "with VIRTUOZZO=no start does nothing" vz start
is "$(running)" "" "nothing runs"
code 3 "and the node is not up" vz status
sed -i /VIRTUOZZO/d "$VZ_CONF"

# BOOTORDER
rm -f "$node"/state/vzreboot/*
for i in 101 102 103 104 105 106; do
	sed -i '/ONBOOT\|DISABLED/d' "$node/conf/$i.conf"
	conf $i 'ONBOOT="yes"'
done
conf 103 'BOOTORDER="7"'
conf 105 'BOOTORDER="70"'
conf 106 'BOOTORDER="0"'
conf 102 'BOOTORDER="7"'
fresh_log
code 0 "with one at a time" "${VZ[@]}" start --parallel 1
is "$(logged started)" "105 102 103 106 101 104 " "high BOOTORDER is first, then by ID, unset ones last"
is "$(vzlist -Ho ctid -s-bootorder | tr -d ' ' | tr '\n' ' ')" "105 103 102 106 104 101 " "as vzlist sorts it" ||
	note "(by ID where equal)"
code 0 "and down" "${VZ[@]}" stop --parallel 1 --stop-mode stop
is "$(logged stopped)" "104 101 106 103 102 105 " "in the opposite order"

# one that cannot start, one that cannot be read
mv "$node/private/105" "$scratch/105"
cp "$node/conf/103.conf" "$scratch/103.conf"
rm "$node/conf/103.conf"
mkdir "$node/conf/103.conf"
code 1 "when one cannot start the status is 1" "${VZ[@]}" start
is "$(running)" "101 102 104 106 " "and the others run"
like "$err" "105.* does not exist|private area.*105" "its reason is told"
like "$err" "103" "and that one was left out"
code 0 "the node is up nevertheless" vz status
mv "$scratch/105" "$node/private/105"
rmdir "$node/conf/103.conf"
mv "$scratch/103.conf" "$node/conf/103.conf"
code 0 "the next start" "${VZ[@]}" start
is "$(running)" "101 102 103 104 105 106 " "starts those that were missing"

# locked by somebody who lives
sleep 100 &
holder=$!
printf '%s\nbackup\n' $holder > "$node/lock/104.lck"
(sleep 1; rm -f "$node/lock/104.lck"; kill $holder) > /dev/null 2>&1 &
code 0 "one that is locked for a moment is stopped, too" "${VZ[@]}" stop --stop-mode stop
is "$(running)" "" "nothing runs"

# locks of before the boot
printf '%s\nstarting\n' $$ > "$node/lock/101.lck"
touch -d '2020-01-01' "$node/lock/101.lck"
printf '%s\nstarting\n' $$ > "$node/lock/102.lck"
code 1 "a lock that names a living process keeps its VPS from starting" "${VZ[@]}" start
like "$(running)" '^101 103' "but one that is older than the boot does not"
like "$err" "102.*lock" "and the reason is told"
rm -f "$node/lock/102.lck"

# killed while it goes down
need_fault_here=$(grep -c VZ_CRASH "$VZ_TEST_PREFIX/sbin/vz")
if [ "$need_fault_here" -gt 0 ]; then
	vzctl start 102 > /dev/null
	crash down:list:before "killed before the list is whole" vz stop
	like "$(listed)" '^101 102 103 104 105 106 ' "all are on it"
	is "$(running)" "101 102 103 104 105 106 " "and all run"
	crash down:list:after "killed behind it" vz stop
	is "$(running)" "101 102 103 104 105 106 " "all run"
	vzctl stop 101 --fast > /dev/null
	code 0 "another stop after that" "${VZ[@]}" stop --stop-mode stop
	is "$(listed)" "101 102 103 104 105 106 " "forgets nobody"
	for i in 101 102 103 104 105 106; do sed -i '/ONBOOT/d' "$node/conf/$i.conf"; done
	code 0 "so that the next start" "${VZ[@]}" start
	is "$(running)" "101 102 103 104 105 106 " "starts all"
	vz stop --stop-mode stop > /dev/null 2>&1 &
	sleep 0.05
	kill -9 $! 2> /dev/null
	wait $! 2> /dev/null
	wait_for 20 quiet_locks
	code 0 "killed in the middle, and once more" "${VZ[@]}" stop --stop-mode stop
	is "$(running)" "" "nothing runs"
	code 0 "and at the next start" "${VZ[@]}" start
	is "$(running)" "101 102 103 104 105 106 " "all are back"
fi
code 0 "down" "${VZ[@]}" stop --stop-mode stop

# VE_PARALLEL, with inits that take their time to die
for i in 101 102 103 104; do
	f=$(upper $i /usr/sbin/init)
	printf '#!/bin/sh\ntrap "" TERM USR1 USR2 PWR\nwhile :; do sleep 1; done\n' > "$f"
	chmod 755 "$f"
	conf $i 'STOP_TIMEOUT="1"'
done
most=0
sample() { # how many are worked on at a time, until the command ends
	local n
	"$@" > "$scratch/sampled" 2>&1 &
	while kill -0 $! 2> /dev/null; do
		n=$(find "$node/lock" -name '*.lck' 2> /dev/null | wc -l)
		[ "$n" -le $most ] || most=$n
		sleep 0.02
	done
	wait $!
}
rm -rf "$node/state/vzreboot"
for i in 101 102 103 104; do conf $i 'ONBOOT="yes"'; done
code 0 "without pressure" "${VZ[@]}" start
is "$(running)" "101 102 103 104 " "all are started"
echo 'VE_PARALLEL="2"' >> "$VZ_CONF"
code 0 "with VE_PARALLEL=2 four that are slow to stop are stopped" sample "${VZ[@]}" stop --stop-mode stop
is $most 2 "two at a time"
is "$(running)" "" "and in the end all"

# pressure
psi memory 99.00
begin_ms=${EPOCHREALTIME/./}
code 0 "under pressure" "${VZ[@]}" start
took=$(((${EPOCHREALTIME/./} - begin_ms) / 1000))
is "$(running)" "101 102 103 104 " "all are started, too"
verdict $((took < 6000)) "but one in two seconds ($took ms)"
for i in 101 102 103 104; do vzctl stop $i --fast > /dev/null; done
psi io 59.00
begin_ms=${EPOCHREALTIME/./}
code 0 "a busy disk below the bar" "${VZ[@]}" start
took=$(((${EPOCHREALTIME/./} - begin_ms) / 1000))
verdict $((took > 3000 * slow)) "holds nobody back ($took ms)"

# told to end: what goes on comes to its end, and no more is begun
psi io 61.00
vzctl stop 101 --fast > /dev/null
vzctl stop 102 --fast > /dev/null
vzctl stop 103 --fast > /dev/null
"${VZ[@]}" start > /dev/null 2>&1 &
job=$!
one_more() { [[ $(running) = *102* ]]; }
wait_for 5 one_more
kill $job
wait $job
is "$?" 1 "a start that is told to end says that it is not complete"
is "$(running)" "102 104 " "and begins no more"
vz stop --stop-mode stop > /dev/null 2>&1

# suspend is the default
for i in 101 102 103 104; do sed -i '/ONBOOT/d' "$node/conf/$i.conf"; rm "$(upper $i /usr/sbin/init)"; done
rm -rf "$node/state/vzreboot"
booted 101
booted 102
in_ct 101 'echo alive > /dev/shm/mark'
conf 102 'ONBOOT="no"'
code 0 "without --stop-mode" "${VZ[@]}" stop
like "$out" '2 of 2 VPSs were stopped, 2 of them suspended' "VPSs are suspended"
like "$(vzctl status 101)" 'down suspended' "as status says"
code 0 "the next start" "${VZ[@]}" start
is "$(running)" "101 " "resumes who ran"
is "$(in_ct 101 'cat /dev/shm/mark')" alive "with its memory"
echo 'CRIU="/bin/false"' >> "$VZ_CONF"
code 0 "what cannot be suspended is stopped" "${VZ[@]}" stop
like "$err" "101|criu" "with the reason"
is "$(state 101)" "exist unmounted down" "it is down"
sed -i '/^CRIU/d; s/^VE_PARALLEL.*/VE_STOP_MODE="stop"/' "$VZ_CONF"
vzctl start 101 > /dev/null
code 0 "VE_STOP_MODE=stop" "${VZ[@]}" stop
is "$(state 101)" "exist unmounted down" "stops"
vzctl mount 103 > /dev/null
code 0 "and what is mounted" "${VZ[@]}" stop
is "$(state 103)" "exist unmounted down" "is unmounted"
rm -rf "$node/state/vzreboot" "$node/conf/ve-x.conf-sample"
finish
