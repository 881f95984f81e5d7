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

look=$scratch/look
ok "so does the one that looks at a VPS" \
	cc -std=c99 -Wall -Wextra -Werror -pedantic -o "$look" "$here/../examples/look.c" "${flags[@]}"
in_ct 101 'i=0; while [ $i -lt 20000 ]; do i=$((i + 1)); done'
code 0 "it looks at one that runs" "$look" 101
like "$out" '^cpu [1-9][0-9]{4,}$' "tells the time that its processes have used, in microseconds"
like "$out" '^services busybox$' "and what manages its services"
used=$(sed -n 's/^cpu //p' <<< "$out")
vzctl stop 101 --fast > /dev/null
code 31 "services of one that does not run are 31" "$look" 101
verdict $((${out#cpu } < used)) "what it has used is kept over a stop"
refused 14 777 "one that is not there is 14" "$look" 777
refused 44 'exists|not empty' "a failure has its code and one line" "$program" 101 "$tmpl"
refused 91 nowhere "whatever failed" "$program" 102 nowhere
is "$(ls "$node/conf")" "101.conf" "and nothing was made"

# No symbol but the documented ones goes out, and each of those does.
declared=$(cat "$VZ_TEST_PREFIX"/include/vz/*.h | tr '\n' ' ' | sed 's|/\*[^*]*\*\+\([^/*][^*]*\*\+\)*/||g' |
	grep -oE '\bvz_[a-z0-9_]+ *\(' | tr -d ' (' | sort -u)
exported=$(nm -D --defined-only "$VZ_TEST_PREFIX/lib/libvz.so" | sed -n 's/.* T \(.*\)@@VZ_.*/\1/p' | sort)
is "$exported" "$declared" "the library exports what its headers declare, all with a version"
finish
