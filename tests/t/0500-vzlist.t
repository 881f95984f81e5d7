#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# requires: root
# vzlist: what is listed, in which form, and that nothing in a file can spoil it.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
begin "$@"
golden=$here/golden/vzlist

# A VPS from a file alone: enough for what does not run.
stored() { # ID [LINE...]
	mkdir -p "$node/private/$1" "$node/root/$1"
	printf '%s\n' "${@:2}" > "$node/conf/$1.conf"
}

gone() { # ID...
	local id
	for id; do echo "$node/conf/$id.conf" "$node/private/$id" "$node/root/$id"; done | xargs rm -rf
}

same() { # FILE-IN-GOLDEN SENTENCE COMMAND...: byte by byte, with the node's folder as NODE
	run "${@:3}"
	if [ -n "${VZ_TEST_WRITE_GOLDEN:-}" ]; then
		sed "s|$node|NODE|g" "$scratch/out" > "$golden/$1"
	fi
	cmp -s "$golden/$1" <(sed "s|$node|NODE|g" "$scratch/out") ||
		note "$(diff "$golden/$1" <(sed "s|$node|NODE|g" "$scratch/out"))" "$err"
	cmp -s "$golden/$1" <(sed "s|$node|NODE|g" "$scratch/out")
	verdict $? "$2"
}

json() { # PYTHON-EXPRESSION of d, the parsed output
	python3 -c 'import json,sys; d = json.load(sys.stdin); print(eval(sys.argv[1]))' "$1" <<< "$out" 2>&1
}

# --- an empty node, and words ---------------------------------------------------------------------

code 0 "an empty node is no failure" vzlist -a
is "$out|$err" "|Container(s) not found" "it is said on standard error, without a header"
code 0 "nor is it with JSON" vzlist -aj
is "$out" "[]" "which is an empty array"
code 1 "a VPS that was asked for and is not there is a failure" vzlist 101
is "$out|$err" "|Container(s) not found" "with the same words"
code 1 "a name that nobody has, too" vzlist nobody
refused 1 "frob" "an unknown field is 1" vzlist -o ctid,frob
refused 1 "''" "an empty one, too" vzlist -o ctid,
refused 1 "status.m" "a part that a field does not have, too" vzlist -o status.m
refused 1 "kmemsize.s" "or that is another family's" vzlist -o kmemsize.s
refused 1 "frob" "an unknown field to sort by is 1" vzlist -s -frob
refused 1 "z" "an unknown option is 1" vzlist -z
refused 1 "argument" "an option without its argument is 1" vzlist -o
code 1 "--help is 1" vzlist --help
like "$out" '^Usage: vzlist ' "and shows how it is used"
code 1 "-e is the same" vzlist -e
code 1 "without vz.conf it fails" env VZ_CONF="$node/none" vzlist -a
like "$err" 'none' "naming the file"
refused 1 "root" "it is for root" setpriv --reuid 65534 --clear-groups --inh-caps=-all vzlist -a

same fields "-L lists every field and its header" vzlist -L
is "$(wc -l < "$scratch/out")" 144 "144 of them"

manual=''
while read -r field _; do
	[[ $field = *.* ]] || grep -qw -e "$field" "$here/../man/vzlist.8" || manual+=" $field"
done < "$golden/fields"
is "$manual" "" "the manual page has them all"

# --- a few VPSs from files ------------------------------------------------------------------------

