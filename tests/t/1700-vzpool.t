#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# requires: root cgroup:memory cgroup:cpu
# Pools: a tree of groups, limits that two VPSs feel together, starts that are refused with the numbers,
# moves, kills on the way, and bad input.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
begin "$@"
need_fault
have 101
have 102
in_json() { vzpool list -j | jq -r ".[] | select(.name == \"$1\") | .$2"; }
path_of() { grep -o "/$slice/.*" "/proc/$(init_pid "$1")/cgroup" | grep -o "/$slice.*/$1" | sort -u; }

# without pools
code 0 "without a pool the list is empty" vzpool list
is "$out" "" "and nothing is printed"
ok "and the JSON is an empty array" test "$(vzpool list -j | jq length)" = 0
is "$(ls "$node/pools" 2> /dev/null)" "" "looking makes no files"

# create, show, bad input
code 0 "a pool is made" vzpool create gold --mem-reserve 256M --mem-limit 512M --cpu-limit 150 --description 'the "best" $one'
code 0 "and one in it" vzpool create web --parent gold --mem-reserve 128M --borrow no
code 0 "and one beside it" vzpool create thin --mem-limit 32M --cpu-limit 10 --proc-limit 60
is "$(in_json gold mem_reserve)" 268435456 "sizes are bytes in JSON"
is "$(in_json gold description)" 'the "best" $one' "a description with quotes and a dollar comes back"
is "$(in_json gold mem_claimed)" 134217728 "what a pool in it is promised is counted"
code 0 "show" vzpool show gold
like "$out" '^CPU_LIMIT="150"$' "show has the values as the file has them"
like "$(vzpool list)" '^  web ' "list is a tree"
refused 21 "already" "a second one of the name is 21" vzpool create gold
for bad in '' ../x a/b .x -- 'a b' $'a\nb' "$(printf %030d 1)"; do
	not "the name ${bad@Q} is refused" vzpool create "$bad"
done
for bad in --mem-limit=-1 --mem-limit=x --mem-limit=1 --mem-limit=99999999999999999999G --cpu-limit=-5 --cpu-limit=0.001 \
	--cpu-limit=101% --cpu-shares=7 --cpu-shares=500001 --proc-limit=1G --io-limit=-1 --io-limit=1 --io-limit=fast --iops-limit=1.5 --iops-limit=-3 --io-weight=1001 \
	--io-weight=0.5 --borrow=maybe --parent=none --parent=../gold \
	$'--description=a\nb' $'--mem-limit=1G\n' "--description=$(printf %0200d 1)"; do
	refused 21 . "create ${bad@Q} is 21, one line" vzpool create other "$bad"
done
code 20 "no command is 20" vzpool
code 20 "an unknown one is 20" vzpool frob gold
code 20 "list takes no name" vzpool list gold
code 20 "options of create do not go with list" vzpool list --cpu-limit 5
refused 21 "no pool" "set of a missing one is 21" vzpool set none --cpu-limit 5
refused 21 "in itself" "a pool cannot be in itself" vzpool set gold --parent web
refused 21 "more than its limit" "a guarantee above the limit is 21" vzpool set gold --mem-reserve 1G
refused 6 "pool gold: 384.0 of 256.0 MiB reserved" "what is promised must fit in it, with the numbers" vzpool set web --mem-reserve 384M
refused 6 "the node" "and in the node" vzpool create huge --mem-reserve 100T
is "$(ls "$node/pools" | tr '\n' ' ')" "gold.conf thin.conf web.conf " "nothing refused left a file"
refused 21 "not empty: pool 'web'" "a pool with a pool in it is not destroyed" vzpool destroy gold

# a VPS in a pool
refused 21 "no pool 'none'" "a pool that is not there is 21" vzctl set 101 --pool none --save
refused 21 . "and a bad name" vzctl set 101 --pool ../gold --save
code 0 "a VPS that is down is moved" vzpool move 101 web
like "$(cat "$node/conf/101.conf")" '^POOL="web"$' "its file says so"
code 0 "vzctl set does it, too" vzctl set 102 --pool web --ram 96M --swap 0 --save
vzctl set 101 --ram 96M --swap 0 --save > /dev/null 2>&1
refused 21 "not empty: VPS 101" "a pool with a VPS is not destroyed" vzpool destroy web
started 101
is "$(path_of 101)" "/$slice/pool.gold/pool.web/101" "it runs in its pool, in every hierarchy"
is "$(of_state 101 .pool)" gold/web "and where is noted"
is "$(vzpool list -j | jq -r '.[] | select(.name == "web") | "\(.running)/\(.vps) \(.mem_claimed)"')" "1/2 100663296" \
	"list counts it and what it is promised"
