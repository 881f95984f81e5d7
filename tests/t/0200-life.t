#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# requires: root
# A VPS lives: every verb in every state, with its status and what it leaves.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
begin "$@"

have 101 --hostname one --ipadd 203.0.113.1

# not mounted
code 0 "stop of a stopped VPS succeeds" vzctl stop 101
like "$out$err" 'not running' "and says that it was not running"
refused 40 "101" "umount of an unmounted VPS is 40" vzctl umount 101
code 31 "exec2 needs a running VPS: 31" vzctl exec2 101 true
code 8 "exec says the same with 8" vzctl exec 101 true
code 31 "exec3 with 31" vzctl exec3 101 true
code 31 "enter with 31" vzctl enter 101
code 31 "console with 31" vzctl console 101

# mounted
code 0 "mount succeeds" vzctl mount 101
is "$(state 101)" "exist mounted down" "status says mounted and down"
ok "host tools see the root of the VPS" test -x "$node/root/101/usr/bin/busybox"
code 0 "mount of a mounted VPS succeeds" vzctl mount 101
like "$out$err" 'mounted already' "and says that it was mounted"
refused 41 "101" "destroy of a mounted VPS is 41" vzctl destroy 101
is "$(state 101)" "exist mounted down" "which stays mounted"
code 0 "stop of a mounted VPS succeeds" vzctl stop 101
is "$(state 101)" "exist mounted down" "and leaves it mounted"
code 0 "umount succeeds" vzctl umount 101
is "$(state 101)" "exist unmounted down" "status says unmounted"
is "$(ls -A "$node/root/101" 2> /dev/null)" "" "and the mount point is empty"

# running
code 0 "start succeeds" vzctl start 101
is "$out" "VPS 101 was started" "and says so on standard output"
is "$(state 101)" "exist mounted running" "status says mounted and running"
refused 32 "101" "start of a running VPS is 32" vzctl start 101
refused 32 "101" "umount of a running VPS is 32" vzctl umount 101
refused 32 "101" "destroy of a running VPS is 32" vzctl destroy 101
code 0 "mount of a running VPS succeeds" vzctl mount 101
is "$(state 101)" "exist mounted running" "and it still runs"
is "$(in_ct 101 hostname)" one "its host name is set"
is "$(in_ct 101 'cat /proc/1/comm')" init "its process 1 is its init"
is "$(in_ct 101 'tr "\0" " " < /proc/1/cmdline' | sed 's/^[^ ]*sh //')" "/sbin/init -z " \
	"called as historic ones were"
like "$(in_ct 101 'tr "\0" "\n" < /proc/1/environ')" '^container=mainvz$' "and can know where it is"
is "$(in_ct 101 'id -u; id -g' | tr '\n' ' ')" "0 0 " "root inside is root"
old=$(init_pid 101)
uid=$(sed -n 's/^Uid:\t\([0-9]*\).*/\1/p' "/proc/$old/status")
is "$uid" "$(sed -n 's/^LOCAL_UID="*\([0-9]*\).*/\1/p' "$node/conf/101.conf")" \
	"and the first id of its range outside"
is "$(in_ct 101 'echo written > /root/file; cat /root/file')" written "it can write its root"
is "$(stat -c %u "$node/private/101/upper/root/file")" 0 "owners on disk are those inside"

# restart
code 0 "restart succeeds" vzctl restart 101
is "$(state 101)" "exist mounted running" "it runs again"
verdict $((old == $(init_pid 101))) "with another init"
not "the old one has gone" is_alive "$old"
is "$(in_ct 101 'cat /root/file')" written "files outlive it"

# stop
old=$(init_pid 101) mon=$(monitor_pid 101)
code 0 "stop succeeds" vzctl stop 101
is "$out" "VPS 101 was stopped" "and says so"
unlike "$(cat "$node/log")" 'killing it' "without having to kill it"
is "$(state 101)" "exist unmounted down" "it is down and unmounted"
not "its init has gone" is_alive "$old"
not "so has its monitor" is_alive "$mon"
is "$(find /sys/fs/cgroup -path "*/$slice/101" 2> /dev/null)" "" "and its control groups"
is "$(ip -o link show type veth | grep -c venet)" 0 "and its network link"
code 0 "stop again succeeds" vzctl stop 101

code 0 "restart starts a stopped VPS" vzctl restart 101 --wait
is "$(state 101)" "exist mounted running" "it runs"
code 0 "stop --skip-umount succeeds" vzctl stop 101 --skip-umount
is "$(state 101)" "exist mounted down" "it is left mounted"
code 0 "a mounted VPS can be started" vzctl start 101
code 0 "stop --fast succeeds" vzctl stop 101 --fast
is "$(state 101)" "exist unmounted down" "at once"

begin_ms=${EPOCHREALTIME/./}
for _ in 1 2 3 4 5; do
	vzctl start 101 > /dev/null
	vzctl stop 101 --fast > /dev/null
done
took=$(((${EPOCHREALTIME/./} - begin_ms) / 1000))
verdict $((took > 4000 * slow)) "five times start and stop --fast wait for nothing ($took ms)"

code 0 "start --wait comes back when it has booted" vzctl start 101 --wait
code 0 "stop after it succeeds" vzctl stop 101

# DISABLED
vzctl set 101 --disabled yes --save > /dev/null
refused 105 "disabled" "start of a disabled VPS is 105" vzctl start 101
is "$(state 101)" "exist unmounted down" "and it is not started"
code 0 "start --force starts it" vzctl start 101 --force
code 0 "and it can be stopped" vzctl stop 101 --fast
vzctl set 101 --disabled no --save > /dev/null

# an init that does not care
have 102
init=$(upper 102 /usr/sbin/init)
printf '#!/bin/sh\ntrap "" TERM USR1 USR2 PWR\nwhile :; do sleep 1; done\n' > "$init"
chmod 755 "$init"
vzctl set 102 --stop-timeout 1 --save > /dev/null
started 102
begin_s=$SECONDS
code 0 "an init that ignores every request is stopped" vzctl stop 102
verdict $((SECONDS - begin_s > 5 * slow)) "after STOP_TIMEOUT"
like "$(cat "$node/log")" 'VPS 102 did not shut down' "and the log says that it was killed"
is "$(state 102)" "exist unmounted down" "nothing of it is left"
code 0 "destroy of a stopped VPS succeeds" vzctl destroy 102
is "$(state 102)" "deleted unmounted down" "and it is gone"
finish
