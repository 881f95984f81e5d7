#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# requires: root netns veth ifb htb cls_bpf python3
# RATE by classes of networks, and as a guarantee below a total that VPSs share.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
begin "$@"
# shellcheck source=tests/flow.sh
. "$here/flow.sh"

# The node as two networks.
ip addr add 198.51.100.1/32 dev up0
ip addr add 2001:db8:fffe::1/128 dev up0 nodad
cat > "$node/networks_classes" <<- END
	1 0.0.0.0/0
	1 ::/0
	2 192.0.2.0/24
END
far=198.51.100.1 near=192.0.2.1

have 101 --ipadd 203.0.113.1 --ipadd 2001:db8::1
ok "a rate for each of two classes" vzctl set 101 --rate '*:1:4000 eth0:2:9000' --ratebound yes --save
started 101
is "$(devices)" "vzi101 vzo101 " "has one device for each direction"
within "$(between 101 0 tcp $far 4000)" 4000 "what is sent to the first class is held"
within "$(between 101 0 tcp $near 9000)" 9000 "and to the second"
within "$(between 0 101 udp 203.0.113.1 4000 $far)" 4000 "what comes from the first"
within "$(between 0 101 tcp 203.0.113.1 9000 $near)" 9000 "and from the second"
in_ct 101 'ping -6 -q -c 1 -W 2 2001:db8:fffe::1' > /dev/null
verdict $? "IPv6 gets through"
ok "one class without a rate" vzctl set 101 --rate '*:1:3000' --save
within "$(between 101 0 udp $far 3000)" 3000 "leaves the other's"
[ "$(between 101 0 tcp $near 0)" -gt 50000 ]
verdict $? "and is not held itself"
echo "1 nonsense" >> "$node/networks_classes"
code 0 "with a file that cannot be understood" vzctl set 101 --rate '*:1:4000 *:2:9000' --save
like "$out$err" 'networks_classes, line 4' "that is told"
within "$(between 101 0 tcp $near 4000)" 4000 "and the rate of class 1 is that of all"
rm "$node/networks_classes"
ok "off" vzctl set 101 --rate '' --ratebound no --save
is "$(devices)" "" "takes the devices away"
vzctl stop 101 --fast > /dev/null

# A guarantee below a total: what the others do not use may be had as well.
echo 'TOTALRATE="*:1:9000"' >> "$VZ_CONF"
have 102 --ipadd 203.0.113.2
vzctl set 101 --rate '*:1:6000' --save > /dev/null
vzctl set 102 --rate '*:1:2000' --save > /dev/null
started 101
started 102
is "$(devices)" "vzit1 vzot1 " "VPSs with a guarantee share two devices"
within "$(between 0 102 tcp 203.0.113.2 9000)" 9000 "one alone has the total"
both() { # -> kilobits a second of each while both want more
	local i flood=()
	for i in 101 102; do
		at $i timeout $((30 * slow)) python3 "$scratch/count.py" udp "203.0.113.${i#10}" 0 > "$scratch/both.$i" &
		eval "count$i=$!"
	done
	sleep 0.3
	for i in 101 102; do
		at 0 timeout $((30 * slow)) python3 "$scratch/flood.py" udp "203.0.113.${i#10}" "" &
		flood+=($!)
	done
	wait "$count101" "$count102"
	kill "${flood[@]}" 2> /dev/null
	wait "${flood[@]}" 2> /dev/null
	a=$(cat "$scratch/both.101") b=$(cat "$scratch/both.102")
}
for _ in 1 2 3 4 5; do
	both
	[ "${a:-0}" -lt 5700 ] || [ "${b:-0}" -lt 1900 ] || [ $((a + b)) -gt 9450 ] || break
done
[ "${a:-0}" -ge 5700 ] && [ "${b:-0}" -ge 1900 ]
verdict $? "together each has what it is guaranteed (6000 and 2000: $a and $b)"
[ $((a + b)) -le 9450 ] && [ $((a + b)) -ge 8550 ]
verdict $? "and both the total ($((a + b)) of 9000)"
ok "RATEBOUND, live" vzctl set 102 --ratebound yes --save
within "$(between 102 0 udp 192.0.2.1 2000)" 2000 "makes the guarantee the most"
is "$(devices)" "vzit1 vzot1 " "below the same total"
vzctl stop 102 --fast > /dev/null
is "$(devices)" "vzit1 vzot1 " "one that stops leaves them to the other"
within "$(between 101 0 udp 192.0.2.1 9000)" 9000 "which has it all then"
vzctl set 101 --rate '*:1:1000' > /dev/null 2>&1
started 102
vzctl set 101 --rate '' > /dev/null 2>&1
is "$(devices)" "vzit1 vzot1 " "one that is limited no more leaves them, too"
vzctl stop 102 --fast > /dev/null
is "$(devices)$(ls "$node/run/rates" 2> /dev/null)" "" "and with the last one they go"

is_dead() { # PID
	! is_alive "$1"
}
if grep -q VZ_CRASH "$VZ_TEST_PREFIX/sbin/vzctl"; then
	for at in before after; do
		crash rate:set:$at "start is killed $at the rate" vzctl start 102
		vzctl stop 102 --fast > /dev/null 2>&1
		ok "start" vzctl start 102
		is "$(devices)" "vzit1 vzot1 " "makes the devices"
		crash rate:set:$at "set is killed $at the rate" vzctl set 102 --rate '*:1:4000' --ratebound no
		vzctl set 102 --onboot no --save > /dev/null
		within "$(between 102 0 udp 192.0.2.1 2000)" 2000 "the next command has the stored one back"
		crash rate:set:$at "taking it away is killed $at" vzctl set 102 --rate ''
		init=$(init_pid 102)
		kill -9 "$init" "$(monitor_pid 102)" 2> /dev/null
		wait_for 10 is_dead "$init"
		patiently vzctl stop 102 --fast > /dev/null 2>&1
		is "$(devices)$(ls "$node/run/rates" 2> /dev/null)" "" "nothing is left behind a kill"
	done
fi
vzctl set 101 --rate '*:1:1000' --save > /dev/null
vzctl stop 101 --fast > /dev/null
ip link add vzot1 type ifb 2> /dev/null
not "a device of somebody else's is not taken" vzctl start 101
ip link del vzot1
ip addr del 198.51.100.1/32 dev up0
ip addr del 2001:db8:fffe::1/128 dev up0
finish