stored 101 'HOSTNAME="web.example.com"' 'IP_ADDRESS="10.0.0.1 10.0.1.0/24 2001:db8::1"' 'NAME="web"' \
	'DESCRIPTION="first   "' 'PHYSPAGES="0:65536"' 'SWAPPAGES="0:131072"' 'NUMPROC="240:300"' \
	'KMEMSIZE="14372700:14790164"' 'DISKSPACE="2097152:2306867"' 'DISKINODES="131072:144179"' \
	'ONBOOT="yes"' 'BOOTORDER="5"' 'CPUUNITS="1000"' 'CPULIMIT="50"' 'CPUS="1.5"' 'IOLIMIT="1048576"' \
	'IOPRIO="6"' 'IOPSLIMIT="100"' 'VE_LAYOUT="simfs"' 'OSTEMPLATE="debian-12-x86_64"' \
	'CAPABILITY="NET_ADMIN:on SYS_TIME:off"' 'FEATURES="nfs:on sit:off"' 'NETFILTER="stateless"' \
	'ORIGIN_SAMPLE="vswap-256m"' 'NAMESERVER="1.1.1.1 8.8.8.8"' 'SEARCHDOMAIN="example.com example.org"' \
	'DISABLED="no"' 'VM_OVERCOMMIT="1.25"' 'MOUNT_OPTS="noatime"'
ln -s "../conf/101.conf" "$node/names/web"
stored 102 'HOSTNAME="a-host-name-that-is-longer-than-its-column.example.com"' 'ONBOOT="no"' \
	'BOOTORDER="10"' 'DISABLED="yes"' 'PHYSPAGES="65536:unlimited"'
stored 1000000000
stored 103 'HOSTNAME="gone"'
rm -r "$node/private/103"
: > "$node/conf/104.conf.destroyed"
echo 'HOSTNAME="node"' > "$node/conf/0.conf"

while read -r field _; do
	run vzlist -a -s "$field" -o "$field"
	[ "$rc:$(wc -l < "$scratch/out")" = 0:4 ] || { told; break; }
done < "$golden/fields"
is "$rc:$(wc -l < "$scratch/out")" 0:4 "each field can be printed and sorted by"
code 0 "what does not run is not listed by itself" vzlist
is "$out|$err" "|Container(s) not found" "so that there is nothing"
same default "-a: fields, widths, and the blanks before an ID" vzlist -a
same default "-S lists the same, as nothing runs" vzlist -S
unlike "$(vzlist -a)" '(^| )(103|104|0) ' "without a private area, or a number, it is no VPS"
code 1 "not even when it is asked for" vzlist 103
same names "-n has names" vzlist -a -n
same names "--name is the same" vzlist --all --name
same notrim "-t cuts nothing and keeps the columns" vzlist -a -t
same text "every kind of field as text" vzlist -a -o \
	veid,mount_opts,origin_sample,nameserver,searchdomain,ostemplate,diskspace,diskspace.s,diskinodes.h,laverage,uptime,cpulimit,cpuunits,cpus,ioprio,iolimit,iopslimit,onboot,bootorder,layout,features,vswap,disabled,vm_overcommit,netfilter,capability,root
same ubc "beancounters: limits from the file, no figures" vzlist -a -o \
	ctid,kmemsize,kmemsize.m,kmemsize.b,kmemsize.l,kmemsize.f,numproc,numproc.l,physpages.b,physpages.l,swappages.l
same json "JSON of all fields" vzlist -aj
is "$(json 'len(d), len(d[0])')" "(3, 56)" "which parses, and has each field without parts"
refused 1 '^Field kmemsize.m is not available in JSON output$|Field kmemsize.m' \
	"JSON has no parts" vzlist -aj -o ctid,kmemsize.m
ok "JSON of some fields" vzlist -aj -o hostname,ctid,ctid
is "$(json 'list(d[1].items())')" \
	"[('hostname', 'a-host-name-that-is-longer-than-its-column.example.com'), ('ctid', 102)]" \
	"in the order asked for, each once"
unlike "$(vzlist -a -o description,ctid,description; vzlist -at; vzlist -a -o ip,description)" ' $' \
	"no line ends in a blank"
is "$(vzlist -aH1)" "$(printf '%10s\n' 101 102 1000000000)" "-1 is IDs without a header, as a flag"
is "$(vzlist -H1 102)" "       102" "-1 does not take the next word"
is "$(vzlist -aHo hostname 102)" "a-host-name-that-is-longer-than-its-column.example.com" \
	"the last column is not cut"
is "$(vzlist -Ho hostname,ctid 102)" "a-host-name-that-is-longer-than-        102" \
	"another one is cut to its width"
