#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# requires: root
# The log file: its lines, and who decides what goes there and to the terminal.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
begin "$@"
have 101
log=$node/log
conf() { # KEY VALUE
	sed -i "/^$1=/d" "$node/vz.conf"
	[ -z "${2-}" ] || echo "$1=\"$2\"" >> "$node/vz.conf"
}
fresh() { : > "$log"; }
stamp='^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}[+-][0-9]{4}'

fresh
vzctl mount 101 > /dev/null
like "$(cat "$log")" "$stamp vzctl : CT 101 : " "a line has the time, the tool and the VPS"
unlike "$(cat "$log")" '^$' "and no line is empty"
is "$(grep -vcE "$stamp vzctl : " "$log")" 0 "every line is of that form"
fresh
refused 21 "nosuch" "a name that is none" vzctl start nosuch
like "$(cat "$log")" "$stamp vzctl : .*nosuch" "is logged"
unlike "$(cat "$log")" ' : CT ' "without a VPS"
fresh
run vzctl --quiet start 999
is "$rc$out$err" 14 "--quiet says nothing"
like "$(cat "$log")" "999" "the log has it all the same"
fresh
vzctl status 101 > /dev/null
is "$(cat "$log")" "" "status logs nothing"
fresh
vzctl --verbose --verbose umount 101 > "$scratch/v"
vzctl mount 101 > "$scratch/m"
conf LOG_LEVEL 5
fresh
vzctl umount 101 > "$scratch/u"
conf LOG_LEVEL
like "$(cat "$scratch/m")" '^VPS 101 was mounted$' "the terminal has what is usual"
printf '#!/bin/sh\n' > "$node/conf/vps.mount"; chmod 755 "$node/conf/vps.mount"
fresh
vzctl mount 101 > "$scratch/m"
unlike "$(cat "$log" "$scratch/m")" 'running .*vps.mount' "detail is in neither"
vzctl umount 101 > /dev/null
conf LOG_LEVEL 3
fresh
vzctl mount 101 > "$scratch/m"
like "$(cat "$log")" 'running .*vps.mount' "with LOG_LEVEL it is in the log"
unlike "$(cat "$scratch/m")" 'running .*vps.mount' "but not on the terminal"
vzctl umount 101 > /dev/null
conf LOG_LEVEL
conf VERBOSE 3
fresh
vzctl mount 101 > "$scratch/m"
like "$(cat "$scratch/m")" 'running .*vps.mount' "with VERBOSE it is on the terminal"
unlike "$(cat "$log")" 'running .*vps.mount' "but not in the log"
vzctl umount 101 > /dev/null
conf VERBOSE
vzctl --verbose mount 101 > "$scratch/m"
like "$(cat "$scratch/m")" 'running .*vps.mount' "as with --verbose"
vzctl umount 101 > /dev/null
rm "$node/conf/vps.mount"

conf LOGFILE "$scratch/other"
fresh
vzctl mount 101 > /dev/null
like "$(cat "$scratch/other")" "CT 101" "LOGFILE names the file"
is "$(cat "$log")" "" "no other is written"
conf LOGFILE "$log"
conf LOGGING no
vzctl umount 101 > /dev/null
is "$(cat "$log")" "" "LOGGING=no writes none"
conf LOGGING yes
conf LOGFILE /nowhere/at/all
code 0 "a log that cannot be written is no reason to fail" vzctl mount 101
vzctl umount 101 > /dev/null
conf LOGFILE "$log"
fresh
run vzctl set 101 --hostname $'a\nb CT 5 : forged' --save
is "$(grep -c forged "$log")" "$(grep -vcE "$stamp vzctl : " "$log" | sed s/0/1/)" "a newline in a word makes no second line"
is "$(grep -vcE "$stamp vzctl : " "$log")" 0 "so no line can be forged"
for i in 1 2 3 4 5 6 7 8; do vzctl set 101 --description "$i" --save > /dev/null & done
wait
is "$(grep -vcE "$stamp vzctl : " "$log")" 0 "lines of commands at the same time do not mix"
finish
