#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# requires: root
# What ./check ends with: its status is that of its last line.
src=${VZ_TEST_SOURCE:-${top_srcdir:-$(cd "$(dirname "$0")/../.." && pwd)}}
top=$(mktemp -d /tmp/vzt.XXXXXX)
trap 'rm -rf "$top"' EXIT
n=0 bad=0
ok() { # SENTENCE COMMAND...
	local what=$1
	n=$((n + 1))
	shift
	"$@" && echo "ok $n - $what" && return
	echo "not ok $n - $what"
	bad=1
}
mkdir -p "$top/scripts" "$top/tests"
cp "$src/check" "$top/"
cat > "$top/scripts/setup.sh" <<- 'END'
	build_packages=() run_packages=()
	step() { shift; "$@"; }
	install_packages() { :; }
END
run() { # what tests/run prints; -> status, last
	printf '#!/bin/sh\necho a line\necho "%s"\n' "$1" > "$top/tests/run"
	chmod +x "$top/tests/run"
	last=$(VZ_CHECK_CACHE=$top/cache "$top/check" lint 2>&1 | tail -n 1; exit "${PIPESTATUS[0]}")
	status=$?
}
is() { [ "$status: $last" = "$1" ] || { echo "# $status: $last"; false; }; }

run "3 passed, 0 failed, 1 skipped"
ok "all passed: status 0" is "0: 3 passed, 0 failed, 1 skipped"
run "3 passed, 1 failed, 0 skipped"
ok "one failed: status 1" is "1: 3 passed, 1 failed, 0 skipped"
run "0 passed, 0 failed, 0 skipped"
ok "nothing was tested: status 1" is "1: 0 passed, 0 failed, 0 skipped"
run "a crash"
ok "a part that comes to no end is a failure" is "1: 0 passed, 1 failed, 0 skipped"
echo "1..$n"
exit $bad
