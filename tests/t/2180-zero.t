#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# requires: root
# What 0 means: for some parameters "no limit" or "the default", for others none at all. By option and by file.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
begin "$@"
have 101
conf=$node/conf/101.conf
started 101

# no limit
vzctl set 101 --cpulimit 50 --save > /dev/null 2>&1
is "$(cg_value 101 cpulimit)" 50 "a CPU limit"
code 0 "--cpulimit 0" vzctl set 101 --cpulimit 0 --save
is "$(cg_value 101 cpulimit)" max "takes it away, live"
like "$(cat "$conf")" '^CPULIMIT="0"$' "and is stored as 0"
code 0 "--cpus 1" vzctl set 101 --cpus 1 --save
is "$(cg_value 101 cpulimit)" 100 "is a limit"
code 0 "--cpus 0" vzctl set 101 --cpus 0 --save
is "$(cg_value 101 cpulimit)" max "is none"
for o in iolimit iopslimit; do
	vzctl set 101 --$o 10 --save > /dev/null 2>&1
	code 0 "--$o 0" vzctl set 101 --$o 0 --save
	is "$(vzlist -a -H -o $o 101 | tr -d ' ')" 0 "is no limit"
	unlike "$err" 'I/O limit' "of which there is nothing to say"
done
# the default
code 0 "--stop-timeout 0" vzctl set 101 --stop-timeout 0 --save
like "$(cat "$conf")" '^STOP_TIMEOUT="0"$' "is stored: the default"
code 0 "--swap 0" vzctl set 101 --ram 64M --swap 0 --save
is "$(cg_value 101 ram)" 67108864 "is RAM"
v=$(cg_value 101 swap)
[ "$v" = none ] || v=$((v / 4096))
is "${v/none/0}" 0 "and no swap at all"
# out of range
refused 21 "range" "--cpuunits 0 is refused" vzctl set 101 --cpuunits 0 --save
# the lowest
code 0 "--ioprio 0" vzctl set 101 --ioprio 0 --save
code 0 "--bootorder 0" vzctl set 101 --bootorder 0 --save
is "$(vzlist -a -H -o bootorder 101 | tr -d ' ')" 0 "is an order, not none"

# none at all
code 0 "--numproc 0 on a running VPS" vzctl set 101 --numproc 0 --save
is "$(cg_value 101 numproc)" 0 "ends nothing, and lets nothing begin"
refused 7 "unavailable" "not by exec either" vzctl exec2 101 true
is "$(state 101)" "exist mounted running" "it runs"
code 0 "a limit again" vzctl set 101 --numproc 50 --save
code 0 "and it works on" vzctl exec2 101 true
code 1 "--ram 0 of a VPS that uses some is refused" vzctl set 101 --ram 0 --save
like "$(cat "$conf")" '^PHYSPAGES="0:16384"$' "and not stored"
is "$(cg_value 101 ram)" 67108864 "nor applied"
vzctl stop 101 --fast > /dev/null
code 0 "while it is down it is stored" vzctl set 101 --ram 0 --save
refused 7 "101" "and then it does not start" vzctl start 101
ok "with nothing left" nothing_runs 101
vzctl set 101 --ram 64M --numproc 0 --save > /dev/null
run vzctl start 101
soon "nor does one stay that may have no process but its first" nothing_runs 101
code 0 "limits above 0" vzctl set 101 --numproc 40 --save
code 0 "and it starts" vzctl start 101
finish
