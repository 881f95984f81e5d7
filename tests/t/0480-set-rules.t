#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# requires: root
# The rules that all options of set have in common; each by itself is in tests/contract/0200-options.t.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
begin "$@"
have 101
conf=$node/conf/101.conf
touch "$node/conf/ve-test.conf-sample"
# what all have in common
code 0 "several that are not enforced make one line" vzctl set 101 --kmemsize 1M --numfile 5 --numflock 5 --save
is "$(wc -l <<< "$err") $err" "1 vzctl: stored, not enforced by this kernel: KMEMSIZE, NUMFILE, NUMFLOCK" "with their names"
code 0 "under --quiet" vzctl --quiet set 101 --kmemsize 2M --numfile 6 --numflock 6 --save
is "$out$err" "" "nothing is said"
code 0 "netfilter full" vzctl set 101 --netfilter full --save
is "$err" "" "is what every VPS has"
code 0 "NFS in a VPS" vzctl set 101 --features nfs:on --save
like "$err" 'not enforced.*FEATURES' "is not"
code 0 "a right of the node's root" vzctl set 101 --capability sys_time:on --save
like "$err" 'not enforced.*CAPABILITY' "stays out of reach"
code 0 "setveid" vzctl set 101 --capability setveid:on --save
like "$(cat "$conf")" '^CAPABILITY="SYS_TIME:on SETVEID:on"' "is stored, and old and new are merged"
refused 20 "ifname" "--mac without --ifname is 20" vzctl set 101 --mac 00:18:51:00:00:01 --save
refused 20 "nodemask|cpumask" "--nodemask without --cpumask is 20" vzctl set 101 --nodemask 0 --save
refused 20 "nodemask" "--cpumask auto without --nodemask is 20" vzctl set 101 --cpumask auto --save
refused 20 "diskspace" "--offline-resize without --diskspace is 20" vzctl set 101 --offline-resize --save
refused 20 "userpasswd" "--crypted without --userpasswd is 20" vzctl set 101 --crypted --save
refused 20 "save" "--ostemplate without --save is 20" vzctl set 101 --ostemplate x
code 0 "of a scalar given twice" vzctl set 101 --numproc 10 --numproc 20 --save
like "$(cat "$conf")" '^NUMPROC="10"' "the first one counts"
code 0 "the largest long is no limit" vzctl set 101 --physpages 0:9223372036854775807 --kmemsize 9223372036854775807 --save
like "$(cat "$conf")" '^KMEMSIZE="unlimited"' "as old panels pass it"
refused 21 "range" "more than that is refused" vzctl set 101 --kmemsize 99999999999999999999 --save
for junk in "$(head -c 5000 /dev/zero | tr '\0' 9)" 'ü' '1;reboot' '"' "\$(id)"; do
	refused 21 "" "a number like '${junk:0:12}' is refused in one line" vzctl set 101 --numproc "$junk" --save
done

# the node itself
code 0 "set 0 --cpuunits" vzctl set 0 --cpuunits 2000 --save
is "$(cat "$node/conf/0.conf")" 'CPUUNITS="2000"' "is kept in 0.conf"
like "$err" "not enforced" "with a warning"
refused 21 "hostname" "a host name of the node is 21" vzctl set 0 --hostname x --save
for verb in start stop mount destroy enter; do
	refused 21 "ID" "$verb 0 is 21" vzctl $verb 0
done
is "$(vzlist -aHo ctid)" "$(printf '%10s' 101)" "0 is no VPS"
rm "$node/conf/0.conf"

# UUIDs
echo 'UUID="6b29fc40-ca47-1067-b31d-00dd010662da"' >> "$conf"
for u in 6b29fc40-ca47-1067-b31d-00dd010662da '{6B29FC40-CA47-1067-B31D-00DD010662DA}' 6b29fc40ca471067b31d00dd010662da; do
	is "$(vzctl status "$u")" "CTID 101 exist unmounted down" "$u stands for 101"
done
refused 21 "6b29" "one that nobody has is 21" vzctl start 6b29fc40-ca47-1067-b31d-00dd010662db
refused 21 "neither|name" "part of one, too" vzctl start 6b29fc40-ca47
code 0 "a VPS can be created with one" vzctl create 102 --uuid '{6B29FC40-CA47-1067-B31D-00DD010662DC}'
like "$(cat "$node/conf/102.conf")" '^UUID="6b29fc40-ca47-1067-b31d-00dd010662dc"' "which is stored"

# names
code 0 "a name" vzctl set 101 --name web --save
rm "$node/names/web"
code 0 "whose link is lost" vzctl set 101 --applyconfig_map name --save
is "$(readlink "$node/names/web")" "$conf" "is made anew by --applyconfig_map"
sed -i 's/^NAME=.*/NAME="other"/' "$conf"
refused 21 "web" "a link that does not fit NAME= is 21" vzctl start web
rm -f "$node"/names/web*
finish