d=$(cg_dir memory pool.gold/pool.web)
is "$(cat "$d/memory.max" "$d/memory.limit_in_bytes" 2> /dev/null)" 134217728 "without borrowing the guarantee is the limit"
refused 6 "pool web: 96.0 of 128.0 MiB reserved, VPS 102 needs 96.0" \
	"a start that would break a guarantee is refused with the numbers" vzctl start 102
ok "and nothing is left of it" nothing_runs 102
out=$(vzpool check)
is "$?" 6 "check says 6"
like "$out" "pool web: 192.0 of 128.0 MiB reserved of memory if all" "with the numbers"
code 0 "with a smaller guarantee of its own" vzctl set 102 --vmguarpages 16M --save
code 0 "it starts" vzctl start 102
ok "exec works in a pool" in_ct 101 true
ok "processes are found" test "$(vzps -E 101 2> /dev/null | wc -l)" -gt 1
like "$(vzpid "$(init_pid 102)")" "102" "and known by their VPS"
ok "vzlist counts them" test "$(vzlist -H -o numproc 101)" -gt 0
refused 32 "101 runs" "a pool with running VPSs keeps its parent" vzpool set web --parent ''
code 0 "a limit changes live" vzpool set gold --mem-limit 400M --proc-limit 500
d=$(cg_dir pids pool.gold)
is "$(cat "$d/pids.max")" 500 "processes"
VZ_CRASH=pool:set:before run vzpool set gold --proc-limit 50
is "$rc" 137 "a set is killed before it is stored"
is "$(in_json gold proc_limit)" 500 "what counts is what was stored"
vzpool check > /dev/null
is "$(cat "$d/pids.max")" 500 "and the next command puts it in force"
crash pool:set:after "a set is killed after it is stored" vzpool set gold --proc-limit 300
is "$(in_json gold proc_limit) $(cat "$d/pids.max")" "300 300" "then it holds"
vzctl stop 102 --fast > /dev/null 2>&1
code 0 "restart in the pool" vzctl restart 101 --fast
is "$(path_of 101)" "/$slice/pool.gold/pool.web/101" "is in the pool again"

# moves of one that runs, on a node that cannot carry it over
sed -i '1i CRIU="/bin/false"' "$VZ_CONF"
code 0 "a running one is moved at its next start" vzpool move 101 thin
like "$err" "starts again: no criu" "and this is said"
is "$(path_of 101)" "/$slice/pool.gold/pool.web/101" "till then it stays"
ok "and is stopped where it is" vzctl stop 101 --fast
ok "with nothing left" nothing_runs 101
vzctl set 101 --ram 256M --save > /dev/null 2>&1
started 101
is "$(path_of 101)" "/$slice/pool.thin/101" "then it is in the other"
code 0 "restart moves it at once" vzpool move 101 - --restart
is "$(path_of 101)" "/$slice/101" "out of all pools"
refused 6 "VPS 101 needs 256" "a move that does not fit is refused before it is stopped" vzpool move 101 web --restart
is "$(path_of 101)" "/$slice/101" "it still runs"
vzctl stop 101 --fast > /dev/null 2>&1

# what two feel together
for id in 101 102; do
	vzctl set "$id" --pool thin --ram 256M --swap 0 --cpulimit 80 --vmguarpages 0 --save > /dev/null 2>&1
	started "$id"
done
is "$(path_of 102)" "/$slice/pool.thin/102" "a pool with a limit alone may be oversold, and a VPS's CPU limit be above the pool's"
before=$(in_json thin cpu_usec) t0=$(date +%s%N)
for id in 101 102; do in_ct "$id" 'timeout 3 sh -c "while :; do :; done"' & done
wait
used=$(($(in_json thin cpu_usec) - before)) wall=$((($(date +%s%N) - t0) / 1000))
note "used $used of $wall us"
ok "two VPSs together get no more than the pool's 10 percent" test $((used * 100 / wall)) -le 13
ok "and felt it" test "$(sed -n 's/^nr_throttled //p' "$(cg_dir cpu pool.thin)/cpu.stat")" -gt 0
vzpool set thin --cpu-limit 0 > /dev/null
is "$(cg_value pool.thin/101 cpulimit)" 80 "when the pool's limit goes, the VPS has its own"
vzpool set thin --cpu-limit 20 > /dev/null
like "$(cg_value pool.thin cpulimit)" '^20$' "and it comes back live"
vzpool set thin --cpu-limit 0 > /dev/null
not "memory above the pool's is not to be had" in_ct 101 'dd if=/dev/zero of=/dev/null bs=64M count=1'
ok "the neighbour lives" in_ct 102 true
vzpool set thin --mem-limit 200M > /dev/null
ok "with more it is" in_ct 101 'dd if=/dev/zero of=/dev/null bs=64M count=1'

