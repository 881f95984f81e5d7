#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# requires: root
# Files that other programs write: what is read from them, and what is no file at all.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
begin "$@"
have 101 --hostname one
conf=$node/conf/101.conf
cp "$conf" "$scratch/good"
cp "$VZ_CONF" "$scratch/good.vz"
value() { vzlist -aHo "$1" 101 | sed 's/^ *//; s/ *$//'; }

# how a line is read
try() { # LINE FIELD WANT SENTENCE
	{ printf '%b\n' "$1"; grep -v "^${1%%=*}=" "$scratch/good"; } > "$conf"
	is "$(value "$2" 2> /dev/null)" "$3" "$4"
}
try 'HOSTNAME=plain' hostname plain "a value without quotes"
try '  HOSTNAME="indented"' hostname indented "an indented line"
try 'HOSTNAME="a"b"' hostname - "the value ends at the last quote"
try 'DESCRIPTION="a "b" c" # rest' description 'a "b" c' "and what is behind it is dropped"
try "DESCRIPTION='single'" description "'single'" "single quotes are not understood"
try 'DESCRIPTION=a # no comment' description 'a # no comment' "there are no comments behind a value"
try 'DESCRIPTION=a   ' description a "trailing blanks are cut"
try 'DESCRIPTION="a\\"b\\\\c"' description 'a"b\c' "a backslash takes the next character"
try '# HOSTNAME=no\nHOSTNAME=yes' hostname yes "a comment is none"
try 'PHYSPAGES="0:256M"' physpages.l 65536 "suffixes are understood"
try 'IOLIMIT=10M' iolimit 10485760 "IOLIMIT counts bytes"
try 'CPUWEIGHT=500' cpuunits 500 "aliases are understood"
try 'CPUUWEIGHT=500' cpuunits 500 "misspelt ones, too"
try 'CAPABILITY="net_admin:on,SYS_TIME:off"' capability 'NET_ADMIN:on SYS_TIME:off' "in any case, with commas or blanks"
try 'ONBOOT=yes\r' onboot yes "a line of another system's editor"

# what is said about it
warns() { # LINE ERE SENTENCE
	{ printf '%b\n' "$1"; cat "$scratch/good"; } > "$conf"
	cp "$conf" "$scratch/before"
	code 0 "$3" vzctl mount 101
	vzctl umount 101 > /dev/null 2>&1
	like "$err" "$2" "is said"
	ok "and the file stays" cmp -s "$conf" "$scratch/before"
}
warns 'ONBOOT=1' '101\.conf:1: ONBOOT' "a bad value"
warns 'CPUUNITS=9999999' '101\.conf:1: CPUUNITS' "a number that is too large"
warns 'ONBOOT=yes\nONBOOT=no' '101\.conf:2: ONBOOT' "a second line of one name"
warns 'not a line' "101\.conf:1: a line without '='" "a line that is none"
{ echo 'UNHEARD_OF="x"'; cat "$scratch/good"; } > "$conf"
run vzctl mount 101
is "$err" "" "an unknown name is no warning"
run vzctl umount 101
run vzctl --verbose mount 101
like "$out" "101\.conf:1: unknown parameter UNHEARD_OF" "with --verbose it is told"
vzctl umount 101 > /dev/null

# what survives a set
cat "$scratch/good" - > "$conf" << 'END2'
#UUID: 6b29fc40-ca47-1067-b31d-00dd010662da
if [ -n "$FOO" ]; then
	. /etc/other
fi
  BOOTORDER="1"
A_BLOCK="first line
second line"
DESCRIPTION='kept'
END2
printf 'LAST="no newline"' >> "$conf"
cp "$conf" "$scratch/before"
code 0 "set in a file that other programs write" vzctl set 101 --disabled yes --save
like "$(diff "$scratch/before" "$conf")" '> DISABLED="yes"' "its line is there"
code 0 "set of an indented value" vzctl set 101 --bootorder 7 --save
is "$(value bootorder)" 7 "counts"
ok "a shell can read the file still" bash -c "set -e; VEID=101; . '$conf'"
run vzctl set 101 --disabled no --bootorder 7 --save

# what is no file: 14 for a VPS, 10 for the node, one line, nothing written
broken() { # SENTENCE CODE: how it is broken stands in mk()
	rm -rf "$conf"
	mk "$conf"
	local was
	was=$(ls -ld "$conf" | cut -c 1-10)
	refused "$2" '101\.conf' "$1 in the place of a VPS's file is $2" vzctl start 101
	code "$2" "for set, too" vzctl set 101 --description x --save
	[ "$(ls -ld "$conf" | cut -c 1-10)" = "$was" ]
	verdict $? "and it is untouched"
	code 0 "status is 0 all the same" vzctl status 101
	is "$out$err" "CTID 101 deleted unmounted down" "and says one line"
	rm -rf "$conf"
}
mk() { mkdir "$1"; }; broken "a folder" 14
mk() { mkfifo "$1"; }; broken "a pipe" 14
mk() { ln -s "${1##*/}" "$1"; }; broken "a link to itself" 14
mk() { ln -s /dev/zero "$1"; }; broken "a device" 14
mk() { truncate -s 100M "$1"; }; broken "100 MB" 85
mk() { printf 'HOSTNAME="x\0y"\n' > "$1"; }; broken "a file with a zero byte" 85
mk() { head -c 70000 /dev/zero | tr '\0' x > "$1"; }; broken "a line of 70000 bytes" 85
cp "$scratch/good" "$conf"
head -c 200 "$scratch/good" > "$conf"
run vzctl status 101
is "$rc" 0 "a truncated file is read as far as it goes"
cp "$scratch/good" "$conf"

node_broken() { # SENTENCE CODE
	mk "$node/bad.conf"
	VZ_CONF=$node/bad.conf refused "$2" 'bad\.conf|/dev/zero' "$1 in the place of vz.conf is $2" vzctl start 101
	rm -rf "$node/bad.conf"
}
mk() { mkdir "$1"; }; node_broken "a folder" 10
mk() { mkfifo "$1"; }; node_broken "a pipe" 10
mk() { ln -s bad.conf "$1"; }; node_broken "a link to itself" 10
mk() { ln -s /dev/zero "$1"; }; node_broken "a device" 10
mk() { truncate -s 100M "$1"; }; node_broken "100 MB" 85
mk() { printf 'LOCKDIR="x\0y"\n' > "$1"; }; node_broken "a file with a zero byte" 85
echo 'NETFILTER="full"' >> "$VZ_CONF"
run vzctl mount 101
like "$err" 'NETFILTER' "NETFILTER in vz.conf is ignored, and said"
cp "$scratch/good.vz" "$VZ_CONF"
vzctl umount 101 > /dev/null
echo 'VERBOSE="1"' >> "$VZ_CONF"
{ echo 'UNHEARD_OF="x"'; cat "$scratch/good"; } > "$conf"
like "$(vzctl mount 101)" 'unknown parameter' "VERBOSE in vz.conf is as --verbose"
vzctl umount 101 > /dev/null
sed -i '/^VERBOSE/d; s/^LOGGING=.*/LOGGING="yes"\nLOG_LEVEL="1"/' "$VZ_CONF"
vzctl --quiet mount 101
like "$(cat "$node/log")" 'CT 101 : .*unknown parameter|unknown parameter' "LOG_LEVEL is for the log"
cp "$scratch/good.vz" "$VZ_CONF"
cp "$scratch/good" "$conf"
vzctl umount 101 > /dev/null
finish
