#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# requires: root
# The fifteen things that scripts of the last fifteen years rely on most, each named by its number.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
begin "$@"
have 101 --hostname one
conf=$node/conf/101.conf
has() { like "$(cat "$conf")" "^$1\$" "$2"; }
set_() { vzctl set 101 "$@" --save > /dev/null 2>&1; }

# 6 first, while it is down
code 0 "6: stop of a stopped VPS is 0" vzctl stop 101
code 0 "6: mount" vzctl mount 101
code 0 "6: mount of a mounted one is 0" vzctl mount 101
vzctl umount 101 > /dev/null
code 40 "6: umount of one that is not mounted is 40" vzctl umount 101
started 101
code 32 "6: start of a running one is 32" vzctl start 101

code 8 "1: exec makes 8 of every failure" vzctl exec 101 'exit 3'
code 3 "1: exec2 passes the status on" vzctl exec2 101 'exit 3'
code 0 "1: words are joined unquoted for a shell" vzctl exec 101 'echo a;' echo b '|' cat
is "$out" $'a\nb' "1: so that a semicolon is one, and a bar"
set_ --iolimit 2
has 'IOLIMIT="2097152"' "2: --iolimit counts megabytes and the file bytes"
set_ --iolimit 4194304B
has 'IOLIMIT="4194304"' "2: B is bytes"
set_ --ram 67108865 --swap 64M
has 'PHYSPAGES="0:16385"' "3: --ram is PHYSPAGES=0:N, rounded up to pages"
set_ --ram 64M
is "$(cg_value 101 ram)" $((64 << 20)) "3: the second number is the limit"
set_ --diskspace 1048576
has 'DISKSPACE="1048576:1048576"' "4: one value is both, in KiB"
set_ --diskspace 1G:2G
has 'DISKSPACE="1048576:2097152"' "4: soft:hard"
code 21 "4: unlimited is no disk space" vzctl set 101 --diskspace unlimited --save
is "$(vzctl --quiet status 101)" "CTID 101 exist mounted running" "5: status prints under --quiet, fields 3 to 5"
code 0 "5: and is 0 for what does not exist" vzctl status 4711

have 102
is "$(vzlist -H -o hostname -h 'on*' -a)" one "7: vzlist -h filters by host name"
is "$(vzlist -1a | tr -d ' ' | tr '\n' ' ')" "101 102 " "7: -1 is a flag"
mv "$node/private/102" "$node/private/x"
is "$(vzlist -aHo ctid | tr -d ' ')" 101 "7: one without a private area is hidden"
mv "$node/private/x" "$node/private/102"
code 0 "7: none found is 0" vzlist -a -h 'nosuch*'
code 1 "7: but 1 when IDs were given" vzlist 4711

sum=$(md5sum < "$conf")
not "8: set --save of two values, one of which fails" vzctl set 101 --numproc 99 --private "$node/y" --save
is "$(md5sum < "$conf") $(cg_value 101 numproc)" "$sum max" "8: saves and applies neither"
code 0 "8: without --save it only warns" vzctl set 101 --numproc 98
like "$err" 'not saved' "8: that it is lost"
code 0 "8: set --save of a stopped one" vzctl set 102 --numproc 97 --save
is "$(state 102)" "exist unmounted down" "8: applies nothing"

code 0 "9: what needs a restart is saved with a warning" vzctl set 101 --capability net_raw:off --save
like "$err" restart "9: by default"
code 32 "9: --setmode ignore is 32" vzctl set 101 --capability net_raw:on --setmode ignore --save
code 20 "9: --setmode restart needs --save" vzctl set 101 --capability net_raw:on --setmode restart

printf '# mine\nNOBODY="knows"\nBOOTORDER="1"\nBOOTORDER="2"\n' >> "$conf"
mv "$conf" "$node/real" && ln -s ../real "$conf"
set_ --bootorder 9
is "$(tail -n 4 "$conf")" $'# mine\nNOBODY="knows"\nBOOTORDER="9"\nBOOTORDER="2"' "10: rewriting is in place, the first one counts"
ok "10: a link stays one" test -L "$conf"
# shellcheck disable=SC2016
is "$(grep -c '="[^"]*\$VEID"' "$conf")" 2 "10: and the literal \$VEID stays"
rm "$conf" && mv "$node/real" "$conf"
sed -i '/^BOOTORDER/d' "$conf"

set_ --nameserver 192.0.2.1 --ipadd 203.0.113.1
set_ --nameserver inherit --ipadd 203.0.113.2
has 'NAMESERVER="inherit"' "11: --nameserver replaces"
has 'IP_ADDRESS="203.0.113.1 203.0.113.2"' "11: --ipadd adds"
set_ --desc first --descr second
has 'DESCRIPTION="first"' "11: abbreviations work, and the first of two scalars counts"

code 21 "12: an unknown option is 21" vzctl start 101 --frob
code 21 "12: a bad value is 21" vzctl set 101 --numproc x --save
code 20 "12: a left-over word is 20" vzctl start 101 now
code 131 "12: a name that is taken is 131, as in 4.x" vzctl set 102 --name '../x' --save

sleep 60 &
holder=$!
printf '%s\nbacking up\n' $holder > "$node/lock/101.lck"
refused 9 "locked.*$holder.*sleep" "13: a lock that another program wrote is 9, with its holder" vzctl stop 101 --fast
code 0 "13: --skiplock is for who wrote it" vzctl --skiplock stop 101 --fast
ok "13: who finds it there again" test -e "$node/lock/101.lck"
kill $holder
wait $holder 2> /dev/null
code 0 "13: a lock of a dead process is taken over" vzctl start 101

vzctl stop 101 --fast > /dev/null
for s in vps.premount 101.premount vps.mount 101.mount 101.umount vps.umount; do
	printf '#!/bin/bash\necho %s $VEID ${VE_CONFFILE##*/} $(env | grep -c SECRET) >> %s/ran\n' "$s" "$node" > "$node/conf/$s"
	chmod +x "$node/conf/$s"
done
SECRET=x vzctl mount 101 > /dev/null
SECRET=x vzctl umount 101 > /dev/null
is "$(cut -d ' ' -f 1 "$node/ran" | tr '\n' ' ')" "vps.premount 101.premount vps.mount 101.mount 101.umount vps.umount " \
	"14: global scripts first on the way up, last on the way down"
is "$(cut -d ' ' -f 2- "$node/ran" | sort -u)" "101 101.conf 0" "14: with VEID and VE_CONFFILE, and nothing of the caller"
printf '#!/bin/bash\nexit 1\n' > "$node/conf/101.mount"
code 79 "14: a script that fails is 79" vzctl mount 101
is "$(state 101)" "exist unmounted down" "14: and takes the mount back"
rm -f "$node"/conf/{vps,101}.{premount,mount,umount} "$node/ran"

set_ --cpulimit 50%
has "CPULIMIT=\"$((50 * $(nproc --all)))\"" "15: N% is of all CPUs"
set_ --cpulimit 150 --cpuunits 1000
started 101
is "$(cg_value 101 cpulimit) $(cg_value 101 cpuunits)" "150 1000" "15: N is of one, and 1000 units are usual"
vzctl stop 101 --fast > /dev/null
code 0 "15: destroy" vzctl destroy 101
ok "15: leaves the file as .destroyed" test -e "$conf.destroyed"
finish
