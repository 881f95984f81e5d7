#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# requires: root netns veth ifb tbf python3
# RATE: both directions, TCP and UDP, live and off again, over a second link; nothing without it, nothing left.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
begin "$@"

# shellcheck source=tests/flow.sh
. "$here/flow.sh"
holds() { # out|in tcp|udp KBITS SENTENCE [NODE-ADDRESS VPS-ADDRESS]
	local got
	if [ "$1" = out ]; then
		got=$(between 101 0 "$2" "${5:-192.0.2.1}" "$3")
	else
		got=$(between 0 101 "$2" "${6:-203.0.113.1}" "$3")
	fi
	within "$got" "$3" "$4"
}

have 101 --ipadd 203.0.113.1
started 101
is "$(devices)" "" "without RATE there is no device for it"
[ "$(between 101 0 tcp 192.0.2.1 0)" -gt 200000 ]
verdict $? "and no limit"
ok "RATE is set live" vzctl set 101 --rate '*:1:20000' --ratebound yes --save
is "$(devices)" "vzi101 vzo101 " "one device for each direction"
holds out tcp 20000 "TCP from the VPS is held"
holds in tcp 20000 "TCP to the VPS is held"
holds out udp 20000 "a UDP flood from the VPS is held"
holds in udp 20000 "a UDP flood to the VPS is held"
in_ct 101 'tc qdisc del dev venet0 root; tc qdisc add dev venet0 root noqueue' > /dev/null 2>&1
holds out udp 20000 "root inside cannot change that"

# A second link is no second rate.
ip link add br0 type bridge
ip link set br0 addrgenmode none
ip link set br0 up
ip addr add 198.51.100.254/24 dev br0
ok "a bridged link is added" vzctl set 101 --netif_add eth0,,,,br0 --save
in_ct 101 'ip link set eth0 up; ip addr add 198.51.100.2/24 dev eth0'
holds out udp 20000 "it is held, too" 198.51.100.254 198.51.100.2
ok "the VPS starts with it" vzctl restart 101
is "$(devices)" "vzi101 vzo101 " "its devices are there"
holds in tcp 20000 "and hold"
ok "ping gets through" ping -c 1 -W 2 203.0.113.1
ok "another rate" vzctl set 101 --rate '*:1:10000' --save
holds out udp 10000 "holds at once"
ok "RATEBOUND off" vzctl set 101 --ratebound no --save
is "$(devices)" "" "without TOTALRATE there is no limit then"
vzctl stop 101 --fast > /dev/null
echo 'TOTALRATE="*:1:12000"' >> "$VZ_CONF"
started 101
holds out tcp 12000 "with TOTALRATE that is the most"
ok "off" vzctl set 101 --rate '*:1:0' --save
is "$(devices)" "" "takes the devices away"
ok "traffic flows" ping -c 1 -W 2 203.0.113.1
sed -i /TOTALRATE/d "$VZ_CONF"
for bad in 5000 '*:1' x:y:z '*:1:-5' '*:1:99999999999' '*:70000:5' 'a/b:1:5' '*:1:5m' $'*:1:5\n*:1:6 x'; do
	not "'${bad//$'\n'/ }' is no rate" vzctl set 101 --rate "$bad"
done
vzctl set 101 --rate '*:1:5000' --ratebound yes --save > /dev/null

# From one VPS to another: what the first may send and the second receive.
have 102 --ipadd 203.0.113.2
vzctl set 102 --rate '*:1:3000' --ratebound yes --save > /dev/null
started 102
within "$(between 101 102 tcp 203.0.113.2 3000)" 3000 "what another VPS may receive holds for its neighbour, too"
within "$(between 102 101 udp 203.0.113.1 3000)" 3000 "and what it may send"
kill -9 "$(monitor_pid 101)" "$(init_pid 101)"
patiently vzctl stop 101 > /dev/null 2>&1
is "$(devices)" "vzi102 vzo102 " "nothing is left of a VPS that was killed, and its neighbour keeps its own"
ip link del br0
finish
