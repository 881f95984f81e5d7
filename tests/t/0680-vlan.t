#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# requires: root netns veth bridge vlan macvlan bpf ifb tbf python3
# One VLAN of a bridge, and macvlans on a card or a VLAN of it: who reaches whom, what the guard and the card's VLANs are
# kept from, changes, ends of every kind, rates; nothing is left.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
begin "$@"

# shellcheck source=tests/flow.sh
. "$here/flow.sh"
unshare --net -- sleep 1000 &
lan=$!
in_lan() { nsenter -t $lan -n "$@"; }
has_own_net() { [ "$(readlink /proc/$lan/ns/net)" != "$(readlink /proc/self/ns/net)" ]; }
wait_for 5 has_own_net
# A card of the node, and a switch's port that carries everything.
ip link add nic0 type veth peer name far0
ip link set far0 netns $lan
ip link set nic0 addrgenmode none up
in_lan ip link set lo up
in_lan ip link set far0 addrgenmode none up
in_lan ip addr add 198.51.100.254/24 dev far0
in_lan ip link add link far0 name far0.100 type vlan id 100
in_lan ip link set far0.100 addrgenmode none up
in_lan ip addr add 203.0.113.254/24 dev far0.100
in_lan nft -f - << END
table netdev watch {
	chain in {
		type filter hook ingress device far0 priority -300
		ether saddr 02:00:00:00:00:66 counter comment "foreign"
		ether type 8021q counter comment "tagged"
	}
}
END
heard() { # WORD: frames that came to the switch
	in_lan nft list chain netdev watch in | sed -n "s/.*counter packets \([0-9]*\) .*\"$1\".*/\1/p"
}
ip link add br0 type bridge vlan_filtering 1
ip link set br0 addrgenmode none up
ip link add br1 type bridge
ip link set br1 addrgenmode none up
links() { # ERE -> names
	ip -o link | sed 's/^[0-9]*: \([^:@]*\).*/\1/' | grep -E "$1" | sort | tr '\n' ' '
}
vlans() { # PORT -> its VLANs, with what they are
	bridge -j vlan show dev "$1" | jq -c '.[].vlans | map([.vlan, (.flags // [] | sort | join("+"))])'
}
inside() { # ID COMMAND...: in its network, with more rights than it has
	nsenter -t "$(init_pid "$1")" -n "${@:2}"
}
reaches() { # ID ADDRESS
	inside "$1" ping -c 1 -W 1 "$2"
}
value() { sed -n 's/^NETIF="\(.*\)"/\1/p' "$node/conf/$1.conf"; }

# --- one VLAN of a bridge ---
have 101
have 102
ok "a device in one VLAN of a bridge" vzctl set 101 --netif_add eth0,,,,br0,vlan=100 --ifname eth0 --ipadd 10.9.0.1/24 --save
like "$(value 101)" '^ifname=eth0,bridge=br0,.*,vlan=100,ip=10.9.0.1/24$' "is stored so"
vzctl set 102 --netif_add eth0,,,,br0 --ifname eth0 --vlan 100 --ipadd 10.9.0.2/24 --save > /dev/null
started 101
started 102
is "$(vlans veth101.0)" '[[100,"Egress Untagged+PVID"]]' "its port has this VLAN and no other"
ok "two VPSs in it reach each other" reaches 101 10.9.0.2
ok "one changes its VLAN live" vzctl set 102 --ifname eth0 --vlan 200 --save
is "$(vlans veth102.0)" '[[200,"Egress Untagged+PVID"]]' "its port has the new one"
not "then they do not" reaches 101 10.9.0.2
ok "with none it is in the bridge's own" vzctl set 102 --ifname eth0 --vlan none --save
is "$(vlans veth102.0)" '[[1,"Egress Untagged+PVID"]]' "as every port"
not "where the first is not" reaches 101 10.9.0.2
inside 102 ip link add link eth0 name tag type vlan id 100
inside 102 ip addr flush dev eth0
inside 102 ip addr add 10.9.0.2/24 dev tag
inside 102 ip link set tag up
not "a tag of its own takes it nowhere" reaches 102 10.9.0.1
vzctl set 102 --ifname eth0 --vlan 100 --save > /dev/null
ok "after a restart" vzctl restart 102
is "$(vlans veth102.0)" '[[100,"Egress Untagged+PVID"]]' "it is in its VLAN"
ok "and reaches the other" reaches 102 10.9.0.1
before=$(init_pid 102)
in_ct 102 'kill -TERM 1' 2> /dev/null
again() { [ "$(init_pid 102)" != "$before" ] && [ "$(vlans veth102.0)" = '[[100,"Egress Untagged+PVID"]]' ]; }
soon "after a reboot from inside, too" again
refused 130 "'br1' does not filter VLANs" "a bridge that does not filter VLANs is refused" vzctl set 102 --netif_add eth5,,,,br1,vlan=5 --save
refused 130 "needs a bridge" "and a VLAN of nothing" vzctl set 102 --netif_add eth5,,,,,vlan=5 --save
unlike "$(value 102) $(links '102.5')" 'eth5|102.5' "nothing is stored, nor left"
for bad in 0 4095 -1 x 1.5 99999999999 $'5\n6'; do
	code 21 "--vlan '${bad//$'\n'/\\n}' is refused" vzctl set 102 --ifname eth0 --vlan "$bad" --save
