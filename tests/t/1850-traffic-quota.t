#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# requires: root netns veth nft ifb tbf
# A month's traffic: what counts, what happens beyond it and when it is taken back, whoever is killed on the way.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
begin "$@"
need_fault

export TZ=UTC
clock() { # 2026-11-20 10:00: what the tools take for now
	VZ_NOW=$(date -u -d "$1" +%s)
	export VZ_NOW
}
send() { # N: N times 1400 bytes each way
	in_ct 101 "ping -q -c $1 -i 0.02 -s 1372 -W 2 192.0.2.1 > /dev/null"
}
used() { vznetstat --quota -r -v 101 | awk '{ print $3 }'; }
month() { vznetstat --quota -r -v 101 | awk '{ print $2, $6 }'; }
devices() { ip -o link | sed -n 's/^[0-9]*: \(vz[io][0-9]*\)[:@].*/\1/p' | sort | tr '\n' ' '; }
events() { # what the scripts have noted since
	cat "$scratch/events" 2> /dev/null
	rm -f "$scratch/events"
}
script() { # NAME
	cat > "$node/conf/$1" <<- END
		#!/bin/sh
		echo "$1 \$VEID \$TRAFFIC_EVENT \$TRAFFIC_MONTH \$TRAFFIC_QUOTA \$TRAFFIC_ACTION" >> "$scratch/events"
	END
	chmod 755 "$node/conf/$1"
}

clock "2026-11-20 10:00"
have 101 --ipadd 203.0.113.1
started 101
script vps.traffic
script 101.traffic
ok "a quota is set" vzctl set 101 --traffic_quota 100K --save
like "$(cat "$node/conf/101.conf")" '^TRAFFIC_QUOTA="102400"$' "in bytes, K being 1024"
code 0 "vznetstat --quota" vznetstat --quota
is "$(tr -s ' ' <<< "$out")" " CTID Month Used(bytes) Quota(bytes) Used(%) State Action
 101 2026-11-01 0 102400 0.0 ok notify" "its table"
send 20
is "$(used)" 56000 "both directions count, to the byte"
ok "a quota that is not used up" vznetstat --enforce
is "$(events)" "" "asks for nothing"
vzctl restart 101 > /dev/null
is "$(used)" 56000 "a restart neither loses nor adds"
kill -9 "$(init_pid 101)"
wait_for 10 nothing_runs 101
is "$(used)" 56000 "nor does a kill"
started 101
send 20
is "$(month)" "2026-11-01 over" "used up"
code 0 "who looks" vznetstat --enforce
like "$out$err" 'VPS 101: 112000 of 102400 bytes of the month from 2026-11-01 are used: notify' "says so"
is "$(events)" "vps.traffic 101 over 2026-11-01 102400 notify
101.traffic 101 over 2026-11-01 102400 notify" "and runs the scripts"
code 0 "who looks again" vznetstat --enforce
is "$out$err$(events)" "" "does nothing"

echo nonsense > "$node/networks_classes"
vzctl set 101 --traffic_action stop --save > /dev/null
refused 85 "networks_classes" "a file of classes that cannot be understood is told" vznetstat --enforce
is "$(state 101)" "exist unmounted down" "and is no way round"
rm "$node/networks_classes"
vzctl set 101 --traffic_action notify --save > /dev/null
vznetstat --enforce > /dev/null 2>&1
is "$(state 101)" "exist mounted running" "an action that is no more is taken back"
events > /dev/null

# Throttled
ok "another action" vzctl set 101 --traffic_action throttle:2mbit --save
is "$(devices)" "vzi101 vzo101 " "takes effect at once"
like "$(cat "$node/conf/101.conf")" '^TRAFFIC_ACTION="throttle:2mbit"$' "and is kept as it was said"
like "$(tc qdisc show dev vzo101)" 'rate 2Mbit' "at its rate"
vznetstat --enforce > /dev/null 2>&1
like "$(events)" '^101.traffic 101 over 2026-11-01 102400 throttle:2mbit$' "the scripts are told"
vzctl set 101 --rate '*:1:1000' --ratebound yes > /dev/null 2>&1
like "$(tc qdisc show dev vzo101)" 'rate 1Mbit' "a RATE that is less stays"
vzctl set 101 --rate '' > /dev/null 2>&1
vzctl restart 101 > /dev/null
is "$(devices)" "vzi101 vzo101 " "a restart does not help the VPS"
ok "the quota is raised" vzctl set 101 --traffic_quota 1G --save
is "$(devices)" "" "which ends it at once"
vznetstat --enforce > /dev/null 2>&1
like "$(events)" '^vps.traffic 101 free 2026-11-01 1073741824 throttle:2mbit$' "the scripts are told"
ok "and lowered" vzctl set 101 --traffic_quota 100K --save
is "$(devices)" "vzi101 vzo101 " "which limits it at once"
vznetstat --enforce > /dev/null 2>&1
events > /dev/null

