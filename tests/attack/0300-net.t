#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# requires: root
# Frames and addresses that are not its own: none arrives at the neighbour or on the wire.
# shellcheck source=tests/attack/common.sh
. "$(dirname "$0")/common.sh"
tenant 101
tenant 102

# Listen in the neighbour and at the far end of the uplink while the attack goes on.
listen() { # NAME: sets seen, the neighbour's count, and wire
	local fifo=$scratch/fifo
	rm -f "$fifo"
	mkfifo "$fifo"
	vzctl exec2 102 'attack listen venet0' < "$fifo" > "$scratch/in102" 2>&1 &
	local a=$!
	"$attack" listen up1 < "$fifo" > "$scratch/wire" 2>&1 &
	local b=$!
	exec 7> "$fifo"
	wait_for 5 grep -q listening "$scratch/in102"
	wait_for 5 grep -q listening "$scratch/wire"
	run vzctl exec2 101 "attack $1"
	sleep 0.3
	exec 7>&-
	wait $a $b
	seen=$(tail -n 1 "$scratch/in102") wire=$(tail -n 1 "$scratch/wire")
}

listen own-source
like "$seen" '^[1-9][0-9]* packets' "with its own address a packet arrives, so the listener is not deaf"
for name in foreign-source neighbour-source raw-socket-source rogue-dhcp arp-spoof router-advertisement; do
	listen "$name"
	like "$out" '^held: .*(frames sent|[a-z])' "$name was tried: ${out#held: }"
	is "$seen" "0 packets 0 arp 0 ra" "and nothing of it arrives at the neighbour (by: $(held_by "$name"))"
	is "$wire" "0 packets 0 arp 0 ra" "nor on the wire"
done

run vzctl exec2 101 'attack take-address'
is "$(vzctl exec2 102 'echo mine > /tmp/who; (while :; do nc -l -p 7777 < /tmp/who; done) > /dev/null 2>&1 & sleep 0.2; echo')" "" \
	"the neighbour listens"
vzctl exec2 101 'echo thief > /tmp/who; (while :; do nc -l -p 7777 < /tmp/who; done) > /dev/null 2>&1 &' > /dev/null 2>&1
is "$(timeout 5 bash -c 'cat < /dev/tcp/203.0.113.2/7777' 2> /dev/null)" mine \
	"who takes a neighbour's address does not get its connections"
kill_in_ct 101 nc
kill_in_ct 102 nc
in_ct 101 'ip link set venet0 address 02:00:00:00:00:99' > /dev/null 2>&1
in_ct 101 'ip link set venet0 down' > /dev/null 2>&1
ok "another hardware address, or a link that is down, harms nobody else" vzctl exec2 102 'ping -c 1 -W 2 192.0.2.1'
vzctl exec2 101 'ip route flush table all; ip rule flush' > /dev/null 2>&1
ok "nor do its routes" vzctl exec2 102 'ping -c 1 -W 2 192.0.2.1'
ok "stop takes it all away" vzctl stop 101 --fast
finish
