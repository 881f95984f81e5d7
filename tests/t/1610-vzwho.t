#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# requires: root
# vzwho: who makes a VPS wait, and for what.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
begin "$@"

refused 2 "one VPS" "no word" vzwho
refused 2 "one VPS" "two words" vzwho 101 102
refused 2 "one VPS" "a VPS and the node" vzwho --node 101
refused 2 "delay" "a delay of nothing" vzwho -d 0 --node
refused 2 "threshold" "more than all of the time" vzwho -t 101 --node
refused 2 "777" "a VPS that is not there" vzwho 777

have 101 --name quiet
have 102 --name noisy
refused 2 "does not run" "a VPS that does not run" vzwho -d 0.1 101
started 101
started 102
[ -e "$(cg_two 101)/cpu.pressure" ] || { note "by run-queue delay here"; }

code 1 "nothing waits as long as a whole run" vzwho -d 0.3 -t 100 101
like "$out" '^101 \(quiet\) is short of nothing' "in a sentence"

# Both on one CPU that a weight of 10 to 1 divides; the one with less weight has more processes.
run vzctl set 101 --cpumask 0 --save
run vzctl set 102 --cpumask 0 --save
burn() { # ID
	timeout 60 vzctl exec2 "$1" 'while :; do :; done' < /dev/null > /dev/null 2>&1 &
	jobs_of+=($!)
}
jobs_of=()
run vzctl set 101 --cpuunits 500 --save
run vzctl set 102 --cpuunits 5000 --save
burn 101
burn 102
burn 102
sleep 0.5
code 0 "pressure is found" vzwho -d 2 -j 101
printf '%s\n' "$out" > "$scratch/j"
is "$(jq -r '"\(.ctid) \(.pressure) \(.resource) \(.own_limit)"' "$scratch/j")" "101 true cpu false" "for CPU"
is "$(jq -r '.waits > 0.1 and .waits <= 1' "$scratch/j")" true "it waits for much of its time"
# On a machine that is shared others may burn more beyond their share; it is never the one that waits.
is "$(jq -r '(.vps[] | select(.ctid == 102) | .cpu - .cpu_share) as $b | (.vps[] | select(.ctid == 0) | .cpu - .cpu_share) as $n
	| .culprit == 102 or (.culprit == 0 and $n > 2 and $n > $b)' "$scratch/j")" true "by the noisy one, or by what runs beside all VPSs"
is "$(jq -r '.vps | map(select(.ctid != 0)) | max_by(.cpu) | .ctid' "$scratch/j")" 102 "the noisy one uses most"
is "$(jq -r '[.vps[] | select(.ctid > 100) | .cpu_share] | .[1] / .[0] | . > 9.9 and . < 10.1' "$scratch/j")" true \
	"shares are as weights"
code 0 "a sentence for people" vzwho -d 0.5 -v 101
like "$(head -n 1 <<< "$out")" '^101 \(quiet\) waits for CPU [0-9]+% of its time; .* uses [0-9]+%' "says it all"
like "$out" '^ *102 .* noisy$' "-v has the table"
code 0 "the node is asked in the same way" vzwho -d 0.5 --node
like "$out" '^The node waits for ' "and answers"

# Held back by what it was sold.
kill_in_ct 102 sh
run vzctl set 101 --cpulimit 10 --cpumask all --save
sleep 0.3
code 0 "a VPS at its own limit is under pressure" vzwho -d 2 -j 101
printf '%s\n' "$out" > "$scratch/j"
is "$(jq -r '"\(.own_limit) \(.culprit)"' "$scratch/j")" "true 101" "by its own limit, not by others"
like "$(jq -r .sentence "$scratch/j")" 'its own CPU limit of 10% holds it back' "in words"
kill_in_ct 101 sh
wait "${jobs_of[@]}" 2> /dev/null
run bash -c 'vzwho -d 0.1 --node > /dev/full'
is "$rc" 2 "a full disk is an error"
finish
