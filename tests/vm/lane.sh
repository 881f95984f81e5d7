#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Run end-to-end tests in the test VM: Debian's own kernel, pure cgroup v2.
#
#   lane.sh PREFIX TESTS TEMPLATES TEST...
#
# PREFIX is an installed tree, TESTS the folder tests/ with the test guest built in it, TEMPLATES a folder
# of built templates, all of which become /vz/template inside. Each TEST is a path below TESTS. Prints what
# tests/run prints. Settings as for vm.sh; VM_SLOW (5) is how much longer a test may take there.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
prefix=$1 tests=$2 templates=$3
shift 3
export VM_DIR=${VM_DIR:-/var/cache/mainvz-check/vm}
slow=${VM_SLOW:-5}

# Those of the product: what is there for tests of one kernel only is large.
mapfile -t names < <(cd "$here/../../templates" && for t in *.json; do
	[ ! -e "$templates/${t%.json}/manifest.json" ] || echo "${t%.json}"
done)
"$here/vm.sh" build
"$here/vm.sh" data "$templates" "${names[@]}"

# What goes in is copied first: nothing in the VM can reach the originals.
share=$VM_DIR/share.$$
rm -rf "$share"
mkdir -p "$share"
trap 'rm -rf "$share"' EXIT
cp -a "$prefix" "$share/prefix"
cp -a "$tests" "$share/tests"
rm -rf "$share/tests/vm"
{
	printf 'prefix=%q slow=%q tests=(' "$prefix" "$slow"
	printf '%q ' "$@"
	echo ')'
	printf 'export VZ_TEST_STRICT=%q\n' "${VZ_TEST_STRICT:-0}"
	cat <<- 'END'
		modprobe -q -a overlay veth tun fuse loop nf_tables ifb 2> /dev/null
		mkdir -p "$prefix" /tests
		cp -a /host/prefix/. "$prefix/"
		cp -a /host/tests/. /tests/
		export VZ_TEST_PREFIX=$prefix VZ_TEST_TEMPLATES=/vz/template VZ_TEST_SLOW=$slow VZ_TEST_LANE=vm
		export PATH=$prefix/sbin:$PATH
		cd /tests && exec ./run -l vm -t $((120 * slow)) -o /host/log "${tests[@]}"
	END
} > "$share/inside"
status=0
"$here/vm.sh" run -s "$share" -- bash /host/inside || status=$?
[ ! -s "$share/log" ] || cp "$share/log" "${VM_OUTPUT:-/dev/null}"
exit "$status"