# Months
clock "2026-11-30 23:59:59"
is "$(month)" "2026-11-01 over" "the last second of a month"
clock "2026-12-01 00:00:00"
is "$(month) $(used)" "2026-12-01 ok 0" "the first of the next"
code 0 "who looks then" vznetstat --enforce
is "$(devices)" "" "ends the limit"
like "$(events)" '^101.traffic 101 free 2026-12-01 102400' "and tells the scripts"
send 5
clock "2026-11-30 23:59:58"
is "$(month) $(used)" "2026-11-01 over 126000" "a clock that is put back finds the month as it was, and what came since"
clock "2026-12-01 00:10"
is "$(month) $(used)" "2026-12-01 ok 14000" "and forth again"
clock "1970-01-01 00:10"
is "$(month) $(used)" "2026-12-01 ok 14000" "a clock that was never set turns nothing"
clock "2026-12-01 00:20"
ok "a month can begin another day" vzctl set 101 --traffic_day 15 --save
is "$(month)" "2026-11-15 ok" "then it is the one of that day"
vzctl set 101 --traffic_day 1 --save > /dev/null

# What counts
vznetstat --enforce > /dev/null 2>&1
for i in 1 2 3; do head -c 1000 /dev/zero > /dev/udp/203.0.113.1/9; done
for c in in out larger both; do
	vzctl set 101 --traffic_count $c --save > /dev/null
	eval "n_$c=$(used)"
done
[ "$n_both" = $((n_in + n_out)) ] && [ "$n_larger" = "$n_in" ] && [ "$n_in" -gt "$n_out" ] && [ "$n_out" -ge 0 ]
verdict $? "in, out, the larger, or both: $n_in $n_out $n_larger $n_both"
ok "a class can be free" vzctl set 101 --traffic_free 1 --save
is "$(used)" 0 "and does not count"
vzctl set 101 --traffic_free "" --save > /dev/null
is "$(used)" "$n_both" "and does again"

# Stopped
vzctl set 101 --traffic_quota 1K --traffic_action stop --save > /dev/null
is "$(state 101)" "exist mounted running" "set does not stop anything"
crash quota:stop:before "who looks is killed before the stop" vznetstat --enforce
is "$(state 101)" "exist mounted running" "and it runs"
code 0 "who looks next" vznetstat --enforce
is "$(state 101)" "exist unmounted down" "stops it"
like "$(events)" '^101.traffic 101 over 2026-12-01 1024 stop$' "and tells the scripts, once"
refused 105 "used up its traffic" "start is refused" vzctl start 101
refused 105 "used up its traffic" "though it were forced" vzctl start 101 --force
ok "who looks then" vznetstat --enforce
is "$(events)$(state 101)" "exist unmounted down" "leaves it"
crash quota:note:before "killed behind the start of a new month" env VZ_NOW="$(date -u -d '2027-01-01' +%s)" vznetstat --enforce
is "$(state 101)" "exist mounted running" "it runs again"
clock "2027-01-01 00:01"
events > /dev/null
code 0 "who looks next" vznetstat --enforce
like "$(events)" '^101.traffic 101 free 2027-01-01 1024 stop$' "tells the scripts"
is "$(state 101)" "exist mounted running" "and leaves it running"
send 2
crash quota:stop:after "who looks is killed behind the stop" vznetstat --enforce
is "$(state 101)" "exist unmounted down" "it is down"
vzctl set 101 --traffic_quota unlimited --save > /dev/null
ok "a quota that is raised" vznetstat --enforce
is "$(state 101)" "exist mounted running" "starts it"
vzctl stop 101 --fast > /dev/null
vzctl set 101 --traffic_quota 1K --save > /dev/null
vznetstat --enforce > /dev/null 2>&1
clock "2027-02-01"
vznetstat --enforce > /dev/null 2>&1
is "$(state 101)" "exist unmounted down" "one that its administrator has stopped is not started by a new month"
started 101
send 2
vzctl set 101 --traffic_action throttle:5mbit --save > /dev/null
vzctl set 101 --traffic_quota 0 --save > /dev/null
vzctl set 101 --traffic_quota 1K --save > /dev/null
ip link del vzi101
crash quota:rate:before "killed before a limit" vznetstat --enforce
ok "the next command" vzctl set 101 --onboot no --save
is "$(devices)" "vzi101 vzo101 " "sees to it"

for bad in x -1 1.2.3 5P 10X '' $'1\n2'; do
	not "'${bad//$'\n'/ }' is no quota" vzctl set 101 --traffic_quota "$bad"
done
for bad in x throttle throttle: throttle:0 throttle:x throttle:-5mbit throttle:5pbit stop:1 throttle:99999gbit throttle:1mbitx; do
	not "'$bad' is no action" vzctl set 101 --traffic_action "$bad"
done
not "0 is no day" vzctl set 101 --traffic_day 0
not "29 is none that every month has" vzctl set 101 --traffic_day 29
not "a class has a number" vzctl set 101 --traffic_free all
code 1 "one thing at a time" vznetstat --quota --enforce
code 1 "a month is of all classes" vznetstat --quota -c 1
rm -f "$node"/conf/*.traffic
finish
