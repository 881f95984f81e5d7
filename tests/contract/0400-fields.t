#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# requires: root
# Every field of vzlist, from tests/contract/fields.tsv: its header and width, alone and beside others, its JSON
# type, sorting by it; on a VPS that runs, one that does not and one whose file says next to nothing.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
begin "$@"
have 101 --hostname web --ipadd 203.0.113.1
conf=$node/conf/101.conf
vzctl --quiet set 101 --name www --description 'first one' --numproc 240:300 --ram 64M --swap 32M --kmemsize 14372700:14790164 \
	--diskspace 2G:2306867 --diskinodes 131072:144179 --onboot yes --bootorder 5 --cpuunits 1000 --cpulimit 50 --cpus 1 \
	--iolimit 1048576B --ioprio 6 --iopslimit 100 --capability net_admin:on,sys_time:off --features nfs:on,sit:off \
	--netfilter stateless --nameserver '192.0.2.53' --searchdomain example.com --disabled no --vm_overcommit 1.25 \
	--mount_opts noatime --save > /dev/null 2>&1
echo 'ORIGIN_SAMPLE="vswap-256m"' >> "$conf"
sed -i '/^NETFILTER/d; $aNETFILTER="stateless"' "$conf"
mkdir -p "$node/private/102" "$node/private/103"
sed -e '/^NAME=/d' -e '/^IP_/d' -e 's/^HOSTNAME=.*/HOSTNAME="alpha"/' -e 's/^BOOTORDER=.*/BOOTORDER="10"/' "$conf" > "$node/conf/102.conf"
: > "$node/conf/103.conf"
started 101
vzlist -L > "$scratch/listed"

# What JSON has for a field of each of the three, as in the last column of the table; null is allowed where the
# file says nothing, and what only a running VPS has is a figure there.
cat > "$scratch/types.py" << 'END'
import json, sys
rows = [l.rstrip("\n").split("\t") for l in open(sys.argv[1], encoding="utf-8") if not l.startswith("#")]
data = {o["ctid"]: o for o in json.load(open(sys.argv[2], encoding="utf-8"))}
kinds = {"number": (int, float), "string": str, "array": list, "boolean": bool, "object": dict}
for name, _, _, want in rows:
    want, _, keys = want.partition(":")
    if want == "refused":
        if any(name in o for o in data.values()):
            print(f"{name}: a part is in the JSON")
        continue
    for ct, o in data.items():
        if name not in o:
            print(f"{name}: VPS {ct} has none")
            continue
        v = o[name]
        if v is None and not (ct == 101 and name not in ("laverage",)):
            continue
        if not isinstance(v, kinds[want]) or (want == "number" and isinstance(v, bool)):
            print(f"{name}: VPS {ct} has {v!r}, not {want}")
        elif keys and ct == 101 and list(v) != keys.split(",") and sorted(v) != sorted(keys.split(",")):
            print(f"{name}: VPS 101 has the keys {list(v)}, not {keys}")
END
vzlist -aj > "$scratch/json" 2> "$scratch/json.err"
python3 "$scratch/types.py" "$here/contract/fields.tsv" "$scratch/json" > "$scratch/types" 2>&1

# FIELD HEADER WIDTH JSON -> what is wrong
field() {
	local w=${3#-} lines last
	grep -qE "^${1/./[.]} +$2\$" "$scratch/listed" || echo "vzlist -L has no '$1 $2'"
	# Beside a column that ends the line, it is as wide as the table says.
	mapfile -t lines < <(vzlist -ao "$1,ctid" 2>&1)
	[ ${#lines[@]} = 4 ] || echo "-o $1: ${#lines[@]} lines: ${lines[0]}"
	[ "${lines[0]}" = "$(printf "%$3s %10s" "$2" CTID)" ] || echo "header '${lines[0]}'"
	for last in "${lines[@]:1}"; do
		# Numbers are not cut (no limit is a long one), nor is the layout that older tools do not know.
		[ ${#last} = $((w + 11)) ] || [[ ${last%% *} =~ ^(9223372036854775807|overlay)$ ]] || echo "a line of ${#last}, not $((w + 11)), characters: '$last'"
	done
	# Alone, sorted by it in both directions, with a filter: the same rows and no blank at an end.
	mapfile -t lines < <(vzlist -a -s "$1" -o "$1" 2>&1)
	[ "$(tr -d ' ' <<< "${lines[0]}")" = "$2" ] || echo "alone, header '${lines[0]}'"
	[ ${#lines[@]} = 4 ] || echo "alone: ${#lines[@]} lines"
	[[ $(printf '%s|\n' "${lines[@]}") != *' |'* ]] || echo "a blank at the end of a line"
	[ "$(vzlist -aHs "$1" -o ctid | sort)" = "$(vzlist -aHs "-$1" -o ctid | sort)" ] ||
		echo "sorting by it loses a row"
	last=$(vzlist -aH -s "-$1" -o "$1" -h web 2>&1)
	[ "$(wc -l <<< "$last")" = 1 ] && [ -n "$last" ] || echo "with a filter: '$last'"
	if [ "$4" = refused ]; then
		last=$(vzlist -aj -o "$1" 2>&1) && echo "JSON of a part is taken"
		[[ $last == *"Field $1 is not available in JSON output" ]] || echo "JSON of a part: '$last'"
	else
		last=$(vzlist -aj -o "$1" 101 2>&1 | jq -r '.[0] | keys | join(",")' 2>&1)
		[ "$last" = "$1" ] || echo "JSON of it alone has '$last'"
	fi
	grep "^${1/./[.]}: " "$scratch/types" || :
}

n=0
while IFS=$'\t' read -r name header width json; do
	[[ $name != \#* ]] || continue
	n=$((n + 1))
	said=$(field "$name" "$header" "$width" "$json")
	[ -z "$said" ] || note "$said"
	verdict "$([ -z "$said" ]; echo $?)" "$name is as the table says"
done < "$here/contract/fields.tsv"

# Sorting is by what is meant, not by its spelling.
order() { vzlist -aHs "$1" -o ctid | tr -d ' ' | tr '\n' ' '; }
is "$(order hostname)" "103 102 101 " "host names are sorted as words"
is "$(order -bootorder)" "102 101 103 " "numbers are sorted as numbers, backwards"
is "$(order -numproc)" "101 103 102 " "and figures of what runs; where there is none, by ID"
want=$(grep -vc '^#' "$here/contract/fields.tsv")
is "$n $(wc -l < "$scratch/listed")" "$want $want" "all fields that vzlist lists were tried"
rm -rf "$node/private/102" "$node/private/103" "$node/conf/102.conf" "$node/conf/103.conf"
finish "$n of $want fields"
