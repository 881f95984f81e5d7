#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# requires: root cgroup:memory cgroup:cpu cgroup:pids
# set on a running VPS: limits in the kernel, read back; what fails is not saved.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
begin "$@"
have 101 --hostname one --ipadd 203.0.113.1
conf=$node/conf/101.conf
vzctl set 101 --ram 128M --swap 64M --numproc 150 --cpulimit 70 --cpuunits 500 --save > /dev/null
booted 101

values() { for k in ram swap numproc cpulimit cpuunits; do cg_value 101 $k; done | tr '\n' ' '; }
swap_of() { [ "$(cg_value 101 swap)" = none ] && echo none || echo "$1"; }

is "$(cg_value 101 ram)" $((128 << 20)) "start sets the memory limit"
is "$(cg_value 101 swap)" "$(swap_of $((64 << 20)))" "and that of swap"
is "$(cg_value 101 numproc)" 150 "of processes"
is "$(cg_value 101 cpulimit)" 70 "of CPU time"
is "$(cg_value 101 cpuunits)" 500 "and the CPU weight"

sum=$(md5sum < "$conf")
code 0 "set without --save" vzctl set 101 --ram 256M
is "$(cg_value 101 ram)" $((256 << 20)) "is in force"
like "$err" '--save' "with one warning"
is "$(grep -c . <<< "$err")" 1 "just one"
is "$(md5sum < "$conf")" "$sum" "and nothing is stored"
code 0 "set with it" vzctl set 101 --ram 200M --swap 100M --numproc 222 --cpulimit 120 --cpuunits 1500 --save
is "$(values)" "$((200 << 20)) $(swap_of $((100 << 20))) 222 120 1500 " "is in force"
like "$(cat "$conf")" '^PHYSPAGES="0:51200"$' "and stored"
sum=$(md5sum < "$conf")
code 0 "the same again" vzctl set 101 --ram 200M --swap 100M --numproc 222 --cpulimit 120 --cpuunits 1500 --save
is "$(md5sum < "$conf")" "$sum" "changes no byte"
is "$(values)" "$((200 << 20)) $(swap_of $((100 << 20))) 222 120 1500 " "nor a limit"
code 0 "much smaller" vzctl set 101 --ram 32M --swap 0 --save
is "$(cg_value 101 ram) $(cg_value 101 swap)" "$((32 << 20)) $(swap_of 0)" "is in force"
code 0 "much larger" vzctl set 101 --ram 512M --swap 512M --save
is "$(cg_value 101 ram) $(cg_value 101 swap)" "$((512 << 20)) $(swap_of $((512 << 20)))" "too"
code 0 "no limit" vzctl set 101 --ram unlimited --swap unlimited --numproc unlimited --cpulimit 0 --save
is "$(cg_value 101 ram) $(cg_value 101 swap | sed s/none/max/) $(cg_value 101 numproc) $(cg_value 101 cpulimit)" \
	"max max max max" "is none"
vzctl restart 101 > /dev/null
is "$(cg_value 101 ram) $(cg_value 101 numproc) $(cg_value 101 cpulimit)" "max max max" \
	"neither after a restart"
code 0 "limits again" vzctl set 101 --ram 100M --swap 0 --numproc 60 --save
vzctl restart 101 > /dev/null
is "$(cg_value 101 ram) $(cg_value 101 numproc)" "$((100 << 20)) 60" "are in force after one"

# they hold
in_ct 101 'i=0; while [ $i -lt 100 ]; do sleep 20 & i=$((i+1)); done' > /dev/null 2>&1
# Linux before 6.10 counts a refusal in the group of whoever was refused only.
like "$(find "$(cg_dir pids 101)" -name pids.events -exec cat {} +)" '^max [1-9]' "a hundred processes are more than it may have"
peak=$(cat "$(cg_dir pids 101)/pids.current")
verdict $((peak > 60)) "and it never has more than its limit, over all of its groups ($peak)"
kill_in_ct 101 sleep
ok "with fewer it takes commands again" vzctl exec2 101 true
run vzctl exec2 101 'head -c 150000000 /dev/zero | tail -c 149999999 > /dev/null'
verdict $((rc == 0)) "a command that takes more memory than the VPS has is ended"
is "$(state 101)" "exist mounted running" "and the VPS lives"
run vzctl exec2 101 'dd if=/dev/zero of=/dev/shm/f bs=1M count=150'
verdict $((rc == 0)) "files in memory count, too"
in_ct 101 'rm -f /dev/shm/f' > /dev/null 2>&1
wait_for 10 in_ct 101 true
[ "$(state 101)" = "exist mounted running" ] || vzctl restart 101 > /dev/null 2>&1
echo 'while :; do :; done' | timeout 20 vzctl exec2 101 - &
job=$!
code 0 "a CPU limit on a busy VPS" vzctl set 101 --cpulimit 10 --save
begin_use=$(cat "$(cg_dir cpuacct 101)/cpuacct.usage" 2> /dev/null ||
	awk '/^usage_usec/ { printf "%.0f", $2 * 1000 }' "$(cg_two 101)/cpu.stat")
sleep 1.5
used=$(($(cat "$(cg_dir cpuacct 101)/cpuacct.usage" 2> /dev/null ||
	awk '/^usage_usec/ { printf "%.0f", $2 * 1000 }' "$(cg_two 101)/cpu.stat") - begin_use))
used=$((used * 2 / 3))
verdict $((used > 250000000 || used < 10000000)) "holds it at a tenth of one (measured $((used / 10000000)) per cent)"
kill_in_ct 101 sh
kill $job 2> /dev/null
wait $job 2> /dev/null
vzctl set 101 --cpulimit 0 --save > /dev/null

# what cannot be put into force is not stored
before=$(cat "$conf") was=$(values)
have 102 --ipadd 203.0.113.2
started 102
code 78 "an address that another VPS has is 78" vzctl set 101 --ipadd 203.0.113.2 --ram 300M --save
is "$(cat "$conf")" "$before" "nothing of that call is stored"
is "$(values)" "$was" "nor in force"
is "$(vzctl exec2 102 'ip -o -4 addr show venet0' | grep -c 203.0.113.2)" 1 "and the other VPS keeps it"

# setmode
before=$(cat "$conf")
refused 32 "restart" "--setmode ignore with what needs a restart is 32" \
	vzctl set 101 --capability sys_time:on --setmode ignore --save
is "$(cat "$conf")" "$before" "and nothing is stored"
old=$(init_pid 101)
code 0 "without --setmode" vzctl set 101 --capability net_raw:off --save
like "$err" 'restart' "it says that a restart is needed"
is "$(init_pid 101)" "$old" "does not do it"
like "$(cat "$conf")" '^CAPABILITY=' "and stores"
code 20 "--setmode restart needs --save" vzctl set 101 --capability net_raw:on --setmode restart
code 0 "--setmode restart" vzctl set 101 --capability net_raw:on --setmode restart --save
new=$(init_pid 101)
verdict $((new == old || new == 0)) "restarts"
is "$(state 101)" "exist mounted running" "and it runs"
old=$new
code 0 "--setmode restart for what does not need one" vzctl set 101 --numproc 77 --setmode restart --save
is "$(init_pid 101) $(cg_value 101 numproc)" "$old 77" "does it live"

refused 32 "running" "the place of a running VPS cannot be changed" \
	vzctl set 101 --private /elsewhere/101 --save
unlike "$(cat "$conf")" elsewhere "and is not stored"
code 0 "what this kernel cannot do" vzctl set 101 --kmemsize 10M --save
is "$(grep -c . <<< "$err")" 1 "is stored with one line"
finish
