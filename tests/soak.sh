#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# requires: root
# Lives of VPSs with mixed verbs, by several callers at once of whom some are killed: each verb ends, each with a
# status that its state explains, and nothing is left behind.
#
#   SOAK_CYCLES (1000) lives, SOAK_CALLERS (3) at once, over SOAK_VPS (4) VPSs, SOAK_SEED (of the clock)
#
# One caller with one seed does the same again; of several the order is the machine's.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"
cycles=${SOAK_CYCLES:-1000} callers=${SOAK_CALLERS:-3} vps=${SOAK_VPS:-4} seed=${SOAK_SEED:-$((EPOCHSECONDS % 32768))}
begin "$@"
echo "# SOAK_SEED=$seed SOAK_CYCLES=$cycles SOAK_CALLERS=$callers SOAK_VPS=$vps"

# What a verb may say when another one has been there before it: not there, there already, running, not running,
# mounted, not mounted, suspended or not, locked, no such file.
fine=' 0 9 10 14 16 17 31 32 40 41 42 43 44 46 47 48 128 '
begun=$EPOCHREALTIME

note_of() { echo "$1" >> "$scratch/count"; }

# A verb, in one of eight times killed after up to 80 ms.
verb() { # WORD ID ARGS...
	local r pid
	if ((RANDOM % 8 == 0)); then
		vzctl "$@" < /dev/null > "$scratch/said.$me" 2>&1 &
		pid=$!
		sleep "0.0$((RANDOM % 80))"
		kill -9 $pid 2> /dev/null
		wait $pid 2> /dev/null
		note_of "killed $1"
		return 0
	fi
	timeout -k 5 $((120 * slow)) vzctl "$@" < /dev/null > "$scratch/said.$me" 2>&1
	r=$?
	note_of "$1 $r"
	[[ $fine = *" $r "* ]] && return 0
	# exec passes on what the VPS made of its command, or meets one that ends
	case $1 in exec*) [ $r = 129 ] || [ $r = 137 ] || [ $r = 7 ] || [ $r = 8 ] || [ $r = 21 ] || [ $r = 22 ] && return 0 ;; esac
	echo "seed $seed caller $me: vzctl $*: $r: $(tail -n 2 "$scratch/said.$me" | tr '\n' ' ')" >> "$scratch/odd"
}

mixed() { # ID
	case $((RANDOM % 16)) in
	0 | 1 | 2) verb start "$1" ;;
	3) verb exec "$1" true ;;
	4) verb exec2 "$1" 'echo x > /root/f' ;;
	5) verb set "$1" --ram $((64 + RANDOM % 64))M --save ;;
	6) verb set "$1" --hostname "h$RANDOM" --cpuunits $((RANDOM % 1000 + 100)) --save ;;
	7) verb set "$1" --ipadd "203.0.113.$1" --save ;;
	8) verb set "$1" --ipdel all --save ;;
	9) verb stop "$1" --fast ;;
	10) verb restart "$1" --fast ;;
	11) verb suspend "$1" ;;
	12) verb resume "$1" ;;
	13) verb mount "$1" ;;
	14) verb umount "$1" ;;
	15) verb reinstall "$1" ;;
	esac
}

caller() { # NUMBER
	local id i
	me=$1 RANDOM=$((seed + $1))
	while [ "$(grep -c '^destroy 0' "$scratch/count" 2> /dev/null)" -lt "$cycles" ]; do
		id=$((101 + RANDOM % vps))
		verb create "$id" --ostemplate "$tmpl"
		for ((i = RANDOM % 8; i >= 0; i--)); do mixed "$id"; done
		verb stop "$id" --fast
		verb umount "$id"
		verb destroy "$id"
	done
}

: > "$scratch/count"
: > "$scratch/odd"
for ((c = 1; c <= callers; c++)); do
	caller $c &
done
wait
took=$(awk -v a="$begun" -v b="$EPOCHREALTIME" 'BEGIN { print int(b - a) }')
head -n 20 "$scratch/odd" | sed 's/^/# /'
is "$(wc -l < "$scratch/odd")" 0 "every verb ended with a status that its state explains"
lives=$(grep -c '^destroy 0' "$scratch/count")
verdict $((lives < cycles)) "$lives VPSs lived and were destroyed, $(grep -c '^killed' "$scratch/count") verbs of $(wc -l < "$scratch/count") were killed (seed $seed)"
# Whatever state a kill has left, a destroy's as well: one call of each and it is gone.
for ((id = 101; id < 101 + vps; id++)); do
	patiently vzctl stop "$id" --fast > /dev/null 2>&1
	case $(state "$id") in *' mounted '*) patiently vzctl umount "$id" > /dev/null 2>&1 ;; esac
	patiently vzctl destroy "$id" > /dev/null 2>&1
	is "$(state "$id" | cut -d ' ' -f 1)" deleted "VPS $id can be destroyed after all"
done
sort "$scratch/count" | uniq -c | sort -rn | sed 's/^/# /' > "$scratch/sum"
cat "$scratch/sum"
finish "soak: $lives lives in $took s, seed $seed"
