#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# requires: root
# Every parameter of the files, from tests/contract/params.tsv: known, read, and told when its value is bad.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
begin "$@"
have 101
conf=$node/conf/101.conf
cp "$conf" "$scratch/ct"
cp "$VZ_CONF" "$scratch/node"

with() { # FILE LINE: first in the file, so that it counts
	local base=$scratch/ct
	[ "$1" = "$conf" ] || base=$scratch/node
	{ printf '%s\n' "$2"; grep -v "^${2%%=*}=" "$base"; } > "$1"
}

# Reads both files, says all warnings, does nothing.
look() {
	run vzctl --verbose umount 101
	[ "$rc" = 40 ] || echo "status $rc"
}

# Another parameter is set: this line stays byte by byte. A second time: no byte changes at all.
written_back() { # NAME GOOD
	run vzctl set 101 --onboot no --disabled no --save
	[ "$rc" = 0 ] || [ "$1" = ONBOOT ] || [ "$1" = DISABLED ] || echo "set of another one ends with $rc: $err"
	[[ $1 = ONBOOT || $1 = DISABLED ]] || grep -qxF -e "$1=\"$2\"" "$conf" || echo "its line did not stay"
	cp "$conf" "$scratch/once"
	vzctl set 101 --onboot no --disabled no --save > /dev/null 2>&1
	cmp -s "$conf" "$scratch/once" || echo "a second set changed the file"
}

help=$(vzctl --help)
n=0
while IFS=$'\t' read -r name where good option kind bad; do
	[[ $name != \#* ]] || continue
	n=$((n + 1)) said=
	file=$conf
	[ "$where" != node ] || file=$VZ_CONF
	with "$file" "$name=\"$good\""
	said=$(look; [[ $out$err != *"$name"* ]] || echo "good value: $out$err")
	case $name in LOCKDIR | DUMPDIR | LOGFILE | TEMPLATE) ;; *)
		if [ "$bad" != - ]; then
			with "$file" "$name=\"$bad\""
			said+=$(look; [[ $err == *".conf:1: "*"'"* ]] || echo "bad value: no warning with file and line: $err")
		fi ;;
	esac
	if [ "$where" != node ] && [ "$option" != - ] && [[ $option != @(root|private|layout|local_?id|config) ]]; then
		with "$conf" "$name=\"$good\""
		said+=$(written_back "$name" "$good")
	fi
	if [ "$option" != - ] && [ "$kind" != alias ]; then
		grep -q -e "--$option\b" <<< "$help" || said+="no option --$option"
	fi
	cp "$scratch/ct" "$conf"
	cp "$scratch/node" "$VZ_CONF"
	[ -z "$said" ] || note "$said"
	verdict "$([ -z "$said" ]; echo $?)" "$name is known ($kind), its bad values are told"
done < "$here/contract/params.tsv"
want=$(grep -vc "^#" "$here/contract/params.tsv")
is "$n" "$want" "all 95 were tried"

# Files as they were written for older nodes are read without a word.
for sample in "$VZ_TEST_PREFIX"/etc/vz/conf/ve-*.conf-sample; do
	[ -e "$sample" ] || continue
	{ cat "$sample"; grep -E '^(VE_|OSTEMPLATE|LOCAL)' "$scratch/ct"; } > "$conf"
	run vzctl umount 101
	is "$rc $(grep -v 'not mounted' <<< "$err")" "40 " "${sample##*/} is read without a warning"
done
cp "$scratch/ct" "$conf"
finish "$n of $want parameters"
