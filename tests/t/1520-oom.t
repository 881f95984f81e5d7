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

not "one who takes more than there is is killed" in_ct 101 'dd if=/dev/zero of=/dev/null bs=200M count=1'
ok "init is not" is_alive "$init"
n=$(vzlist -Ho physpages.f 101 | tr -d ' ')
ok "it is counted ($n)" [ "$n" -gt 0 ]
finish
