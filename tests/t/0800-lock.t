#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# requires: root
# One VPS, one verb at a time: our own locks and those of programs that make the file themselves.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
begin "$@"
have 101
have 102
lock=$node/lock/101.lck

# Our own: a stop that waits for an init that does not care.
init=$(upper 101 /usr/sbin/init)
printf '#!/bin/sh\ntrap "" TERM USR1 USR2 PWR\necho $$ > /run/up\nwhile :; do sleep 1; done\n' > "$init"
chmod 755 "$init"
vzctl set 101 --stop-timeout 4 --save > /dev/null
started 101
wait_for 5 in_ct 101 'test -e /run/up'
vzctl stop 101 > /dev/null 2>&1 &
job=$!
wait_for 5 test -e "$lock"
is "$(head -n 1 "$lock")" "$job" "the lock file has the holder's number in its first line"
like "$(sed -n 2p "$lock")" '^stopp' "and what it does in its second"
is "$(wc -l < "$lock")" 2 "and that is all"
begin_ms=${EPOCHREALTIME/./}
for verb in start stop restart mount umount destroy 'set --ram 64M --save' 'runscript /etc/hostname'; do
	# shellcheck disable=SC2086
	set -- $verb
	[ "$1" != runscript ] || continue # a running VPS needs no lock for it
	refused 9 "101.*lock.*$job.*stop" "meanwhile $1 is 9 and names the holder" vzctl "$1" 101 "${@:2}"
done
verdict $(((${EPOCHREALTIME/./} - begin_ms) / 1000 > 2000 * slow)) "without waiting"
for verb in 'status 101' 'exec 101 true' 'exec2 101 true' 'exec3 101 true' 'set 102 --ram 64M --save' 'mount 102'; do
	# shellcheck disable=SC2086
	code 0 "vzctl $verb needs no lock of 101" vzctl $verb
done
code 0 "an unknown VPS is none of its business" vzctl status 999
wait $job
is $? 0 "the first one comes to its end"
not "and its lock is gone" test -e "$lock"
code 0 "then another may" vzctl mount 101
vzctl umount 101 > /dev/null

# Two at once
for i in 1 2 3 4 5; do
	vzctl start 102 > "$scratch/a" 2>&1 &
	a=$!
	vzctl start 102 > "$scratch/b" 2>&1
	b=$?
	wait $a
	a=$?
	like "$a $b" '^(0 (9|32)|(9|32) 0)$' "of two starts at once one wins, the other is refused ($a, $b)"
	vzctl stop 102 --fast > /dev/null 2>&1
done

# Programs that make the file themselves, as backups do
sleep 1000 &
holder=$!
printf '%s\nbackup\n' $holder > "$lock"
refused 9 "101.*$holder.*sleep" "the lock of another program is honoured, and it is named" vzctl start 101
is "$(head -n 1 "$lock")" "$holder" "it stays that program's"
code 0 "--skiplock goes on in spite of it" vzctl --skiplock start 101
is "$(state 101)" "exist mounted running" "really"
code 0 "so can stop" vzctl --skiplock stop 101 --fast
is "$(cat "$lock")" "$holder"$'\n'backup "the file is untouched"
kill $holder
wait $holder 2> /dev/null
code 0 "when the holder has gone the lock counts no more" vzctl mount 101
vzctl umount 101 > /dev/null
not "and the file is gone" test -e "$lock"

# The call that a monitor makes when its VPS has ended is nobody's command: it is waited for, for a moment.
sleep 1000 &
holder=$!
printf '%s\nended\n' $holder > "$lock"
begin_ms=${EPOCHREALTIME/./}
refused 9 "101.*$holder" "a monitor's last call that takes its time is 9 as well" vzctl mount 101
took=$(((${EPOCHREALTIME/./} - begin_ms) / 1000))
verdict $((took < 1900 || took > 5000 * slow)) "after two seconds ($took ms)"
(sleep 0.5; rm -f "$lock") &
code 0 "when it ends in time the verb goes on" vzctl mount 101
kill $holder
wait $holder 2> /dev/null
vzctl umount 101 > /dev/null
for text in '' 'garbage' '99999999' '-1' '0' $'1x\nfoo' "$(head -c 5000 /dev/zero | tr '\0' 9)"; do
	printf %s "$text" > "$lock"
	code 0 "a lock file with '${text:0:20}' holds nobody up" vzctl mount 101
	vzctl umount 101 > /dev/null 2>&1
	rm -f "$lock"
done
printf '1\nx\n' > "$scratch/target"
ln -s "$scratch/target" "$lock"
run vzctl mount 101
is "$(cat "$scratch/target")" $'1\nx' "a link in its place leads nowhere"
rm -f "$lock"
vzctl umount 101 > /dev/null 2>&1
mkdir "$lock"
run vzctl mount 101
verdict $((rc == 0)) "a folder in its place is a refusal"
rmdir "$lock"
code 0 "without it all is well" vzctl mount 101
vzctl umount 101 > /dev/null
rmdir "$node/lock" && echo > "$node/lock"
run vzctl mount 101
verdict $((rc == 0)) "a file in the place of LOCKDIR is a refusal"
like "$err" "$node/lock" "that names it"
rm "$node/lock" && mkdir "$node/lock"

# The holder dies
vzctl set 102 --stop-timeout 30 --save > /dev/null
init=$(upper 102 /usr/sbin/init)
printf '#!/bin/sh\ntrap "" TERM USR1 USR2 PWR\necho > /run/up\nwhile :; do sleep 1; done\n' > "$init"
chmod 755 "$init"
started 102
wait_for 5 in_ct 102 'test -e /run/up'
vzctl stop 102 > /dev/null 2>&1 &
job=$!
wait_for 5 test -e "$node/lock/102.lck"
kill -9 $job
wait $job 2> /dev/null
code 0 "the lock of one who was killed is taken over" vzctl stop 102 --fast
is "$(state 102)" "exist unmounted down" "and its work completed"
finish
