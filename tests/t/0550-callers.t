#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# requires: root
# As programs call it: pipes that must end, descriptors that must not stay open, an empty environment.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
begin "$@"
have 101 --ipadd 203.0.113.1
vzctl=$VZ_TEST_PREFIX/sbin/vzctl

# Whoever reads our output sees its end when we end, not when the VPS does.
ms() { echo $((${EPOCHREALTIME/./} / 1000)); }
ends() { # SENTENCE COMMAND...: in a pipe, both outputs
	local t begin
	begin=$(ms)
	t=$(timeout -k 1 $((20 * slow)) "${@:2}" 2>&1 | cat; echo "${PIPESTATUS[0]}")
	is "${t##*$'\n'}" 0 "$1 ends its reader's wait ($(($(ms) - begin)) ms)"
}
ends "start" vzctl start 101
is "$(state 101)" "exist mounted running" "the VPS runs on"
monitor=$(monitor_pid 101) init=$(init_pid 101)

# What the caller had open is open in neither.
vzctl stop 101 --fast > /dev/null
exec 7> "$scratch/seven" 8< /etc/passwd 9<> "$scratch/nine"
flock 9
code 0 "start with descriptors open" vzctl start 101
exec 7>&- 8<&-
monitor=$(monitor_pid 101) init=$(init_pid 101)
fds() { find "/proc/$1/fd" -printf '%f %l\n' 2> /dev/null; }
unlike "$(fds "$monitor")" "seven|nine|passwd|$node" "the monitor has none of them"
is "$(find "/proc/$monitor/fd" -lname /dev/null | wc -l)" 3 "its first three are the null device"
unlike "$(fds "$init")" "seven|nine|passwd|$node" "nor has init"
exec 9>&-
ok "a lock that the caller held is free when the caller is done" flock -n "$scratch/nine" true
is "$(readlink "/proc/$monitor/cwd")" / "the monitor is in /, and keeps nothing mounted"
unlike "$(tr '\0' '\n' < "/proc/$monitor/environ")" 'VZ_TEST|HOME|LC_ALL' "it has nothing of the caller's environment"
ends "stop" vzctl stop 101
printf 'sleep 30 &\nexit 0\n' > "$node/conf/101.start"
ends "start with a script that leaves a process behind" vzctl start 101
ends "restart" vzctl restart 101 --fast
rm "$node/conf/101.start"
printf '#!/bin/sh\nsleep 2 &\n' > "$node/conf/101.mount"; chmod 755 "$node/conf/101.mount"
begin_ms=$(ms)
ends "start with one that leaves a process on the node" vzctl restart 101 --fast
rm "$node/conf/101.mount"
ends "set" vzctl set 101 --ram 64M --save
ends "exec" vzctl exec 101 true
ends "a reboot from inside" vzctl exec 101 'kill -HUP 1; true'

# Closed ones
wait_for 10 in_ct 101 true
run patiently vzctl stop 101 --fast
code 0 "start with all three closed" bash -c 'exec <&- >&- 2>&-; vzctl start 101'
is "$(state 101)" "exist mounted running" "works"
code 0 "so do exec" bash -c 'exec <&- 2>&-; vzctl exec 101 true'
code 0 "and stop" bash -c 'exec <&- >&- 2>&-; vzctl stop 101'

# Nothing in the environment
bare() { env -i LC_ALL=C VZ_CONF="$VZ_CONF" "$vzctl" "$@"; }
code 0 "start with an empty environment" bare start 101 --wait
code 0 "exec" bare exec2 101 'test "$HOME$TERM" = /linux'
is "$(tr '\0' '\n' < "/proc/$(init_pid 101)/environ" | grep -c VZ_)" 0 "init has nothing of ours"
like "$(tr '\0' '\n' < "/proc/$(init_pid 101)/environ")" '^HOME=/$' "but HOME"
like "$(tr '\0' '\n' < "/proc/$(init_pid 101)/environ")" '^TERM=linux$' "and TERM"
like "$(in_ct 101 "tr '\\0' ' ' < /proc/1/cmdline")" "init -z \$" "and is called as it always was"
code 0 "status" bare status 101
code 0 "stop" bare stop 101
code 0 "set" bare set 101 --onboot no --save
code 0 "a umask of 077 and a folder that is gone" bash -c 'mkdir "$1/gone"; cd "$1/gone"; rmdir "$1/gone"; umask 077; vzctl start 101' - "$scratch"
is "$(in_ct 101 'umask; pwd')" "0022"$'\n'/ "are the caller's own affair"
( ulimit -n 64; run vzctl exec 101 true; exit "$rc" )
is $? 0 "few descriptors are enough for exec"
vzctl stop 101 --fast > /dev/null
trap '' PIPE HUP INT
code 0 "start with signals ignored" vzctl start 101
trap - PIPE HUP INT
is "$(vzctl exec3 101 /bin/grep SigIgn /proc/self/status | awk '{ print $2 }')" 0000000000000000 "a command inside has all of them"
finish
