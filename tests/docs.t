#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Do the manual pages and the completion say what the programs do? Looks at a build: VZ_TEST_BUILD, else the
# folder that it is run in, else the one that it lies in. Needs no root.
set -uo pipefail
export LC_ALL=C.UTF-8
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build=${VZ_TEST_BUILD:-}
[ -n "$build" ] || build=$PWD
[ -x "$build/vzctl/gen-docs" ] || build=$top
number=0 failed=0
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

if ! [ -x "$build/vzctl/gen-docs" ] || ! [ -x "$build/vzctl/vzctl" ]; then
	echo "Bail out! '$build' is not a built tree"
	exit 1
fi

# What a check has to say goes into this file; none means that it is true.
said=$scratch/said

verdict() { # SENTENCE
	number=$((number + 1))
	if [ -s "$said" ]; then
		failed=$((failed + 1))
		head -n 40 "$said" | sed 's/^/# /'
		echo "not ok $number - $1"
	else
		echo "ok $number - $1"
	fi
}

vzctl() {
	"$build/vzctl/vzctl" "$@"
}

# Text of a page: escapes of troff undone, fonts dropped.
plain() {
	sed -e 's/\\f[BIRP]//g' -e 's/\\-/-/g' -e 's/\\e/\\/g' -e 's/\\&//g' "$@"
}

# "FILE SECTION": what was made from the tables is in the file as they would make it now.
stale() {
	local file section want have
	while read -r file section; do
		want=$("$build/vzctl/gen-docs" "$section") || echo "gen-docs $section failed"
		have=$(cat "$build/$file")
		[[ -n $want && $have == *"$want"* ]] || echo "$file: the part '$section' is not current"
	done <<- END
		man/made/vzctl.8 commands
		man/made/vzctl.8 options
		man/made/vzctl.8 codes
		man/made/ctid.conf.5 ctid.conf
		man/made/vz.conf.5 vz.conf
		completion/vzctl bash
		completion/_vzctl zsh
		docs/vps.schema.json schema
	END
	grep -n '@[A-Za-z.]*@' "$build"/man/made/* || :
}

verbs() { # that the program tells of
	vzctl --help | awk '$1 == "vzctl" && $2 ~ /^[a-z]/ && $2 != "version" { print $2 }'
}

synopses() { # lines "VERB SYNOPSIS" of the manual
	sed -n '/^\.SH COMMANDS/,/^\.S[SH] [^C]/p' "$build/man/made/vzctl.8" | grep -A 1 '^\.TP' |
		grep '^\\fB' | plain | grep -v '^-'
}

different_synopses() {
	local verb help man
	synopses > "$scratch/synopses"
	[ "$(verbs | wc -l)" -ge 10 ] || echo "vzctl --help lists too few commands"
	for verb in $(verbs); do
		help=$(vzctl "$verb" --help | sed -n '1s/^Usage: vzctl //p')
		man=$(grep "^$verb " "$scratch/synopses")
		[ -n "$help" ] && [ "$help" = "$man" ] || echo "$verb: --help '$help', manual '$man'"
	done
	diff <(verbs) <(cut -d ' ' -f 1 "$scratch/synopses") || :
}

codes() { # lines "EXIT SENTENCE" of the header
	sed -n 's/^\tX([A-Z_]*, \([0-9]*\), "\(.*\)").*/\1 \2/p' "$top/include/vz/codes.h"
}

missing_codes() {
	sed -n '/^\.SH EXIT STATUS/,/^\.SH ENV/p' "$build/man/made/vzctl.8" | plain |
		awk '/^\.B [0-9]+$/ { n = $2; next } n != "" { print n, $0; n = "" }' > "$scratch/codes"
	[ "$(codes | wc -l)" -ge 40 ] || echo "codes.h could not be read"
	diff <(codes) "$scratch/codes" || :
}

missing_options() {
	local verb o
	plain "$build/man/made/vzctl.8" > "$scratch/page"
	for verb in $(verbs); do
		for o in $(vzctl "$verb" --help | sed -n 's/^  \(--[^ ]*\).*/\1/p'); do
			grep -q "^$o\( \|,\|\$\)" "$scratch/page" || echo "$verb $o is not in vzctl(8)"
			grep -q -e "$o\b" "$build/completion/vzctl" || echo "$o is not in bash's completion"
			grep -q -e "$o\b" "$build/completion/_vzctl" || echo "$o is not in zsh's completion"
		done
	done
}

pages() {
	find "$build/man/made" "$top/man" -maxdepth 1 -name '*.[1-9]' | sort -u
}

undocumented_tools() {
	local t
	for t in "$build"/vzctl/*; do
		[[ -f $t && -x $t && ${t##*/} != *.* ]] || continue
		t=${t##*/}
		[ "$t" = gen-docs ] || [ -e "$build/man/made/$t.8" ] || [ -e "$top/man/$t.8" ] ||
			echo "$t has no manual page"
	done
}

formatter=
if command -v man > /dev/null && command -v groff > /dev/null; then
	formatter="man"
elif command -v mandoc > /dev/null; then
	formatter=mandoc
fi

bad_pages() {
	local p
	for p in $(pages); do
		if [ $formatter = man ]; then
			{ man --warnings -E UTF-8 -l -Tutf8 -Z "$p" > /dev/null; } 2>&1
		else
			mandoc -Tlint -W error "$p"
		fi
	done
}

# What the completion offers for a line.
offers() { # WORD...
	bash -c '. "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _vzctl; echo "${COMPREPLY[*]}"' \
		bash "$build/completion/vzctl" "$@"
}

bad_completion() {
	[ "$(offers vzctl sta)" = "start status" ] || echo "vzctl sta: $(offers vzctl sta)"
	[[ " $(offers vzctl set 101 --host) " = *" --hostname "* ]] || echo "no --hostname for set"
	[ "$(offers vzctl set 101 --onboot y)" = yes ] || echo "no yes for --onboot"
	command -v zsh > /dev/null || return 0
	zsh -n "$build/completion/_vzctl" 2>&1
}

# Links from one document of the source to another.
dead_links() {
	local f to
	for f in "$top"/*.md "$top"/docs/*.md "$top"/docs/adr/*.md; do
		[ -e "$f" ] || continue
		grep -o ']([^)#:]*)' "$f" | sed 's/^](//; s/)$//' | while read -r to; do
			[ -e "$(dirname "$f")/$to" ] || echo "${f#"$top/"}: there is no '$to'"
		done
	done
}

stale > "$said" 2>&1
verdict "what is made from the tables is current"
different_synopses > "$said" 2>&1
verdict "the synopsis of every command is the same in --help and in the manual"
missing_codes > "$said" 2>&1
verdict "every exit code of codes.h is in the manual, with its sentence"
missing_options > "$said" 2>&1
verdict "every option of every command is in the manual and in the completion"
undocumented_tools > "$said" 2>&1
verdict "every program has a manual page"
if [ -n "$formatter" ]; then
	bad_pages > "$said" 2>&1
	verdict "every page is formatted without a warning"
else
	number=$((number + 1))
	echo "ok $number - every page is formatted without a warning # SKIP neither man nor mandoc is installed"
fi
bad_completion > "$said" 2>&1
verdict "the completion of bash offers commands, options and values"
python3 -c 'import json, sys; assert len(json.load(open(sys.argv[1]))["properties"]) > 50' \
	"$build/docs/vps.schema.json" > "$said" 2>&1
verdict "the schema is JSON"
dead_links > "$said" 2>&1
verdict "links between documents lead somewhere"
echo "1..$number"
exit $((failed > 0))
