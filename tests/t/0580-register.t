#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# requires: root
# Private areas that are there already become VPSs, and VPSs are forgotten.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
begin "$@"
have 101 --hostname one --name web
vzctl set 101 --numproc 123 --save > /dev/null
conf=$node/conf/101.conf
echo 'FOREIGN="x"' >> "$conf"
area=$node/private/101
ids() { find "$node/ids" -type l | wc -l; }

started 101
in_ct 101 'echo mine > /srv/file'
refused 32 "running" "a running VPS cannot be unregistered" vzctl unregister 101
vzctl stop 101 --fast --skip-umount > /dev/null
refused 41 "mounted" "nor a mounted one" vzctl unregister 101
vzctl umount 101 > /dev/null
refused 44 "VPS 101" "an area that a VPS has cannot become another" vzctl register "$area" 102
refused 82 "101" "an ID that is taken is refused" vzctl register "$area" 101
mkdir -p "$node/dump/Dump.101" && touch "$node/dump/Dump.101/inventory.img"
run vzctl unregister 101
[ "$rc" = 16 ] || rm -rf "$node/dump/Dump.101"
rm -rf "$node/dump/Dump.101"
[ -e "$conf" ] || vzctl register "$area" 101 > /dev/null
code 0 "one that is down can" vzctl unregister 101
is "$(ls "$node/names")$(ids)$(state 101)" "0deleted unmounted down" "and is gone, with its name and ids"
ok "its area stays" test -d "$area/upper/srv"
is "$(stat -c %a "$area/ve.conf")" 600 "with its values in it"
refused 14 "101" "it cannot be started" vzctl start 101

refused 21 "folder" "register without an ID is 21" vzctl register "$area"
refused 20 "two words" "with a word too many 20" vzctl register "$area" 101 102
for id in 0 web -1 99999999999; do
	code 21 "'$id' is no ID to register" vzctl register "$area" -- "$id"
done
refused 21 "absolute" "a relative path is 21" vzctl register private/101 101
refused 43 "nosuch" "a folder that is not there is 43" vzctl register "$node/nosuch" 101
refused 53 "neither" "one that holds no VPS is 53" vzctl register "$node/run" 101
is "$(ids)" 0 "refusals take no ids"
code 0 "the area becomes another VPS" vzctl register "$area" 105 --start
is "$(vzctl status web)" "CTID 105 exist mounted running" "with its name, and started"
is "$(in_ct 105 'cat /srv/file; hostname')" $'mine\none' "and its files and values"
like "$(cat "$node/conf/105.conf")" '^FOREIGN="x"' "foreign lines, too"
is "$(cg_value 105 numproc)" 123 "and its limits"
like "$(cat "$node/conf/105.conf")" "^VE_PRIVATE=\"$area\"" "at its place"
vzctl stop 105 --fast > /dev/null
have 106
refused 131 "web" "a name that is taken is 131" vzctl set 106 --name web --save

# a copy
cp -a "$area" "$node/private/107"
printf 'NAME="web"\nUUID="6b29fc40-ca47-1067-b31d-00dd010662da"\nNETIF="ifname=eth0,mac=00:18:51:00:00:01,host_ifname=veth101.0,host_mac=00:18:51:00:00:02,bridge=br0"\n' \
	>> "$node/private/107/ve.conf"
sed -i '0,/^NAME/{/^NAME/d}' "$node/private/107/ve.conf"
refused 131 "web" "a copy with the same name is refused" vzctl register "$node/private/107" 107
is "$(ids)" 2 "and takes no ids"
code 0 "--renew" vzctl register "$node/private/107" 107 --renew
c=$(cat "$node/conf/107.conf")
unlike "$c" '^NAME=|00:18:51|veth101' "takes neither name nor device addresses over"
like "$c" '^NETIF="ifname=eth0,bridge=br0"' "but the device"
like "$c" '^UUID="[0-9a-f-]{36}"' "and has a UUID"
unlike "$c" '6b29fc40' "of its own"
like "$c" '^VE_PRIVATE=".*/\$VEID"' "\$VEID stays a variable where it fits"
code 0 "--name" vzctl unregister 107
code 0 "and --uuid" vzctl register "$node/private/107" 107 --renew --name shop --uuid '{6B29FC40-CA47-1067-B31D-00DD010662DB}'
is "$(vzctl status shop)$(vzctl status 6b29fc40-ca47-1067-b31d-00dd010662db)" \
	"CTID 107 exist unmounted downCTID 107 exist unmounted down" "give it what is named"
vzctl unregister 107 > /dev/null
touch "$node/private/107/.owner"
refused 12 "another node" "an area of another node is 12" vzctl register "$node/private/107" 107 --renew
code 0 "--force takes it" vzctl register "$node/private/107" 107 --renew --force
code 0 "and it starts" vzctl start 107
vzctl stop 107 --fast > /dev/null

# hostile areas
mkdir "$node/private/108"
for text in '{' '{"layout":"overlay","lower":["../../etc"]}' '{"layout":"overlay","lower":["nosuch"]}' \
	"{\"layout\":\"overlay\",\"lower\":[\"$tmpl\"]}"; do
	printf %s "$text" > "$node/private/108/layout.json"
	not "a layout.json like ${text:0:44} is refused" vzctl register "$node/private/108" 108
done
rm -r "$node/private/108"
mkdir -p "$node/private/108"/{etc,usr,root.hdd}
refused 99 "image" "an area with an image is 99" vzctl register "$node/private/108" 108
rm -r "$node/private/108"
mkdir "$node/private/108"
cp -a "$VZ_TEST_TEMPLATES/$tmpl/root/." "$node/private/108/"
printf 'CAPABILITY="SYS_ADMIN:on"\nDEVICES="b:8:0:rw"\nNAME="root"\nVE_PRIVATE="/"\n' > "$node/private/108/ve.conf"
code 0 "a plain tree" vzctl register "$node/private/108" 108
unlike "$(cat "$node/conf/108.conf")" 'SYS_ADMIN|DEVICES|NAME="root"|VE_PRIVATE="/"' "does not say what it may do"
code 0 "starts" vzctl start 108
vzctl stop 108 --fast > /dev/null
ln -s /etc "$node/private/109"
refused 53 "neither" "a link to a folder of the node is no area" vzctl register "$node/private/109" 109
rm "$node/private/109"

if grep -q VZ_CRASH "$VZ_TEST_PREFIX/sbin/vzctl"; then
	vzctl unregister 108 > /dev/null
	for p in before after; do
		crash "register:conf:$p" "register dies at $p" vzctl register "$node/private/108" 108
		run vzctl register "$node/private/108" 108
		[ "$rc" = 0 ] || [ "$rc" = 82 ]
		verdict $? "the next one succeeds, or it had ($rc)"
		code 0 "and it is whole" vzctl mount 108
		vzctl umount 108 > /dev/null
		crash "unregister:conf:before" "unregister dies" vzctl unregister 108
		code 0 "the next one succeeds" vzctl unregister 108
	done
	is "$(ids)" 3 "and no ids are lost"
	vzctl register "$node/private/108" 108 > /dev/null
fi
vzctl destroy 105 > /dev/null
rm -rf "$node/private/101"
finish