done
for bad in vlan=0 vlan= vlan=5x mode=passthru parent=a/b type= nosuch=1; do
	code 21 "netif_add with '$bad' is refused" vzctl set 102 --netif_add "eth5,,,,br0,$bad" --save
done

# --- a macvlan ---
ok "a macvlan is added live" vzctl set 101 --netif_add eth1,,,,,type=macvlan,parent=nic0 --ifname eth1 --ipadd 198.51.100.1/24 --save
is "$(links '^macv')" "macv101.1 " "it is a device of the node"
is "$(in_ct 101 'ls /sys/class/net' | sort | tr '\n' ' ')" "eth0 eth1 lo venet0 " "the VPS has the other end"
soon "the VPS reaches the world by its card" reaches 101 198.51.100.254
ok "and the world the VPS" nsenter -t $lan -n ping -c 1 -W 2 198.51.100.1
is "$(in_lan ip neigh show 198.51.100.1 | grep -o 'lladdr [^ ]*')" \
	"lladdr $(value 101 | grep -o 'ifname=eth1.*' | sed 's/.*,mac=\([^,]*\).*/\1/' | tr A-F a-f)" "which it knows by the VPS's MAC"
inside 101 ip -6 addr add 2001:db8:9::1/64 dev eth1 nodad
in_lan ip -6 addr add 2001:db8:9::fe/64 dev far0 nodad
vzctl set 101 --ifname eth1 --ipadd 2001:db8:9::1/64 --save > /dev/null
ok "IPv6 and its multicast pass" nsenter -t $lan -n ping -6 -c 1 -W 2 2001:db8:9::1
ok "a second VPS on the card" vzctl set 102 --netif_add eth1,,,,,type=macvlan,parent=nic0 --ifname eth1 --ipadd 198.51.100.2/24 --save
soon "is reached by the first" reaches 101 198.51.100.2
ok "mode private" vzctl set 102 --ifname eth1 --macvlan_mode private --save
not "keeps them apart" reaches 101 198.51.100.2
ok "but not from the world" nsenter -t $lan -n ping -c 1 -W 2 198.51.100.2
vzctl set 102 --ifname eth1 --macvlan_mode bridge --save > /dev/null

# What root inside can do to it.
mac=$(inside 101 cat /proc/net/dev > /dev/null; in_ct 101 'cat /sys/class/net/eth1/address')
in_ct 101 'ip link set eth1 down; ip link set eth1 address 02:00:00:00:00:66; ip link set eth1 up'
not "with another MAC it reaches nobody" reaches 101 198.51.100.254
is "$(heard foreign)" 0 "and the card sends none of it"
in_ct 101 "ip link set eth1 down; ip link set eth1 address $mac; ip link set eth1 up; ip addr add 198.51.100.1/24 dev eth1"
vzctl set 101 --ifname eth1 --ipdel all --save > /dev/null # so that nothing but the MAC is guarded
inside 101 ip link add link eth1 name tag type vlan id 100
inside 101 ip addr add 203.0.113.9/24 dev tag
inside 101 ip link set tag up
not "a tag takes it to no VLAN of the card" reaches 101 203.0.113.254
is "$(heard tagged)" 0 "nothing with a tag leaves"
inside 101 ip link del tag
not "and it has no way to the card itself" inside 101 ip link show nic0

