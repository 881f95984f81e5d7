#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# requires: root cgroup:memory cgroup:pids
# Beancounters beyond memory and processes: what each does inside, live and at start, and what is said of those
# that this kernel does not enforce. Limits below what is in use.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
begin "$@"
have 101
conf=$node/conf/101.conf
booted 101

pts_max() { in_ct 101 "sed -n 's/.* devpts .*max=\\([0-9]*\\).*/\\1/p' /proc/mounts"; }
shmall() { in_ct 101 'cat /proc/sys/kernel/shmall'; }
shm_kib() { in_ct 101 "df -k /dev/shm | awk 'NR == 2 { print \$2 }'"; }
# How many terminals a process inside gets, of six that it asks for; the shell ends at the first refusal.
terminals() {
	timeout 20 nsenter -t "$(init_pid 101)" -U -m --setuid 0 --setgid 0 \
		sh -c 'for i in 4 5 6 7 8 9; do eval "exec $i<>/dev/pts/ptmx"; echo; done' \
		< /dev/null 2> /dev/null | wc -l
}
ulimit_of() { in_ct 101 "ulimit -$1"; }
# Shared memory of SysV: that many pages at once; perl from outside, in the VPS's IPC namespace.
shmget() { # PAGES
	nsenter -t "$(init_pid 101)" -U -i --setuid 0 --setgid 0 perl -e '
		my $id = shmget(0, $ARGV[0] * 4096, 01600);
		exit 1 unless defined $id; shmctl($id, 0, 0); exit 0' "$1"
}

is "$(pts_max)" 257 "a new VPS has 256 terminals and its console: those of the kernel are for all"
code 0 "--numpty 4 live" vzctl set 101 --numpty 4 --save
is "$(pts_max)" 5 "is one for the console and four"
busy=$(in_ct 101 'ls /dev/pts | grep -c "^[0-9]"')
is "$(terminals)" $((5 - busy)) "a fifth one cannot be opened"
code 0 "a limit below what is open" vzctl set 101 --numpty 0
is "$(terminals)" 0 "leaves those and gives no other"
ok "commands still work" vzctl exec2 101 true
code 0 "unlimited" vzctl set 101 --numpty unlimited
is "$(terminals)" 6 "gives as many as are asked for"
vzctl restart 101 > /dev/null 2>&1
is "$(pts_max)" 5 "the stored limit holds after a restart"

free=$(shmall)
code 0 "--shmpages 1000 live" vzctl set 101 --shmpages 900:1000 --save
is "$(shmall)" 1000 "the limit of the two is kernel.shmall inside"
is "$(shm_kib)" 4000 "and the size of /dev/shm"
verdict $(($(cat /proc/sys/kernel/shmall) == 1000)) "the node keeps its own"
ok "less shared memory than that" shmget 900
not "more is refused" shmget 1100
not "also in files" in_ct 101 'head -c 4200000 /dev/zero > /dev/shm/f'
in_ct 101 'rm -f /dev/shm/f; head -c 2000000 /dev/zero > /dev/shm/f'
refused 7 'tmpfs' "a limit below what is in use is refused" vzctl set 101 --shmpages 100 --save
is "$(shmall) $(shm_kib)" "1000 4000" "and nothing of it is in force"
like "$(cat "$conf")" '^SHMPAGES="900:1000"$' "nor stored"
in_ct 101 'rm /dev/shm/f'
vzctl restart 101 > /dev/null 2>&1
is "$(shmall) $(shm_kib)" "1000 4000" "both hold after a restart"
code 0 "unlimited" vzctl set 101 --shmpages 9223372036854775807 --save
is "$(shmall)" "$free" "is what it was"
verdict $(($(shm_kib) <= 4000)) "in /dev/shm, too"

# what is decided when a process begins
code 0 "--lockedpages and --numsiginfo" vzctl set 101 --lockedpages 16:32 --numsiginfo 100 --save
like "$err" restart "need a restart, and say so"
vzctl restart 101 > /dev/null 2>&1
is "$(ulimit_of l)" 128 "32 pages may be locked"
is "$(sed -n 's/^Max pending signals *\([0-9]*\).*/\1/p' "/proc/$(init_pid 101)/limits")" 100 "and 100 signals be queued"
is "$(sed -n 's/^Max locked memory *\([0-9]*\).*/\1/p' "/proc/$(init_pid 101)/limits")" 131072 "for init as well"
code 0 "unlimited, as old panels say it" vzctl set 101 --lockedpages 9223372036854775807 --numsiginfo unlimited \
	--numpty 9223372036854775807 --numproc 9223372036854775807 --save
code 0 "starts" vzctl restart 101
code 0 "too large to be a limit" vzctl set 101 --lockedpages 4611686018427387904 --numpty 99999999999 --save
code 0 "starts, too" vzctl restart 101

