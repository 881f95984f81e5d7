#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# requires: root netns veth bridge macvlan bpf
# What came up again after it had gone: bridges, cards, uplinks. Noticed and mended, or said.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
begin "$@"

unshare --net -- sleep 1000 &
lan=$!
in_lan() { nsenter -t $lan -n "$@"; }
has_own_net() { [ "$(readlink /proc/$lan/ns/net)" != "$(readlink /proc/self/ns/net)" ]; }
wait_for 5 has_own_net
ip link set up1 netns $lan
in_lan ip link set up1 up
in_lan ip addr add 192.0.2.2/24 dev up1
# A second wire, which NEIGHBOUR_DEVS does not name.
ip link add other0 type veth peer name other1
ip link set other1 netns $lan
ip link set other0 addrgenmode none up
in_lan ip link set other1 addrgenmode none up
in_lan nft -f - << END
table netdev watch {
	chain a {
		type filter hook ingress device up1 priority 0
		ether type arp arp saddr ip 192.0.2.101 counter comment "up1"
	}
	chain b {
		type filter hook ingress device other1 priority 0
		ether type arp counter comment "other1"
	}
}
END
echo 1 > /proc/sys/net/ipv6/conf/up0/keep_addr_on_down
residue_before
heard() { # DEVICE: announcements that came there
	in_lan nft list table netdev watch | sed -n "s/.*counter packets \([0-9]*\) .*\"$1\".*/\1/p"
}
# Some kernels have no VLANs.
filtering='vlan_filtering 1' vlan=,vlan=7
bridge_new() {
	ip link add br0 type bridge $filtering 2> /dev/null || { filtering='' vlan='' && ip link add br0 type bridge; }
	ip link set br0 addrgenmode none up
}
card_new() {
	ip link add nic0 type veth peer name far0
	ip link set nic0 addrgenmode none up
	ip link set far0 addrgenmode none up
	ip addr add 198.51.100.254/24 dev far0
}
master() { ip -o link show dev "$1" 2> /dev/null | sed -n 's/.* master \([^ ]*\) .*/\1/p'; }
inside() { nsenter -t "$(init_pid "$1")" -n "${@:2}"; }
links_row() { vzcheck -j | jq -r '.[] | select(.name == "net.links") | .level + " " + .found'; }
bridge_new
card_new

have 101 --ipadd 192.0.2.101
have 102
vzctl set 101 --netif_add eth0,,,,br0$vlan --ifname eth0 --ipadd 10.9.0.1/24 --save > /dev/null
vzctl set 101 --netif_add eth1,,,,,type=macvlan,parent=nic0 --ifname eth1 --ipadd 198.51.100.1/24 --save > /dev/null
vzctl set 102 --netif_add eth0,,,,br0$vlan --ifname eth0 --ipadd 10.9.0.2/24 --save > /dev/null
started 101
started 102
ok "two VPSs on a bridge" inside 101 ping -c 1 -W 2 10.9.0.2
is "$(links_row)" "ok there" "vzcheck is content"

# The bridge.
ip link del br0
is "$(links_row)" "warn not there: 'br0' of VPS 101, 'br0' of VPS 102" "a bridge that was deleted is named by vzcheck"
ok "vznetstat has nothing against it" vznetstat
ok "other devices can be changed meanwhile" vzctl set 101 --netif_add eth5 --save
ok "and taken away" vzctl set 101 --netif_del eth5 --save
bridge_new
is "$(master veth101.0)" "" "made again it has no ports"
ok "vzifup-post" vzifup-post br0
is "$(master veth101.0) $(master veth102.0)" "br0 br0" "puts them back"
[ -z "$vlan" ] || is "$(bridge -j vlan show dev veth101.0 | jq -c '.[].vlans | map(.vlan)')" "[7]" "with their VLAN"
ok "they reach each other again" inside 101 ping -c 1 -W 2 10.9.0.2
in_ct 102 'ip link set eth0 down; ip link set eth0 address 02:00:00:00:00:66; ip link set eth0 up'
not "behind their guards" inside 102 ping -c 1 -W 1 10.9.0.1
is "$(links_row)" "ok there" "vzcheck is content"
ip link del br0
bridge_new
ok "vznetstat, which a timer runs," vznetstat
is "$(master veth101.0) $(master veth102.0)" "br0 br0" "puts them back, too"
ip link add br1 type bridge
ip link set veth102.0 master br1
ok "a port that somebody has put elsewhere" vzifup-post br0
is "$(master veth102.0)" br1 "stays there"
ip link del br1
vzifup-post br0

