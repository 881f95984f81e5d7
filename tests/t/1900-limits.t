#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Limits are true: what the kernel counted for VPSs under load is what was set. bench/limits measures it closely; here
# tolerances are wide, and nothing that depends on how much of the machine there is to have is asserted.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
begin "$@"
have 101
have 102
for id in 101 102; do
	run vzctl set $id --ram 64M --swap 0 --cpumask 0 --save
	booted $id
done

burn() { # ID
	timeout 60 vzctl exec2 "$1" 'while :; do :; done' < /dev/null > /dev/null 2>&1 &
	burners+=($!)
}
burners=()
cpu_us() { # ID
	local d
	d=$(cg_dir cpuacct "$1")
	if [ -e "$d/cpuacct.usage" ]; then
		echo $(($(cat "$d/cpuacct.usage") / 1000))
	else
		awk '$1 == "usage_usec" { print $2 }' "$(cg_two "$1")/cpu.stat"
	fi
}
stat_of() { awk -v k="$2" '$1 == k { print $2 }' "$(cg_dir cpu "$1")/cpu.stat"; }
burns() { # ID: it has got some time since it was asked last
	local t
	t=$(cpu_us "$1")
	sleep 0.2
	[ "$(cpu_us "$1")" -gt $((t + 2000)) ]
}
between() { [ "$1" -ge "$2" ] && [ "$1" -le "$3" ]; }

# Weight: two on one processor, three to one, whatever the rest of the machine leaves them. Time is counted by theirs.
run vzctl set 101 --cpuunits 3000 --save
run vzctl set 102 --cpuunits 1000 --save
burn 101
burn 102
wait_for 10 burns 101
wait_for 10 burns 102
a=$(cpu_us 101) b=$(cpu_us 102)
got() { [ $(($(cpu_us 101) - a + $(cpu_us 102) - b)) -gt 1500000 ]; }
wait_for 60 got
a=$(($(cpu_us 101) - a)) b=$(($(cpu_us 102) - b))
ok "a weight of 3 to 1 gives three quarters ($((a * 1000 / (a + b))) in a thousand)" between $((a * 1000 / (a + b))) 700 800
kill_in_ct 102 sh
wait "${burners[1]}" 2> /dev/null

# A ceiling: in so many periods of a tenth of a second it had at most its quota in each, and where it was held back all
# the time, that and no less.
run vzctl set 101 --cpulimit 20 --save
p0=$(stat_of 101 nr_periods) h0=$(stat_of 101 nr_throttled) u0=$(cpu_us 101)
passed() { [ $(($(stat_of 101 nr_periods) - p0)) -ge 15 ]; }
wait_for 60 passed
u=$(($(cpu_us 101) - u0)) p=$(($(stat_of 101 nr_periods) - p0)) h=$(($(stat_of 101 nr_throttled) - h0))
ok "--cpulimit 20: not more than 20 ms of 100 ($((u / p)) us, $h of $p held back)" between $((u / p)) 0 22500
ok "and not less, as far as there was a processor to have" between $((u / p)) $((20000 * h / p * 85 / 100)) 22500
kill_in_ct 101 sh
wait "${burners[0]}" 2> /dev/null
run vzctl set 101 --cpulimit 0 --save

# Memory: up to the limit and not a page more.
not "one who takes twice its memory is killed" in_ct 101 'dd if=/dev/zero of=/dev/null bs=128M count=1'
peak=$(cat "$(cg_dir memory 101)"/memory.{max_usage_in_bytes,peak} 2> /dev/null)
ok "at its limit of 64 MiB ($((peak / 1024)) KiB)" between "$peak" $((60 << 20)) $((64 << 20))

# Processes: as many as were sold, and nobody else has less.
run vzctl set 101 --numproc 40 --save
timeout 60 vzctl exec2 101 'while :; do sleep 60 & done' < /dev/null > /dev/null 2>&1 &
full() { [ "$(cat "$(cg_dir pids 101)/pids.current")" -ge 38 ]; }
wait_for 20 full
ok "--numproc 40: so many run ($(cat "$(cg_dir pids 101)/pids.current"))" between "$(cat "$(cg_dir pids 101)/pids.current")" 38 40
ok "its neighbour's processes are not counted" in_ct 102 'for i in 1 2 3 4 5; do true & done; wait'
kill_in_ct 101 sleep
wait
finish
