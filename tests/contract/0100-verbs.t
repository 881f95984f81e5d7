#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# requires: root
# Every verb, from tests/contract/verbs.tsv: in each state its status and its words; and all of their options.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
begin "$@"

in_state() { # STATE
	local now
	now=$(state 101)
	case $1:$now in
	none:*) rm -rf "$node/none"; return ;;
	*:deleted*)
		[ ! -d "$node/private/101" ] || vzctl register "$node/private/101" 101 > /dev/null
		[ -e "$node/conf/101.conf" ] || vzctl create 101 > /dev/null ;;
	esac
	case $1 in
	running) [[ $(state 101) == *running ]] || vzctl start 101 > /dev/null ;;
	mounted)
		[[ $(state 101) != *running ]] || vzctl stop 101 --fast > /dev/null
		[[ $(state 101) == *' mounted '* ]] || vzctl mount 101 > /dev/null ;;
	stopped)
		[[ $(state 101) != *running ]] || vzctl stop 101 --fast > /dev/null
		[[ $(state 101) != *' mounted '* ]] || vzctl umount 101 > /dev/null ;;
	esac
}

n=0
declare -A tried
while IFS=$'\t' read -r origin verb state args want says bad badcode; do
	[[ $origin != \#* ]] || continue
	n=$((n + 1)) tried[$verb]=1
	id=101 words=() said=
	[ "$args" = - ] || read -r -a words <<< "$args"
	[ "$state" != none ] || id=109
	in_state "$state" 2> /dev/null
	run vzctl "$verb" $id "${words[@]}"
	[ "$rc" = "$want" ] || said="status $rc, not $want: $out$err"
	[ "$says" = - ] || grep -qE -e "$says" <<< "$out$err" || said+=" does not say $says: $out$err"
	[ "$want" = 0 ] || [[ $verb == exec* ]] || [ "$(wc -l <<< "$err")" = 1 ] || said+=" not one line"
	[ -z "$said" ] || note "$said"
	verdict "$([ -z "$said" ]; echo $?)" "$verb ${words[*]} of a VPS that is $state is $want"
	if [ "$badcode" != - ]; then
		words=()
		[ "$bad" = - ] || read -r -a words <<< "$bad"
		in_state "$state" 2> /dev/null
		run vzctl "$verb" $id "${words[@]}"
		[ "$rc" = "$badcode" ] && [ "$(wc -l <<< "$err")" = 1 ] || told
		verdict $((rc != badcode)) "$verb ${words[*]} is $badcode"
	fi
	[ $id != 109 ] || [ ! -e "$node/conf/109.conf" ] || vzctl destroy 109 > /dev/null
done < "$here/contract/verbs.tsv"
rows=$(grep -vc '^#' "$here/contract/verbs.tsv")
is "$n" "$rows" "all rows were tried"
verbs=$(cut -f 2 "$here/contract/verbs.tsv" | sed 1,2d | sort -u | wc -l)

# A VPS that nobody has is 14 with one line, and nothing comes of it; so is one whose ID is none 21.
while IFS=$'\t' read -r origin verb state args want says _; do
	[[ $origin != \#* && -n ${tried[$verb]:-} ]] || continue
	tried[$verb]=
	# set makes a configuration where there is none, and says so.
	case $verb in create | register | set | status | unset | execaction | monitor | setrate) continue ;; esac
	words=()
	[ "$args" = - ] || read -r -a words <<< "$args"
	refused 14 777 "$verb of a VPS that is not there is 14" vzctl "$verb" 777 "${words[@]}"
	refused 21 "" "$verb of an ID that is too large is 21" vzctl "$verb" 99999999999 "${words[@]}"
	[ -z "$(find "$node" -name '*777*')" ] || note "$(find "$node" -name '*777*')"
done < "$here/contract/verbs.tsv"
is "$(find "$node" -name '*777*')" "" "and nothing of it was made"

# what the program says that it can do is what the table has
help=$(vzctl --help)
for v in $(cut -f 2 "$here/contract/verbs.tsv" | sed 1,2d | sort -u); do
	grep -q "^vzctl $v " <<< "$help" && grep -q "^Usage: vzctl $v " <<< "$(vzctl "$v" --help)" || echo "$v"
done > "$scratch/missing"
is "$(cat "$scratch/missing")" "" "every verb of the table has its help"
is "$(sed -n 's/^vzctl \([a-z][a-z0-9-]*\) .*/\1/p' <<< "$help" | grep -vx version | sort -u)" \
	"$(cut -f 2 "$here/contract/verbs.tsv" | sed 1,2d | sort -u)" "and there is no other"

# every option of every verb is understood: it never is the reason of a refusal
have 110
while IFS=$'\t' read -r origin opt verbs _ good _ _; do
	[[ $origin != \#* && $verbs != global ]] || continue
	for v in ${verbs//,/ }; do
		arg=()
		[ "$good" = - ] || arg=("$good")
		[ "$opt" != exec ] || arg=(true)
		# One word more than any verb takes, so that nothing is done.
		run vzctl "$v" 110 "--$opt" "${arg[@]}" a-word-too-many and-another and-yet-one
		grep -qE "unknown option|takes no argument|needs an argument" <<< "$err" && echo "$v --$opt: $err"
	done
done < "$here/contract/options.tsv" > "$scratch/unknown"
is "$(cat "$scratch/unknown")" "" "every verb takes the options of the table"
is "$(state 110)" "exist unmounted down" "and did nothing but refuse the word"

refused 20 "exclude" "--skip-resume and --must-resume are 20" vzctl snapshot-switch 110 --id 6b29fc40-ca47-1067-b31d-00dd010662da --skip-resume --must-resume
refused 53 "layout" "convert to a layout that nobody knows is 53" vzctl convert 110 --layout tarball
refused 21 "ploop" "convert back is 21" vzctl convert 110 --layout simfs
vzctl set 110 --diskspace 1G --save > /dev/null
refused 155 "image" "convert with DISKSPACE is 155" vzctl convert 110 --layout ploop:expanded
code 0 "snapshot-list -L tells the columns" vzctl snapshot-list 110 -L
like "$out" '^parent_uuid +PARENT_UUID' "one a line"
vzctl set 110 --diskquota no --save > /dev/null 2>&1
refused 60 "DISK_QUOTA" "quotaon without DISK_QUOTA is 60" vzctl quotaon 110
refused 66 "DISK_QUOTA" "quotaoff 66" vzctl quotaoff 110
refused 61 "DISK_QUOTA" "quotainit 61" vzctl quotainit 110
refused 99 "disks" "--device-add is 99" vzctl set 110 --device-add disk --size 1G --save
refused 20 "device-add" "its options alone are 20" vzctl set 110 --size 1G --save
refused 99 "layout" "create --layout ploop is 99" vzctl create 111 --layout ploop --diskspace 1G
refused 53 "layout" "--layout of nobody is 53" vzctl create 111 --layout tarball
code 0 "--layout simfs is files in a folder" vzctl create 111 --layout simfs
refused 99 "encrypt" "--encryption-keyid is 99" vzctl create 112 --encryption-keyid x
refused 21 "local_uid|LOCAL_UID" "--local_uid 0 is 21" vzctl create 112 --local_uid 0
refused 21 "disks" "start --cloud-init is refused" vzctl start 110 --cloud-init /x
refused 21 "repair" "start --repair, too" vzctl start 110 --repair
ln -s "$node/private/111" "$node/private/112"
sed 's/^VE_PRIVATE=.*/VE_PRIVATE="'"${node//\//\\/}"'\/private\/112"/' "$node/conf/111.conf" > "$node/conf/112.conf"
refused 52 "link" "destroy --safe of a link is 52" vzctl destroy 112 --safe
rm "$node/conf/112.conf" "$node/private/112"
sed 's/^VE_PRIVATE=.*/VE_PRIVATE="'"${node//\//\\/}"'\/private\/111"/' "$node/conf/111.conf" > "$node/conf/112.conf"
refused 52 "VPS 112" "of another VPS's as well, too" vzctl destroy 111 --safe
rm "$node/conf/112.conf"
code 0 "else it destroys" vzctl destroy 111 --safe

started 110
code 0 "pause" vzctl pause 110
code 0 "and back" vzctl chkpnt 110 --resume
code 0 "suspend --suspend with the words of old times" vzctl chkpnt 110 --suspend --flags 0x1f --context 7 --skip_arpdetect --keep_pages
code 0 "resume --resume, too" vzctl restore 110 --resume --flags 1f --skip_arpdetect
refused 21 "hexadecimal" "--flags with no number is 21" vzctl chkpnt 110 --suspend --flags xyz
is "$(state 110)" "exist mounted running" "and nothing was done"
refused 21 "console" "console 7 is 21" vzctl console 110 7
refused 20 "word" "enter with a word is 20" vzctl enter 110 now
vzctl stop 110 --fast --force > /dev/null

# one line and no trace under --quiet
for words in 'start 777' 'set 110 --numproc x --save' 'frobnicate 1' 'snapshot 110'; do
	# shellcheck disable=SC2086
	run vzctl --quiet $words
	is "$out$err" "" "--quiet $words says nothing"
done
run vzctl --verbose --verbose start 110
verdict "$rc" "--verbose may be repeated"
run vzctl --configure-timeout 5 --skipowner --ignore-ha-cluster stop 110 --fast
verdict "$rc" "flags of later releases are taken"
finish "$n of $rows rows of $verbs verbs"
