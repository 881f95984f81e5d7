#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# At its memory limit a VPS is hurt, and its init is not what the kernel finds to kill.
. "$(dirname "$0")/../lib.sh"
begin "$@"

size() { in_ct 101 "df -k $1" | awk 'END { print $2 }'; }

have 101
ok "limits are set" vzctl set 101 --ram 64M --swap 0 --save
booted 101
init=$(init_pid 101)
is "$(size /dev/shm)" 32772 "/dev/shm holds half of the memory"
like "$(size /run)" '^131(08|12)$' "/run a fifth of it"
not "more does not go into /dev/shm" in_ct 101 'dd if=/dev/zero of=/dev/shm/x bs=64k'
is "$(in_ct 101 'du -k /dev/shm/x' | awk '{ print ($1 > 32000) }')" 1 "than that"
is "$(init_pid 101)" "$init" "init lives"
ok "and the VPS takes commands" in_ct 101 true
ok "a limit that is less than twice of what is there" vzctl set 101 --ram 48M
ok "is no failure; when there is room again" in_ct 101 'rm /dev/shm/x'
ok "a higher one" vzctl set 101 --ram 96M
is "$(size /dev/shm)" 49156 "makes more of it, live"
ok "--shmpages" vzctl set 101 --shmpages 1000
is "$(size /dev/shm)" 4000 "goes before"

# What the kernel has killed is counted, and told in the log by the monitor, which sleeps until then.
said() { grep -o "VPS $1: out of memory.*" "$node/log"; }
says() { [ "$(said "$1" | wc -l)" -ge "$2" ]; }
switches() { awk '/ctxt_switches/ { n += $2 } END { print n }' "/proc/$(monitor_pid "$1")/status"; }
eats() { in_ct "$1" 'dd if=/dev/zero of=/dev/null bs=200M count=1'; }
kills() { cat "$(cg_dir memory "$1")"/memory.{oom_control,events} 2> /dev/null | awk '$1 == "oom_kill" { print $2 }'; }

is "$(said 101 | wc -l)" 0 "nothing is said of a full /dev/shm"
not "one who takes more than there is is killed" eats 101
ok "init is not" is_alive "$init"
ok "nor would it be: what is sent in goes before it" [ "$(in_ct 101 'cat /proc/self/oom_score_adj')" -gt \
	"$(cat "/proc/$init/oom_score_adj")" ]
# What woke the monitor before, without a kill, keeps it for ten seconds.
wait_for 20 says 101 1
ok "the log says it" says 101 1
like "$(said 101)" "^VPS 101: out of memory: $(kills 101) process(es)? killed, $(kills 101) since its start, limit 96 MiB\$" \
	"in one line: whose, how many, and at which limit"
like "$(grep 'out of memory' "$node/log")" '^[0-9]{4}-[0-9]{2}-[0-9]{2}T' "and when"
n=$(vzlist -Ho physpages.f 101 | tr -d ' ')
ok "it is counted ($n)" [ "$n" -gt 0 ]

# A line in ten seconds, whatever happens; what has not been said yet when the VPS stops, is said then.
told_of() { said "$1" | awk '{ for (i = 2; i <= NF; i++) if ($i ~ /^process/) n += $(i - 1) } END { print n + 0 }'; }
from=$SECONDS
for i in 1 2 3; do eats 101 > /dev/null 2>&1; done
n=$(kills 101) many=$(said 101 | wc -l) took=$((SECONDS - from))
ok "a VPS that goes on so does not fill the log ($many lines, $took s)" [ "$many" -le $((2 + took / 10)) ]
[ $took -ge 8 ] || is "$many" 1 "of what happens within ten seconds nothing is said at once"
ok "when it is stopped" vzctl stop 101 --fast
like "$(said 101 | tail -n 1)" "^VPS 101: out of memory: [0-9]+ process(es)? killed, $n since its start, limit 96 MiB\$" \
	"the rest is told"
is "$(told_of 101)" "$n" "and in all of the lines together each of them once"
before=$(said 101 | wc -l)
ok "a VPS that starts again" vzctl start 101
wait_for 10 in_ct 101 true
ok "and whose monitor is killed" kill -9 "$(monitor_pid 101)"
code 0 "has another after the next command" vzctl set 101 --onboot no --save
not "it runs out of memory" eats 101
soon "and that is told, too" says 101 $((before + 1))
like "$(said 101 | tail -n 1)" 'killed, 1 since its start' "counted from its start"
asleep() { local a; a=$(switches 101); sleep 1; [ "$(switches 101)" = "$a" ]; }
soon "then the monitor sleeps" asleep
finish
