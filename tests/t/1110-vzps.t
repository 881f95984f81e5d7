#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# requires: root
# vzps: processes with their VPS.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
begin "$@"
have 101 --hostname one
have 102
run vzctl set 101 --name web --save
booted 101
booted 102
in_ct 101 'adduser -D -u 1234 joe 2> /dev/null || echo "joe:x:1234:1234::/:/bin/sh" >> /etc/passwd'
timeout 100 vzctl exec2 101 'setuidgid joe sleep 555 2> /dev/null || su joe -c "sleep 555"' < /dev/null > /dev/null 2>&1 &
job=$!
wait_for 10 bash -c "vzps -E 101 | grep -q sleep"

ids() { vzps "$@" --no-headers -o ctid | sort -un | tr -d ' ' | tr '\n' ' '; }
is "$(ids -E 101)" "101 " "-E has the processes of one VPS"
is "$(ids -E web)" "101 " "by name, too"
is "$(ids -E 101,102)" "101 102 " "or of several"
is "$(ids -E 0)" "0 " "0 is the node itself"
is "$(ids -e)" "0 101 102 " "-e has all"
is "$(ids -A)" "0 101 102 " "-A is the same"
is "$(vzps -E 101 --no-headers | wc -l)" "$(wc -l < "$(cg_dir pids 101)/cgroup.procs")" "as many as the kernel counts"
is "$(vzps -p "$(init_pid 101)" -o ctid=,pid=,vpid=,comm= | tr -s ' ')" " 101 $(init_pid 101) 1 init" \
	"init with its number inside, without a header when all are empty"
is "$(vzps -C init -E 102 -o pid= | tr -d ' ')" "$(init_pid 102)" "-C is a name"
like "$(vzps aux -E 101)" '^ +CTID USER +PID %CPU %MEM +VSZ +RSS TTY +STAT STIME +TIME COMMAND' "aux has fields for people"
like "$(vzps -aux | sed -n '$p')" '^ +[0-9]+ ' "with a dash, too"
like "$(vzps -ef | head -n 1)" '^ +CTID USER +PID +PPID +C STIME TTY +TIME COMMAND$' "-ef has more fields"
like "$(vzps -E 101 -o vuid,user,uid,args | grep 'sleep 555' | tail -n 1)" '^ *1234 joe +[0-9]{6,} ' \
	"users are those of the VPS, by its own passwd"
like "$(vzps -u joe -o ctid=,args=)" '^ *101 .*sleep 555' "-u finds them by name"
like "$(vzps -u 1234 -o ctid=,args=)" '^ *101 .*sleep 555' "or by number"
is "$(vzps -E 101 --sort -pid -o pid= | tr -d ' ')" "$(vzps -E 101 -o pid= | tr -d ' ' | sort -rn)" "--sort reverses with -"
sorted=$(vzps -e --sort ctid,-rss -o ctid=,rss= | awk '{ print $1, $2 }')
is "$sorted" "$(sort -k 1,1n -k 2,2nr -s <<< "$sorted")" "and takes several fields"
like "$(vzps -E 101 -o 'pid=NUMBER,comm' | head -n 1)" '^ *NUMBER COMMAND$' "a header of one's own"
ok "-j is JSON" bash -c "vzps -j -E 101 -o ctid,pid,vpid,user,args,pcpu > $scratch/j"
is "$(jq -r '.[0] | "\(.ctid) \(.vpid) \(.user)"' "$scratch/j")" "101 1 root" "that parses"
ok "with all fields by itself" bash -c "vzps -j -E 101 | jq -e '.[0].nlwp == 1 and .[0].comm == \"init\"'"
is "$(vzps -L | wc -l)" "$(vzps -L | cut -d ' ' -f 1 | while read -r f; do
	vzps -E 101 -o "$f" > /dev/null && echo "$f"; done | wc -l)" "each field that is listed can be printed"
missing=''
for f in $(vzps -L | cut -d ' ' -f 1); do grep -qF "\\fB$f\\fR" "$here/../man/vzps.8" || missing+=" $f"; done
is "$missing" "" "and is in the manual"

# Names and arguments that play with a terminal.
timeout 100 vzctl exec2 101 'printf "\033]0;gotcha\a" > /proc/$$/comm; echo x > /tmp/up; while :; do sleep 1; done #'$'\033[31m\xc2\x9b\xe2\x80\xae' \
	< /dev/null > /dev/null 2>&1 &
job2=$!
wait_for 10 in_ct 101 'test -e /tmp/up'
run vzps auxww -E 101
unlike "$(tr -d '\n' < "$scratch/out" | LC_ALL=C cat -v)" '\^|M-B|M-b' "what plays with a terminal is not printed"
like "$out" 'while :; do sleep 1; done #\?\[31m\?\?' "question marks stand there"
ok "nor spoils JSON" bash -c "vzps -j -E 101 | jq -e 'length > 2'"
in_ct 101 'i=0; while [ $i -lt 20000 ]; do echo "u$i:x:$((i+5000)):1::/:/bin/sh"; i=$((i+1)); done >> /etc/passwd; printf "\033evil:x:0:0::/:/bin/sh\n" > /tmp/p; cat /etc/passwd >> /tmp/p; cat /tmp/p > /etc/passwd'
like "$(vzps -E 101 -o pid,user -p "$(init_pid 101)" | tail -n 1)" '\?evil' "a name from a hostile passwd is tame"
in_ct 101 'rm /etc/passwd; mkfifo /etc/passwd'
like "$(vzps -E 101 -o pid,user -p "$(init_pid 101)" | tail -n 1)" ' 0$' "a passwd that is a pipe holds nobody"

# refusals
refused 1 "777" "a VPS that is not there" vzps -E 777
refused 1 "bogus" "an unknown field" vzps -E 101 -o pid,bogus
refused 1 "sort" "an unknown field to sort by" vzps --sort bogus
refused 1 "word" "an unknown word" vzps axz
refused 1 "number" "a bad number" vzps -p 1x
refused 1 "option" "an unknown option" vzps -Z
refused 1 "field" "an empty list of fields" vzps -o ''
code 1 "nothing found is 1" vzps -p 4194303
ok "--help" vzps --help
run vzctl stop 102 --fast
code 1 "a stopped VPS has none" vzps -E 102
not "a full disk is noticed" bash -c 'vzps -e > /dev/full'
run vzctl stop 101 --fast
wait "$job" "$job2" 2> /dev/null
finish
