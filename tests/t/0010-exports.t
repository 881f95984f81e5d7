#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# libvz.so has the functions that its headers declare, no others, and nothing writable of its own.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
begin "$@"
so=$VZ_TEST_PREFIX/lib/libvz.so
declared=$("$here/../scripts/lint/symbols" --list "$VZ_TEST_PREFIX/include/vz")
exported=$(nm -D --defined-only "$so" | awk '$2 != "A" { sub(/@.*/, "", $3); print $3 }' | sort)
verdict $(($(wc -l <<< "$declared") < 50)) "the installed headers declare functions ($(wc -l <<< "$declared"))"
is "$(diff <(echo "$declared") <(echo "$exported"))" "" "libvz.so exports these and no others"
is "$(nm -D --defined-only "$so" | awk '$2 != "A" && $3 !~ /@@VZ_[0-9]+$/')" "" "each with a version"
is "$(objdump -t "$so" | awk '/ O \.(data|bss)[ \t]/ && $NF !~ /^(completed\.[0-9]+|__dso_handle|__TMC_END__)$/ { print $NF }')" \
	"" "it has no writable variable"
finish
