#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# requires: root
# runscript on a running and on a stopped VPS.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
begin "$@"
have 101 --hostname one --ipadd 203.0.113.1

cat > "$scratch/script" <<'END'
echo "host $(hostname) init $(cat /proc/1/comm) args $#"
ip -4 -o addr show venet0 | grep -o '203.0.113.1' | head -n 1
echo run >> /root/runs
exit 7
END
refused 11 "nosuch" "a script that is not there is 11" vzctl runscript 101 "$scratch/nosuch"
refused 11 "scratch" "a folder is none: 11" vzctl runscript 101 "$scratch"
refused 20 "file" "without a file it is 20" vzctl runscript 101
code 20 "two files are 20" vzctl runscript 101 "$scratch/script" "$scratch/script"

code 7 "in a stopped VPS its status is passed through" vzctl runscript 101 "$scratch/script"
like "$out" '^host one ' "it ran with the VPS's name"
unlike "$out" 'init init' "without its init"
like "$out" '203\.0\.113\.1' "and with its network"
is "$(state 101)" "exist unmounted down" "and the VPS is stopped again"
booted 101
code 7 "in a running one, too" vzctl runscript 101 "$scratch/script"
like "$out" '^host one init init ' "with its init"
is "$(state 101)" "exist mounted running" "and it runs on"
is "$(in_ct 101 'cat /root/runs' | wc -l)" 2 "both were in the same root"
echo 'exit 0' > "$scratch/script"
code 0 "success is 0" vzctl runscript 101 "$scratch/script"
printf '#!/bin/sh\nkill -9 $$\n' > "$scratch/script"
code 137 "a script that is killed is 128 + 9" vzctl runscript 101 "$scratch/script"
vzctl stop 101 --fast > /dev/null

# Killed from outside while its script runs: nothing may stay.
echo 'echo begun; sleep 60' > "$scratch/script"
vzctl runscript 101 "$scratch/script" > "$scratch/o" 2>&1 &
job=$!
wait_for 10 grep -q begun "$scratch/o"
refused 9 "101" "while it runs the VPS is locked" vzctl start 101
kill -9 $job
wait $job 2> /dev/null
code 0 "after a kill the VPS can be stopped" vzctl stop 101
is "$(state 101)" "exist unmounted down" "and is down"
code 0 "and can be started" vzctl start 101
is "$(in_ct 101 'cat /proc/1/comm')" init "with its own init"
finish
