#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# requires: root
# set on a stopped VPS, and what becomes of the file.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
begin "$@"
have 101
conf=$node/conf/101.conf
has() { like "$(cat "$conf")" "^$1\$" "$2"; }

refused 31 "101.*--save" "set without --save on a stopped VPS is 31" vzctl set 101 --ram 64M
code 0 "with --save the value is stored" vzctl set 101 --ram 64M --save
is "$out" "CT configuration saved to $conf" "and it says where"
has 'PHYSPAGES="0:16384"' "--ram 64M is PHYSPAGES 0:16384 pages"
is "$(state 101)" "exist unmounted down" "the VPS is not started for it"
code 0 "--ram rounds up to pages" vzctl set 101 --ram 4097 --save
has 'PHYSPAGES="0:2"' "4097 bytes are two pages"
code 0 "fractions are understood" vzctl set 101 --ram 2.5M --save
has 'PHYSPAGES="0:640"' "2.5M are 640 pages"
code 0 "--swap" vzctl set 101 --ram 1g --swap 512m --save
has 'SWAPPAGES="0:131072"' "is SWAPPAGES"
code 0 "unlimited may be abbreviated" vzctl set 101 --ram unlim --save
has 'PHYSPAGES="(0:)?unlimited"' "and is stored as the word"
code 0 "--numproc N" vzctl set 101 --numproc 200 --save
has 'NUMPROC="200"' "is one number when barrier and limit are equal"
code 0 "--numproc B:L" vzctl set 101 --numproc 200:300 --save
has 'NUMPROC="200:300"' "is both when they differ"
code 0 "--cpuunits" vzctl set 101 --cpuunits 2000 --save
has 'CPUUNITS="2000"' "is stored"
code 0 "--cpulimit in per cent of one CPU" vzctl set 101 --cpulimit 150 --save
has 'CPULIMIT="150"' "is stored"
code 0 "--cpulimit in per cent of all" vzctl set 101 --cpulimit 50% --save
has "CPULIMIT=\"$((50 * $(nproc --all)))\"" "is multiplied by their number"

# lists
code 0 "--ipadd adds" vzctl set 101 --ipadd 203.0.113.1 --save
code 0 "and adds" vzctl set 101 --ipadd 203.0.113.2 --ipadd '203.0.113.3 2001:db8::1' --save
has 'IP_ADDRESS="203\.0\.113\.1 203\.0\.113\.2 203\.0\.113\.3 2001:db8::1"' "to the list"
code 0 "--ipdel takes one away" vzctl set 101 --ipdel 203.0.113.2 --save
has 'IP_ADDRESS="203\.0\.113\.1 203\.0\.113\.3 2001:db8::1"' "and leaves the others"
code 0 "--ipdel all --ipadd X replaces" vzctl set 101 --ipdel all --ipadd 203.0.113.9 --save
has 'IP_ADDRESS="203\.0\.113\.9"' "the list"
code 0 "in any order" vzctl set 101 --ipadd 203.0.113.10 --ipdel all --save
has 'IP_ADDRESS="203\.0\.113\.10"' "of the words"
code 0 "0.0.0.0 is ignored" vzctl set 101 --ipadd 0.0.0.0 --save
has 'IP_ADDRESS="203\.0\.113\.10"' "as it always was"
code 0 "--nameserver with several" vzctl set 101 --nameserver '192.0.2.53 192.0.2.54' --nameserver 2001:db8::53 --save
has 'NAMESERVER="192\.0\.2\.53 192\.0\.2\.54 2001:db8::53"' "takes them all"
code 0 "--nameserver again" vzctl set 101 --nameserver 192.0.2.99 --save
has 'NAMESERVER="192\.0\.2\.99"' "replaces them"
code 0 "--searchdomain" vzctl set 101 --searchdomain 'example.com example.net' --save
has 'SEARCHDOMAIN="example.com example.net"' "is stored"
code 72 "a name server that is no address is 72" vzctl set 101 --nameserver not-an-ip --save

# the file
cat >> "$conf" <<'END'
# a comment of mine
  INDENTED="stays"
