#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# requires: root netns veth bridge bpf
# Bridged links: what is made up, who talks to whom, what the guard drops, live changes, what a kill leaves.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
begin "$@"

ip link add br0 type bridge
ip link set br0 addrgenmode none
ip link set br0 up
ip addr add 198.51.100.254/24 dev br0
ip link add br1 type bridge
ip link set br1 up
ip link add br9 type veth peer name br9p

netif() { # ID -> the stored value
	sed -n 's/^NETIF="\(.*\)"/\1/p' "$node/conf/$1.conf"
}
field() { # ID KEY
	netif "$1" | tr ',;' '\n\n' | sed -n "s/^$2=//p"
}
master() { # DEV -> its bridge
	ip -o link show dev "$1" 2> /dev/null | sed -n 's/.* master \([^ ]*\) .*/\1/p'
}
mac_of() { # DEV. /sys is that of another network namespace
	ip -o link show dev "$1" | sed 's/.*link.ether \([^ ]*\) .*/\1/'
}
links() { # ERE -> names
	ip -o link | sed 's/^[0-9]*: \([^:@]*\).*/\1/' | grep -E "$1" | sort | tr '\n' ' '
}
inside() { # ID IP: give eth0 an address as a guest does
	in_ct "$1" "ip link set eth0 up; ip addr add $2/24 dev eth0"
}
heard() { # FILTER-WORD: frames counted by the bridge's watch
	nft list chain bridge watch in | sed -n "s/.*counter packets \([0-9]*\) .*\"$1\".*/\1/p"
}

have 101
have 102
ok "a pair is added to a stopped VPS" vzctl set 101 --netif_add eth0,,,,br0 --save
like "$(netif 101)" '^ifname=eth0,bridge=br0,mac=00:18:51:[0-9A-F:]{8},host_ifname=veth101.0,host_mac=00:18:51:[0-9A-F:]{8}$' \
	"what was left open is made up and spelled out"
first=$(netif 101)
vzctl set 101 --netif_del eth0 --save > /dev/null
vzctl set 101 --netif_add eth0,,,,br0 --save > /dev/null
is "$(netif 101)" "$first" "the same again, not something new"
isnt() { [ "$1" != "$2" ]; verdict $? "$3"; }
isnt "$(field 101 mac)" "$(field 101 host_mac)" "the two ends have different MACs"
vzctl set 102 --netif_add eth0,00:18:51:aa:bb:02,h102,00:18:51:aa:bb:03,br0 --save > /dev/null
started 101
started 102
is "$(in_ct 101 'cat /sys/class/net/eth0/address')" "$(field 101 mac | tr A-F a-f)" "the VPS sees eth0 with its MAC"
is "$(mac_of veth101.0)" "$(field 101 host_mac | tr A-F a-f)" "the outer end has its own"
is "$(master veth101.0)" br0 "the outer end is a port of the bridge"
is "$(master h102)" br0 "and so is one with a name of the administrator's"
inside 101 198.51.100.1
inside 102 198.51.100.2
ok "VPS to VPS over the bridge" vzctl exec2 101 'ping -c 1 -W 2 198.51.100.2'
ok "VPS to node" vzctl exec2 101 'ping -c 1 -W 2 198.51.100.254'
ok "node to VPS" ping -c 1 -W 2 198.51.100.2

# The guard of MACs.
nft add table bridge watch
nft 'add chain bridge watch in { type filter hook prerouting priority -300; }'
nft 'add rule bridge watch in ether saddr 02:00:00:00:00:66 counter comment "foreign"'
in_ct 101 'ip link set eth0 down; ip link set eth0 address 02:00:00:00:00:66; ip link set eth0 up'
not "a VPS that changes its MAC reaches nobody" vzctl exec2 101 'ping -c 2 -i 0.2 -W 1 198.51.100.2'
is "$(heard foreign)" 0 "no frame of it gets to the bridge"
ok "mac_filter is switched off live" vzctl set 101 --ifname eth0 --mac_filter off --save
is "$(in_ct 101 'cat /sys/class/net/eth0/address')" "$(field 101 mac | tr A-F a-f)" "the configured MAC is back after set"
in_ct 101 'ip link set eth0 address 02:00:00:00:00:66'
ok "then a foreign MAC passes" vzctl exec2 101 'ping -c 1 -W 2 198.51.100.2'
[ "$(heard foreign)" -gt 0 ]
verdict $? "and the bridge sees it"
ok "and on again" vzctl set 101 --ifname eth0 --mac_filter on --save
ok "with its own MAC it is heard" vzctl exec2 101 'ping -c 1 -W 2 198.51.100.2'

