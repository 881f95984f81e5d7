#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# requires: root netns veth bridge macvlan bpf ifb tbf python3
# Macvlans on a card of the node: who reaches whom, what root of a VPS can do to one, changes, ends of every kind, rates;
# nothing is left.
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
# A card of the node, and the world.
ip link add nic0 type veth peer name far0
ip link set far0 netns $lan
ip link set nic0 addrgenmode none up
in_lan ip link set lo up
in_lan ip link set far0 addrgenmode none up
in_lan ip addr add 198.51.100.254/24 dev far0
in_lan nft -f - << END
table netdev watch {
	chain in {
		type filter hook ingress device far0 priority -300
		ether saddr 02:00:00:00:00:66 counter comment "foreign"
		ether type { 8021q, 8021ad } counter comment "tagged"
		ether type 0x88b5 counter comment "plain"
	}
}
END
heard() { # WORD: frames that came to the world
	in_lan nft list chain netdev watch in | sed -n "s/.*counter packets \([0-9]*\) .*\"$1\".*/\1/p"
}
ip link add br0 type bridge
ip link set br0 addrgenmode none up
links() { # ERE -> names
	ip -o link | sed 's/^[0-9]*: \([^:@]*\).*/\1/' | grep -E "$1" | sort | tr '\n' ' '
}
inside() { # ID COMMAND...: in its network, with more rights than it has
	nsenter -t "$(init_pid "$1")" -n "${@:2}"
}
reaches() { # ID ADDRESS
	inside "$1" ping -c 1 -W 0.7 "$2"
}
value() { sed -n 's/^NETIF="\(.*\)"/\1/p' "$node/conf/$1.conf"; }


have 101
have 102
vzctl set 102 --netif_add eth0,,,,br0 --save > /dev/null
started 101
started 102
ok "a macvlan is added live" vzctl set 101 --netif_add eth1,,,,,type=macvlan,parent=nic0 --ifname eth1 --ipadd 198.51.100.1/24 --save
is "$(links '^macv')" "macv101.1 " "it is a device of the node"
is "$(in_ct 101 'ls /sys/class/net' | sort | tr '\n' ' ')" "eth1 lo venet0 " "the VPS has the other end"
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
mac=$(in_ct 101 'cat /sys/class/net/eth1/address')
in_ct 101 'ip link set eth1 down; ip link set eth1 address 02:00:00:00:00:66; ip link set eth1 up'
not "with another MAC it reaches nobody" reaches 101 198.51.100.254
is "$(heard foreign)" 0 "and the card sends none of it"
in_ct 101 "ip link set eth1 down; ip link set eth1 address $mac; ip link set eth1 up; ip addr add 198.51.100.1/24 dev eth1"
vzctl set 101 --ifname eth1 --ipdel all --save > /dev/null # so that nothing but the MAC is guarded
inside 101 python3 -c "
import socket
mac = bytes.fromhex('$mac'.replace(':', ''))
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
s.bind(('eth1', 0))
for kind in '8100006488b5', '88a8006488b5', '88b5':
    s.send(b'\xff' * 6 + mac + bytes.fromhex(kind) + b'\0' * 60)"
told_plain() { [ "$(heard plain)" = 1 ]; }
soon "what it makes by hand arrives" told_plain
is "$(heard tagged)" 0 "but with a tag, which would be another VLAN of the card"
not "it has no way to the card itself" inside 101 ip link show nic0
vzctl set 101 --ifname eth1 --ipadd 198.51.100.1/24 --save > /dev/null

