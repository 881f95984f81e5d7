#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# requires: root fault
# create, destroy and set die at each of their points: a VPS is there or it is not, and set is done or not.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
begin "$@"
need_fault

tree() { (cd "$node" && find conf ids names private root lock ! -name '*.destroyed' ! -path 'root/101' | sort); }
empty=$(tree)

for p in create:area:before create:area:after create:conf:after create:commit:after; do
	crash "$p" "create dies at $p" vzctl create 101 --ostemplate "$tmpl" --hostname one --name web
	is "$(vzctl status 101 | cut -d ' ' -f 4-)" "unmounted down" "status can be asked"
	run patiently vzctl create 101 --ostemplate "$tmpl" --hostname one --name web
	[ "$rc" = 0 ] || [ "$rc" = 44 ] || told
	verdict $((rc != 0 && rc != 44)) "create again succeeds, or it had ($rc)"
	code 0 "the VPS starts" patiently vzctl start web
	is "$(in_ct 101 hostname)" one "with its configuration"
	code 0 "stops" patiently vzctl stop 101 --fast
	code 0 "and can be destroyed" patiently vzctl destroy 101
	is "$(tree)" "$empty" "and nothing is left"

	VZ_CRASH=$p run vzctl create 101 --ostemplate "$tmpl" --hostname one --name web
	run patiently vzctl destroy 101
	[ "$rc" = 0 ] || [ "$rc" = 14 ] || told
	verdict $((rc != 0 && rc != 14)) "destroy after it succeeds, or there is nothing to destroy ($rc)"
	run patiently vzctl create 101 --ostemplate "$tmpl"
	[ "$rc" = 0 ] || told
	verdict $rc "whatever it was, one can create anew"
	vzctl destroy 101 > /dev/null
	is "$(tree)" "$empty" "and nothing is left of either"
done
VZ_CRASH=create:commit:after run vzctl create 101 --ostemplate "$tmpl" --hostname one
code 0 "a create killed after its commit is completed by the next verb" patiently vzctl start 101
is "$(in_ct 101 hostname)" one "with all of its configuration"
vzctl stop 101 --fast > /dev/null
vzctl destroy 101 > /dev/null

for p in destroy:commit:after destroy:conf:after; do
	have 101 --name web --ipadd 203.0.113.1
	crash "$p" "destroy dies at $p" vzctl destroy 101
	is "$(vzctl status 101)" "CTID 101 deleted unmounted down" "the VPS is gone"
	run patiently vzctl destroy 101
	[ "$rc" = 0 ] || [ "$rc" = 14 ] || told
	verdict $((rc != 0 && rc != 14)) "destroy again succeeds, or it had ($rc)"
	[ "$(tree)" = "$empty" ] || { run vzctl create 101 --ostemplate "$tmpl"; vzctl destroy 101 > /dev/null 2>&1; }
	is "$(tree)" "$empty" "and nothing is left"
	have 101 --name web
	VZ_CRASH=$p run vzctl destroy 101
	code 0 "the ID can be used again at once" patiently vzctl create 101 --ostemplate "$tmpl" --name web --hostname new
	code 0 "and starts" patiently vzctl start web
	is "$(in_ct 101 hostname)" new "as what was created now"
	vzctl stop 101 --fast > /dev/null
	vzctl destroy 101 > /dev/null
	is "$(tree)" "$empty" "without a trace of the first"
done

# set
have 101 --hostname one --ipadd 203.0.113.1
vzctl set 101 --ram 100M --swap 0 --numproc 100 --cpulimit 50 --save > /dev/null
started 101
conf=$(cat "$node/conf/101.conf")
live() { echo "$(cg_value 101 ram) $(cg_value 101 numproc) $(cg_value 101 cpulimit) $(in_ct 101 hostname) $(ip route show 203.0.113.1 | wc -l) $(ip route show 203.0.113.2 | wc -l)"; }
was=$(live)
crash set:group:after "set dies after its first group" vzctl set 101 --ram 200M --numproc 200 --cpulimit 90 \
	--hostname two --ipadd 203.0.113.2 --ipdel 203.0.113.1 --save
is "$(cat "$node/conf/101.conf")" "$conf" "nothing is stored"
code 0 "the next verb" patiently vzctl mount 101
is "$(live)" "$was" "puts into force what is stored"
ok "the address is reached" ping -c 1 -W 2 203.0.113.1
is "$(of_state 101 .op)" "" "and no operation is pending"
code 0 "set again" patiently vzctl set 101 --ram 200M --numproc 200 --cpulimit 90 --hostname two \
	--ipadd 203.0.113.2 --ipdel 203.0.113.1 --save
is "$(live)" "$((200 << 20)) 200 90 two 0 1" "is done"
VZ_CRASH=set:group:after run vzctl set 101 --ipadd 203.0.113.3
code 0 "stop after a killed set" patiently vzctl stop 101 --fast
ok "leaves nothing" nothing_runs 101
is "$(ip route show 203.0.113.3)" "" "no route either"
finish
