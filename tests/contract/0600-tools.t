#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# requires: root
# Every program in sbin, by itself: its manual page, --help that agrees with it, an option that nobody knows, an empty
# environment, and a standard output that cannot be written or is closed.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
begin "$@"
have 101 --hostname one
sbin=$VZ_TEST_PREFIX/sbin
for d in "$VZ_TEST_PREFIX/share/man" /usr/share/man; do
	[ ! -e "$d/man8/vzlist.8" ] && [ ! -e "$d/man8/vzlist.8.gz" ] || man=$d
done

# A manual page as text without its font changes, pages that it stands for followed.
page() { # TOOL
	local f=$man/man8/$1.8 to
	[ -e "$f" ] || { zcat "$f.gz" 2> /dev/null; return; }
	to=$(sed -n 's/^\.so //p' "$f")
	sed -e 's/\\f[BIRP]//g' -e 's/\\-/-/g' -e 's/\\&//g' "${to:+$man/}${to:-$f}"
}

# The status of a command line that is not understood, where it is not 1.
usage_code() {
	case $1 in
	vzctl | vztmpl) echo 21 ;;
	vz | vzquota | vzwho) echo 2 ;;
	vzcheck) echo 3 ;;
	vzservice | vzpool) echo 20 ;;
	vzpkg) echo 35 ;;
	vztmpl-dl) echo 3 ;;
	*) echo 1 ;;
	esac
}
# And of help that was asked for: vzlist has always had 1.
help_code() {
	[ "$1" != vzlist ] || { echo 1; return; }
	echo 0
}

options() { # text -> the long options in it, and the letters at the head of a line
	grep -oE '(^|[[ |,(])--[a-z][a-z0-9_-]+' | grep -oE -e '--.*' | sort -u
}

tool() { # NAME
	local o want
	want=$(help_code "$1")
	run "$1" --help
	[ "$rc:$err" = "$want:" ] || echo "--help ends with $rc, not $want, and says '$err'"
	grep -q "^Usage: $1" <<< "$out" || echo "--help has no usage: '${out:0:60}'"
	printf '%s\n' "$out" > "$scratch/help"
	page "$1" > "$scratch/page"
	[ -s "$scratch/page" ] || echo "there is no manual page"
	for o in $(options < "$scratch/help"); do
		grep -qE -e "(^|[^a-z-])$o([^a-z0-9_-]|\$)" "$scratch/page" || echo "--help has $o, the manual has not"
	done
	# The other way round: what the manual lists at the head of a paragraph. vzctl has a help for each verb.
	if [ "$1" != vzctl ]; then
		for o in $(grep -A 1 '^\.TP' "$scratch/page" | grep -E '^(\.[BI]+R? )?"?-' | tr '",' '  ' | options | grep -vx -e --help); do
			grep -qE -e "(^|[^a-z-])$o([^a-z0-9_-]|\$)" "$scratch/help" || echo "the manual has $o, --help has not"
		done
	fi
	run "$1" --no-such-option
	[ "$rc" = "$(usage_code "$1")" ] || echo "an unknown option is $rc"
	[ -n "$err" ] && [[ $err != *$'\n'* ]] || echo "an unknown option is not refused in one line: '$err'"
	[ -z "$out" ] || echo "an unknown option is told on standard output"
	run env -i LC_ALL=C "$sbin/$1" --help
	[ "$rc" = "$want" ] && [ "$out" = "$(cat "$scratch/help")" ] || echo "in an empty environment --help differs"
	unwritten "$1" --help
}

unwritten() { # COMMAND...: a full disk and a closed descriptor are failures, and said
	local r
	timeout 30 "$@" > /dev/full 2> "$scratch/err" < /dev/null
	r=$?
	[ $r != 0 ] || echo "$*: a full disk under standard output is no failure"
	[ -s "$scratch/err" ] || [ "$1" = vzlist ] || echo "$*: a full disk is not said"
	timeout 30 "$@" 2> "$scratch/err" < /dev/null >&-
	r=$?
	[ $r != 0 ] || echo "$*: a closed standard output is no failure"
}

n=0
for t in "$sbin"/*; do
	n=$((n + 1))
	said=$(tool "${t##*/}")
	[ -z "$said" ] || note "$said"
	verdict "$([ -z "$said" ]; echo $?)" "${t##*/}: manual, help, unknown option, empty environment, full disk"
done

started 101

# Answers that do not arrive are failures, not only those of --help.
while read -r line; do
	# shellcheck disable=SC2086 # words
	said=$(unwritten $line)
	[ -z "$said" ] || note "$said"
	verdict "$([ -z "$said" ]; echo $?)" "$line does not lose its answer in silence"
done << 'END'
vzctl --version
vzctl status 101
vzctl set --help
vzctl snapshot-list 101 -L
vzlist -a
vzlist -aj
vzlist -L
vzpid 1
vzps -e
vzcalc 101
vzmemcheck
vzcpucheck
vzubc
vzubc --raw
vznetstat
vzgetpa 101
vztop -b -n 1
vzoversell
vztmpl list
vzsplit -n 2
END

# With its three descriptors closed a program writes into no file of ours.
conf=$node/conf/101.conf
cp "$conf" "$scratch/before"
vzctl --verbose set 101 --description x --save 0<&- >&- 2>&-
is "$?" 0 "set with all descriptors closed works"
is "$(diff "$scratch/before" "$conf" | grep '^[<>]')" '> DESCRIPTION="x"' "and writes its line and nothing else"
vzctl stop 101 --fast > /dev/null
env -i LC_ALL=C VZ_CONF="$VZ_CONF" "$sbin/vzctl" start 101 0<&- >&- 2>&-
is "$?" 0 "so does start, in an empty environment"
is "$(env -i LC_ALL=C VZ_CONF="$VZ_CONF" "$sbin/vzlist" -Ho status 101)" running "it runs"
is "$(env -i LC_ALL=C VZ_CONF="$VZ_CONF" "$sbin/vzctl" exec2 101 'echo $((1 + 1))')" 2 "and takes commands"
is "$(find "$node/lock" "$node/run/101" -type f -exec grep -l 'VPS 101' {} + 2> /dev/null)" "" "no word of it is in a file"
finish "$n of $(find "$sbin" -mindepth 1 | wc -l) programs"
