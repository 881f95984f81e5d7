#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# requires: root
# A distribution's own files with NETIF_ADD and NETIF_DEL, from a lookup that the administrator made: what they are given at
# start, live and when a link goes; and what a script that fails does.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
begin "$@"
dists=$node/dists
mkdir -p "$dists/scripts"
ip link add br0 type bridge
ip link set br0 up
have 101 --hostname one
conf=$node/conf/101.conf
mine='NETIF_ADD=my-add.sh NETIF_DEL=my-del.sh'
printf '%s\n' '# the administrator'\''s own' $mine > "$dists/mylinux.conf"
echo '# nothing of its own' > "$dists/default.conf"
echo 'from_functions() { echo lib; }' > "$dists/scripts/functions"
for a in add del; do
	cat > "$dists/scripts/my-$a.sh" <<- END
		{ echo "$a \$(from_functions) links=\$(ls /sys/class/net | tr '\n' ' ')"
		  env | grep -E '^(VE_STATE|DEVICE|IP|GW|DHCP)' | sort | sed 's/^/  /'; } >> /root/netif
	END
done
sed -i 's/^OSTEMPLATE=.*/OSTEMPLATE="mylinux-7-x86_64-minimal"/' "$conf"
noted() { in_ct 101 'cat /root/netif 2> /dev/null; rm -f /root/netif'; }
with='ifname=eth0,mac=02:00:00:00:00:01,host_ifname=veth101.0,host_mac=02:00:00:00:00:02,bridge=br0'
own='ip=203.0.113.9/24,ip=2001:db8:7::9/64,gw=203.0.113.1,gw6=2001:db8:7::1,dhcp=no,dhcp6=yes'

echo "NETIF=\"$with,$own\"" >> "$conf"
code 0 "a VPS with a bridged link starts" vzctl start 101
is "$err" "" "and nothing is said"
like "$(cat "$conf")" "^NETIF=\"$with,$own\"\$" "its keys for scripts stay as they were written"
got=$(noted)
like "$got" '^add lib ' "NETIF_ADD of the file that the lookup finds runs at start, with functions"
like "$got" 'links=.*eth0' "when the link is there"
for v in VE_STATE=starting DEVICE=eth0 'IPADD=203.0.113.9/24 2001:db8:7::9/64' GW=203.0.113.1 GW6=2001:db8:7::1 DHCP4=no DHCP6=yes IPV6=yes; do
	like "$got" "^  $v\$" "it is given $v"
done
unlike "$got" '  (IPDEL|GWDEL|GW6DEL)' "and nothing to take away"
code 0 "a link comes while it runs" vzctl set 101 --netif_add eth1,02:00:00:00:00:03,veth101.1,02:00:00:00:00:04,br0 --save
got=$(noted)
like "$got" '^add lib .*eth1' "NETIF_ADD runs"
like "$got" '^  VE_STATE=running$' "for a VPS that runs"
like "$got" '^  DEVICE=eth1$' "for that link"
unlike "$got" 'DEVICE=eth0' "and no other"
unlike "$got" '  (GW|IPADD|DHCP)' "which has no addresses of its own"
code 0 "the first link goes" vzctl set 101 --netif_del eth0 --save
got=$(noted)
like "$got" '^del lib ' "NETIF_DEL runs"
for v in VE_STATE=running DEVICE=eth0 'IPDEL=203.0.113.9/24 2001:db8:7::9/64' GWDEL=203.0.113.1 GW6DEL=2001:db8:7::1; do
	like "$got" "^  $v\$" "it is given $v"
done
unlike "$got" '  (IPADD|GW|GW6|DHCP4|DHCP6)=' "and nothing to set up"
code 0 "a change of a link that stays" vzctl set 101 --ifname eth1 --mac 02:00:00:00:00:05 --save
unlike "$(noted)" 'DEVICE=' "runs neither"

# one that fails, one that is not there
echo 'exit 3' > "$dists/scripts/my-add.sh"
code 0 "a script that fails does not fail set" vzctl set 101 --netif_add eth2,02:00:00:00:00:06,veth101.2,02:00:00:00:00:07,br0 --save
like "$err" 'NETIF_ADD of VPS 101.*status 3' "it is said"
ok "and the link is there" in_ct 101 'test -d /sys/class/net/eth2'
rm "$dists/scripts/my-del.sh"
code 0 "nor does one that is not there" vzctl set 101 --netif_del eth2 --save
like "$err" 'NETIF_DEL of VPS 101.*cannot run' "which is said, too"
not "and the link is gone" in_ct 101 'test -d /sys/class/net/eth2'
vzctl stop 101 --fast > /dev/null
code 0 "at start, too" vzctl start 101
like "$err" 'NETIF_ADD of VPS 101.*status 3' "it is a warning"
vzctl stop 101 --fast > /dev/null
ip link del br0
rm -r "$dists"
finish
