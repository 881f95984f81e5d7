#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Fuzz with libFuzzer: tests/fuzz/run.sh [-n EXECUTIONS] [-f] [-k] [NAME...]; -f is fast: without sanitizers, so
# that only what a target asserts and crashes are found; -k keeps inputs that reach new code in corpus/NAME.
# Needs clang and what the library needs. Run it from anywhere; it builds in FUZZ_DIR.
set -eu -o pipefail
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
dir=${FUZZ_DIR:-/tmp/mainvz-fuzz}
clang=${CLANG:-$(command -v clang clang-19 clang-16 clang-15 clang-14 | head -n 1)}
runs=10000000 keep=
sanitize=(-O1 "-fsanitize=address,undefined" -fno-sanitize-recover=all)

while getopts n:fk o; do
	case $o in
	n) runs=$OPTARG ;;
	f) sanitize=(-O2) dir=$dir/fast ;;
	k) keep=1 ;;
	*) exit 1 ;;
	esac
done
shift $((OPTIND - 1))
if [ $# = 0 ]; then
	cd "$top/tests/fuzz"
	for f in fuzz_*.c; do
		f=${f#fuzz_}
		set -- "$@" "${f%.c}"
	done
fi
[ -n "$clang" ] || { echo "run.sh: needs clang" >&2; exit 1; }
mkdir -p "$dir"
cd "$top"
read -ra nl <<< "$(pkg-config --cflags libnl-3.0 jansson libseccomp libcap)"
flags=(-std=gnu17 -D_GNU_SOURCE -g -w -Iinclude -Ilib -Ivzctl "${nl[@]}" -include lib/base/banned.h
	-DVZ_CRIU_DIR='"/nonexistent"' "${sanitize[@]}")
libs=(-lnl-route-3 -lnl-3 -ljansson -lseccomp -lcap -lcrypt -lmd)
for f in lib/{base,kern,param,plan,cgroup,fs,net,sec,guest,cpt,host,ct,ct/*,api}/*.c vzctl/opt.c; do
	o=$dir/$(echo "$f" | tr / _).o
	[ "$o" -nt "$f" ] || "$clang" "${flags[@]}" -fsanitize=fuzzer-no-link -c "$f" -o "$o"
done
rm -f "$dir/all.a"
ar rcs "$dir/all.a" "$dir"/*.o
for t; do
	"$clang" "${flags[@]}" -fsanitize=fuzzer "tests/fuzz/fuzz_$t.c" "$dir/all.a" "${libs[@]}" -o "$dir/fuzz_$t"
	mkdir -p "$dir/found/$t" "$dir/bad"
	"$dir/fuzz_$t" -runs="$runs" -max_len="${FUZZ_MAX_LEN:-512}" -print_final_stats=1 -verbosity=0 \
		-artifact_prefix="$dir/bad/$t-" "$dir/found/$t" "tests/fuzz/corpus/$t" > "$dir/$t.log" 2>&1 ||
		{ echo "$t: a finding, see $dir/$t.log and $dir/bad"; exit 1; }
	echo "$t: $(sed -n 's/^stat::number_of_executed_units: *//p' "$dir/$t.log") executions without a finding"
	[ -z "$keep" ] || "$dir/fuzz_$t" -merge=1 "tests/fuzz/corpus/$t" "$dir/found/$t" > /dev/null 2>&1
done
