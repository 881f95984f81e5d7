#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# requires: root netns veth nft
# Another program flushes all rules: what looks at the network puts the guard and the counters back.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
begin "$@"

guarded() { nft list chain inet mainvz guard > /dev/null 2>&1; }
counted() { nft list chain inet mainvz_traffic prerouting > /dev/null 2>&1; }

have 101 --ipadd 203.0.113.1
started 101
ok "a running VPS is guarded" guarded
nft flush ruleset
not "a flush takes the guard away" guarded
ok "vznetstat" vznetstat
ok "puts it back" guarded
ok "and the counters" counted
nft flush ruleset
ok "so does adding an address" vzctl set 101 --ipadd 203.0.113.2 --save
ok "for the VPS that runs" guarded
nft flush ruleset
ok "and a rate" vzctl set 101 --rate '*:1:1000' --save
ok "as well" guarded
nft flush ruleset
ok "and a VPS that starts" vzctl restart 101
ok "and again" guarded
nft add table inet others
nft 'add chain inet others c { type filter hook forward priority 0; }'
nft delete table inet mainvz
ok "what others have" vznetstat
ok "is left alone" nft list chain inet others c
nft delete table inet others
vzctl stop 101 --fast > /dev/null
finish
