#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# requires: root
# Several VPSs at once: created, started, used and stopped side by side.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
begin "$@"
ids=(101 102 103 104 105 106 107 108)

all() { # SENTENCE FUNCTION: for each VPS at once
	local i j=() bad=0
	for i in "${ids[@]}"; do
		"$2" "$i" > "$scratch/p.$i" 2>&1 < /dev/null &
		j+=($!)
	done
	for i in "${!ids[@]}"; do
		wait "${j[$i]}" || { bad=1; note "VPS ${ids[$i]}: $(cat "$scratch/p.${ids[$i]}")"; }
	done
	verdict $bad "$1"
}

create() { vzctl create "$1" --ostemplate "$tmpl" --hostname "h$1" --ipadd "203.0.113.$1" --ipadd "2001:db8::$1"; }
start() { vzctl start "$1"; }
stop() { vzctl stop "$1"; }
restart() { vzctl restart "$1"; }
destroy() { vzctl destroy "$1"; }
runs() { [ "$(state "$1")" = "exist mounted running" ] && [ "$(in_ct "$1" hostname)" = "h$1" ]; }
pings() { ping -c 1 -W 3 "203.0.113.$1" && ping -6 -c 1 -W 3 "2001:db8::$1"; }
talks() { in_ct "$1" "ping -c 1 -W 3 203.0.113.$((101 + ($1 - 100) % 8))"; }
down() { [ "$(state "$1")" = "exist unmounted down" ]; }
sets() { vzctl set "$1" --numproc "$1" --hostname "n$1" --ipadd "198.51.100.$1" --save; }
is_set() { [ "$(cg_value "$1" numproc) $(in_ct "$1" hostname)" = "$1 n$1" ] && ping -c 1 -W 3 "198.51.100.$1"; }

all "eight are created at once" create
is "$(ls "$node/ids" | wc -l)" 8 "each has its own range of ids"
is "$(cat "$node"/ids/* 2> /dev/null; for l in "$node"/ids/*; do readlink "$l"; done | sort -u | wc -l)" 8 "no two share one"
all "eight are started at once" start
all "each runs under its own name" runs
all "each is reached" pings
all "each reaches the next" talks
all "each has one monitor" one_monitor
all "eight are set at once" sets
all "each has what was set" is_set
all "eight are restarted at once" restart
all "all run" is_set
all "eight are stopped at once" stop
all "all are down" down

# One address for two at once: one of them wins.
for i in 101 102; do vzctl set $i --ipadd 203.0.113.200 --save > /dev/null 2>&1; done
vzctl start 101 > "$scratch/a" 2>&1 &
a=$!
vzctl start 102 > "$scratch/b" 2>&1
b=$?
wait $a
a=$?
like "$a $b" '^(0 78|78 0)$' "of two with one address one starts, the other is 78" || note "$(cat "$scratch/a" "$scratch/b")"
for i in 101 102; do
	vzctl stop $i --fast > /dev/null 2>&1
	vzctl set $i --ipdel 203.0.113.200 --save > /dev/null 2>&1
done

# The first start on a node, by several: the caches of the node are made once, whoever is first.
rm -f "$node"/run/cgroups.json "$node"/run/filter-*

all "eight are the first ones of the node" start
all "and all run" is_set
guarded() { tc filter show dev "venet$1" ingress | grep vz_guard > /dev/null; }
all "each with its guard against false sources" guarded
halts() { in_ct "$1" halt; for _ in $(seq 200); do down "$1" && return; sleep 0.1; done; return 1; }
all "eight halt at once, and are cleared up" halts
all "eight are destroyed at once" destroy
is "$(ls "$node/private" "$node/ids" "$node/root" | grep -c '^[0-9]')" 0 "and nothing is left of them"
finish
