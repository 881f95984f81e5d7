#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# requires: root
# A disk that is full: the verb says so, and nothing is half made or lost.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
begin "$@"

# Private areas on a file system of 16 pages, or of so many inodes.
small() { # OPTIONS
	mount -t tmpfs -o "$1" small "$node/private"
	chmod 700 "$node/private"
}

before=$(cd "$node" && find conf ids names private | sort)
for inodes in 1 2 3 4; do
	small "size=1m,nr_inodes=$inodes"
	refused 46 "101|space" "create with room for $((inodes - 1)) more files fails with 46" \
		vzctl create 101 --ostemplate "$tmpl"
	is "$(ls -A "$node/private")" "" "and nothing is left in the folder of private areas"
	umount "$node/private"
	is "$(cd "$node" && find conf ids names private | sort)" "$before" "nor anywhere else"
done
small "size=1m,nr_inodes=100"
code 0 "with room enough it works" vzctl create 101 --ostemplate "$tmpl"
code 0 "and can be destroyed" vzctl destroy 101
umount "$node/private"
rm -f "$node"/conf/*.destroyed

# Not one block for the file with the layout.
small "size=8k,nr_inodes=100"
dd if=/dev/zero of="$node/private/fill" bs=4k 2> /dev/null
refused 46 "101|space" "create without a free block fails with 46" vzctl create 101 --ostemplate "$tmpl"
is "$(ls -A "$node/private")" "fill" "and nothing is left"
umount "$node/private"

# The same for the configuration.
mount -t tmpfs -o size=8k conf "$node/conf"
dd if=/dev/zero of="$node/conf/fill" bs=4k 2> /dev/null
refused 46 "101|space" "create without room for the configuration fails with 46" \
	vzctl create 101 --ostemplate "$tmpl"
is "$(ls -A "$node/conf")" "fill" "no half written configuration is left"
is "$(ls -A "$node/private")" "" "no private area"
is "$(ls -A "$node/ids")" "" "no id range"
rm "$node/conf/fill"
code 0 "with room it works" vzctl create 101 --ostemplate "$tmpl" --hostname one
text=$(cat "$node/conf/101.conf")
dd if=/dev/zero of="$node/conf/fill" bs=1k 2> /dev/null
run vzctl set 101 --hostname two --save
[ "$rc" != 0 ] || told
verdict $((rc == 0)) "set --save without room fails"
is "$(cat "$node/conf/101.conf")" "$text" "and the old configuration is whole"
is "$(ls -A "$node/conf" | sort | tr '\n' ' ')" "101.conf fill " "without a temporary file beside it"
rm "$node/conf/fill"
code 0 "once there is room it can be set" vzctl set 101 --hostname two --save
cp "$node/conf/101.conf" "$scratch/101.conf"
umount "$node/conf"
cp "$scratch/101.conf" "$node/conf/101.conf"

# A run directory that is full: nothing can be noted, so nothing is begun.
mount -t tmpfs -o size=8k run "$node/run"
dd if=/dev/zero of="$node/run/fill" bs=4k 2> /dev/null
run vzctl start 101
verdict $((rc == 0)) "start without room for its notes fails"
is "$(state 101)" "exist unmounted down" "and leaves nothing mounted or running"
umount "$node/run"
code 0 "once there is room it starts" vzctl start 101
finish
