#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# requires: root cgroup:memory cgroup:cpu cgroup:pids
# Every option of vzctl, from tests/contract/options.tsv: what it stores and says, what it refuses, that a second time
# changes nothing, and what becomes of values that nobody should pass. Options of set on a VPS that is down.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
begin "$@"
have 101
conf=$node/conf/101.conf
touch "$node/conf/ve-test.conf-sample"
cp "$conf" "$scratch/base"
rows=$here/contract/options.tsv
printf -v newline 'a\nONBOOT="yes"'
junk=('' 99999999999999999999999 -1 10Q 'ü☃' "$newline" 'a"b' "$(head -c 5000 /dev/zero | tr '\0' 9)")
names=(empty huge negative unit unicode newline quote long)
known=" $(awk '!/^#/ { print $1 }' "$here/contract/codes.tsv" | tr '\n' ' ') "

fresh() { # STATE: the file of before
	cp "$scratch/base" "$conf"
	[ "$1" != netif ] || echo 'NETIF="ifname=eth0,bridge=br0"' >> "$conf"
}

# OPTION GOOD LINE SAY WITH -> what is wrong with it
good_row() {
	local words=() want=0 key
	[ "$5" = - ] || read -r -a words <<< "$5"
	[[ " $5 " == *" --save "* ]] || words+=(--save)
	[ "$2" = - ] && words=("${words[@]}" "--$1") || words=("${words[@]}" "--$1" "$2")
	[ "$1" != save ] || words=(--description x --save)
	[[ $4 != E* ]] || want=${4#E}
	run vzctl set 101 "${words[@]}"
	[ "$rc" = "$want" ] || echo "status $rc, not $want"
	[ "$3" = - ] || grep -qF -e "$3" "$conf" || echo "the file has no $3"
	key=${3%%=*}
	case $4 in
	W) [[ $err == *"stored, not enforced by this kernel: "* ]] || echo "no warning that it is not enforced" ;;
	# Whether disk limits hold depends on the file system of the node.
	ok | S | '~') [[ $err != *"not enforced"* || $1 == disk* ]] || echo "a warning" ;;
	esac
	[ "$4" != W ] || [ "$(wc -l <<< "$err")" = 1 ] || echo "more than one line of warning"
	cp "$conf" "$scratch/once"
	if [ "$4" = '~' ] && [[ $key =~ ^[A-Z] ]]; then
		run vzctl --verbose set 101 "${words[@]}"
		[[ $out == *"approximated on this kernel: $key"* ]] || echo "--verbose does not say that it is approximated"
	else
		run vzctl set 101 "${words[@]}"
	fi
	# Of lists, what is there is no fault; of secrets nothing is stored.
	[ "$rc" = "$want" ] || [[ $1 == *add* ]] || echo "the second time: status $rc"
	cmp -s "$conf" "$scratch/once" || echo "the second time changed the file: $(diff "$scratch/once" "$conf" | head -n 3)"
}

bad_row() { # OPTION BAD CODE WITH
	local words=() value
	[ "$4" = - ] || read -r -a words <<< "$4"
	printf -v value '%b' "$2"
	cp "$conf" "$scratch/before"
	run vzctl set 101 "${words[@]}" "--$1" "$value" --save
	[ "$rc" = "$3" ] || echo "bad value: status $rc, not $3"
	[ -n "$err" ] && [[ $err != *$'\n'* ]] || echo "bad value: not one line: $err"
	cmp -s "$conf" "$scratch/before" || echo "bad value: the file has changed"
	[ "$(find "$node/conf" -name '*.tmp' | wc -l)" = 0 ] || echo "bad value: a temporary file stays"
}