# Live changes.
ok "mac, host_mac and host_ifname change live" vzctl set 101 --ifname eth0 --mac 00:18:51:00:00:11 \
	--host_mac 00:18:51:00:00:12 --host_ifname wire101 --save
is "$(in_ct 101 'cat /sys/class/net/eth0/address')" 00:18:51:00:00:11 "the new MAC is inside"
is "$(mac_of wire101)" 00:18:51:00:00:12 "the outer end has its new name and MAC"
is "$(links 'veth101')" "" "and not its old name"
ok "still connected" vzctl exec2 101 'ping -c 1 -W 2 198.51.100.2'
ok "another bridge" vzctl set 101 --ifname eth0 --bridge br1 --save
is "$(master wire101)" br1 "it has moved"
not "and the old one is out of reach" vzctl exec2 101 'ping -c 1 -W 1 198.51.100.2'
ok "two more pairs live" vzctl set 101 --netif_add eth1,,,,br0 --netif_add lan7 --save
is "$(in_ct 101 'ls /sys/class/net' | sort | tr '\n' ' ')" "eth0 eth1 lan7 lo venet0 " "they are inside"
is "$(master veth101.1)" br0 "eth1 on its bridge"
is "$(master veth101.0)" "" "one without a bridge on none"
ok "one goes" vzctl set 101 --netif_del lan7 --save
is "$(links 'veth101')" "veth101.1 " "really"
ok "a change that is not stored" vzctl set 101 --netif_add eth5
unlike "$(netif 101)" eth5 "is not"
is "$(links veth101.5)" 'veth101.5 ' "but it is there"
ok "and is taken away" vzctl set 101 --netif_del eth5
is "$(links veth101.5)" "" "really"

# What is refused.
refused 130 "bridge 'nope'.*not there" "a bridge that is not there" vzctl set 102 --netif_add eth3,,,,nope --save
unlike "$(netif 102)" eth3 "and nothing is stored"
unlike "$(ip -o link)" veth102.3 "nor left"
refused 130 "no bridge" "a device that is none" vzctl set 102 --netif_add eth3,,,,br9 --save
refused 130 "there already" "an outer name that is in use" vzctl set 102 --netif_add eth3,,up0 --save
refused 21 "no network device 'eth9'" "a device that is not there" vzctl set 102 --ifname eth9 --bridge br0 --save
refused 20 ifname "mac without ifname" vzctl set 102 --mac 00:18:51:00:00:22 --save
for bad in '' ',' 'eth0/1' 'eth3,1:2:3' 'eth3,01:00:00:00:00:01' 'a234567890123456' $'eth3\neth4' 'eth3,,,,br0,x'; do
	code 21 "netif_add '${bad//$'\n'/\\n}' is refused" vzctl set 102 --netif_add "$bad" --save
done

# Addresses from outside, and the guard of addresses.
vzctl stop 102 --fast > /dev/null
ok "an address of a device" vzctl set 102 --ifname eth0 --ipadd 198.51.100.20/24 --ipadd 2001:db8:5::20/64 \
	--gw 198.51.100.254 --save
