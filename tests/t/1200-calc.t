#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# requires: root cgroup:memory
# What a node gave out: vzcalc, vzmemcheck, vzcpucheck, vzoversell, vzsplit, vzcfgscale, vzgetpa, vzcptcheck.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
begin "$@"
have 101
have 102 --name two
vzctl set 101 --ram 256M --swap 512M --numproc 100 --cpuunits 500 --save > /dev/null
vzctl set 102 --ram 1G --swap 0 --cpuunits 300 --save > /dev/null
started 101
ram=$(awk '/^MemTotal/ { print $2 }' /proc/meminfo) swap=$(awk '/^SwapTotal/ { print $2 }' /proc/meminfo)
power=$(awk -F: 'tolower($1) ~ /^bogomips/ { s += $2 } END { printf "%d", s * 25 }' /proc/cpuinfo)
share() { awk -v v="$1" -v of="$2" 'BEGIN { printf "%.2f", v * 100 / of }'; }

for tool in vzcalc vzmemcheck vzcpucheck vzoversell vzsplit vzcfgscale vzgetpa vzcptcheck; do
	code 0 "$tool --help works" $tool --help
	like "$out" "^Usage: $tool" "and shows how it is used"
	refused 1 "frobnicate" "$tool refuses an unknown option with 1" $tool --frobnicate
	[ -e "$here/../man/$tool.8" ]
	verdict $? "and has a manual page"
done

# --- one VPS
code 0 "vzcalc of a VPS that runs" vzcalc 101
is "$(head -n 1 <<< "$out" | tr -s ' ')" "Resource Current(%) Promised(%) Max(%)" "has the historic header"
is "$(wc -l <<< "$out")" 2 "and one row"
like "$out" '^Memory  *[0-9.]+  *[0-9.]+  *[0-9.]+$' "Memory"
run vzcalc -v 101
is "$(sed -n '2,6s/  .*//p' <<< "$out" | tr '\n' ,)" "Low Mem,Total RAM,Mem + Swap,Alloc. Mem,Num. Proc," \
	"-v adds a row for each resource"
is "$(awk '/^Total RAM/ { print $NF }' <<< "$out")" "$(share 262144 "$ram")" "the most is the limit of memory"
is "$(awk '/^Alloc/ { print $NF }' <<< "$out")" "$(share 786432 $((ram + swap)))" "and of both together"
run vzcalc two
like "$out" '^Memory  *n/a ' "one that is stopped uses nothing; names are fine"
refused 1 "999" "one that is not there is 1" vzcalc 999
refused 1 "one VPS" "none at all, too" vzcalc

# --- all
run vzmemcheck
is "$(sed -n 1p <<< "$out")" "Output values in %" "vzmemcheck: per cent"
is "$(sed -n 2p <<< "$out" | tr -s ' ')" " LowMem LowMem RAM MemSwap MemSwap Alloc Alloc Alloc" "eight columns"
is "$(sed -n 3p <<< "$out" | tr -s ' ')" " util commit util util commit util commit limit" "in two lines"
is "$(wc -l <<< "$out")" 4 "and one line of sums"
run vzmemcheck -A
is "$(sed -n 1p <<< "$out")" "Output values in Mbytes" "-A: megabytes"
is "$(awk 'NR == 4 { print $5, $7, $8 }' <<< "$out")" "1280.00 1792.00 1792.00" "promised and most, added up"
is "$(awk 'NR == 5 { print $1 }' <<< "$out")" "$(awk -v v="$ram" 'BEGIN { printf "%.2f", v / 1024 }')" \
	"and what the node has"
run vzmemcheck -v -A
is "$(awk 'NR > 3 { print $1 }' <<< "$out" | grep -v -- --- | tr '\n' ' ')" "101 102 Summary: Node: " \
	"-v: a line for each VPS"
like "$(sed -n 4p <<< "$out")" '^101 {7}( [ 0-9]{4}\.[0-9]{2}){8}$' "in columns of seven"
run vzmemcheck -r -A
is "$(awk 'NR == 4 { print $8 }' <<< "$out")" "768.00" "-r: only what runs"
run vzcpucheck
is "$out" "Current CPU utilization: 1500
Power of the node: $power" "vzcpucheck: units of what runs and of the node itself, and its power"
run vzcpucheck -v -a
is "$(sed -n '3,5p' <<< "$out" | tr -s ' ' | tr '\n' ,)" "0 1000,101 500,102 300," "-v -a: one line for each"
run vzoversell
is "$(awk '/^RAM|^Swap/ { print $3 }' <<< "$out" | tr '\n' ' ')" "1280 512 " "vzoversell: megabytes sold"
cat > "$scratch/ubc" << 'END'
Version: 2.5
       uid  resource                     held              maxheld              barrier                limit              failcnt
      101:  kmemsize                  1000000              2000000  9223372036854775807  9223372036854775807                    0
            physpages                   25600                30000                    0                65536                    0
            swappages                     256                  300                    0               131072                    0
      102:  physpages                   25600                30000                    0  9223372036854775807                    0
