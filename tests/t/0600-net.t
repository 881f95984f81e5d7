#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# requires: root netns veth nft
# Node to VPS, VPS to node, VPS to VPS, both families; sources that are not one's own.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
begin "$@"
have 101 --ipadd 203.0.113.1 --ipadd 2001:db8::1
have 102 --ipadd 203.0.113.2 --ipadd 2001:db8::2
have 103
started 101
started 102
started 103

is "$(in_ct 101 'ls /sys/class/net' | sort | tr '\n' ' ')" "lo venet0 " "a VPS has lo and venet0"
ok "lo is up" vzctl exec2 101 'ping -c 1 -W 1 127.0.0.1'
ok "node to VPS, IPv4" ping -c 1 -W 2 203.0.113.1
ok "node to VPS, IPv6" ping -6 -c 1 -W 2 2001:db8::1
ok "VPS to node, IPv4" vzctl exec2 101 'ping -c 1 -W 2 192.0.2.1'
ok "VPS to node, IPv6" vzctl exec2 101 'ping -6 -c 1 -W 2 2001:db8:ffff::1'
ok "VPS to VPS, IPv4" vzctl exec2 101 'ping -c 1 -W 2 203.0.113.2'
ok "VPS to VPS, IPv6" vzctl exec2 101 'ping -6 -c 1 -W 2 2001:db8::2'
ok "and back" vzctl exec2 102 'ping -c 1 -W 2 203.0.113.1'
not "one without an address reaches nobody" vzctl exec2 103 'ping -c 1 -W 1 203.0.113.1'

# a service
printf 'hello from 101\n' | vzctl exec2 101 'nc -l -p 80 > /dev/null' &
served() { vzctl exec2 101 'netstat -ltn' | grep -q ':80 '; }
wait_for 5 served
kill $! 2> /dev/null
in_ct 101 'killall nc' > /dev/null 2>&1
in_ct 101 'mkdir -p /srv/www; echo page > /srv/www/index.html; httpd -p 80 -h /srv/www'
is "$(in_ct 102 'wget -q -O - http://203.0.113.1/')" page "a web page is read from another VPS"
is "$(exec 5<> /dev/tcp/203.0.113.1/80 && printf 'GET /index.html HTTP/1.0\r\n\r\n' >&5 && tail -n 1 <&5)" \
	page "and from the node"
is "$(in_ct 102 'cat /proc/net/nf_conntrack 2> /dev/null | grep -c 203.0.113.9')" 0 "nothing of others is seen"

# spoofing
before=$(in_ct 102 'cat /proc/net/snmp' | awk '/^Icmp: [0-9]/ { print $9 }')
in_ct 101 'ip addr add 203.0.113.77/32 dev venet0; ip addr add 2001:db8::77/128 dev venet0' ||
	note "it cannot give itself an address"
not "an address that a VPS gives itself does not work" vzctl exec2 101 'ping -c 1 -W 1 -I 203.0.113.77 203.0.113.2'
not "nor by IPv6" vzctl exec2 101 'ping -6 -c 1 -W 1 -I 2001:db8::77 2001:db8::2'
in_ct 101 'ip addr add 203.0.113.2/32 dev venet0'
not "that of another VPS does not either" vzctl exec2 101 'ping -c 1 -W 1 -I 203.0.113.2 192.0.2.1'
in_ct 101 'ip addr add 192.0.2.1/32 dev venet0'
in_ct 101 'ping -c 1 -W 1 -I 192.0.2.1 203.0.113.2' > /dev/null 2>&1
is "$(in_ct 102 'cat /proc/net/snmp' | awk '/^Icmp: [0-9]/ { print $9 }')" "$before" \
	"not one of these packets has reached the other VPS"
ok "the other one still has its address" ping -c 1 -W 2 203.0.113.2
is "$(ip route get 203.0.113.2 | grep -o 'dev [^ ]*')" "dev venet102" "the node knows where it is"
in_ct 101 'ip addr del 203.0.113.2/32 dev venet0; ip addr del 192.0.2.1/32 dev venet0'
ok "with its own address all is well" vzctl exec2 101 'ping -c 1 -W 2 203.0.113.2'

# another MAC, link down and up, a bridge: what root inside may do to its own
in_ct 101 'ip link set venet0 down; ip link set venet0 up; ip route replace default dev venet0'
ok "a guest may take its link down and up" vzctl exec2 101 'ping -c 1 -W 2 203.0.113.2'
in_ct 101 'ip link set venet0 address 02:00:00:00:00:01' > /dev/null 2>&1
run ping -c 1 -W 1 203.0.113.1
run vzctl restart 101
is "$rc" 0 "whatever it did to its link, a restart"
ok "puts it right" ping -c 1 -W 2 203.0.113.1
in_ct 101 'ip link del venet0' > /dev/null 2>&1
code 0 "a VPS that has deleted its link can be stopped" vzctl stop 101
is "$(ip route show 203.0.113.1)" "" "its route is gone"
started 101
ok "and is reached again when started" ping -c 1 -W 2 203.0.113.1

# who has what
refused 78 "203.0.113.1" "an address in use is 78" vzctl set 103 --ipadd 203.0.113.1 --save
vzctl stop 103 > /dev/null
vzctl set 103 --ipadd 203.0.113.1 --save > /dev/null 2>&1
run vzctl start 103
[ "$rc" != 0 ] || told
verdict $((rc == 0)) "a VPS whose address is in use does not start"
is "$(state 103)" "exist unmounted down" "and nothing is left of it"
ok "the one that has it keeps it" ping -c 1 -W 2 203.0.113.1
is "$(ip route get 203.0.113.1 | grep -o 'dev [^ ]*')" "dev venet101" "really"

# The name of a VPS's link when its ID is long.
have 2147483644 --ipadd 203.0.113.4
code 0 "the largest ID there is can be started" vzctl start 2147483644
ok "and reached" ping -c 1 -W 2 203.0.113.4
is "$(ip -o link show type veth | grep -c 'venet2147483644')" 1 "its link has its number"
finish
