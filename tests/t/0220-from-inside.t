#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# requires: root
# Halt and reboot from inside, deaths of init and of the monitor.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
begin "$@"

is_down() { [ "$(state "$1")" = "exist unmounted down" ]; }
unlocked() { [ -z "$(ls "$node/lock")" ]; }
# Processes that the monitor becomes at its end hold the lock for a moment.
settled() { wait_for 10 unlocked; }

have 101 --ipadd 203.0.113.1 --hostname one
booted 101
old=$(init_pid 101) oldmon=$(monitor_pid 101)
in_ct 101 reboot
soon "reboot inside brings it up again" another_init 101 "$old"
settled
soon "with its address" ping -c 1 -W 1 203.0.113.1
is "$(in_ct 101 hostname)" one "and its name"
not "its first init has gone" is_alive "$old"
not "and that one's monitor" is_alive "$oldmon"
soon "one monitor looks after it" one_monitor 101

wait_for 10 in_ct 101 'pidof getty'
old=$(init_pid 101)
in_ct 101 reboot
soon "it can be rebooted again" another_init 101 "$old"
settled
wait_for 10 in_ct 101 'pidof getty'

for how in halt poweroff; do
	in_ct 101 $how
	soon "$how inside takes it down" is_down 101
	is "$(find /sys/fs/cgroup -path "*/$slice/101*" | wc -l)" 0 "its control groups are gone"
	is "$(ip -o link | grep -c venet)" 0 "its link, too"
	settled
	soon "no lock is left" unlocked
	booted 101
done

old=$(init_pid 101)
kill -9 "$old"
soon "init killed from outside takes it down" is_down 101
settled
code 0 "and it can be started" vzctl start 101
wait_for 10 in_ct 101 'pidof getty'

# the monitor
old=$(init_pid 101) mon=$(monitor_pid 101)
kill -9 "$mon"
is "$(state 101)" "exist mounted running" "a VPS outlives its monitor"
code 0 "commands run in it" vzctl exec2 101 true
is "$(init_pid 101)" "$old" "it is the same one"
code 0 "the next verb succeeds" vzctl set 101 --description adopted --save
new=$(monitor_pid 101)
verdict $((new == mon || new == 0)) "and gives it another monitor"
ok "which lives" is_alive "$new"
is "$(init_pid 101)" "$old" "the VPS itself is untouched"
in_ct 101 halt
soon "the new one clears up behind a halt" is_down 101
settled

booted 101
kill -9 "$(monitor_pid 101)"
in_ct 101 halt
gone() { ! is_alive "$1"; }
wait_for 10 gone "$(init_pid 101)"
like "$(state 101)" "down$" "a VPS that halts without a monitor is down"
code 0 "and can be started again" vzctl start 101
wait_for 10 in_ct 101 'pidof getty'

kill -9 "$(monitor_pid 101)"
kill -9 "$(init_pid 101)"
code 0 "stop of one whose init and monitor were killed succeeds" vzctl stop 101
is "$(state 101)" "exist unmounted down" "and clears up"
booted 101
kill -9 "$(monitor_pid 101)" "$(init_pid 101)"
code 0 "destroy of such a one succeeds, too" vzctl destroy 101
is "$(state 101)" "deleted unmounted down" "it is gone"

# A monitor that was not there when the VPS asked for a reboot.
have 102
booted 102
kill -9 "$(monitor_pid 102)"
code 0 "an orphan is adopted" vzctl mount 102
old=$(init_pid 102)
in_ct 102 reboot
# How init ended is known to its parent, which is the node's process 1 now; we may come too late to see it.
up_or_down() { another_init 102 "$old" || { ! is_alive "$old" && is_down 102; }; }
soon "and reboots under its second monitor, or is cleared up" up_or_down
note "VPS 102 is $(state 102)"
settled
code 0 "stop ends it" vzctl stop 102
is_down 102
verdict $? "and it stays down"
finish