is "$(vzlist -Ho ip,ctid 101)" "10.0.0.1               101" "of several values the first one stands there"
is "$(vzlist -Ho ip 101)" "10.0.0.1 10.0.1.0 2001:db8::1" "and all of them in the last column"
is "$(vzlist -Hto ip,ctid 101)" "10.0.0.1 10.0.1.0 2001:db8::1        101" "or with -t"
is "$(vzlist -H -o ctid web)" "       101" "a name stands for the ID"
is "$(vzlist -H -o ctid 102 web 102 101)" "$(printf '%10s\n' 101 102)" "twice is once"
code 0 "one of two that is not there is no failure" vzlist 101 777
is "$(vzlist -aHo ctid -h '*.example.com')" "$(printf '%10s\n' 101 102)" "-h is a pattern of host names"
is "$(vzlist -aHo ctid -N 'w?b')" "       101" "-N of names"
is "$(vzlist -aHo ctid -d 'first*')" "       101" "-d of descriptions"
code 0 "a pattern that fits nobody is no failure" vzlist -a -h nobody
is "$(vzlist -aHo ctid -s -ctid | tr -d ' \n')" "1000000000102101" "-s with - reverses"
is "$(vzlist -aHo ctid -s-bootorder | tr -d ' \n')" "1021011000000000" \
	"numbers are sorted as numbers, and what has none is last in reverse"
is "$(vzlist -aHo ctid -s hostname | tr -d ' \n')" "1000000000102101" "words as words"
stored 105 'NUMPROC="10:500"'
is "$(vzlist -Ho ctid -s numproc.b 101 105 | tr -d ' \n')" 105101 "a barrier is sorted by barriers"
is "$(vzlist -Ho ctid -s numproc.l 101 105 | tr -d ' \n')" 101105 "a limit by limits"
gone 105
mkdir -p "$node/dump/Dump.102"
is "$(vzlist -Ho status 102)" suspended "a VPS with a dump is suspended"
rm -r "$node/dump/Dump.102"
# Known for ours by the owner of its root folder: an id of a VPS.
mount -t tmpfs none "$node/root/102"
chown "$(sed -n 's/^LOCAL_UID="*\([0-9]*\).*/\1/p' "$node/conf/102.conf" | grep . || echo 1900000000)" "$node/root/102"
is "$(vzlist -Ho status 102)" mounted "one whose root is mounted is mounted"
is "$(vzlist -SHo status 102)" mounted "and not running"
umount "$node/root/102"

# --- what others put into files -------------------------------------------------------------------

stored 106 $'DESCRIPTION="red\xc2\x9b2J\xe2\x80\xae\xff\xc0\xafb\xe2\x82 \xc3\xa4\xe2\x82\xac"' \
	$'NAME="\e[31m"' $'HOSTNAME="x\ny"' \
	$'MOUNT_OPTS="a\\"b\\\\c\xe2\x80\xa8\xff\xf0\x9f\x98\x80"'
is "$(vzlist -Ho description 106)" $'red?2J????b?? \xc3\xa4\xe2\x82\xac' \
	"what could play with a terminal becomes question marks, the rest stays"
is "$(vzlist -Ho description,ctid 106)" $'red?2J????b?? \xc3\xa4\xe2\x82\xac                        106' \
	"a letter of several bytes is one column"
unlike "$(vzlist -Hto name,hostname,description,mount_opts 106)" $'[\001-\037\177]|\xc2[\x80-\x9f]' \
	"no control character is printed"
code 0 "with -j, too" vzlist -j -o mount_opts,description 106
is "$(json 'd[0]["mount_opts"].encode("ascii", "namereplace").decode()')" \
	'a"b\c\N{LINE SEPARATOR}\N{REPLACEMENT CHARACTER}\N{GRINNING FACE}' "quotes, backslashes and bad bytes are escaped"
