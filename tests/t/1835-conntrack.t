#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# requires: root netns veth nft python3
# A VPS that opens thousands of flows: with its own table it fills its own, and the node's it does not get into when
# VE_CONNTRACK says so; then its neighbours and the node open connections as before.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
begin "$@"

count() { cat /proc/sys/net/netfilter/nf_conntrack_count 2> /dev/null || echo 0; }
count_in() { # ID
	nsenter -t "$(init_pid "$1")" -n cat /proc/sys/net/netfilter/nf_conntrack_count
}
flood='import socket, sys
s = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for i in range(4)]
for port in range(1024, 6024):
	for k in s:
		try:
			k.sendto(b"x", (sys.argv[1], port))
		except OSError:
			pass'
floods() { # ID ADDRESS: 20000 flows
	nsenter -t "$(init_pid "$1")" -n python3 -c "$flood" "$2"
}
tracks() { # as a firewall of the node, or docker, does
	nft -f - <<- 'END'
		table inet others {
			chain f { type filter hook forward priority 0; policy accept; ct state established accept; }
		}
	END
}
opens() { timeout $((2 * slow)) bash -c "exec 5<> /dev/tcp/$1/80"; }
set_node() { sed -i '/^VE_CONNTRACK/d' "$node/vz.conf"; echo "VE_CONNTRACK=\"$1\"" >> "$node/vz.conf"; }

have 101 --ipadd 203.0.113.1 --ipadd 10.9.9.1
have 102 --ipadd 203.0.113.2
[ -e /proc/sys/net/netfilter/nf_conntrack_max ] || nft add table inet others
started 101
started 102
in_ct 102 'httpd -p 80 -h /root'

# Its own table.
nsenter -t "$(init_pid 101)" -n nft -f - <<- 'END'
	table inet own {
		chain o { type filter hook output priority 0; ct state established accept; }
	}
END
ok "a VPS that tracks opens 20000 flows" floods 101 127.0.0.1
[ "$(count_in 101)" -ge 15000 ]
verdict $? "they are in its own table ($(count_in 101))"
is "$(count)" 0 "none is in the node's"
max=$(cat /proc/sys/net/netfilter/nf_conntrack_max)
in_ct 101 'echo 9 > /proc/sys/net/netfilter/nf_conntrack_max' > /dev/null 2>&1
is "$(cat /proc/sys/net/netfilter/nf_conntrack_max)" "$max" "it does not set how many there may be"
nsenter -t "$(init_pid 101)" -n nft flush ruleset

# The node's.
tracks
ok "on a node that tracks" floods 101 203.0.113.2
[ "$(count)" -ge 15000 ]
verdict $? "the same flows are in its table, so the test is not blind ($(count))"
run vzcheck -j
is "$(jq -r '.[] | select(.name == "net.conntrack") | .level' <<< "$out")" warn "vzcheck warns of it"
set_node no
ok "VE_CONNTRACK=no" vznetstat
run vzcheck -j
is "$(jq -r '.[] | select(.name == "net.conntrack") | .level' <<< "$out")" ok "vzcheck is content"
nft -f - <<< 'delete table inet others'
grew() { # what the flood adds to the node's table
	local before
	before=$(count)
	floods "$@"
	grown=$(($(count) - before))
}
tracks
ok "the same again" grew 101 203.0.113.2
[ "$grown" -lt 1000 ]
verdict $? "they are not in the node's table any more ($grown)"
ok "the neighbour is reached by the node" opens 203.0.113.2
ok "and by another VPS" timeout $((2 * slow)) nsenter -t "$(init_pid 101)" -n bash -c 'exec 5<> /dev/tcp/203.0.113.2/80'
ok "it reaches the node" vzctl exec2 102 'ping -c 1 -W 2 192.0.2.1'
nft flush ruleset
tracks
ok "after a flush" vznetstat
ok "it is there again" nft list chain inet mainvz_conntrack no
set_node private
ok "private" vznetstat
ok "keeps out what needs no translation" grew 101 203.0.113.2
[ "$grown" -lt 1000 ]
verdict $? "really ($grown)"
own='import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("10.9.9.1", 0))
for port in range(1024, 2024):
	try:
		s.sendto(b"x", ("203.0.113.2", port))
	except OSError:
		pass'
before=$(count)
nsenter -t "$(init_pid 101)" -n python3 -c "$own"
[ $(($(count) - before)) -ge 500 ]
verdict $? "and tracks a private address ($(($(count) - before)))"
set_node yes
ok "yes" vznetstat
not "takes it away" nft list table inet mainvz_conntrack
set_node no
ok "a start alone" vzctl restart 102
ok "puts it there, too" nft list chain inet mainvz_conntrack no
nft flush ruleset
vzctl stop 101 --fast > /dev/null
vzctl stop 102 --fast > /dev/null
finish
