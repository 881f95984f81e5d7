#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# requires: root netns veth macvlan
# Devices of the node that live in a VPS for a time, and come back whatever ends it.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
begin "$@"

ip link add nic0 type veth peer name far0
ip link set far0 up
ip addr add 198.51.100.254/24 dev far0
ip link add mv0 link far0 type macvlan mode bridge
ip link add br0 type bridge
ip link add nic2 type veth peer name far2
ip link set nic2 master br0
here() { # NAME: it is in the node's namespace
	ip link show dev "$1" > /dev/null 2>&1
}
there() { # ID -> devices inside
	in_ct "$1" 'ls /sys/class/net' | sort | tr '\n' ' '
}

have 101
ok "a device is named for a stopped VPS" vzctl set 101 --netdev_add nic0 --save
like "$(cat "$node/conf/101.conf")" '^NETDEV="nic0"' "it is stored"
ok "it stays where it is" here nic0
started 101
is "$(there 101)" "lo nic0 venet0 " "after start the VPS has it"
not "and the node does not" here nic0
in_ct 101 'ip link set nic0 up; ip addr add 198.51.100.1/24 dev nic0'
ok "it works inside" vzctl exec2 101 'ping -c 1 -W 2 198.51.100.254'
in_ct 101 'ip link set nic0 down; ip link set nic0 name mine; ip link set mine up'
ok "it comes back live, by its name, though the VPS has given it another" vzctl set 101 --netdev_del nic0 --save
ok "to the node" here nic0
is "$(there 101)" "lo venet0 " "and is not inside"
ok "live it goes in again" vzctl set 101 --netdev_add nic0 --netdev_add mv0 --save
is "$(there 101)" "lo mv0 nic0 venet0 " "with another of a virtual kind"
refused 16 "nic0|mv0" "such a VPS is not suspended" vzctl suspend 101
is "$(state 101)" "exist mounted running" "and goes on"
vzctl stop 101 > /dev/null
ok "after stop they are back" here nic0
ok "the virtual one, too" here mv0

started 101
in_ct 101 'ip link set nic0 name hidden'
kill -9 "$(init_pid 101)"
soon "a killed VPS is cleared up" nothing_runs 101
ok "and the devices are back" here nic0
ok "both" here mv0
started 101
kill -9 "$(monitor_pid 101)"
kill -9 "$(init_pid 101)"
patiently vzctl status 101 > /dev/null
ok "killed with its monitor: the next command brings them" patiently vzctl stop 101 --fast
nothing_runs 101
verdict $? "all is cleared up"
here nic0 && here mv0
verdict $? "the devices are back"
started 101
before=$(init_pid 101)
in_ct 101 'kill -TERM 1' 2> /dev/null
all_in() { [ "$(init_pid 101)" != "$before" ] && [ "$(there 101)" = "lo mv0 nic0 venet0 " ]; }
soon "after a reboot from inside they are in again" all_in

# What is refused.
have 102
started 102
for bad in lo venet101 tun0 tap5 nope nic0; do
	code 104 "'$bad' is refused" vzctl set 102 --netdev_add $bad --save
done
code 104 "a bridge is refused" vzctl set 102 --netdev_add br0 --save
code 104 "a port of one is refused" vzctl set 102 --netdev_add nic2 --save
is "$(there 102)" "lo venet0 " "nothing of it went in"
unlike "$(cat "$node/conf/102.conf")" NETDEV "nothing was stored"
vzctl stop 102 > /dev/null
vzctl set 102 --netdev_add nope --save > /dev/null
refused 104 nope "a VPS whose device is not there does not start" vzctl start 102
nothing_runs 102
verdict $? "and nothing is left"
for bad in 'a/b' $'nic0\nx' a2345678901234567; do
	code 104 "the name '${bad//$'\n'/\\n}' is refused" vzctl set 102 --netdev_add "$bad" --save
done

if grep -q VZ_CRASH "$VZ_TEST_PREFIX/sbin/vzctl"; then
	vzctl stop 101 > /dev/null
	for at in netif:note:after netdev:pin:after netdev:give:after netif:make:after; do
		crash $at "start is killed at $at" vzctl start 101
		ok "the next command settles it" patiently vzctl stop 101 --fast
		nothing_runs 101 && here nic0 && here mv0
		verdict $? "and the devices are here"
	done
	started 101
	crash stop:net:before "stop is killed before the network" vzctl stop 101 --fast
	patiently vzctl status 101 > /dev/null
	patiently vzctl stop 101 --fast > /dev/null 2>&1
	here nic0 && here mv0
	verdict $? "the devices come back all the same"
fi
vzctl stop 101 --fast > /dev/null 2>&1
for l in mv0 nic0 br0 nic2; do ip link del $l; done
finish
