#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# requires: root
# set beyond single values: samples, --reset_ub, --setmode, all or nothing.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
begin "$@"
have 101 --hostname mine --ipadd 203.0.113.1 --description own
conf=$node/conf/101.conf
has() { like "$(cat "$conf")" "^$1\$" "$2"; }
cat > "$node/conf/ve-big.conf-sample" << 'END2'
# a sample
PHYSPAGES="0:32768"
SWAPPAGES="0:32768"
NUMPROC="300"
CPULIMIT="50"
HOSTNAME="theirs"
DESCRIPTION="theirs"
IP_ADDRESS="203.0.113.99"
OSTEMPLATE="other"
VE_ROOT="/nowhere/$VEID"
VE_PRIVATE="/nowhere/$VEID"
NAME="theirs"
LOCAL_UID="100000"
UNHEARD_OF="x"
END2
before=$(grep -E '^(HOSTNAME|DESCRIPTION|IP_ADDRESS|OSTEMPLATE|VE_ROOT|VE_PRIVATE|LOCAL_UID)=' "$conf")

code 0 "--applyconfig on a stopped VPS" vzctl set 101 --applyconfig big --save
has 'PHYSPAGES="0:32768"' "takes the values of the sample"
has 'NUMPROC="300"' "all of them"
has 'ORIGIN_SAMPLE="big"' "and remembers its name"
is "$(grep -E '^(HOSTNAME|DESCRIPTION|IP_ADDRESS|OSTEMPLATE|VE_ROOT|VE_PRIVATE|LOCAL_UID)=' "$conf")" "$before" \
	"but not what is one VPS's own"
unlike "$(cat "$conf")" '^NAME=' "nor a name"
sum=$(md5sum < "$conf")
refused 109 "no-such" "a sample that is not there is 109" vzctl set 101 --applyconfig no-such --save
refused 21 "file name" "a sample outside of the folder is 21" vzctl set 101 --applyconfig ../conf/ve-big --save
mkdir "$node/conf/ve-dir.conf-sample"
refused 109 "dir" "a folder is no sample" vzctl set 101 --applyconfig dir --save
rmdir "$node/conf/ve-dir.conf-sample"
is "$(md5sum < "$conf")" "$sum" "refusals change nothing"
code 0 "an option beside it" vzctl set 101 --applyconfig big --numproc 77 --save
has 'NUMPROC="77"' "wins over the sample"

started 101
is "$(cg_value 101 numproc)" 77 "a VPS runs with the limits of the sample"
sed -i 's/^NUMPROC=.*/NUMPROC="88"/; s/^CPULIMIT=.*/CPULIMIT="60"/' "$conf"
is "$(cg_value 101 numproc)" 77 "an edited file has no effect by itself"
code 0 "--reset_ub" vzctl set 101 --reset_ub
is "$(cg_value 101 numproc) $(cg_value 101 cpulimit)" "88 60" "writes all limits from the file"
refused 20 "alone" "--reset_ub with another option is 20" vzctl set 101 --reset_ub --save
refused 20 "alone" "or with a value" vzctl set 101 --numproc 5 --reset_ub
code 0 "--applyconfig on a running one" vzctl set 101 --applyconfig big --save
is "$(cg_value 101 numproc) $(cg_value 101 cpulimit)" "300 50" "is in force at once"
code 0 "without --save" vzctl set 101 --numproc 111
is "$(cg_value 101 numproc)" 111 "a value is in force"
is "$(wc -l <<< "$err")" 1 "one line says that it is not saved"
has 'NUMPROC="300"' "and the file has the old one"

# all or nothing
sum=$(md5sum < "$conf")
not "one of two cannot be applied" vzctl set 101 --numproc 123 --ipadd 203.0.113.5 --root "$node/other" --save
is "$rc" 32 "the status is that of what failed"
is "$(md5sum < "$conf") $(cg_value 101 numproc)" "$sum 111" "so neither is saved nor applied"

# what waits for a restart
pid=$(init_pid 101)
code 0 "a capability on a running VPS" vzctl set 101 --capability net_raw:off --save
like "$err" 'restart' "is said to wait"
has 'CAPABILITY="NET_RAW:off"' "and stored"
refused 32 "restart" "--setmode ignore is 32" vzctl set 101 --capability net_raw:on --setmode ignore --save
has 'CAPABILITY="NET_RAW:off"' "and stores nothing"
refused 20 "save" "--setmode restart needs --save" vzctl set 101 --capability net_raw:on --setmode restart
refused 21 "restart or ignore" "--setmode knows two words" vzctl set 101 --description x --setmode maybe --save
is "$(init_pid 101)" "$pid" "until then it has not been restarted"
code 0 "--setmode restart" vzctl set 101 --capability net_raw:on --setmode restart --save
verdict "$([ "$(init_pid 101)" != "$pid" ] && [ "$(state 101)" = "exist mounted running" ]; echo $?)" "restarts it"
has 'CAPABILITY="NET_RAW:on"' "and stores the value"
pid=$(init_pid 101)
code 0 "--setmode restart with a value that needs none" vzctl set 101 --description y --setmode restart --save
is "$(init_pid 101)" "$pid" "restarts nothing"
refused 21 "not mounted" "--offline-resize of a running VPS is 21" vzctl set 101 --diskspace 2G --offline-resize --save
hash='$6$saltsalt$Nn0y9mbn7rIBGlJUGdmzEbhfEUuYrpbyR4wbpAUDGPtpzgXLAXpLmXXfMFxkt5fh2QMnWWZ/gWZK0fPJ4wS3M1'
code 0 "--userpasswd --crypted" vzctl set 101 --userpasswd "root:$hash" --crypted
is "$(in_ct 101 'grep ^root: /etc/shadow | cut -d : -f 2')" "$hash" "puts the hash in place as it is"
vzctl stop 101 --fast > /dev/null
refused 31 "not running" "--reset_ub on a stopped VPS is 31" vzctl set 101 --reset_ub
refused 31 "not running" "so is a value without --save" vzctl set 101 --numproc 5
code 0 "--offline-resize on one in a folder" vzctl set 101 --diskspace 2G:2G --offline-resize --save
like "$err" "folder" "has no meaning, and says so"
rm "$node/conf/ve-big.conf-sample"
finish