# Whatever it makes of such values: a code of the table, one line and the file as it was; or it is taken, and then
# the file is still one that programs and shells read, with no line in it that was in a value.
junk_rows() { # OPTION WITH
	local words=() i
	[ "$2" = - ] || read -r -a words <<< "$2"
	cp "$conf" "$scratch/before"
	for i in "${!junk[@]}"; do
		run vzctl set 101 "${words[@]}" "--$1" "${junk[i]}" --save
		if [ "$rc" != 0 ]; then
			[[ $known == *" $rc "* ]] || echo "${names[i]}: status $rc"
			[ -n "$err" ] && [[ $err != *$'\n'* ]] || echo "${names[i]}: not one line: ${err:0:200}"
			cmp -s "$conf" "$scratch/before" || echo "${names[i]}: refused, and the file has changed"
		elif ! cmp -s "$conf" "$scratch/before"; then
			[ "$(wc -l < "$conf")" -le $(($(wc -l < "$scratch/before") + 1 + ${#words[@]})) ] &&
				! grep -qx 'ONBOOT="yes"' "$conf" || echo "${names[i]}: a line of its own in the file"
			bash -c 'set -e; VEID=101; . "$1"' bash "$conf" 2> /dev/null || echo "${names[i]}: a shell cannot read the file"
			run vzctl umount 101
			[ "$rc $(wc -l <<< "$err")" = "40 1" ] || echo "${names[i]}: what was stored is no good: $err"
		fi
		cmp -s "$conf" "$scratch/before" || cp "$scratch/before" "$conf"
	done
}

# What others than set take. -> what is wrong
verb_row() { # OPTION VERBS STATE GOOD LINE SAY BAD CODE WITH
	local verb=${2%%,*} words=() arg=("--$1") want=0
	[ "$9" = - ] || read -r -a words <<< "$9"
	[ "$4" = - ] || arg+=("$4")
	[[ $6 != E* ]] || want=${6#E}
	case $verb:$1 in
	global:version | global:help) run vzctl "--$1" ;;
	global:*) run vzctl "--$1" status 101 ;;
	create:*)
		run vzctl create 109 "${arg[@]}"
		[ "$5" = - ] || grep -qF -e "$5" "$node/conf/109.conf" || echo "the file has no $5"
		[ "$rc" != "$want" ] || gone 109 ;;
	start:*)
		stopped 110
		run vzctl start 110 "${arg[@]}"
		stopped 110 ;;
	stop:*)
		running 110
		[ "$1" = fast ] || arg+=(--fast)
		run vzctl stop 110 "${arg[@]}"
		vzctl umount 110 > /dev/null 2>&1 ;;
	enter:exec)
		running 110
		run vzctl enter 110 --exec exit # what is typed; the shell would stay
		stopped 110 ;;
	suspend:kill)
		running 110
		run vzctl suspend 110 --suspend
		run vzctl suspend 110 --kill
		stopped 110 ;;
	suspend:resume | suspend:dump)
		running 110
		run vzctl suspend 110 --suspend
		[ "$1" != dump ] || run vzctl suspend 110 --dump
		[ "$rc" = 0 ] || echo "status $rc: $err"
		run vzctl suspend 110 --resume ;;
	suspend:dumpfile)
		running 110
		run vzctl suspend 110 --dumpfile "$node/dump/other"
		[ "$rc" = 0 ] && [ -e "$node/dump/other" ] || echo "no dump there: $rc $err"
		run vzctl resume 110 --dumpfile "$node/dump/other"
		rm -rf "$node/dump/other" ;;
	suspend:*)
		running 110
		run vzctl suspend 110 --suspend "${arg[@]}"
		vzctl suspend 110 --resume > /dev/null 2>&1 ;;
	resume:undump)
		running 110
		run vzctl suspend 110
		run vzctl resume 110 --undump
		[ "$rc" = 0 ] || echo "status $rc: $err"
		run vzctl resume 110 --resume
		stopped 110 ;;
	register:*)
		vzctl create 109 > /dev/null
		vzctl unregister 109 > /dev/null
		run vzctl register "$node/private/109" 109 "${arg[@]}"
		gone 109 ;;
	destroy:*)
		vzctl create 109 > /dev/null
		run vzctl destroy 109 "${arg[@]}" ;;
	console:*) # what it shows needs a terminal: here it is enough that --start is no reason to refuse
		run vzctl console 110 "${arg[@]}" nine
		[[ $err != *start* ]] && rc=0 || echo "console: $err"
		stopped 110 ;;
	*) run vzctl "$verb" 110 "${words[@]}" "${arg[@]}" ;;
	esac
	[ "$rc" = "$want" ] || echo "$verb: status $rc, not $want: ${err:0:200}"
	[ "$want" = 0 ] || [[ -n $err && $err != *$'\n'* ]] || echo "$verb: not one line: $err"
	[ "$7" = - ] || bad_verb_row "$verb" "$1" "$7" "$8" "${words[@]}"
}

