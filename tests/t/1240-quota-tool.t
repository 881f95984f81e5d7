#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# requires: root
# vzquota: the historic codes; and the table and the numbers where the file system keeps count.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
begin "$@"
have 101 --diskspace 1048576:1153024 --diskinodes 200000:220000

code 0 "--help works" vzquota --help
like "$out" '^Usage: vzquota' "and shows how it is used"
code 0 "-V tells the version" vzquota -V
refused 2 "command" "no command is 2" vzquota
refused 2 "frob" "an unknown one is 2" vzquota frob 101
refused 2 "option" "an unknown option is 2" vzquota --frob stat 101
refused 2 "option" "also behind the command" vzquota stat 101 --frob
refused 2 "VPS" "no VPS is 2" vzquota stat
refused 11 "999" "one that is not there has no quota: 11" vzquota stat 999
code 11 "-q" vzquota -q stat 999
is "$err" "" "says nothing"
refused 12 "none" "no vz.conf is 12" env VZ_CONF="$node/none" vzquota stat 101
refused 11 "quota file" "drop: there is no file" vzquota drop 101
for c in setlimit2 reload2; do
	refused 9 "user and group" "$c: no user and group quota, 9" vzquota $c 101 -u 1
done
refused 9 "user and group" "setlimit -s 1 neither" vzquota setlimit 101 -s 1 -b 1

run vzquota stat 101
if [ $rc = 11 ]; then
	is "$(grep -c . <<< "$err")|$out" "1|" "a file system that keeps no count: 11 and one line"
	code 11 "-b, too" vzquota -b stat 101
	code 11 "setlimit, too" vzquota setlimit 101 -b 1000 -B 2000
	code 3 "on cannot be" vzquota on 101
	code 3 "nor init" vzquota init 101
	code 6 "off: it is not on" vzquota off 101
	skip "the table and the limits" "no project quota on this file system"
	finish
fi
is "$rc" 0 "stat"
is "$(head -n 1 <<< "$out")" "   resource          usage       softlimit      hardlimit    grace" "has the historic header"
like "$out" '^  1k-blocks +[0-9]+\*? +1048576 +1153024' "blocks with their limits"
like "$out" '^     inodes +[0-9]+\*? +200000 +220000' "inodes with theirs"
is "$(vzquota show 101 | awk '{ print $1 }')" "$(awk '{ print $1 }' <<< "$out")" "show is the same"
run vzquota -b stat 101
like "$out" $'^[0-9]+ 1048576 1153024 [0-9]+ 0$' "-b: numbers of blocks"
is "$(wc -l <<< "$out")" 2 "and of inodes"
code 0 "setlimit" vzquota setlimit 101 -b 2000000 -B 2200000 -i 300000 -I 330000 -e 2d
run vzquota -b stat 101
is "$(awk '{ print $2, $3 }' <<< "$out" | tr '\n' ' ')" "2000000 2200000 300000 330000 " "is in force"
like "$(cat "$node/conf/101.conf")" '^DISKSPACE="2000000:2200000"$' "and stored"
like "$(cat "$node/conf/101.conf")" '^QUOTATIME="172800"$' "with the time"
code 0 "a hard limit alone" vzquota setlimit 101 -B 1500000
is "$(vzquota -b stat 101 | awk 'NR == 1 { print $2, $3 }')" "1500000 1500000" "takes the soft one down with it"
for bad in -1 x '' 1k; do
	refused 2 "number|argument" "'$bad' is no limit" vzquota setlimit 101 -b "$bad"
done
refused 2 "time" "nor is '1z' a time" vzquota setlimit 101 -b 1 -e 1z
refused 2 "limit" "setlimit without one is 2" vzquota setlimit 101
refused 5 "on" "it is on: 5" vzquota on 101
refused 3 "off" "and stays on: 3" vzquota off 101
finish
