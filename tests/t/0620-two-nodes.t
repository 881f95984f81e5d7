#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# requires: root netns veth
# Two nodes on one machine: everything follows from VZ_CONF, nothing is shared.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
begin "$@"
second=$top/node2
node_new "$second" $((0x60000000 + $$ % 400 * 0x400000)) "${slice}b" up0
RESIDUE_NODE="$node $second"
residue_before
two() { VZ_CONF=$second/vz.conf vzctl "$@"; }

have 101 --name web --ipadd 203.0.113.1 --hostname first
like "$(two status 101)" 'deleted unmounted down' "a VPS of one node is not there on the other"
code 0 "the other may use the same ID and name" two create 201 --name web --hostname second
is "$(two status web | cut -d ' ' -f 2)" 201 "the name means its own"
is "$(vzctl status web | cut -d ' ' -f 2)" 101 "on each"
booted 101
code 0 "both run at a time" two start 201
is "$(in_ct 101 hostname) $(two exec2 201 hostname)" "first second" "each its own"
is "$(cd "$node/ids" && ls)" "$(sed -n 's/^LOCAL_UID="\(.*\)"/\1/p' "$node/conf/101.conf")" "id ranges are noted apart"
a=$(cd "$node/ids" && ls) b=$(cd "$second/ids" && ls)
verdict $(((a > b ? a - b : b - a) < 65536)) "and do not meet ($a, $b)"
is "$(find /sys/fs/cgroup -type d -path "*/$slice/*" -name 201 | wc -l)" 0 "control groups are apart"
two exec2 201 halt > /dev/null 2>&1
two_down() { two status 201 | grep -q 'unmounted down'; }
soon "a halt on the other is cleared up there" two_down
is "$(state 101)" "exist mounted running" "and does not touch the first"
code 0 "the same ID" two create 101 --hostname third
run two start 101
[ "$rc" = 0 ] || [[ $err = *venet101* ]] || told
verdict $((rc != 0 && $(grep -c venet101 <<< "$err") == 0)) "in one network either starts or names the link in its way"
is "$(state 101)" "exist mounted running" "the first node's VPS is not hurt"
ok "nor is its address" ping -c 1 -W 2 203.0.113.1
two stop 101 --fast > /dev/null 2>&1
ok "not even by a stop of the other" ping -c 1 -W 2 203.0.113.1
is "$(in_ct 101 hostname)" first "and it is still the one"
two destroy 101 > /dev/null
two destroy 201 > /dev/null
rm -f "$second"/conf/*.destroyed
is "$(two status 201)" "CTID 201 deleted unmounted down" "destroyed is destroyed"
is "$(state 101)" "exist mounted running" "on one node"

# A node that says nothing: all beside its vz.conf.
mkdir "$top/node3"
echo "TEMPLATE=\"$VZ_TEST_TEMPLATES\"" > "$top/node3/vz.conf"
three() { VZ_CONF=$top/node3/vz.conf vzctl "$@"; }
code 0 "a node with an all but empty vz.conf works" three create 301 --ostemplate "$tmpl"
code 0 "its VPS starts" three start 301
ok "its files are beside it" test -d "$top/node3/vz/private/301" -a -d "$top/node3/run/301"
not "and not elsewhere" test -e /run/vz/301
slice3=$(find /sys/fs/cgroup -type d -name 301 -path '*/vz-*' | sed 's|.*/\(vz-[^/]*\)/301|\1|' | sort -u)
like "$slice3" '^vz-[0-9a-f]{8}$' "its control groups have a parent of their own"
code 0 "it stops" three stop 301
three destroy 301 > /dev/null
# Nothing says that it is to have no lxcfs.
VZ_CONF=$top/node3/vz.conf vz stop > /dev/null
find /sys/fs/cgroup -depth -type d -name "$slice3" -exec rmdir {} + 2> /dev/null
rm -rf "$top/node3"
finish
