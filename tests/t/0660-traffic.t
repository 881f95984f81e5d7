#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# requires: root netns veth bridge bpf
# Accounts of traffic: right to the packet, by class and family, over restarts; gone with the VPS.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
begin "$@"

# One ping: 84 bytes each way by IPv4, 104 by IPv6.
send() { # N: pings from the VPS to the node
	in_ct 101 "ping -q -c $1 -i 0.05 -W 2 192.0.2.1 > /dev/null"
}
pins() { ls "/sys/fs/bpf/mainvz_${slice//[.\/]/_}" 2> /dev/null | tr '\n' ' '; }
row() { # CLASS [OPTIONS] -> "in-bytes in-packets out-bytes out-packets" of 101
	vznetstat -r -v 101 -c "$1" "${@:2}" | awk '{ print $3, $4, $5, $6 }'
}

have 101 --ipadd 203.0.113.1 --ipadd 2001:db8::1
have 102
started 101
code 0 "vznetstat" vznetstat
is "$(head -n 1 <<< "$out" | tr -s ' ')" " CTID Net.Class Input(bytes) Input(pkts) Output(bytes) Output(pkts)" "its header"
is "$(wc -l <<< "$out")" 1 "and no line for VPSs without traffic"
send 10
is "$(row 1)" "840 10 840 10" "without classes everything is class 1"
is "$(row 1 -6)" "" "nothing of it is IPv6"
in_ct 101 'ping -6 -q -c 5 -i 0.05 -W 2 2001:db8:ffff::1 > /dev/null'
is "$(row 1 -6)" "520 5 520 5" "IPv6 is told apart"
is "$(row 1)" "1360 15 1360 15" "or added up"
is "$(row 1 -4)" "840 10 840 10" "or left out"

# Input is what the VPS receives.
for i in 1 2 3; do echo > "/dev/udp/203.0.113.1/9"; done
is "$(row 1 -4 | cut -d ' ' -f 2)" 13 "input is what the VPS receives"

# Over a restart, a kill, a reboot of the node as far as it can be had here.
before=$(row 1)
vzctl stop 101 --fast > /dev/null
is "$(row 1)" "$before" "stop loses nothing"
started 101
is "$(row 1)" "$before" "start adds nothing"
kill -9 "$(init_pid 101)"
wait_for 10 nothing_runs 101
is "$(row 1)" "$before" "a kill loses nothing"
started 101
send 1
vzctl stop 101 --fast > /dev/null
before=$(row 1)
like "$before" '^[1-9]' "what was counted is on record"
is "$(pins)" "" "and no counter is kept for a VPS that does not run"
started 101
is "$(pins)" "101 " "one that runs has one"
tc qdisc del dev venet101 clsact
send 1
ok "programs that somebody has taken away" vznetstat
send 1
is "$(row 1)" "$(awk '{ print $1 + 84, $2 + 1, $3 + 84, $4 + 1 }' <<< "$before")" "are put back by vznetstat"
before=$(row 1)
send 2
is "$(row 1)" "$(awk '{ print $1 + 168, $2 + 2, $3 + 168, $4 + 2 }' <<< "$before")" "what comes is added"
vzctl stop 101 --fast > /dev/null
if grep -q VZ_CRASH "$VZ_TEST_PREFIX/sbin/vzctl"; then
	before=$(row 1)
	started 101
	send 3
	crash stop:net:after "stop is killed when the links have gone" vzctl stop 101 --fast
	patiently vzctl status 101 > /dev/null
	is "$(row 1)" "$(awk '{ print $1 + 252, $2 + 3, $3 + 252, $4 + 3 }' <<< "$before")" "nothing is lost, nor counted twice"
	patiently vzctl stop 101 --fast > /dev/null
fi
started 101

# Classes.
cat > "$node/networks_classes" <<- END
	# everything
	1 0.0.0.0/0
	2 192.0.2.0/24
	3 192.0.2.128/255.255.255.128
	5 2001:db8:ffff::/48
