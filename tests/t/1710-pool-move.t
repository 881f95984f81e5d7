#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# requires: root criu cgroup:memory cgroup:cpu cgroup:pids
# A running VPS goes to another pool and does not notice; refused, failed or killed on the way, it is found where it was,
# where it was to go, or suspended, and never anywhere else.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
begin "$@"
need_fault

path_of() { grep -o "/$slice/.*" "/proc/$(init_pid 101)/cgroup" | grep -o "/$slice.*/101" | sort -u; }
tasks_of() { cat "$(cg_dir pids "$1")/pids.current"; }
alive() { vzctl exec2 101 'kill -0 $(cat /root/pid)'; }
client() { exec 7<> /dev/tcp/203.0.113.1/22; }
ask() { # TEXT: it is sent, and echoed
	local line=''
	printf '%s\n' "$1" >&7
	IFS= read -r -t $((10 * slow)) -u 7 line
	[ "$line" = "$1" ]
}

vzpool create one --mem-limit 512M > /dev/null
vzpool create two --mem-reserve 256M --mem-limit 300M > /dev/null
vzpool create deep --parent two --mem-reserve 128M > /dev/null
vzpool create small --mem-reserve 64M > /dev/null
vzpool create narrow --proc-limit 1 > /dev/null
have 101 --ipadd 203.0.113.1
vzctl set 101 --ram 96M --swap 0 --pool one --save > /dev/null
booted 101
vzctl exec 101 'nc -ll -p 22 -e /bin/cat < /dev/null > /dev/null 2>&1 &'
vzctl exec 101 'sh -c "while sleep 1; do :; done" < /dev/null > /dev/null 2>&1 & echo $! > /root/pid; echo kept > /run/kept'
wait_for 20 client 2> /dev/null
exec 7>&-
client
ok "a connection is open" ask hello

# refused: nothing is touched
init=$(init_pid 101)
refused 6 "pool small: 0.0 of 64.0 MiB reserved, VPS 101 needs 96.0" "no room: refused with the numbers" vzpool move 101 small
refused 21 "no pool 'none'" "no such pool" vzpool move 101 none
is "$(init_pid 101) $(path_of) $(of_state 101 .to)" "$init /$slice/pool.one/101 " "it was not touched"
like "$(cat "$node/conf/101.conf")" '^POOL="one"$' "nor its file"
code 0 "a move to where it is does nothing" vzpool move 101 one
is "$(init_pid 101)" "$init" "not even a dump"

# moved
code 0 "it moves" vzpool move 101 two
is "$out$err" "" "without a word where nobody sits at a terminal"
is "$(path_of)" "/$slice/pool.two/101" "in every hierarchy"
is "$(of_state 101 .pool)" two "which is noted"
like "$(cat "$node/conf/101.conf")" '^POOL="two"$' "and stored"
ok "its process goes on" alive
is "$(in_ct 101 'cat /run/kept')" kept "with what was in memory only"
ok "and so does the connection" ask again
is "$(tasks_of pool.one)" 0 "nothing is left in the old one"
ok "the new one has its processes" test "$(tasks_of pool.two)" -gt 2
ok "and its memory" test "$(vzpool list -j | jq '.[] | select(.name == "two") | .mem')" -gt 100000
not "the dump is gone" test -e "$node/dump/Dump.101"
code 0 "into a pool in a pool" vzpool move 101 deep
is "$(path_of)" "/$slice/pool.two/pool.deep/101" "in the right place"
ok "the process goes on" alive
code 0 "out of all pools" vzpool move 101 -
is "$(path_of)" "/$slice/101" "it is in none"
ok "and the connection goes on" ask 'third time'

# a failure on the way up
vzpool move 101 one > /dev/null
refused 17 "101' is not moved: cannot resume" "what fails in the new pool" vzpool move 101 narrow
is "$(path_of)" "/$slice/pool.one/101" "runs in the old one again"
ok "as it was" alive
like "$(cat "$node/conf/101.conf")" '^POOL="one"$' "and its file says so"
not "without a dump" test -e "$node/dump/Dump.101"
is "$(tasks_of pool.narrow)" 0 "and nothing in the other"

# one that is suspended, and one that cannot be dumped
vzctl suspend 101 > /dev/null
code 0 "a suspended one is moved" vzpool move 101 two
ok "and resumed" vzctl resume 101
is "$(path_of)" "/$slice/pool.two/101" "in the pool that its file names"
ok "as it was" alive
sed -i '1i CRIU="/bin/false"' "$VZ_CONF"
code 0 "without a criu the pool is stored" vzpool move 101 one
like "$err" "enters the pool when it starts again: no criu" "with the reason in a warning"
is "$(path_of)" "/$slice/pool.two/101" "and it stays where it is"
like "$(cat "$node/conf/101.conf")" '^POOL="one"$' "while the file says where it goes"
sed -i 1d "$VZ_CONF"

# kills: before it stopped, while it was down, on the way up
to=one from=two
for point in move:book:after move:dump:after move:cgroup:after move:store:after resume:init:after resume:guest:after; do
	crash "$point" "killed at $point" vzpool move 101 "$to"
	r=0
	patiently vzctl start 101 > "$scratch/start" 2>&1 || r=$?
	[ $r = 0 ] || [ $r = 32 ] || note "$(cat "$scratch/start")"
	verdict $((r != 0 && r != 32)) "$point: it runs, or start brings it back"
	ok "$point: it goes on as it was" alive
	like "$(path_of)" "^/$slice/pool.($from|$to)/101\$" "$point: in the one or the other"
	is "$(of_state 101 .to)" "" "$point: no room is kept any more"
	code 0 "$point: the next move does it" vzpool move 101 "$to"
	is "$(path_of)" "/$slice/pool.$to/101" "$point: and it is there"
	t=$from from=$to to=$t
done
ok "after all that the connection is open" ask 'last word'
exec 7>&-
crash move:back:before "a failed move is killed on the way back" vzpool move 101 narrow
like "$(vzctl status 101)" suspended "then it is suspended"
ok "and comes back" vzctl start 101
ok "as it was" alive
is "$(path_of)" "/$slice/pool.$from/101" "in the pool of before"
vzctl stop 101 --fast > /dev/null
vzctl destroy 101 > /dev/null
for p in one deep two small narrow; do vzpool destroy $p > /dev/null; done
is "$(find /sys/fs/cgroup -name 'pool.*' -path "*/$slice/*" 2> /dev/null)" "" "no group is left"
rmdir "$node/pools"
finish