bad_verb_row() { # VERB OPTION BAD CODE WORD...
	local id=110
	[ "$1" != create ] || id=109
	[[ $1 != suspend ]] || running 110
	run vzctl "$1" $id "${@:5}" "--$2" "$3"
	[ "$rc" = "$4" ] || echo "bad value: status $rc, not $4"
	[ -n "$err" ] && [[ $err != *$'\n'* ]] || echo "bad value: not one line: $err"
	[ ! -e "$node/conf/109.conf" ] || { echo "bad value: a VPS was made"; gone 109; }
	[ "$(state 110 | cut -d ' ' -f 3)" != suspended ] || { echo "bad value: it was done"; vzctl resume 110 > /dev/null; }
}
gone() { vzctl destroy "$1" > /dev/null 2>&1; rm -f "$node/conf/$1.conf.destroyed"; }
running() { [[ $(state "$1") == *running ]] || vzctl start "$1" > /dev/null; }
stopped() { [[ $(state "$1") != *mounted* ]] || vzctl stop "$1" --fast --force > /dev/null 2>&1; }

have 110
n=0
while IFS=$'\t' read -r origin opt verbs state good line say bad want with; do
	[[ $origin != \#* ]] || continue
	n=$((n + 1)) said=''
	if [[ ,$verbs, == *,set,* ]] && [ "$opt" != reset_ub ]; then
		fresh "$state"
		said=$(good_row "$opt" "$good" "$line" "$say" "$with")
		fresh "$state"
		[ "$bad" = - ] || said+=$(bad_row "$opt" "$bad" "$want" "$with")
		if [ "$good" != - ] && [[ $say != E* ]]; then
			said+=$(junk_rows "$opt" "$with")
		fi
		rm -f "$node"/names/*
	elif [ "$opt" = reset_ub ]; then
		running 110
		run vzctl set 110 --reset_ub
		[ "$rc" = 0 ] || said="status $rc: $err"
	else
		said=$(verb_row "$opt" "$verbs" "$state" "$good" "$line" "$say" "$bad" "$want" "$with")
	fi
	[ -z "$said" ] || note "$said"
	verdict "$([ -z "$said" ]; echo $?)" "--$opt is as the table says"
done < "$rows"
fresh stopped
total=$(grep -vc '^#' "$rows")
is "$n" "$total" "all options were tried"

# On a VPS that runs: taken and stored, or refused with one line and the file as it was. What would leave it without
# memory or processes is in other tests.
running 110
live=$node/conf/110.conf
m=0 bad=''
while IFS=$'\t' read -r origin opt verbs state good line say _ want with; do
	[[ $origin != \#* && ,$verbs, == *,set,* && $state = stopped && $good != - && $say != E* ]] || continue
	case $opt in root | private | userpasswd | physpages | swappages | ram | memory | swap | numproc | kmemsize) continue ;; esac
	words=()
	[ "$with" = - ] || read -r -a words <<< "$with"
	[[ " $with " == *" --save "* ]] || words+=(--save)
	case $opt in setmode) words+=(--numpty 5) ;; esac
	m=$((m + 1))
	cp "$live" "$scratch/before"
	run vzctl set 110 "${words[@]}" "--$opt" "$good"
	if [ "$rc" = 0 ]; then
		[ "$line" = - ] || grep -qF -e "$line" "$live" || bad+="--$opt is not stored"$'\n'
	else
		[[ $known == *" $rc "* && -n $err && $err != *$'\n'* ]] || bad+="--$opt: $rc $err"$'\n'
		cmp -s "$live" "$scratch/before" || bad+="--$opt is refused with $rc, and the file has changed"$'\n'
	fi
	cp "$scratch/before" "$live"
done < "$rows"
[ -z "$bad" ] || note "$bad"
is "$bad" "" "$m options on a running VPS: stored, or refused without a trace"
like "$(state 110)" running "which goes on running"
rm -f "$node"/names/* "$node/conf/ve-test.conf-sample"
finish "$n of $total options"