ip link set nic0 down
ok "a card that is down does not keep a VPS from starting" vzctl restart 102
ip link set nic0 up
soon "when it is up again the VPS is reached" nsenter -t $lan -n ping -c 1 -W 1 198.51.100.2
before=$(init_pid 102)
in_ct 102 'kill -TERM 1' 2> /dev/null
again() { [ "$(init_pid 102)" != "$before" ] && in_lan ping -c 1 -W 0.3 198.51.100.2; }
soon "and after a reboot from inside" again
vzctl set 101 --rate '*:1:4000' --ratebound yes --save > /dev/null
within "$(between 101 102 udp 198.51.100.2 4000)" 4000 "RATE holds for what it sends by its card"
like "$(tc filter show dev veth101.1 egress)" 'Redirect to device vzi101' "what it receives waits, too"
ok "other mode, same rate" vzctl set 101 --ifname eth1 --macvlan_mode vepa --save
like "$(tc filter show dev macv101.1 egress)" 'Redirect to device vzo101' "what it sends waits as before"
vzctl set 101 --rate '*:1:0' --ifname eth1 --macvlan_mode bridge --save > /dev/null
is "$(tc filter show dev macv101.1 egress)$(devices)" "" "without RATE nothing does"
ok "it reaches the other" reaches 101 198.51.100.2
ok "no macvlan any more, but a bridge" vzctl set 102 --ifname eth1 --nettype bridge --bridge br0 --save
is "$(links '^macv')" "macv101.1 " "takes its macvlan away"
like "$(ip -o link show veth102.1)" 'master br0' "and it is a port"
is "$(tc filter show dev veth102.1 ingress | grep -c mirred)" 0 "that leads nowhere else"
ok "and back" vzctl set 102 --ifname eth1 --nettype macvlan --save
soon "it is reached there again" nsenter -t $lan -n ping -c 1 -W 1 198.51.100.2
ok "a device of another name" vzctl set 102 --ifname eth1 --host_ifname wire102 --save
is "$(links '^macv' | wc -w) $(links wire102)" "2 wire102 " "has one macvlan"
code 104 "a VPS's macvlan cannot be handed over" vzctl set 102 --netdev_add macv101.1
vzctl stop 101 > /dev/null
is "$(links '^macv' | wc -w)" 1 "a stop takes it away"
ok "and so does netif_del, live" vzctl set 102 --netif_del eth1 --save
is "$(links 'macv|wire102')" "" "nothing is there"

# What is refused.
ip link add nic2 type veth peer name far2
ip link set nic2 master br0
refused 130 "'nope' .* not there" "a card that is not there" vzctl set 102 --netif_add eth5,,,,,type=macvlan,parent=nope --save
refused 130 "port of another" "one that is a port" vzctl set 102 --netif_add eth5,,,,,type=macvlan,parent=nic2 --save
refused 130 "VPS's own" "one of a VPS" vzctl set 102 --netif_add eth5,,,,,type=macvlan,parent=venet102 --save
refused 130 "needs parent" "none at all" vzctl set 102 --netif_add eth5,,,,,type=macvlan --save
ip link add macv102.5 type bridge
refused 130 "there already" "a name that is in use" vzctl set 102 --netif_add eth5,,,,,type=macvlan,parent=nic0 --save
ip link del macv102.5
unlike "$(value 102) $(links '102.5')" 'eth5|102.5' "nothing of it is stored, nor left"
ip link del nic2
for bad in parent=a/b mode=passthru type= nosuch=1 mode= vlan=0; do
	code 21 "netif_add with '$bad' is refused" vzctl set 102 --netif_add "eth5,,,,br0,$bad" --save
done
for bad in passthru BRIDGE $'bridge\nx' "$(printf '%5000s' x)"; do
	code 21 "--macvlan_mode '${bad:0:8}' is refused" vzctl set 102 --ifname eth0 --macvlan_mode "$bad" --save
done

# Whatever ends it.
started 101
is "$(links '^macv')" "macv101.1 " "a macvlan"
kill -9 "$(init_pid 101)"
soon "a killed VPS is cleared up" nothing_runs 101
is "$(links macv)" "" "with it"
started 101
kill -9 "$(monitor_pid 101)" "$(init_pid 101)"
patiently vzctl stop 101 --fast > /dev/null 2>&1
is "$(links macv)" "" "killed with its monitor: the next command does it"
if grep -q VZ_CRASH "$VZ_TEST_PREFIX/sbin/vzctl"; then
	for at in netif:note:after netif:macvlan:after netif:eth1:after; do
		crash $at "start is killed at $at" vzctl start 101
		patiently vzctl stop 101 --fast > /dev/null 2>&1
		is "$(links 'macv|veth101')" "" "the next command leaves nothing"
	done
	started 101
	for at in netif:drop:after netif:macvlan:after netif:make:after; do
		crash $at "set is killed at $at" vzctl set 101 --ifname eth1 --macvlan_mode private --save
		ok "the next change undoes it" patiently vzctl set 101 --description x --save
		like "$(ip -d link show macv101.1)" 'macvlan mode bridge' "it is what it was"
	done
	for at in netif:macvlan:gone stop:net:before; do
		crash $at "stop is killed at $at" vzctl stop 101 --fast
		patiently vzctl stop 101 --fast > /dev/null 2>&1
		is "$(links macv)" "" "nothing stays"
		started 101
	done
fi
vzctl stop 101 --fast > /dev/null 2>&1
vzctl stop 102 --fast > /dev/null 2>&1
ip link del br0
ip link del nic0
kill $lan
finish
