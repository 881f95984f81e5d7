#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# requires: root netns veth
# Addresses are set from outside, and stay right whatever manages the network inside: after the boot of each such
# program, its restart, and with a configuration that an image has brought along for another network.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=tests/guest/boots.sh
. "$here/guest/boots.sh"
tmpl=debian-12-apps
bail_without_template
begin "$@"
ip link add br0 type bridge
ip addr add 198.51.100.254/24 dev br0
ip link set br0 up

enable() { ln -s "/lib/systemd/system/$2" "$(upper "$1" "/etc/systemd/system/multi-user.target.wants/$2")"; }
prepare_networkd() {
	enable "$1" systemd-networkd.service
	printf '[Match]\nName=e* v*\n[Network]\nDHCP=yes\nAddress=10.9.9.9/24\n' > "$(upper "$1" /etc/systemd/network/50-any.network)"
}
prepare_netplan() {
	enable "$1" systemd-networkd.service
	printf 'network: {version: 2, ethernets: {all: {match: {name: "e*"}, dhcp4: true, addresses: [10.9.9.9/24]}}}\n' \
		> "$(upper "$1" /etc/netplan/50.yaml)"
}
prepare_NetworkManager() { hide "$1" /etc/systemd/system/NetworkManager.service; }
prepare_ifupdown() {
	hide "$1" /etc/systemd/system/networking.service
	printf 'auto lo\niface lo inet loopback\nauto eth0\niface eth0 inet static\naddress 10.9.9.9/24\ngateway 10.9.9.1\nauto venet0\niface venet0 inet dhcp\n' \
		> "$(upper "$1" /etc/network/interfaces)"
}
again() { # ID PROGRAM: its restart, as by an upgrade
	case $2 in
	networkd | netplan) in_ct "$1" 'systemctl restart systemd-networkd' ;;
	NetworkManager) in_ct "$1" 'systemctl restart NetworkManager' ;;
	esac
}

# All that is wanted, in words; "" when it is so.
wrong() { # ID
	in_ct "$1" 'PATH=/usr/sbin:/usr/bin:/sbin:/bin
		ip -br addr show dev venet0 | grep -q "203.0.113.1/32" || echo no IPv4 address
		ip -br addr show dev venet0 | grep -q "2001:db8::1/128" || echo no IPv6 address
		ip -br addr show dev eth0 | grep -q "198.51.100.1/24" || echo no address of the bridged link
		! ip addr | grep -q 10.9.9.9 || echo the address of another network
		ip route | grep -q "^default dev venet0" || echo no default route
		ip -6 route | grep -q "^default dev venet0" || echo no default route of IPv6
		grep -q 192.0.2.53 /etc/resolv.conf || echo no name server
		systemctl --failed --no-legend --plain --no-pager' 2>&1
}
right() { [ -z "$(wrong "$1")" ]; }
reached() { ping -c 1 -W 3 203.0.113.1 && ping -c 1 -W 3 198.51.100.1; }
rebooted() { [ "$(init_pid 101)" != "$pid" ] && in_ct 101 'systemctl is-system-running' | grep -qE 'running|degraded'; }

for who in networkd netplan NetworkManager ifupdown; do
	have 101 --ipadd 203.0.113.1 --ipadd 2001:db8::1
	vzctl set 101 --netif_add eth0,,,,br0 --save > /dev/null
	vzctl set 101 --ifname eth0 --ipadd 198.51.100.1/24 --nameserver 192.0.2.53 --save > /dev/null
	prepare_$who 101
	{ timeout $((60 * slow)) vzctl start 101 --wait > /dev/null 2>&1; }
	is "$(wrong 101)" "" "$who: all is right when the VPS is up"
	again 101 $who
	soon "$who: also after its restart" right 101
	ok "$who: it is reached" reached
	vzctl set 101 --ipadd 203.0.113.2 > /dev/null 2>&1
	soon "$who: an address more, live" ping -c 1 -W 1 203.0.113.2
	if [ $who = ifupdown ]; then
		pid=$(init_pid 101)
		in_ct 101 'systemctl reboot' > /dev/null 2>&1
		wait_for 40 rebooted
		is "$(wrong 101)" "" "$who: all is right after a reboot from inside"
	fi
	vzctl stop 101 --fast > /dev/null
	vzctl destroy 101 > /dev/null
done
ip link del br0
finish
