#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# requires: root netns veth bridge macvlan criu
# A bridged VPS is suspended and comes back with its links as they were.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
begin "$@"
slow=$((slow * 4))

# Some kernels have no VLANs.
vlan=,vlan=100
ip link add br0 type bridge vlan_filtering 1 2> /dev/null || { vlan='' && ip link add br0 type bridge; }
ip link set br0 addrgenmode none
ip link set br0 up
ip addr add 198.51.100.254/24 dev br0
have 101 --ipadd 203.0.113.1
mkdir "$node/firewall"
echo 'IN ACCEPT -p icmp' > "$node/firewall/ping.fw"
vzctl set 101 --netif_add eth0,,,,br0 --netif_add eth1 --firewall ping --save > /dev/null
# A device in another VLAN of the bridge, and one on a card.
ip link add nic0 type veth peer name far0
ip link set nic0 addrgenmode none up
ip link set far0 addrgenmode none up
vzctl set 101 --netif_add eth3,,,,br0$vlan --netif_add eth4,,,,,type=macvlan,parent=nic0$vlan --save > /dev/null
far=far0
[ -z "$vlan" ] || { far=far0.100 && ip link add link far0 name $far type vlan id 100 && ip link set $far addrgenmode none up; }
ip addr add 198.18.5.254/24 dev $far
booted 101
in_ct 101 'ip link set eth0 up; ip addr add 198.51.100.1/24 dev eth0; ip link set eth4 up; ip addr add 198.18.5.1/24 dev eth4'
mac=$(in_ct 101 'cat /sys/class/net/eth0/address')
ok "connected" ping -c 1 -W 2 198.51.100.1
ok "suspend" vzctl suspend 101
unlike "$(ip -o link)" 'veth101|macv101|nic0[.]' "its links are gone"
ok "resume" vzctl resume 101
for dev in venet101 veth101.0; do
	is "$({ tc filter show dev $dev ingress; tc filter show dev $dev egress; } |
		sed -n 's/.* \(vz_[a-z]*\)_*[0-9a-f]* direct-action.*/\1/p' | grep -v "^vz_n" | sort | tr '\n' ' ')" \
		"vz_fw vz_fw vz_guard " "$dev has its guard and its firewall"
done
is "$(in_ct 101 'ls /sys/class/net' | sort | tr '\n' ' ')" "eth0 eth1 eth3 eth4 lo venet0 " "the links are inside"
is "$(in_ct 101 'cat /sys/class/net/eth0/address')" "$mac" "with the same MAC"
like "$(in_ct 101 'ip addr show dev eth0')" '198.51.100.1/24' "and the address that it gave itself"
soon "connected again" ping -c 1 -W 2 198.51.100.1
ok "by venet, too" ping -c 1 -W 2 203.0.113.1
ok "and by its macvlan" ping -c 1 -W 2 198.18.5.1
[ -z "$vlan" ] || is "$(bridge -j vlan show dev veth101.3 | jq -c '.[].vlans | map(.vlan)')" "[100]" "a port is in its VLAN again"
in_ct 101 'ip link set eth0 down; ip link set eth0 address 02:00:00:00:00:66; ip link set eth0 up'
not "the guard is there again" ping -c 1 -W 1 198.51.100.1
vzctl set 101 --ifname eth0 --mac_filter on --host_mac 00:18:51:00:00:12 --save > /dev/null
ok "suspend once more" vzctl suspend 101
ok "a pair is added meanwhile" vzctl set 101 --netif_add eth2,,,,br0 --save
ok "and resume" vzctl resume 101
is "$(in_ct 101 'ls /sys/class/net' | sort | tr '\n' ' ')" "eth0 eth1 eth2 eth3 eth4 lo venet0 " "the new one is there, too"
unlike "$(ip -o link)" 'vzr' "nothing waits outside"
vzctl stop 101 --fast > /dev/null
rm -r "$node/firewall"
ip link del br0
ip link del nic0
finish