END
run vzoversell "$scratch/ubc"
is "$(awk '/^VSwap/ { print $3 } /^RAM|^Swap/ { print $3, $4 }' <<< "$out" | tr '\n' ' ')" "1 256 100 512 1 " \
	"from a file of beancounters: VSwap VPSs"
echo "1: physpages x y z" > "$scratch/bad"
refused 1 "line 1" "a bad one is 1, with the line" vzoversell "$scratch/bad"
refused 1 "none" "none at all, too" vzoversell "$scratch/none"

# --- configurations
run vzsplit -n 4
is "$(sed -n 's/^PHYSPAGES="0:\(.*\)"/\1/p' <<< "$out")" $((ram / 4 / 4)) "vzsplit: a fourth of the memory"
is "$(sed -n 's/^SWAPPAGES="0:\(.*\)"/\1/p' <<< "$out")" $((ram / 4 / 4 * 2)) "and twice as much swap"
run vzsplit -n 4 -s 4000
like "$out" '^SWAPPAGES="0:250"$' "-s: this swap, shared out"
for v in yes no; do
	vzsplit -n 20 -v $v > "$scratch/split"
	ok "what it makes with -v $v is valid" vzcfgvalidate --swap 1T "$scratch/split"
done
ok "the number can be asked for" bash -c 'echo 4 | vzsplit'
for bad in 0 -1 x 4x '' 99999999999999999999 100000; do
	refused 1 "not a number|too many" "'$bad' parts are refused" vzsplit -n "$bad"
done
code 0 "-f writes a sample" vzsplit -n 4 -f mine
is "$(cat "$node/conf/ve-mine.conf-sample")" "$(vzsplit -n 4)" "with that content"
refused 1 "exists" "which is not written over" vzsplit -n 5 -f mine
refused 1 "name" "nor elsewhere" vzsplit -n 5 -f ../mine
rm "$node/conf/ve-mine.conf-sample"

printf '# mine\nPHYSPAGES="0:1000"\nSWAPPAGES="0:unlimited"\nCPUUNITS="1000"\nDISKSPACE="100:200"\nRATE="eth0:1:1000 eth0:2:500"\nHOSTNAME="h"\nFOO=1\n' > "$scratch/c"
run vzcfgscale -a 1.5 "$scratch/c"
is "$out" '# mine
PHYSPAGES="0:1500"
SWAPPAGES="0:unlimited"
CPUUNITS="1500"
DISKSPACE="150:300"
RATE="eth0:1:1500 eth0:2:750"
HOSTNAME="h"
FOO=1' "vzcfgscale -a: everything, comments stay"
run vzcfgscale -c 0.001 -d 2 -r "$scratch/c"
is "$(sed -n '2,5p' <<< "$out" | tr '\n' ' ')" 'PHYSPAGES="0:1000" SWAPPAGES="0:unlimited" CPUUNITS="8" DISKSPACE="200:400" ' \
	"-c and -d: only these, within bounds"
unlike "$out" HOSTNAME "-r: without what is of one VPS"
code 0 "-o" vzcfgscale -u 2 -o "$scratch/d" "$scratch/c"
is "$out|$(sed -n 2p "$scratch/d")" '|PHYSPAGES="0:2000"' "writes a file"
for bad in 0 -1 x 1e3 1.2.3 '' . 99999; do
	refused 1 "factor" "'$bad' is no factor" vzcfgscale -a "$bad" "$scratch/c"
done
printf 'PHYSPAGES="10:1000"\nSWAPPAGES="0"\n' > "$scratch/c"
run vzcfgscale -u 1 -v "$scratch/c"
like "$out" 'PHYSPAGES="0:1000"' "-v puts right what breaks a rule"

# --- answers
code 0 "vzgetpa" vzgetpa two
is "$out" "$node/private/102" "prints the private area"
refused 1 "nobody" "of one that is not there, it is 1" vzgetpa nobody
code 0 "vzcptcheck caps" vzcptcheck caps
caps=$out
like "$caps" '^0x[0-9a-f]+$' "prints one number"
code 0 "which is good enough for itself" vzcptcheck caps 101 "$caps"
refused 2 "lacks" "what no processor has is 2" vzcptcheck caps 0xffffffffffffffff
refused 1 "number" "what is no number is 1" vzcptcheck caps 1g
refused 1 "999" "nor is a VPS that is not there" vzcptcheck caps 999 1
run vzcptcheck version
if [ $rc = 0 ]; then
	like "$out" '^[3-9][0-9]{4}$' "vzcptcheck version prints CRIU's"
	version=$out
	code 0 "which takes dumps of its own" vzcptcheck version "$version"
	refused 2 "too new" "and none of the future" vzcptcheck version $((version + 1))
else
	like "$err" 'criu' "without a CRIU it says so"
fi
finish
