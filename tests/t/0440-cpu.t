#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# requires: root cgroup:cpuset cgroup:cpu
# Which CPUs, which memory nodes, how much time: in the kernel, felt inside, back to all, and refused whole.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
begin "$@"
have 101
conf=$node/conf/101.conf
started 101

set_of() { # cpus|mems -> what processes of the VPS may use
	local d f
	d=$(cg_dir cpuset 101)
	for f in "$d/cpuset.$1.effective" "$d/cpuset.effective_$1" "$d/cpuset.$1"; do
		[ -e "$f" ] && { cat "$f"; return; }
	done
}
inside() { in_ct 101 "sed -n 's/^$1_allowed_list:.//p' /proc/self/status"; } # Cpus|Mems
all=$(inside Cpus) mems=$(inside Mems)
first=${all%%[-,]*} last=${all##*[-,]} beyond=$((${all##*[-,]} + 1))

is "$(set_of cpus)" "$all" "a new VPS may use every CPU ($all)"
code 0 "--cpumask $last live" vzctl set 101 --cpumask "$last"
is "$(set_of cpus)" "$last" "is in the kernel"
is "$(inside Cpus)" "$last" "and what a process inside sees"
is "$(in_ct 101 nproc)" 1 "nproc says one"
is "$(sed -n 's/^Cpus_allowed_list:.//p' "/proc/$(init_pid 101)/status")" "$last" "init is moved, too"
code 0 "all" vzctl set 101 --cpumask all
is "$(inside Cpus)" "$all" "gives all back"
code 0 "with --save" vzctl set 101 --cpumask "$first" --save
like "$(cat "$conf")" "^CPUMASK=\"$first\"\$" "is stored"
vzctl restart 101 > /dev/null 2>&1
is "$(inside Cpus)" "$first" "and holds after a restart"
code 0 "a range" vzctl set 101 --cpumask "$all" --save
is "$(inside Cpus)" "$all" "is taken"

refused 20 'needs --cpumask' "--nodemask alone is 20" vzctl set 101 --nodemask 0
refused 20 'needs --nodemask' "--cpumask auto alone is 20" vzctl set 101 --cpumask auto
code 0 "--cpumask auto with --nodemask 0" vzctl set 101 --cpumask auto --nodemask 0 --save
is "$(inside Mems)" 0 "memory comes from that node"
is "$(inside Cpus)" "$(cat /sys/devices/system/node/node0/cpulist)" "and time from its CPUs"
vzctl restart 101 > /dev/null 2>&1
is "$(inside Mems)" 0 "after a restart as well"
code 0 "all of both" vzctl set 101 --cpumask all --nodemask all --save
is "$(inside Cpus) $(inside Mems)" "$all $mems" "is all"

before=$(cat "$conf")
refused 2 'does not have all' "CPU $beyond, which is not there, is 2" vzctl set 101 --cpumask "$beyond" --cpuunits 77 --save
is "$(inside Cpus) $(cg_value 101 cpuunits)" "$all 1000" "and nothing of that call is in force"
refused 2 'does not have all' "a range that is not all there, too" vzctl set 101 --cpumask "$first-$beyond" --save
refused 2 'does not have all' "nor a memory node" vzctl set 101 --cpumask all --nodemask 1000 --save
for bad in '' -1 1- 3-1 a 0,,1 ' 0' 0x1 99999 $'0\n1' "$(printf '0,%.0s' {1..3000})"; do
	short=${bad:0:20}
	code 21 "--cpumask ${short@Q} is 21" vzctl set 101 --cpumask "$bad" --save
	code 21 "and as --nodemask" vzctl set 101 --cpumask all --nodemask "$bad" --save
done
is "$(cat "$conf")" "$before" "nothing is stored"

# a machine with fewer CPUs than the file names
vzctl stop 101 > /dev/null
echo "CPUMASK=\"$beyond\"" >> "$conf"
sed -i '/^CPUMASK="all"/d' "$conf"
code 0 "a VPS whose CPUs are not there starts" vzctl start 101
like "$err" "CPUMASK '$beyond'.*may use all" "and it is said"
is "$(inside Cpus)" "$all" "on all"
code 0 "the mask can be mended live" vzctl set 101 --cpumask all --save

# time: --cpus is floating, the smaller one of it and --cpulimit counts
limit_is() { # OPTIONS... PERCENT
	vzctl set 101 "${@:1:$#-1}" > /dev/null 2>&1
	is "$(cg_value 101 cpulimit)" "${!#}" "${*:1:$#-1}: ${!#}"
}
limit_is --cpus 1 100
limit_is --cpus 1.5 150
limit_is --cpus 2 --cpulimit 50 50
limit_is --cpus 0.25 --cpulimit 300 25
limit_is --cpulimit 150 150
limit_is --cpulimit 50% $(($(nproc --all) * 50))
limit_is --cpulimit 1 1
limit_is --cpulimit 0 max
limit_is --cpus 0 max
is "$(inside Cpus)" "$all" "none of it binds the VPS to CPUs"
for bad in '' -5 101% x 50%% 99999999999999999999 $'5\n'; do
	code 21 "--cpulimit ${bad@Q} is 21" vzctl set 101 --cpulimit "$bad" --save
done
for u in 8:10 500000:100000 1000:1000; do
	vzctl set 101 --cpuunits "${u%:*}" > /dev/null 2>&1
	like "$(cg_value 101 cpuunits)" "^(${u%:*}|${u#*:}|8|9|262144|256000)\$" "--cpuunits ${u%:*} is taken"
done
for bad in 7 500001 0 -8 x ''; do
	code 21 "--cpuunits ${bad@Q} is 21" vzctl set 101 --cpuunits "$bad" --save
done
finish
