#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# requires: root cc pkg-config
# The installed library as a program from outside uses it: the example, word for word.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
begin "$@"
export PKG_CONFIG_PATH=$VZ_TEST_PREFIX/lib/pkgconfig LD_LIBRARY_PATH=$VZ_TEST_PREFIX/lib
example=$here/../examples/four-calls.c
program=$scratch/four-calls
read -ra flags <<< "$(pkg-config --cflags --libs vz)"

ok "the example compiles against what is installed, without a warning" \
	cc -std=c99 -Wall -Wextra -Werror -pedantic -o "$program" "$example" "${flags[@]}"
verdict $(($(grep -c . "$example") > 60)) "and is short"
code 0 "it makes, limits and starts a VPS" "$program" 101 "$tmpl"
is "$out" "101 $(init_pid 101)" "and lists what runs"
is "$(cg_value 101 ram)" $((64 << 20)) "the limit is in force"
like "$(cat "$node/conf/101.conf")" '^PHYSPAGES="0:16384"$' "and stored"
vzctl stop 101 --fast > /dev/null
refused 44 'exists|not empty' "a failure has its code and one line" "$program" 101 "$tmpl"
refused 91 nowhere "whatever failed" "$program" 102 nowhere
is "$(ls "$node/conf")" "101.conf" "and nothing was made"

# No symbol but the documented ones goes out, and each of those does.
declared=$(cat "$VZ_TEST_PREFIX"/include/vz/*.h | tr '\n' ' ' | sed 's|/\*[^*]*\*\+\([^/*][^*]*\*\+\)*/||g' |
	grep -oE '\bvz_[a-z0-9_]+ *\(' | tr -d ' (' | sort -u)
exported=$(nm -D --defined-only "$VZ_TEST_PREFIX/lib/libvz.so" | sed -n 's/.* T \(.*\)@@VZ_.*/\1/p' | sort)
is "$exported" "$declared" "the library exports what its headers declare, all with a version"
finish
