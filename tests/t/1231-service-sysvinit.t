#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# requires: root
# vzservice with sysvinit in the VPS.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=tests/guest/boots.sh
. "$here/guest/boots.sh"
# shellcheck source=tests/guest/services.sh
. "$here/guest/services.sh"
tmpl=debian-12-x86_64-sysvinit
bail_without_template
begin "$@"
guest_serves sysvinit
finish