# A card with a macvlan.
ok "the world by its card" ping -c 1 -W 2 198.51.100.1
ip link del nic0
is "$(ip -o link show macv101.1 2> /dev/null)" "" "a card that goes takes its macvlan with it"
like "$(links_row)" "'nic0' of VPS 101" "vzcheck names it"
card_new
ok "it comes back" env DEV=nic0 vzifup-post
soon "and the VPS is reached by it" ping -c 1 -W 1 198.51.100.1

# The uplink.
like "$(ip neigh show proxy)" '192\.0\.2\.101 dev up0' "the node answers for an address"
ip link set up0 down
ip neigh flush proxy dev up0 2> /dev/null
ip neigh del proxy 192.0.2.101 dev up0 2> /dev/null
ip route del 192.0.2.101 2> /dev/null
ip link set up0 up
ip addr add fe80::1/64 dev up0 nodad # keep_addr_on_down does not mean these
before=$(heard up1)
is "$(vzifup-post -v up0)" 2 "the uplink was down: all VPSs are done"
like "$(ip neigh show proxy)" '192\.0\.2\.101 dev up0' "the node answers again"
like "$(ip route get 192.0.2.101)" 'dev venet101' "the route is there"
told_up1() { [ "$(heard up1)" -gt "$before" ]; }
soon "the address was announced" told_up1
ok "and the world reaches the VPS" nsenter -t $lan -n ping -c 1 -W 2 192.0.2.101
before=$(heard up1)
ok "a device that NEIGHBOUR_DEVS does not name" vzifup-post other0
is "$(heard other1) $(heard up1)" "0 $before" "hears nothing, nor do the others because of it"
unlike "$(ip neigh show proxy)" other0 "and nothing is answered there"

# What brings devices up runs it.
hook=$VZ_TEST_PREFIX/lib/networkd-dispatcher/routable.d/50-vzctl
for dir in lib/networkd-dispatcher/routable.d/50-vzctl lib/NetworkManager/dispatcher.d/50-vzctl; do
	ok "$dir is installed" test -x "$VZ_TEST_PREFIX/$dir"
done
gone_and_back() { ip neigh del proxy 192.0.2.101 dev up0; "$@"; ip neigh show proxy; }
like "$(gone_and_back env -i IFACE=up0 VZ_CONF="$VZ_CONF" "$hook")" "192.0.2.101 dev up0" "by IFACE, as ifupdown and networkd-dispatcher have it"
like "$(gone_and_back env -i VZ_CONF="$VZ_CONF" "$hook" up0 up)" "192.0.2.101 dev up0" "by arguments, as NetworkManager has it"
is "$(gone_and_back env -i VZ_CONF="$VZ_CONF" "$hook" up0 down)" "" "a device that goes down is no reason"
ok "nor one that is not there a failure" env -i IFACE=nosuch0 VZ_CONF="$VZ_CONF" "$hook"
ok "nor all at once" env -i IFACE=--all VZ_CONF="$VZ_CONF" "$hook"

# Who is at work on a VPS does it all by itself.
ip link del br0
bridge_new
script=$node/conf/101.mount
printf '#!/bin/sh\nsleep 1\n' > "$script"
vzctl stop 101 --fast > /dev/null
chmod +x "$script"
vzctl start 101 > /dev/null &
job=$!
sleep 0.3
is "$(vzifup-post -v br0)" 1 "a VPS that a command works on is left to it"
wait $job
is "$(master veth101.0) $(master veth102.0)" "br0 br0" "both are connected"

code 1 "no device" env -u DEV -u IFACE vzifup-post
code 1 "two devices" vzifup-post up0 up0
for bad in '' nope a/b ../up0 $'up0\nx' "$(printf '%300s' x)"; do
	not "'${bad:0:12}' is no device" vzifup-post "$bad"
done
vzctl stop 101 --fast > /dev/null
vzctl stop 102 --fast > /dev/null
rm "$script"
ip link del br0
ip link del nic0
finish
