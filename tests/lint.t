#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The gates that need no build, one line of TAP each. Looks at the source tree, not at a build.
cd "${VZ_TEST_SOURCE:-$(dirname "$0")/..}" || exit 1
n=0 bad=0

for gate in scripts/lint/*; do
	case $gate in
	*.allow | */all) continue ;;
	esac
	[ -x "$gate" ] || continue
	n=$((n + 1))
	if said=$("$gate" 2>&1); then
		echo "ok $n - gate ${gate##*/}"
	else
		bad=1
		printf '%s\n' "$said" | sed 's/^/# /'
		echo "not ok $n - gate ${gate##*/}"
	fi
done
echo "1..$n"
exit "$bad"