END
before=$(row 1 -4)
ok "a class file takes effect at once" vznetstat
send 3
is "$(row 2)" "252 3 252 3" "the narrower net counts"
is "$(row 1 -4)" "$before" "and the wider not"
in_ct 101 'ping -6 -q -c 2 -i 0.05 -W 2 2001:db8:ffff::1 > /dev/null'
is "$(row 5 -6)" "208 2 208 2" "IPv6 has its classes"
is "$(row 3)" "" "a class without traffic is not shown"
is "$(row 3 -a)" "0 0 0 0" "but with -a"
before=$(row 2)
echo "40 192.0.2.1" >> "$node/networks_classes"
send 2
ok "a class beyond all that there was" vznetstat
send 4
is "$(row 40)" "336 4 336 4" "is counted"
is "$(row 2)" "$(awk '{ print $1 + 168, $2 + 2, $3 + 168, $4 + 2 }' <<< "$before")" "and what was before is kept"
echo "2 not/anet" >> "$node/networks_classes"
refused 85 "line 7" "a line that is none is told" vznetstat
ok "a VPS starts all the same" vzctl restart 101
send 1
sed -i '/not/d' "$node/networks_classes"
is "$(row 40)" "420 5 420 5" "and is counted as before"
rm "$node/networks_classes"
is "$(row 2)" "$(awk '{ print $1 + 168, $2 + 2, $3 + 168, $4 + 2 }' <<< "$before")" "without the file old classes stay on record"

# Bridged links.
ip link add br0 type bridge
ip link set br0 addrgenmode none
ip link set br0 up
ip addr add 198.51.100.254/24 dev br0
vzctl set 102 --netif_add eth0,,,,br0 --save > /dev/null
started 102
in_ct 102 'ip link set eth0 up; ip addr add 198.51.100.2/24 dev eth0; ping -q -c 4 -i 0.05 -W 2 198.51.100.254 > /dev/null'
is "$(vznetstat -r -4 -v 102 | awk '{ print $3, $4, $5, $6 }')" "336 4 336 4" "a bridged link is counted, too"
vzctl set 102 --ifname eth0 --host_ifname other --save > /dev/null
in_ct 102 'ping -q -c 1 -W 2 198.51.100.254 > /dev/null'
is "$(vznetstat -r -4 -v 102 | awk '{ print $3, $4, $5, $6 }')" "420 5 420 5" "under a new name as well"
vzctl set 102 --netif_del all --save > /dev/null
is "$(vznetstat -r -4 -v 102 | awk '{ print $3, $4, $5, $6 }')" "420 5 420 5" "and after it has gone"

is "$(vznetstat -r | awk '{ print $1 }' | sort -u | tr '\n' ' ')" "101 102 " "all VPSs are listed"
is "$(vznetstat -r -t vm)" "" "there are no virtual machines"
for bad in -x '-c x' '-c -1' '-c 99999999999' '-t zoo' '-4 -6' extra; do
	# shellcheck disable=SC2086
	code 1 "'$bad' is bad usage" vznetstat $bad
done
code 14 "a VPS that is not there" vznetstat -v 999

# The end of the account.
if grep -q VZ_CRASH "$VZ_TEST_PREFIX/sbin/vzctl"; then
	vzctl stop 102 --fast > /dev/null
	crash destroy:commit:after "destroy is killed" vzctl destroy 102
	vzctl status 102 > /dev/null
	patiently vzctl stop 102 > /dev/null 2>&1
	[ ! -e "$node/state/net/102.json" ]
	verdict $? "the next command completes it, account included"
fi
vzctl stop 101 --fast > /dev/null
vzctl destroy 101 > /dev/null
[ ! -e "$node/state/net/101.json" ]
verdict $? "destroy ends the account"
have 101 --ipadd 203.0.113.1
started 101
is "$(row 1 -a)" "0 0 0 0" "a new VPS of that number begins at nothing"
vzctl stop 101 --fast > /dev/null
ip link del br0
finish
