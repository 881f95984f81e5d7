#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# requires: root
# vzcfgvalidate: rules broken once each, repaired, valid after; what -v means; nothing else is touched.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
begin "$@"
f=$scratch/ve.conf
profiles=$here/../cgroup-profiles
node_has=(--ram 8G --swap 8G)

for s in "$profiles"/*.conf-sample; do
	code 0 "${s##*/} is valid" vzcfgvalidate "${node_has[@]}" "$s"
	like "$out" '^Validation completed: success$' "and it is said"
	code 0 "on this node, too" vzcfgvalidate --ram 8G "$s"
done

# Each line breaks one rule of the file behind it.
while read -r base line rule; do
	{ echo "# a comment"; echo "$line"; grep -v "^${line%%=*}=" "$profiles/ve-$base.conf-sample"; echo "FOREIGN=x"; } > "$f"
	cp "$f" "$f.old"
	code 2 "$base with $line is not valid" vzcfgvalidate "${node_has[@]}" "$f"
	like "$out" "^Error: $rule" "and it is said why"
	cmp -s "$f" "$f.old"
	verdict $? "the file is as it was"
	code 0 "-r repairs it" vzcfgvalidate -r "${node_has[@]}" "$f"
	code 0 "it is valid then" vzcfgvalidate "${node_has[@]}" "$f"
	is "$(head -n 1 "$f") $(grep -c ^FOREIGN=x "$f")" "# a comment 1" "and the rest of it is as it was"
done << 'END'
basic NUMPROC="200:240" NUMPROC must have a barrier equal
basic KMEMSIZE="14790164:14372700" KMEMSIZE must not have a barrier above
basic VMGUARPAGES="33792:40000" VMGUARPAGES must have no limit
basic PHYSPAGES="5:unlimited" PHYSPAGES must have the barrier 0
basic DCACHESIZE="100:1000" DCACHESIZE must have a limit of at least 3575808
basic KMEMSIZE="10997759:14790164" KMEMSIZE must have a barrier of at least 10997760
basic PRIVVMPAGES="33791:69632" PRIVVMPAGES must have a barrier of at least 33792
basic TCPSNDBUF="65535:2703360" TCPSNDBUF must have a barrier of at least 65536
basic TCPRCVBUF="2700000:2703360" TCPRCVBUF must have a limit above its barrier
basic OTHERSOCKBUF="2000000:2097152" OTHERSOCKBUF must have a limit above its barrier
basic DGRAMRCVBUF="32767:262144" DGRAMRCVBUF must have a barrier of at least 32768
basic NUMFILE="700" NUMFILE must have a limit of at least 5760
basic DISKSPACE="2G:1G" DISKSPACE must not have a barrier above
vswap-256m PHYSPAGES="1:256M" PHYSPAGES must have the barrier 0
vswap-256m SWAPPAGES="1:512M" SWAPPAGES must have the barrier 0
vswap-256m PHYSPAGES="0:9G" PHYSPAGES must not have a limit above 2097152
vswap-256m SWAPPAGES="0:9G" SWAPPAGES must not have a limit above 2097152
vswap-256m DISKINODES="9:8" DISKINODES must not have a barrier above
END

grep -v SWAPPAGES "$profiles/ve-vswap-256m.conf-sample" > "$f"
code 2 "VSwap without SWAPPAGES is not valid" vzcfgvalidate "$f"
grep -v NUMFLOCK "$profiles/ve-basic.conf-sample" > "$f"
code 2 "a beancounter that is missing neither" vzcfgvalidate "$f"
like "$out" 'NUMFLOCK is not set' "and it is said which"
code 0 "-r makes it unlimited" vzcfgvalidate -r "$f"
like "$(cat "$f")" '^NUMFLOCK="unlimited"$' "which is what it was"

# -i asks
echo 'PHYSPAGES="5:100"' > "$f"
echo 'SWAPPAGES="3:100"' >> "$f"
run bash -c "printf 'n\ny\n' | vzcfgvalidate -i ${node_has[*]} $f"
is "$rc $(tr '\n' ' ' < "$f")" '2 PHYSPAGES="5:100" SWAPPAGES="0:100" ' "-i changes what is agreed to, no more"
run vzcfgvalidate -i "${node_has[@]}" "$f"
is "$rc $(head -n 1 "$f")" '2 PHYSPAGES="5:100"' "without an answer nothing"

