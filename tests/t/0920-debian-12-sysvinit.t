#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# requires: root
# debian-12-x86_64-sysvinit as a guest.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=tests/guest/boots.sh
. "$here/guest/boots.sh"
tmpl=debian-12-x86_64-sysvinit
bail_without_template
begin "$@"
guest_boots sysvinit
finish
