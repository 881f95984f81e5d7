#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# requires: root netns veth bridge
# Programs of the administrator: vznet.conf, vps-net_add and vps-net_del; a device of the node that comes up.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
begin "$@"
export LEAK=secret

ip link add vmbr0 type bridge
ip link set vmbr0 up
master() {
	ip -o link show dev "$1" 2> /dev/null | sed -n 's/.* master \([^ ]*\) .*/\1/p'
}
script() { # FILE LINE...: an executable that notes how it was called
	mkdir -p "${1%/*}"
	{
		echo '#!/bin/sh'
		echo "{ echo \"args:\$*\"; env | grep -E '^(VEID|VE_STATE|IP_ADDR|SKIP_ARPDETECT|LEAK)='; } >> $scratch/called"
		printf '%s\n' "${@:2}"
	} > "$1"
	chmod +x "$1"
}
called() {
	sort "$scratch/called" 2> /dev/null | tr '\n' ';'
	rm -f "$scratch/called"
}

# vznet.conf
have 101
have 102
echo "# EXTERNAL_SCRIPT=\"$node/wire\"" > "$node/vznet.conf"
script "$node/wire"
vzctl set 101 --netif_add eth0 --save > /dev/null
started 101
is "$(called)" "" "a script that is commented out is not run"
vzctl stop 101 --fast > /dev/null
echo "EXTERNAL_SCRIPT=\"$node/wire\"" > "$node/vznet.conf"
started 101
is "$(called)" "VEID=101;args:init veth veth101.0;" "at start it is run with the outer device and VEID, nothing of ours"
ok "live, too" vzctl set 101 --netif_add eth1 --save
is "$(called)" "VEID=101;args:init veth veth101.1;" "for the new device only"
script "$node/wire" 'echo "no such switch" >&2' 'exit 3'
refused 130 "no such switch" "its failure is one" vzctl set 101 --netif_add eth2 --save
called > /dev/null
unlike "$(ip -o link)" 'veth101.2' "the device goes again"
unlike "$(cat "$node/conf/101.conf")" eth2 "nothing is stored"
vzctl stop 101 --fast > /dev/null
refused 130 "no such switch" "a start fails by it" vzctl start 101
nothing_runs 101
verdict $? "and leaves nothing"
echo "EXTERNAL_SCRIPT=\"$VZ_TEST_PREFIX/sbin/vznetaddbr\"" > "$node/vznet.conf"
called > /dev/null
started 101
is "$(master veth101.0)" vmbr0 "vznetaddbr joins vmbr0"
ip link add br7 type bridge
vzctl set 102 --netif_add eth0,,,,br7 --save > /dev/null
started 102
is "$(master veth102.0)" br7 "or the bridge of NETIF"
is "$(cat /proc/sys/net/ipv4/conf/veth102.0/proxy_arp)" 1 "and switches on proxy_arp"
code 1 "vznetcfg wants its words" vznetcfg init
code 1 "vznetaddbr, too" vznetaddbr init veth
vzctl stop 101 --fast > /dev/null
vzctl stop 102 --fast > /dev/null
rm "$node/vznet.conf"
vzctl set 101 --netif_del all --save > /dev/null
vzctl set 102 --netif_del all --save > /dev/null

# vps-net_add, vps-net_del
script "$node/scripts/vps-net_add"
script "$node/scripts/vps-net_del"
started 101
is "$(called)" "" "without addresses no hook runs"
ok "an address live" vzctl set 101 --ipadd 203.0.113.1 --ipadd 203.0.113.5/24 --save
is "$(called)" "IP_ADDR=203.0.113.1 203.0.113.5/24;SKIP_ARPDETECT=yes;VEID=101;VE_STATE=running;args:;" "runs vps-net_add"
ok "one goes" vzctl set 101 --ipdel 203.0.113.5 --save
is "$(called)" "IP_ADDR=203.0.113.5/24;SKIP_ARPDETECT=yes;VEID=101;VE_STATE=running;args:;" "runs vps-net_del"
vzctl stop 101 --fast > /dev/null
is "$(called)" "IP_ADDR=203.0.113.1;SKIP_ARPDETECT=yes;VEID=101;VE_STATE=stopping;args:;" "stop runs vps-net_del"
started 101
is "$(called)" "IP_ADDR=203.0.113.1;SKIP_ARPDETECT=yes;VEID=101;VE_STATE=starting;args:;" "start runs vps-net_add"
kill -9 "$(init_pid 101)"
soon "a killed VPS is cleared up" nothing_runs 101
is "$(called)" "IP_ADDR=203.0.113.1;SKIP_ARPDETECT=yes;VEID=101;VE_STATE=stopping;args:;" "vps-net_del ran for it"
script "$node/scripts/vps-net_add" 'echo "filter is full" >&2' 'exit 1'
refused 34 "filter is full" "a hook that fails, fails the start" vzctl start 101
nothing_runs 101
verdict $? "nothing is left"
like "$(called)" 'VE_STATE=stopping' "and vps-net_del ran"
chmod -x "$node/scripts/vps-net_add"
started 101
is "$(called)" "" "one that is not executable is none"

# Init ends while a command works on its VPS: what is up is known all the same to who clears up.
have 105
for sig in KILL TERM; do
	booted 105
	was=$(init_pid 105)
	script "$node/scripts/vps-net_add" "kill -$sig $was; i=0" \
		"while [ -e /proc/$was ] && [ \$i -lt 200 ]; do sleep 0.05; i=\$((i + 1)); done"
	run vzctl set 105 --ipadd 203.0.113.7
	rm "$node/scripts/vps-net_add"
	if [ $sig = KILL ]; then
		soon "a VPS that ends while it is changed is cleared up" nothing_runs 105
	else
		soon "one that reboots while it is changed comes up again" another_init 105 "$was"
	fi
done
vzctl stop 105 --fast > /dev/null
rm -r "$node/scripts" "$node/wire"

# vzifup-post
like "$(ip neigh show proxy)" '203.0.113.1 dev up0' "the address is answered for"
ip neigh del proxy 203.0.113.1 dev up0
ip route del 203.0.113.1
is "$(vzifup-post -v up0)" 1 "a device comes up: one VPS is done"
like "$(ip neigh show proxy)" '203.0.113.1 dev up0' "the proxy entry is back"
like "$(ip route get 203.0.113.1)" 'dev venet101' "and the route"
ok "the device in the environment" env DEV=up0 vzifup-post
unlike "$(vzifup-post vmbr0; ip neigh show proxy)" vmbr0 "on a device that NEIGHBOUR_DEVS has not, nothing is answered"
code 1 "no device" env -u DEV -u IFACE vzifup-post
refused 21 nope "a device that is not there" vzifup-post nope
vzctl stop 101 --fast > /dev/null
ip link del vmbr0
ip link del br7
finish
