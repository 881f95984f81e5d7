#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# requires: root netns veth
# The world on the other side of the uplink: it finds the VPS, on the devices that were named only.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
begin "$@"

# Another machine on the same wire: up1 moves into a network of its own, with an IPv4 and an IPv6 address.
unshare --net -- sleep 1000 &
lan=$!
in_lan() { nsenter -t $lan -n "$@"; }
has_own_net() { [ "$(readlink /proc/$lan/ns/net)" != "$(readlink /proc/self/ns/net)" ]; }
wait_for 5 has_own_net
ip link set up1 netns $lan
in_lan ip link set lo up
in_lan ip link set up1 up
in_lan ip addr add 192.0.2.2/24 dev up1
in_lan ip addr add 2001:db8:ffff::2/64 dev up1 nodad
in_lan ip addr add fe80::2/64 dev up1 nodad
# A second wire, which the node is not told of.
ip link add other0 type veth peer name other1
ip link set other1 netns $lan
ip link set other0 addrgenmode none up
in_lan ip link set other1 addrgenmode none up
residue_before

have 101 --ipadd 192.0.2.101 --ipadd 2001:db8:ffff::101
echo 0 > /proc/sys/net/ipv6/conf/all/forwarding
code 0 "a node that does not forward IPv6 starts a VPS all the same" vzctl start 101
like "$err" 'net\.ipv6\.conf\.(all|up0)\.forwarding is off' "and says which switch is off"
echo 1 > /proc/sys/net/ipv6/conf/all/forwarding
code 0 "with it on" vzctl restart 101
unlike "$err" 'forwarding' "it says nothing"
ok "the world reaches the VPS" nsenter -t $lan -n ping -c 1 -W 3 192.0.2.101
ok "by IPv6, too" nsenter -t $lan -n ping -6 -c 1 -W 3 2001:db8:ffff::101
ok "the VPS reaches the world" vzctl exec2 101 'ping -c 1 -W 3 192.0.2.2'
ok "by IPv6, too" vzctl exec2 101 'ping -6 -c 1 -W 3 2001:db8:ffff::2'
is "$(in_lan ip neigh show 192.0.2.101 | grep -o 'lladdr [^ ]*')" \
	"lladdr $(cat /sys/class/net/up0/address 2> /dev/null || ip -o link show up0 | sed 's/.*ether \([^ ]*\).*/\1/')" \
	"the node answers for it"
like "$(ip neigh show proxy)" '192\.0\.2\.101 dev up0' "on the device that was named"
unlike "$(ip neigh show proxy)" 'other0' "and on no other"

code 0 "an address more" vzctl set 101 --ipadd 192.0.2.102 --save
ok "is reached at once" nsenter -t $lan -n ping -c 1 -W 3 192.0.2.102
code 0 "and less" vzctl set 101 --ipdel 192.0.2.102 --save
unlike "$(ip neigh show proxy)" '192\.0\.2\.102' "is not answered for"
in_lan ip neigh flush dev up1
not "nor reached" nsenter -t $lan -n ping -c 1 -W 1 192.0.2.102

code 0 "stop" vzctl stop 101
is "$(ip neigh show proxy)" "" "takes every answer away"
in_lan ip neigh flush dev up1
not "nobody is reached" nsenter -t $lan -n ping -c 1 -W 1 192.0.2.101

# Who has the address is told when it comes up: an entry of the old owner is replaced at once.
in_lan ip neigh replace 192.0.2.101 lladdr 02:00:00:00:00:99 dev up1 nud stale
started 101
heard() { in_lan ip neigh show 192.0.2.101 | grep -qv '02:00:00:00:00:99'; }
soon "a start is announced to neighbours that knew another" heard

# A start that fails leaves no answer behind.
vzctl stop 101 > /dev/null
hide 101 /usr/sbin/init
run vzctl start 101
is "$(ip neigh show proxy)" "" "a start that fails leaves none behind"

# NEIGHBOUR_DEVS that names nothing that is there.
rm -f "$node/private/101/upper/usr/sbin/init"
sed -i 's/^NEIGHBOUR_DEVS=.*/NEIGHBOUR_DEVS="list:nosuch0"/' "$VZ_CONF"
run vzctl start 101
[ "$rc" != 0 ] || ok "with a device that is not there the node still reaches its VPS" ping -c 1 -W 2 192.0.2.101
is "$(ip neigh show proxy)" "" "and answers nowhere"
finish
