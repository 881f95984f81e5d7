#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What one run of 0200-exhaust.t printed, as the table of docs/TESTING.md: attack, what contains it, and the 99th
# of a hundred of a neighbour's fork, fsync and ping, in milliseconds, before and during.
#
#	tests/attack/0200-exhaust.t | tee run.tap; tests/attack/table.sh run.tap
awk 'function ms(t, v, n, i, out) {
	n = split(t, v, " ")
	for (i = 1; i <= n; i++)
		out = out sprintf("%s%.1f", i > 1 ? " / " : "", v[i] / 1000)
	return out
}
/^(not )?ok [0-9]+ - [^ ]+ is held \(by: / {
	match($0, /- [^ ]+ is held/)
	name = substr($0, RSTART + 2, RLENGTH - 10)
	by = $0
	sub(/^.*\(by: /, "", by)
	got = by
	sub(/\): .*$/, "", by)
	sub(/^[^:]*\): /, "", got)
	held = /^ok/ ? "held" : "**OUT**"
}
/p99 of fork, fsync, ping: / {
	t = $0
	sub(/^.*ping: /, "", t)
	sub(/ us\).*$/, "", t)
	split(t, v, " -> ")
	failed = $0
	sub(/^.*meanwhile, /, "", failed)
	sub(/ of .*$/, "", failed)
	if (!head++) {
		print "| attack | contained by | what it got | neighbour before | during | failed of 300 |"
		print "|---|---|---|---|---|---|"
	}
	printf "| %s: %s | %s | %s | %s | %s | %s |\n", name, held, by, got, ms(v[1]), ms(v[2]), failed
}' "$@"