# -v
printf 'PHYSPAGES="0:256M"\nSWAPPAGES="0"\nIOLIMIT="5"\nNUMFILE="10"\nVETH="x"\nNOBODY="x"\n' > "$f"
code 0 "-v FILE" vzcfgvalidate -v "$f"
is "$(head -n 6 <<< "$out" | tr -s ' ' | tr '\n' ,)" \
	"PHYSPAGES mapped,SWAPPAGES mapped,IOLIMIT approximate,NUMFILE advisory,VETH advisory,NOBODY unknown," \
	"tells what this kernel makes of each parameter"
code 2 "-v no FILE takes the rules of beancounters" vzcfgvalidate -v no "$f"
code 0 "-v yes FILE those of VSwap" vzcfgvalidate -v yes "$f"
code 2 "-vno, too" vzcfgvalidate -vno "$f"
code 0 "both" vzcfgvalidate -v -v yes "$f"
like "$out" 'IOLIMIT  *approximate' "work together"
cp "$f" "$scratch/yes"
run bash -c "cd $scratch && vzcfgvalidate -v yes"
like "$rc $out" '^0 .*mapped' "a file may be called yes"
refused 1 "yes or no" "--vswap takes nothing else" vzcfgvalidate --vswap maybe "$f"
run vzcfgvalidate -j "$f"
is "$(jq -c '[.valid, .vswap, .parameters[2].class, (.problems | length)]' <<< "$out")" '[true,true,"approximate",0]' "-j is JSON"
printf 'PHYSPAGES="9:100"\nSWAPPAGES="0"\nDESCRIPTION="a \\" b"\n' > "$f"
run vzcfgvalidate -j "$f"
is "$rc $(jq -c '[.valid, .problems[0].parameter, .problems[0].rule, .problems[0].should, .problems[0].repaired]' <<< "$out")" \
	'2 [false,"PHYSPAGES","zero","0:100",false]' "also of what is wrong"

# bad files
printf 'PHYSPAGES="0:100"\nSWAPPAGES="0"\nNUMPROC="lots"\nCPUUNITS="-5"\n' > "$f"
code 2 "values that are not understood are not valid" vzcfgvalidate "$f"
is "$(grep -c '^Error: line [34]' <<< "$out")" 2 "with their lines"
printf 'PHYSPAGES="0:100"\nSWAPPAGES="0"\n<xml>\nPHYSPAGES="0:7"\n' > "$f"
code 0 "lines of other programs and repeated names are" vzcfgvalidate "$f"
like "$out" '^Warning: line 4: PHYSPAGES' "with a warning"
refused 1 "none" "no file is 1" vzcfgvalidate "$scratch/none"
refused 1 "directory" "a folder is 1" vzcfgvalidate "$scratch"
ln -s loop "$scratch/loop"
refused 1 "loop" "a loop of links is 1" vzcfgvalidate "$scratch/loop"
truncate -s 100M "$scratch/big"
refused 1 "longer" "a huge one is 1" vzcfgvalidate "$scratch/big"
head -c 100 /dev/zero > "$scratch/nul"
refused 1 "NUL" "NUL bytes are 1" vzcfgvalidate "$scratch/nul"
: > "$f"
code 2 "an empty one has no beancounters" vzcfgvalidate "$f"
refused 1 "exclude" "-r and -i exclude each other" vzcfgvalidate -r -i "$f"
refused 1 "one file" "no file at all is 1" vzcfgvalidate
refused 1 "frob" "an unknown option is 1" vzcfgvalidate --frob "$f"
refused 1 "size" "a bad size is 1" vzcfgvalidate --ram -5 "$f"
code 0 "--help works" vzcfgvalidate --help
chmod 600 "$f"
echo 'PHYSPAGES="1:5"' > "$f"
ln -s ve.conf "$scratch/link"
vzcfgvalidate -r "${node_has[@]}" "$scratch/link" > /dev/null
is "$(stat -c %a "$f") $(readlink "$scratch/link")" "600 ve.conf" "a repair keeps the mode, and a link"
finish
