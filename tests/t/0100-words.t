#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# requires: root
# The command line itself: words, options, IDs, the node's own file.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
begin "$@"

code 20 "no word at all is 20" vzctl
like "$err" 'vzctl version [0-9]+\.[0-9]+' "and shows how it is used"
code 0 "--version succeeds" vzctl --version
like "$out" '^vzctl version 4\.[0-9.]+$' "its third word is a number 4.x"
code 0 "--help succeeds" vzctl --help
like "${out%%$'\n'*}" '^vzctl version 4\.' "its first line is the version"
like "$out" '^vzctl set .*--force' "panels find --force on the line of set"
like "$out" '--ipadd' "the parameters are in it"
code 0 "a verb has a help of its own" vzctl start --help

refused 20 "frobnicate" "an unknown command is 20" vzctl frobnicate 101
refused 20 "a\?b" "a message stays one line, whatever was typed" vzctl $'a\nb' 101
refused 21 "ID" "a verb without an ID is 21" vzctl start
for id in 0 2147483645 99999999999999999999 -5 1x '' ../101 'no such name' .hidden; do
	run vzctl start "$id"
	[ "$rc" = 21 ] && [ -n "$err" ] && [[ $err != *$'\n'* ]] || told
	is "$rc" 21 "'$id' is no ID"
done
refused 14 "101" "a VPS without a configuration is 14" vzctl start 101
refused 14 "101" "for stop, too" vzctl stop 101
refused 14 "101" "for destroy, too" vzctl destroy 101
refused 14 "101" "for exec2, too" vzctl exec2 101 true
refused 21 "frob" "an unknown option is 21" vzctl start 101 --frob
refused 21 "frob" "an unknown option before the verb is 21" vzctl --frob start 101
refused 21 "ram" "an option without its argument is 21" vzctl set 101 --ram
refused 21 "wait" "a flag with an argument is 21" vzctl start 101 --wait=yes
refused 21 "ambiguous" "a beginning that fits two options is 21" vzctl set 101 --na x --save

have 101 --name web --hostname web.example.com
code 20 "a left-over word is 20" vzctl start 101 now
code 20 "a left-over word of set is 20" vzctl set 101 now --save
code 0 "an option may be abbreviated" vzctl set 101 --desc 'a b' --save
like "$(cat "$node/conf/101.conf")" '^DESCRIPTION="a b"$' "and its value is stored"
code 0 "--option=value works" vzctl set 101 --onboot=yes --save
code 0 "of a scalar given twice" vzctl set 101 --hostname first --hostname second --save
like "$(cat "$node/conf/101.conf")" '^HOSTNAME="first"$' "the first one counts"
for bad in '--ram 12x' '--ram -5' '--ram 99999999999999999999T' '--numproc 10K' '--cpulimit abc' \
	'--cpuunits 7' '--cpuunits 500001' '--onboot maybe' '--ram' "--hostname a_b!c" '--cpulimit 1e5'; do
	before=$(cat "$node/conf/101.conf")
	# shellcheck disable=SC2086
	run vzctl set 101 $bad --save
	[[ $rc = 21 || $rc = 70 ]] && [ "$(cat "$node/conf/101.conf")" = "$before" ] || told
	verdict $((rc != 21 && rc != 70)) "set $bad is a bad value"
	is "$(cat "$node/conf/101.conf")" "$before" "and changes nothing"
done
for ip in 1.2.3 300.1.1.1 1.2.3.4/33 fe80::1::2 abc 10.0.0.1/-1; do
	code 71 "address '$ip' is not valid" vzctl set 101 --ipadd "$ip" --save
done

code 0 "a name stands for the ID" vzctl mount web
code 0 "--quiet says nothing on success" vzctl --quiet umount web
is "$out$err" "" "nothing at all"
code 40 "--quiet keeps the status" vzctl --quiet umount web
is "$out$err" "" "and says nothing of the failure"

is "$(vzctl status 101)" "CTID 101 exist unmounted down" "status is five words"
is "$(vzctl status 777)" "CTID 777 deleted unmounted down" "also for one that does not exist"
code 0 "whose status is 0" vzctl status 777
is "$(vzctl --quiet status 101)" "CTID 101 exist unmounted down" "--quiet does not silence it"
mv "$node/private/101" "$node/private/x"
is "$(vzctl status 101)" "CTID 101 deleted unmounted down" "without its private area it is deleted"
mv "$node/private/x" "$node/private/101"

VZ_CONF=$node/none.conf refused 10 "none.conf" "a node without vz.conf is 10" vzctl start 101
is "$(env -i VZ_CONF="$VZ_CONF" "$VZ_TEST_PREFIX/sbin/vzctl" status 101)" \
	"CTID 101 exist unmounted down" "an empty environment is enough"
code 0 "start needs no environment" env -i VZ_CONF="$VZ_CONF" "$VZ_TEST_PREFIX/sbin/vzctl" start 101
code 0 "nor does exec" env -i VZ_CONF="$VZ_CONF" "$VZ_TEST_PREFIX/sbin/vzctl" exec 101 true
code 0 "nor stop" env -i VZ_CONF="$VZ_CONF" "$VZ_TEST_PREFIX/sbin/vzctl" stop 101 --fast
ln -s vz.conf "$node/link.conf"
is "$(VZ_CONF=$node/link.conf vzctl status 101)" "CTID 101 exist unmounted down" \
	"vz.conf may be a link"
rm "$node/link.conf"
like "$(cat "$node/log")" 'vzctl : CT 101 : ' "the log tells which VPS it was about"
finish