# On a VLAN of the card, which is made and goes with the last that needs it.
vzctl set 101 --ifname eth1 --ipadd 203.0.113.1/24 --save > /dev/null
ok "another VLAN of the card, live" vzctl set 101 --ifname eth1 --vlan 100 --save
like "$(ip -d link show nic0.100)" 'vlan protocol 802.1Q id 100' "its device is made"
soon "the VPS is in it" reaches 101 203.0.113.254
vzctl set 102 --ifname eth1 --ipdel all --ipadd 203.0.113.2/24 --save > /dev/null
vzctl set 102 --ifname eth1 --vlan 100 --save > /dev/null
soon "and so is the second" reaches 102 203.0.113.1
ip link set nic0 down
ok "a card that is down does not keep a VPS from starting" vzctl restart 102
ip link set nic0 up
soon "when it is up again the VPS is reached" nsenter -t $lan -n ping -c 1 -W 1 203.0.113.2
vzctl set 101 --rate '*:1:4000' --ratebound yes --save > /dev/null
within "$(between 101 102 udp 203.0.113.2 4000)" 4000 "RATE holds for what it sends there"
within "$(between 102 101 tcp 203.0.113.1 4000)" 4000 "and for what it receives"
vzctl set 101 --rate '*:1:0' --save > /dev/null
ok "without RATE again" reaches 101 203.0.113.2
ok "no macvlan any more, but a bridge" vzctl set 102 --ifname eth1 --nettype bridge --bridge br0 --vlan none --save
is "$(links '^macv|nic0[.]')" "macv101.1 nic0.100 " "takes its macvlan away, not what the other needs"
is "$(vlans veth102.1)" '[[1,"Egress Untagged+PVID"]]' "and it is a port"
ok "and back" vzctl set 102 --ifname eth1 --nettype macvlan --parent nic0 --vlan 100 --save
soon "it is reached there again" nsenter -t $lan -n ping -c 1 -W 1 203.0.113.2
is "$(vzlist -j 102 | jq -r '.[0].netif[1] | [.type, .parent, .vlan] | join(" ")' 2> /dev/null)" "macvlan nic0 100" "vzlist -j shows it"
ok "a device of another name" vzctl set 102 --ifname eth1 --host_ifname wire102 --save
is "$(links '^macv' | wc -w) $(links wire102)" "2 wire102 " "has one macvlan"
code 104 "a VPS's macvlan cannot be handed over" vzctl set 102 --netdev_add macv101.1
vzctl stop 101 > /dev/null
is "$(links '^macv|nic0[.]' | wc -w)" 2 "what the second needs stays when the first stops"
ok "the last goes live" vzctl set 102 --netif_del eth1 --save
is "$(links 'macv|nic0[.]|wire102')" "" "and the VLAN's device with it"
ip link add link nic0 name mine type vlan id 100
ip link set mine addrgenmode none up
started 101
like "$(ip -o link show macv101.1)" 'macv101.1@mine' "a device of that VLAN which the administrator has made is used"
vzctl stop 101 > /dev/null
is "$(links '^mine')" "mine " "and stays"
ip link del mine

# What is refused.
ip link add nic2 type veth peer name far2
ip link set nic2 master br1
refused 130 "'nope' .* not there" "a card that is not there" vzctl set 102 --netif_add eth5,,,,,type=macvlan,parent=nope --save
refused 130 "port of another" "one that is a port" vzctl set 102 --netif_add eth5,,,,,type=macvlan,parent=nic2 --save
refused 130 "VPS's own" "one of a VPS" vzctl set 102 --netif_add eth5,,,,,type=macvlan,parent=veth102.0 --save
refused 130 "needs parent" "none at all" vzctl set 102 --netif_add eth5,,,,,type=macvlan --save
ip link add macv102.5 type bridge
refused 130 "there already" "a name that is in use" vzctl set 102 --netif_add eth5,,,,,type=macvlan,parent=nic0 --save
ip link del macv102.5
unlike "$(value 102) $(links '102.5')" 'eth5|102.5' "nothing of it is stored, nor left"
ip link del nic2

# Whatever ends it.
started 101
kill -9 "$(init_pid 101)"
soon "a killed VPS is cleared up" nothing_runs 101
is "$(links 'macv|nic0[.]')" "" "with its macvlan and its VLAN"
started 101
kill -9 "$(monitor_pid 101)" "$(init_pid 101)"
patiently vzctl stop 101 --fast > /dev/null 2>&1
is "$(links 'macv|nic0[.]')" "" "killed with its monitor: the next command does it"
if grep -q VZ_CRASH "$VZ_TEST_PREFIX/sbin/vzctl"; then
	for at in netif:note:after netif:vlan:after netif:macvlan:after netif:eth1:after netif:make:after; do
		crash $at "start is killed at $at" vzctl start 101
		patiently vzctl stop 101 --fast > /dev/null 2>&1
		is "$(links 'macv|nic0[.]|veth101')" "" "the next command leaves nothing"
	done
	started 101
	for at in netif:drop:after netif:macvlan:after netif:make:after; do
		crash $at "set is killed at $at" vzctl set 101 --ifname eth1 --vlan 300 --save
		ok "the next command undoes it" patiently vzctl exec2 101 true
		is "$(links 'macv|nic0[.]')" "macv101.1 nic0.100 " "it is what it was"
	done
	crash stop:net:before "stop is killed before the network" vzctl stop 101 --fast
	patiently vzctl stop 101 --fast > /dev/null 2>&1
	is "$(links 'macv|nic0[.]')" "" "nothing stays"
	started 101
	crash netif:macvlan:gone "stop is killed between a macvlan and its VLAN" vzctl stop 101 --fast
	patiently vzctl stop 101 --fast > /dev/null 2>&1
	is "$(links 'macv|nic0[.]')" "" "nor then"
fi
vzctl stop 101 --fast > /dev/null 2>&1
vzctl stop 102 --fast > /dev/null 2>&1
ip link del br1
ip link del br0
ip link del nic0
kill $lan
finish
