#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# requires: root
# What tells of the node and of other VPSs: leaks.tsv, read inside as it is found. Words that only the node and
# the neighbour know must be in none of it.
# shellcheck source=tests/attack/common.sh
. "$(dirname "$0")/common.sh"
tenant 101
have 102 --hostname neighbour-of-it --ipadd 203.0.113.2
booted 102
exec -a vz-process-of-the-node sleep 600 &
outside=$!

secrets=(neighbour-of-it "$top" "$node" "$slice" "$VZ_TEST_TEMPLATES" vz-process-of-the-node 203.0.113.2 up0 up1 venet102
	venet101 "$(cat /proc/sys/kernel/random/boot_id)")
for f in /etc/machine-id /sys/class/dmi/id/product_uuid /sys/class/dmi/id/product_serial /sys/class/dmi/id/board_serial; do
	secrets+=("$(cat "$f" 2> /dev/null)")
done
for ((i = 0; i < ${#secrets[@]}; i++)); do [ ${#secrets[i]} -gt 2 ] || unset "secrets[i]"; done
name=$(hostname)
[ ${#name} -lt 5 ] || [ "$name" = localhost ] || secrets+=("$name")
scan() { # ID
	vzctl exec2 "$1" "attack leaks $(printf '%q ' "${secrets[@]}")" < "$here/attack/leaks.tsv" 2>&1
}
scan 101 > "$scratch/leaks"
while IFS=$'\t' read -r verdict want what gist; do
	[ "$verdict" = ok ]
	verdict $? "$what: $want ($gist)"
done < <(LC_ALL=C tr -c '[:print:]\t\n' '?' < "$scratch/leaks")
rows=$(grep -vc '^#' "$here/attack/leaks.tsv")
is "$(wc -l < "$scratch/leaks")" "$rows" "all $rows rows were tried"
verdict $(($(grep -cE '^(nothing|own)' "$here/attack/leaks.tsv") < 100)) "of which more than 100 tell nothing, or only of the VPS"

# The words would be found: inside of the neighbour its name is.
vzctl exec2 102 'cat > /usr/bin/attack && chmod 755 /usr/bin/attack' < "$attack"
like "$(scan 102)" 'LEAK.*neighbour-of-it' "a word that is there is found"

# What boots anew has another number of its boot, the node's never.
id() { in_ct 101 'cat /proc/sys/kernel/random/boot_id'; }
a=$(id)
like "$a" '^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$' "the number of the boot is one"
vzctl restart 101 > /dev/null
unlike "$(id)" "$a" "and another one after a restart"
kill $outside
wait $outside 2> /dev/null
finish