# No process at all: a rule, where the kernel would leave it to how init comes into the group.
code 0 "--numproc 0 live" vzctl set 101 --numproc 0 --save
is "$(cg_value 101 numproc)" 0 "leaves those that run and gives no other"
vzctl stop 101 --fast > /dev/null
refused 6 "NUMPROC=0" "a VPS that may have no process is not started" vzctl start 101
ok "and nothing of it was begun" nothing_runs 101
code 0 "unlimited again" vzctl set 101 --numproc unlimited --save
code 0 "it starts" vzctl start 101

# memory
big() { # MIB: a process inside that holds so much until it is killed
	in_ct 101 "(head -c ${1}m /dev/zero; sleep 30) | tail -c ${1}m > /dev/null" > /dev/null 2>&1 &
}
used() { cat "$(cg_dir memory 101)/memory.current" "$(cg_dir memory 101)/memory.usage_in_bytes" 2> /dev/null; }
uses() { [ "$(used)" -gt $(($1 << 20)) ]; }
vzctl set 101 --ram 200M --swap 0 --save > /dev/null 2>&1
big 80
job=$!
ok "a VPS that uses 80 MB" wait_for 10 uses 75
before=$(cat "$conf")
refused 1 'in use' "is not given 32" vzctl set 101 --ram 32M --swap 0 --numproc 55 --save
is "$(cg_value 101 ram) $(cg_value 101 numproc)" "$((200 << 20)) max" "nothing of that call is in force"
is "$(cat "$conf")" "$before" "or stored"
verdict $(($(used) < (75 << 20))) "and nobody was killed"
kill_in_ct 101 tail; kill_in_ct 101 sleep
wait $job 2> /dev/null
wait_for 10 eval '! uses 60'
code 0 "without it" vzctl set 101 --ram 64M --swap 0 --save
is "$(cg_value 101 ram)" $((64 << 20)) "it is"
code 0 "unlimited" vzctl set 101 --ram unlimited --swap unlimited --save

# guarantees
code 0 "--oomguarpages live" vzctl --verbose set 101 --oomguarpages 65536:unlimited --vmguarpages 8192:unlimited --save
adj=$(cat "/proc/$(init_pid 101)/oom_score_adj")
if [ "$adj" = 0 ]; then
	like "$out$err" 'OOMGUARPAGES cannot hold' "cannot be had without CAP_SYS_RESOURCE, and --verbose says so"
else
	verdict $((adj >= 0 || adj <= -1000)) "makes the VPS's processes less likely to be killed ($adj)"
fi
low=$(cat "$(cg_dir memory 101)/memory.low" 2> /dev/null)
is "${low:-none}" "$([ -n "$low" ] && echo $((65536 * 4096)) || echo none)" \
	"the larger of the two guarantees is memory that is reclaimed last, where the kernel can"
code 0 "start with them" vzctl restart 101
like "$(cat "/proc/$(init_pid 101)/oom_score_adj")" "^($adj|0)\$" "does the same"

# the rest
code 0 "twenty at once" vzctl set 101 --kmemsize 14372700:14790164 --numflock 188:206 --numtcpsock 360 \
	--numothersock 360 --tcpsndbuf 1720320:2703360 --tcprcvbuf 1720320:2703360 --othersockbuf 1126080:2097152 \
	--dgramrcvbuf 262144 --dcachesize 3409920:3624960 --numfile 9312 --numiptent 128 --avnumproc 180 \
	--vm_overcommit 1.5 --numproc 240 --save
is "$(grep -c 'not enforced' <<< "$err")" 1 "are one line"
for k in KMEMSIZE NUMFLOCK NUMTCPSOCK TCPSNDBUF DCACHESIZE NUMFILE NUMIPTENT VM_OVERCOMMIT; do
	like "$err" "not enforced.*$k" "that names $k"
done
unlike "$err" 'NUMPROC|AVNUMPROC' "and not what is enforced, or never was meant to be"
code 0 "what is partly so" vzctl set 101 --capability sys_time:on,net_raw:on --features nfs:on,ppp:on \
	--devnodes null:rwq --save
like "$err" 'not enforced by this kernel: .*CAPABILITY' "rights over the node are named"
like "$err" 'not enforced by this kernel: .*FEATURES' "nfs is"
code 0 "rights of its own" vzctl set 101 --capability net_raw:on,setveid:on --features ppp:on --save
unlike "$err" 'not enforced' "are not"
run vzctl --quiet set 101 --kmemsize 1M --save
is "$out$err" "" "--quiet says nothing of it"
for o in numpty numsiginfo numfile numproc numflock; do
	code 21 "--$o takes no suffix" vzctl set 101 --$o 10K --save
done
for bad in '' -1 5:4 x 1:2:3 99999999999999999999 $'5\n'; do
	code 21 "--shmpages ${bad@Q} is 21" vzctl set 101 --shmpages "$bad" --save
done
finish