printf 'HOSTNAME="x"\0\n' > "$node/conf/106.conf"
ok "a file that is none does not hide the others" vzlist -aHo ctid
is "$(tr -d ' \n' <<< "$out")" "1011021000000000" "they are listed"
like "$err" '106.conf' "and it is told about"
code 1 "asking for it fails" vzlist 106
gone 106
mkfifo "$node/conf/107.conf"
ok "nor does a file that never ends" vzlist -aHo ctid
rm "$node/conf/107.conf"
stored 108
mkdir -p "$node/run/108"
echo '{' > "$node/run/108/state.json"
ok "nor a damaged state" vzlist -aHo ctid
rm -r "$node/run/108"
gone 108
not "a full disk is noticed" bash -c 'vzlist -a > /dev/full'

# VPSs come and go while we look.
touch "$scratch/churn"
( while [ -e "$scratch/churn" ]; do stored 109; gone 109; done ) &
churn=$!
bad=''
for _ in $(seq 40); do
	run vzlist -aHo ctid
	[ "$rc" = 0 ] && [ -z "$err" ] || bad+="$rc $err "
done
rm "$scratch/churn"
wait $churn
is "$bad" "" "VPSs that vanish while we look are no failure"

# --- one that runs --------------------------------------------------------------------------------

have 110 --name runner --hostname runner.example.com --ipadd 203.0.113.10
run vzctl set 110 --ram 64M --swap 0 --numproc 50:60 --save
started 110
soon "it is listed once it runs" vzlist 110
like "$(vzlist)" '^ +110 +[1-9][0-9]* running   203.0.113.10    runner.example.com$' "with the number of its tasks"
is "$(vzlist -Ho ctid)" "       110" "alone, as the others do not run"
is "$(vzlist -SHo ctid 2>&1 | tr -d ' \n')" "1011021000000000" "-S has the others"
like "$(vzlist -Ho uptime 110)" '^000d00h:0[0-2]m:[0-9]{2}s$' "uptime is days, hours, minutes, seconds"
like "$(vzlist -Ho physpages,physpages.l,kmemsize.l,numproc.b,numproc.l,numproc.f,numfile 110)" \
	'^ *[1-9][0-9]* +16384 9223372036854775807 +50 +60 +0 +[1-9][0-9]*$' "its figures are live"
ok "JSON has them, too" vzlist -j 110
is "$(json '(d[0]["status"], d[0]["numproc"]["held"] > 0, d[0]["numproc"]["limit"], d[0]["uptime"] > 0)')" \
	"('running', True, 60, True)" "as numbers"
run vzctl chkpnt 110 --suspend
is "$(vzlist -Ho status runner)" running "a frozen one runs"
run vzctl chkpnt 110 --resume
run vzctl stop 110 --fast
is "$(vzlist -Ho numproc,status 110)" "         - stopped" "stopped, it has no figures"

gone 101 102 1000000000
rm -f "$node"/conf/*.conf.destroyed "$node/conf/103.conf" "$node/conf/0.conf" "$node/names/web"
rm -rf "$node/root/103"

# --- very many ------------------------------------------------------------------------------------

for ((i = 1001; i <= 2000; i++)); do
	stored $i "HOSTNAME=\"vps$i.example.com\"" "IP_ADDRESS=\"10.1.$((i / 256)).$((i % 256))\"" \
		'PHYSPAGES="0:65536"' 'SWAPPAGES="0:65536"' 'DISKSPACE="2097152:2306867"' 'CPUUNITS="1000"'
done
# What it costs is counted, not timed: system calls for each VPS, beside those for none.
calls() { # -> system calls of a list
	strace -f -qq -c -o "$scratch/calls" vzlist -a > "$scratch/list" || return
	awk '$NF == "total" { print $4 }' "$scratch/calls"
}
many=$(calls)
is "$(wc -l < "$scratch/list")" 1002 "a thousand VPSs are listed"
# shellcheck disable=SC2046 # numbers
gone $(seq 1501 2000)
half=$(calls)
note "system calls: $many for 1000 VPSs, $half for 500"
verdict $((many - half > 12 * 500 || many - half < 500)) "with no more than twelve system calls for each"
# shellcheck disable=SC2046 # numbers
gone $(seq 1001 1500)
finish
