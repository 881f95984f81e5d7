#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# requires: root fuse
# A guest serves its own /etc, and /proc, by a file system that takes every question and answers none. Who waits for it
# cannot even be killed; the verbs come to their end all the same, and nobody else waits.
# shellcheck source=tests/attack/common.sh
. "$(dirname "$0")/common.sh"
[ -c /dev/fuse ] || skip_all "no /dev/fuse"
sed -i 's/^VE_PROCFS=.*/VE_PROCFS="yes"/' "$node/vz.conf"
tenant 101
tenant 102
tenant 103

sees() { [ "$(in_ct "$1" 'cat /proc/meminfo' | awk '/^MemTotal:/ { print $2 }')" = 262144 ]; }
for id in 101 103; do vzctl set $id --devnodes fuse:rw --save > /dev/null; done
ok "a neighbour sees its own memory" sees 102
ok "an attacker mounts it over /etc" vzctl exec2 101 'attack deaf /etc'
ok "and over /proc" vzctl exec2 101 'attack deaf /proc'
ok "another over its /mnt" vzctl exec2 103 'attack deaf /mnt'
# One verb waits for half a minute; meanwhile the rest.
begun=$SECONDS
vzctl set 101 --userpasswd root:secret > "$scratch/said" 2>&1 &
setting=$!
sleep 0.5
code 9 "a verb beside one that waits is told so" vzctl set 101 --ram 300M
refused 16 "cannot be restored" "suspend says what it cannot carry" vzctl suspend 103
ok "and the VPS runs on" vzctl exec2 103 true
kill -9 "$(cat "$node/run/lxcfs.pid")"
soon "lxcfs is killed: the neighbour has its view again, whoever is deaf" sees 102
wait $setting
rc=$?
[ $rc != 0 ] && [ $((SECONDS - begun)) -lt $((60 * slow)) ]
verdict $? "the verb that waited ends, with $rc"
is "$(wc -l < "$scratch/said")" 1 "and one line"
like "$(cat "$scratch/said")" "no word from inside.*timed out" "which says so"
ok "the VPS is locked no more, and is limited" vzctl set 101 --ram 300M
ok "the attacker is stopped" vzctl stop 101 --fast
ok "starts again" vzctl start 101
soon "and takes commands" vzctl exec2 101 true
for id in 101 102 103; do vzctl stop $id --fast > /dev/null; done
vz stop > /dev/null
rm -rf "$node"/run/lxcfs* "$node/state/vzreboot"
finish