# the disk: below all private areas of the pool
dev=$(findmnt -n -o MAJ:MIN -T "$node/private" | tr -d ' ')
[ ! -e "/sys/dev/block/$dev/partition" ] || dev=$(cat "/sys/dev/block/$dev/../dev")
d=$(cg_dir io pool.thin)
io_of() { sed -n "s/^$dev //p" "$d/io.max"; }
code 0 "a pool has a limit of I/O" vzpool set thin --io-limit 8M --iops-limit 1000
if [ ! -e "$d/io.max" ]; then
	like "$err" "pool thin: the I/O limit is stored, but this node cannot hold it" "what cannot hold is said"
	is "$(grep -c . <<< "$err")" 1 "in one line"
	code 0 "and not again where it is another limit that changes" vzpool set thin --description x
	is "$err" "" "without a word"
	vzctl stop 102 --fast > /dev/null 2>&1
	code 0 "a start in it" vzctl start 102
	like "$err" "pool thin: the I/O limit" "says it, too"
elif ! [ -e "/sys/dev/block/$dev" ]; then
	like "$err" "does not hold for VPS 10[12]: its private area lies on no block device" "without a disk this is said"
else
	is "$(io_of)" "rbps=8388608 wbps=8388608 riops=1000 wiops=1000" "it is in the kernel, for the right disk"
	from=$(date +%s%N)
	for id in 101 102; do in_ct "$id" 'dd if=/dev/zero of=/root/f bs=64k count=128 oflag=direct 2> /dev/null' & done
	wait
	took=$((($(date +%s%N) - from) / 1000000))
	note "16 MiB in $took ms"
	ok "two VPSs have it together" test $took -ge 1500
	crash pool:set:before "a set is killed before it is stored" vzpool set thin --io-limit 4M
	vzpool check > /dev/null
	is "$(io_of)" "rbps=8388608 wbps=8388608 riops=1000 wiops=1000" "the next command puts back what is stored"
fi
like "$(cat "$node/pools/thin.conf")" '^IO_LIMIT="8M"$' "it is stored"
is "$(in_json thin io_limit) $(in_json thin iops_limit)" "8388608 1000" "and listed"
code 0 "it goes" vzpool set thin --io-limit 0 --iops-limit 0
[ ! -e "$d/io.max" ] || is "$(io_of)" "" "in the kernel, too"
code 0 "and a weight" vzpool set thin --io-weight 300
w=$(cat "$(cg_dir io pool.thin)"/io{.bfq,}.weight "$(cg_dir blkio pool.thin)"/blkio{.bfq,}.weight 2> /dev/null | head -n 1)
if [ -n "$w" ]; then
	is "${w#default }" 300 "is in the kernel"
else
	like "$err" "pool thin: .*I/O weight" "is said not to hold"
fi
vzpool set thin --io-weight 0 > /dev/null

# kills on the way
vzctl stop 101 --fast > /dev/null 2>&1
crash pool:enter:after "a start is killed after it has entered the pool" vzctl start 101
code 0 "the next one settles it" vzctl start 101
kill -9 "$(monitor_pid 101)"
crash start:net:before "a restart is killed on the way up" vzctl restart 101 --fast
vzpool set thin --description changed > /dev/null
ok "stop clears up" patiently vzctl stop 101 --fast
nothing_runs 101 > "$scratch/left"
is "$(cat "$scratch/left")" "" "wherever it was"
started 101
echo '{' > "$node/run/101/state.json"
ok "with its state damaged it is found in its pool" vzctl start 101
ok "and runs once" test "$(find "$(cg_dir cpu pool.thin)" -mindepth 1 -maxdepth 1 -name 101 | wc -l)" = 1
crash pool:create:before "a create is killed before" vzpool create late
crash pool:create:after "and after it stored" vzpool create late
crash pool:destroy:before "a destroy is killed" vzpool destroy late
code 0 "and done by the next" vzpool destroy late
echo 'MEM_LIMIT="lots"' > "$node/pools/bad.conf"
refused 85 "pool 'bad', line 1" "a bad file is named with its line" vzpool list
rm "$node/pools/bad.conf"
printf '\0' > "$node/pools/bad.conf"
code 85 "so are NUL bytes" vzpool list
rm "$node/pools/bad.conf"

# the end of pools
vzctl stop 101 --fast > /dev/null 2>&1
vzctl stop 102 --fast > /dev/null 2>&1
vzpool move 101 - > /dev/null
vzpool move 102 - > /dev/null
unlike "$(cat "$node/conf/101.conf")" '^POOL="thin"' "it is out of the pool"
for p in thin web gold; do code 0 "an empty pool is destroyed: $p" vzpool destroy $p; done
is "$(find /sys/fs/cgroup -name 'pool.*' -path "*/$slice/*" 2> /dev/null)" "" "no group is left"
rmdir "$node/pools"
finish