like "$(netif 102)" 'gw=198.51.100.254' "the gateway is stored"
like "$(netif 102)" 'ip=198.51.100.20/24,ip=2001:db8:5::20/64' "the addresses, too"
unlike "$(grep IP_ADDRESS "$node/conf/102.conf")" 198 "and they are not venet0's"
started 102
like "$(in_ct 102 'ip addr show dev eth0')" '198.51.100.20/24' "the VPS has the address"
like "$(in_ct 102 'ip route')" 'default via 198.51.100.254 dev eth0' "and the gateway"
ok "and is reached by it" ping -c 1 -W 2 198.51.100.20
ok "by IPv6, too" vzctl exec2 102 'ip addr show dev eth0 | grep -q 2001:db8:5::20'
in_ct 102 'ip addr add 198.51.100.77/24 dev eth0'
not "an address that it took by itself does not answer" ping -c 1 -W 1 198.51.100.77
not "nor can it send from it" vzctl exec2 102 'ping -c 1 -W 1 -I 198.51.100.77 198.51.100.254'
ip addr add 2001:db8:5::fe/64 dev br0 nodad
ok "IPv6 of its own passes" ping -6 -c 1 -W 2 2001:db8:5::20
in_ct 102 'ip addr add 2001:db8:5::77/64 dev eth0'
not "foreign IPv6 does not" ping -6 -c 1 -W 1 2001:db8:5::77
ok "the address goes live" vzctl set 102 --ifname eth0 --ipdel 198.51.100.20 --ipadd 198.51.100.21/24 --save
unlike "$(in_ct 102 'ip addr show dev eth0')" '198.51.100.20/' "it is gone inside"
ok "the new one is there" ping -c 1 -W 2 198.51.100.21

# A gateway without an address that goes with it. The kernel would refuse it, and the start with it.
code 0 "an IPv6 gateway without an IPv6 address is stored" vzctl set 102 --ifname eth0 --ipdel 2001:db8:5::20 \
	--gw6 2001:db8:5::fe --save
like "$out$err" "gateway of 'eth0' is ignored" "and told to count for nothing"
vzctl stop 102 --fast > /dev/null
code 0 "the VPS starts all the same" vzctl start 102
like "$out$err" "gateway of 'eth0' is ignored" "and that is told again"
like "$(in_ct 102 'ip route')" 'default via 198.51.100.254' "the other gateway is there"
code 0 "a link-local one needs no address" vzctl set 102 --ifname eth0 --gw6 fe80::99 --save
unlike "$out$err" ignored "and counts"
like "$(in_ct 102 'ip -6 route')" 'default via fe80::99 dev eth0' "it is there"

# A reboot from inside and a killed VPS.
old=$(init_pid 101)
in_ct 101 'kill -TERM 1' 2> /dev/null
soon "a reboot from inside brings another init" another_init 101 "$old"
ok "the links are there" in_ct 101 'test -e /sys/class/net/eth1'
kill -9 "$(init_pid 101)"
soon "a killed VPS is cleared up" nothing_runs 101
unlike "$(ip -o link)" 'wire101|veth101' "with its links"

if grep -q VZ_CRASH "$VZ_TEST_PREFIX/sbin/vzctl"; then
	for at in netif:note:after netif:eth0:after netif:make:after start:net:after; do
		crash $at "start is killed at $at" vzctl start 101
		patiently vzctl status 101 > /dev/null
		ok "the next command settles it" patiently vzctl stop 101 --fast
		nothing_runs 101 > /dev/null && [ -z "$(ip -o link | grep -E 'wire101|veth101')" ]
		verdict $? "and nothing is left"
	done
	started 101
	for at in netif:note:after netif:drop:after netif:make:after set:group:after; do
		crash $at "set is killed at $at" vzctl set 101 --netif_add eth2,,,,br0 --ifname eth0 --host_ifname other101 --netif_del eth1 --save
		ok "the next command undoes it" patiently vzctl exec2 101 true
		is "$(in_ct 101 'ls /sys/class/net' | sort | tr '\n' ' ')" "eth0 eth1 lo venet0 " "inside is what was"
		is "$(links '101|veth')" "venet101 veth101.1 wire101 " "and outside"
	done
fi
vzctl stop 101 --fast > /dev/null
vzctl stop 102 --fast > /dev/null
nft delete table bridge watch
ip link del br9
ip link del br0
ip link del br1
finish
