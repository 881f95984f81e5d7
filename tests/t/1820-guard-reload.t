#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# requires: root netns veth nft bpf bridge
# Another program flushes all rules: what guards the links holds all the same, and the counters come back. Who takes
# away the guard itself is found out, and it is put back.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
begin "$@"

guarded() { tc filter show dev "$1" ingress | grep vz_guard > /dev/null; }
counted() { tc filter show dev "$1" egress | grep vz_n > /dev/null; }
dropped() { tc -s qdisc show dev "$1" clsact | sed -n 's/.*dropped \([0-9]*\),.*/\1/p'; }
lies() { # ID DEV SOURCE...: what it sends from there is dropped and counted, and nothing arrives at 102
	local id=$1 dev=$2 src was before
	for src in "${@:3}"; do
		before=$(arrived) was=$(dropped "$dev")
		in_ct "$id" "ping -c 3 -i 0.2 -W 1 -I $src $dst" > /dev/null 2>&1
		[ "$(arrived)" = "$before" ] && [ "$(dropped "$dev")" -ge $((was + 2)) ] ||
			{ echo "$src arrived: $before..$(arrived), dropped: $was..$(dropped "$dev")"; return 1; }
	done
}
arrived() { in_ct 102 'cat /proc/net/snmp' | awk '/^Icmp: [0-9]/ { print $9 }'; }

ip link add br0 type bridge
ip link set br0 addrgenmode none up
ip addr add 198.51.100.254/24 dev br0
echo 1 > /proc/sys/net/ipv4/conf/br0/forwarding
have 101 --ipadd 203.0.113.1
have 102 --ipadd 203.0.113.2
have 103
vzctl set 103 --netif_add eth0,,,,br0 --save > /dev/null
vzctl set 103 --ifname eth0 --ipadd 198.51.100.3/24 --gw 198.51.100.254 --save > /dev/null
started 101
started 102
started 103
# The kernel's own check of sources would hide what the guard does.
for c in all br0 venet101; do
	echo 0 > "/proc/sys/net/ipv4/conf/$c/rp_filter"
done
dst=203.0.113.2
in_ct 101 'ip addr add 203.0.113.66/32 dev venet0; ip addr add 192.0.2.9/32 dev venet0'
in_ct 103 'ip addr add 198.51.100.66/24 dev eth0'
ok "a routed link is guarded" guarded venet101
ok "a bridged one, too" guarded veth103.0
is "$(nft list tables | grep -c 'mainvz$')" 0 "by no rule that others could flush"
ok "the routed one reaches its neighbour" vzctl exec2 101 "ping -c 1 -W 2 $dst"
soon "the bridged one as well" vzctl exec2 103 "ping -c 1 -W 2 $dst"
ok "foreign sources do not get out of the first" lies 101 venet101 203.0.113.66 192.0.2.9
ok "nor out of the second" lies 103 veth103.0 198.51.100.66
nft flush ruleset
ok "after a flush of all rules the same holds for the routed link, without a command" \
	lies 101 venet101 203.0.113.66 192.0.2.9
ok "and for the bridged one" lies 103 veth103.0 198.51.100.66
ok "its own address passes" vzctl exec2 101 "ping -c 1 -W 2 $dst"

# Addresses that come and go.
ok "an address is added" vzctl set 101 --ipadd 203.0.113.66 --save
ok "and passes at once" vzctl exec2 101 "ping -c 1 -W 2 -I 203.0.113.66 $dst"
ok "one that is not stored" vzctl set 101 --ipadd 192.0.2.9
ok "passes as well" vzctl exec2 101 "ping -c 1 -W 2 -I 192.0.2.9 $dst"
ok "the stored one goes" vzctl set 101 --ipdel 203.0.113.66 --save
in_ct 101 'ip addr add 203.0.113.66/32 dev venet0'
ok "and is foreign again" lies 101 venet101 203.0.113.66
ok "the other one is not" vzctl exec2 101 "ping -c 1 -W 2 -I 192.0.2.9 $dst"
ok "all go" vzctl set 101 --ipdel all --save
in_ct 101 'ip addr add 203.0.113.1/32 dev venet0; ip route replace default dev venet0'
ok "then nothing gets out" lies 101 venet101 203.0.113.1 203.0.113.66
ok "the first one is back" vzctl set 101 --ipadd 203.0.113.1 --save
ok "and passes" vzctl exec2 101 "ping -c 1 -W 2 $dst"

# Who takes the guard itself away.
torn() { # takes away, and asks the check
	tc qdisc del dev venet101 clsact
	tc filter del dev veth103.0 ingress prio 1
	! guarded venet101 && ! guarded veth103.0
}
ok "somebody takes the guards away" torn
run vzcheck -j
is "$(jq -r '.[] | select(.name == "net.wall") | .level + " " + .found' <<< "$out")" "warn missing at VPS 101, 103" \
	"vzcheck says so"
ok "vznetstat" vznetstat
ok "puts the routed one back" guarded venet101
ok "and the bridged one" guarded veth103.0
ok "and what counts" counted venet101
ok "they hold" lies 101 venet101 203.0.113.66
ok "both" lies 103 veth103.0 198.51.100.66
run vzcheck -j
is "$(jq -r '.[] | select(.name == "net.wall") | .level' <<< "$out")" ok "and vzcheck is content"
torn
ok "adding an address" vzctl set 101 --ipadd 203.0.113.9 --save
ok "puts one back, too" guarded venet101
ok "a rate" vzctl set 103 --rate '*:1:1000' --save
ok "the other" guarded veth103.0
torn
ok "and a VPS that starts" vzctl restart 101
ok "has its own" guarded venet101

# What an earlier version had.
nft add table inet mainvz
nft 'add chain inet mainvz guard { type filter hook prerouting priority -310; }'
nft add table inet others
nft 'add chain inet others c { type filter hook forward priority 0; }'
ok "rules of an earlier version" vznetstat
is "$(nft list tables | grep -c 'mainvz$')" 0 "go away"
ok "what others have is left alone" nft list chain inet others c
nft flush ruleset
for id in 101 102 103; do
	vzctl stop $id --fast > /dev/null
done
ip link del br0
finish