UNKNOWN_THING="stays too"
export SHELLISH=1
no equal sign here
DESCRIPTION="first"
DESCRIPTION="second"
END
chmod 640 "$conf"
cp "$conf" "$scratch/before"
code 0 "set in a file with foreign lines" vzctl set 101 --bootorder 5 --save
is "$(diff "$scratch/before" "$conf" | grep -c '^[<>]')" 1 "changes one line"
has 'BOOTORDER="5"' "its own"
sum=$(md5sum < "$conf") ino=$(stat -c %i "$conf")
code 0 "setting what is set succeeds" vzctl set 101 --bootorder 5 --save
is "$(md5sum < "$conf")" "$sum" "and changes no byte"
is "$(stat -c %i "$conf")" "$ino" "nor the file"
code 0 "of duplicates" vzctl set 101 --description new --save
is "$(grep '^DESCRIPTION' "$conf")" $'DESCRIPTION="new"\nDESCRIPTION="second"' "the first is the one"
is "$(stat -c %a "$conf")" 640 "its mode stays"
mv "$conf" "$node/real.conf" && ln -s ../real.conf "$conf"
code 0 "a configuration that is a link" vzctl set 101 --bootorder 6 --save
ok "stays one" test -L "$conf"
like "$(cat "$node/real.conf")" '^BOOTORDER="6"$' "and what it leads to is changed"
rm "$conf" && mv "$node/real.conf" "$conf"
for text in 'with "quotes" in' 'back\slash' '$HOME `id` $(id)' "single ' quote" 'äöü'; do
	vzctl set 101 --description "$text" --save > /dev/null 2>&1
	# shellcheck disable=SC2016
	is "$(env -i VEID=101 bash -c '. "$1" > /dev/null 2>&1; printf %s "$DESCRIPTION"' sh <(grep -v '^no ' "$conf" | grep '^DESC' | head -n 1))" \
		"$text" "description '$text' is the same to a shell that reads the file"
done
sum=$(md5sum < "$conf")
refused 21 "" "a value with a newline is refused" vzctl set 101 --description $'a\nb' --save
is "$(md5sum < "$conf")" "$sum" "and nothing is written"
chmod 644 "$conf"
sed -i '/no equal sign/d; /^DESCRIPTION="second"/d' "$conf"

# names
code 131 "--name needs --save" vzctl set 101 --name web
code 0 "a name is set" vzctl set 101 --name web --save
is "$(readlink "$node/names/web")" "$conf" "as a link in the names folder"
code 0 "another" vzctl set 101 --name 'my shop' --save
is "$(ls "$node/names")" "my shop" "takes the first one's place"
have 102
refused 131 "my shop" "one that another VPS has is 131" vzctl set 102 --name 'my shop' --save
unlike "$(cat "$node/conf/102.conf")" '^NAME=' "and is not stored"
code 0 "an empty name" vzctl set 101 --name '' --save
is "$(ls "$node/names")" "" "removes it"
run vzctl set 101 --name ../x --save
verdict $((rc != 21 && rc != 131)) "a name with a slash is refused"
is "$(ls "$node/names")" "" "and makes no link"

# combinations
code 20 "--force needs --save" vzctl set 101 --ram 64M --force
code 0 "--force with it changes nothing" vzctl set 101 --ram 64M --force --save
refused 21 "setmode" "--setmode knows two words" vzctl set 101 --setmode later --save
for v in yes no auto; do
	code 0 "--onboot $v" vzctl set 101 --onboot $v --save
	has "ONBOOT=\"$v\"" "is stored"
done
code 20 "--stop-timeout needs --save" vzctl set 101 --stop-timeout 5
code 0 "what this kernel cannot do is stored" vzctl set 101 --kmemsize 10M --tcpsndbuf 1M --numfile 100 --save
is "$(grep -c . <<< "$err")" 1 "with one line of warning"
like "$err" 'KMEMSIZE.*TCPSNDBUF|KMEMSIZE.*NUMFILE' "for all of them"
code 0 "--quiet" vzctl --quiet set 101 --kmemsize 11M --save
is "$err" "" "without it"

# without a file
rm -f "$node/conf/103.conf"
run vzctl set 103 --description x --save
[ "$rc" != 0 ] || unlike "$(state 103)" '^exist' "set --save for what does not exist makes no VPS"
rm -f "$node/conf/103.conf"
finish
