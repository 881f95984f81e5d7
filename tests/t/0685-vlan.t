#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# requires: root netns veth bridge vlan macvlan bpf
# One VLAN of a bridge, or of a card: who reaches whom, tags, changes, ends of every kind; nothing is left.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
begin "$@"

ip link add br0 type bridge vlan_filtering 1 2> /dev/null || skip_all "this kernel has no VLANs"
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
		vlan id 100 vlan type 8021q counter comment "nested"
	}
}
END
heard() { # WORD: frames that came to the switch
	in_lan nft list chain netdev watch in | sed -n "s/.*counter packets \([0-9]*\) .*\"$1\".*/\1/p"
}
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
	inside "$1" ping -c 1 -W 0.7 "$2"
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

# --- on a VLAN of a card: it is made, and goes with the last that needs it ---
ok "a macvlan on a VLAN of a card" vzctl set 101 --netif_add eth1,,,,,type=macvlan,parent=nic0,vlan=100 \
	--ifname eth1 --ipadd 203.0.113.1/24 --save
like "$(ip -d link show nic0.100)" 'vlan protocol 802.1Q id 100' "its device is made"
soon "the VPS is in it" reaches 101 203.0.113.254
vzctl set 102 --netif_add eth1,,,,,type=macvlan,parent=nic0,vlan=100 --ifname eth1 --ipadd 203.0.113.2/24 --save > /dev/null
soon "and so is the second" reaches 102 203.0.113.1
inside 101 ip link add link eth1 name tag type vlan id 7
inside 101 ip link set tag up
inside 101 ip addr add 203.0.113.77/24 dev tag
inside 101 ping -c 1 -W 1 -I tag 203.0.113.254 > /dev/null
is "$(heard nested)" 0 "a tag of its own leaves in no other"
inside 101 ip link del tag
ip link set nic0 down
ok "a card that is down does not keep a VPS from starting" vzctl restart 102
ip link set nic0 up
soon "when it is up again the VPS is reached" nsenter -t $lan -n ping -c 1 -W 1 203.0.113.2
ok "another VLAN, live" vzctl set 101 --ifname eth1 --vlan 300 --save
is "$(links '^nic0[.]')" "nic0.100 nic0.300 " "has a device of its own"
ok "none" vzctl set 101 --ifname eth1 --vlan none --save
is "$(links '^nic0[.]')" "nic0.100 " "has none"
vzctl set 101 --ifname eth1 --vlan 100 --save > /dev/null
ok "a bridge instead" vzctl set 102 --ifname eth1 --nettype bridge --bridge br0 --vlan none --save
is "$(links '^macv|nic0[.]')" "macv101.1 nic0.100 " "takes its macvlan away, not what the other needs"
is "$(vlans veth102.1)" '[[1,"Egress Untagged+PVID"]]' "and it is a port"
ok "and back" vzctl set 102 --ifname eth1 --nettype macvlan --parent nic0 --vlan 100 --save
soon "it is reached there again" nsenter -t $lan -n ping -c 1 -W 1 203.0.113.2
vzctl stop 101 > /dev/null
is "$(links '^macv|nic0[.]')" "macv102.1 nic0.100 " "what the second needs stays when the first stops"
ok "the last goes live" vzctl set 102 --netif_del eth1 --save
is "$(links 'macv|nic0[.]')" "" "and the VLAN's device with it"
ip link add link nic0 name mine type vlan id 100
ip link set mine addrgenmode none up
started 101
like "$(ip -o link show macv101.1)" 'macv101.1@mine' "a device of that VLAN which the administrator has made is used"
vzctl stop 101 > /dev/null
is "$(links '^mine')" "mine " "and stays"
ip link del mine

started 101
kill -9 "$(monitor_pid 101)" "$(init_pid 101)"
patiently vzctl stop 101 --fast > /dev/null 2>&1
is "$(links 'macv|nic0[.]')" "" "a VPS that was killed with its monitor leaves no VLAN"
if grep -q VZ_CRASH "$VZ_TEST_PREFIX/sbin/vzctl"; then
	for at in netif:vlan:after netif:macvlan:after; do
		crash $at "start is killed at $at" vzctl start 101
		patiently vzctl stop 101 --fast > /dev/null 2>&1
		is "$(links 'macv|nic0[.]|veth101')" "" "the next command leaves nothing"
	done
	started 101
	for at in netif:vlan:after netif:make:after; do
		crash $at "set is killed at $at" vzctl set 101 --ifname eth1 --vlan 300 --save
		ok "the next change undoes it" patiently vzctl set 101 --description x --save
		is "$(links 'macv|nic0[.]')" "macv101.1 nic0.100 " "it is what it was"
	done
	crash netif:macvlan:gone "stop is killed between a macvlan and its VLAN" vzctl stop 101 --fast
	patiently vzctl stop 101 --fast > /dev/null 2>&1
	is "$(links 'macv|nic0[.]')" "" "nothing stays"
fi
vzctl stop 101 --fast > /dev/null 2>&1
vzctl stop 102 --fast > /dev/null 2>&1
ip link del br1
ip link del br0
ip link del nic0
kill $lan
finish
