#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# requires: root cgroup:io
# Disk bandwidth and operations: in the kernel for the right disk, live and at start, and felt inside.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
begin "$@"
grep -q 'cgroup cgroup .*blkio' /proc/self/mountinfo || grep -qw io /sys/fs/cgroup/cgroup.controllers 2> /dev/null ||
	skip_all "no control group limits I/O here"

# The whole device under the private area, by another way than the product's.
src=$(findmnt -n -o MAJ:MIN -T "$node/private" | tr -d ' ')
[ ! -e "/sys/dev/block/$src/partition" ] || src=$(cat "/sys/dev/block/$src/../dev")

have 101
conf=$node/conf/101.conf

limit() { # ID -> "BYTES OPS", each as read/write
	local d
	d=$(cg_dir io "$1")
	[ -e "$d/io.max" ] || d=$(cg_dir blkio "$1")
	if [ -e "$d/io.max" ]; then
		awk -v s="$src" '$1 == s { for (i = 2; i <= NF; i++) { split($i, kv, "="); v[kv[1]] = kv[2] }
			print v["rbps"] "/" v["wbps"], v["riops"] "/" v["wiops"]; f = 1 }
			END { if (!f) print "max/max max/max" }' "$d/io.max"
	else
		for f in read_bps write_bps read_iops write_iops; do
			awk -v s="$src" '$1 == s { print $2; f = 1 } END { if (!f) print "max" }' \
				"$d/blkio.throttle.${f}_device"
		done | paste -sd '/ /'
	fi
}
# Milliseconds that 2 MiB take on their way to the disk.
took() { # [dd options]
	local from
	from=$(date +%s%N)
	in_ct 101 "dd if=/dev/zero of=/root/f bs=64k count=32 $* 2> /dev/null" > /dev/null || echo -1
	echo $((($(date +%s%N) - from) / 1000000))
}

code 0 "stored for a stopped VPS" vzctl set 101 --iolimit 3 --iopslimit 500 --save
like "$(cat "$conf")" '^IOLIMIT="3145728"$' "a bare number counts MB"
code 0 "start" vzctl start 101
if [ -e "$(cg_dir blkio 101)/blkio.throttle.read_bps_device" ]; then
	like "$err" 'I/O limit.*direct' "on a node that cannot hold back buffered writing says so"
	is "$(grep -c . <<< "$err")" 1 "in one line"
fi
is "$(limit 101)" "3145728/3145728 500/500" "start puts both limits on the disk of the private area"
code 0 "live, without a limit" vzctl set 101 --iolimit 0 --iopslimit 0 --save
is "$(limit 101)" "max/max max/max" "there is none"
is "$(grep -c 'I/O limit' <<< "$err")" 0 "and no warning"
free=$(took oflag=direct)
code 0 "live: one MB a second" vzctl set 101 --iolimit 1M --save
is "$(limit 101)" "1048576/1048576 max/max" "is in the kernel"
held=$(took oflag=direct)
note "2 MiB: $free ms without, $held ms with a limit"
verdict $((held < 1200 || held > 6000 * slow)) "two MB take about two seconds now ($held ms)"
verdict $((held < free + 1000)) "much more than without ($free ms)"
from=$(date +%s%N)
in_ct 101 'dd if=/root/f of=/dev/null bs=64k iflag=direct 2> /dev/null'
read_ms=$((($(date +%s%N) - from) / 1000000))
verdict $((read_ms < 1200 || read_ms > 6000 * slow)) "reading is held back as well ($read_ms ms)"
code 0 "operations alone" vzctl set 101 --iolimit 0 --iopslimit 20 --save
is "$(limit 101)" "max/max 20/20" "are in the kernel"
held=$(took oflag=direct)
verdict $((held < 900 || held > 6000 * slow)) "32 of them take more than a second ($held ms)"
vzctl restart 101 > /dev/null 2>&1
is "$(limit 101)" "max/max 20/20" "and are after a restart"
for v in 'unlimited' '0'; do
	code 0 "--iopslimit $v" vzctl set 101 --iopslimit $v
	is "$(limit 101)" "max/max max/max" "takes the limit away"
	vzctl set 101 --iopslimit 20 > /dev/null 2>&1
done
for v in '1G:1073741824' '512K:524288' '100B:100' '2047m:2146435072'; do
	code 0 "--iolimit ${v%:*}" vzctl set 101 --iolimit "${v%:*}" --iopslimit 0
	is "$(limit 101)" "${v#*:}/${v#*:} max/max" "is ${v#*:} bytes a second"
done
before=$(cat "$conf") was=$(limit 101)
for bad in '' -1 1X 2048M 99999999999 '1 M' $'1M\n' 1.5.2 abc; do
	code 21 "--iolimit ${bad@Q} is 21" vzctl set 101 --iolimit "$bad" --save
done
for bad in '' -1 1K 4294967296 99999999999999999999 $'5\n' x; do
	code 21 "--iopslimit ${bad@Q} is 21" vzctl set 101 --iopslimit "$bad" --save
done
is "$(cat "$conf")|$(limit 101)" "$before|$was" "nothing of that is stored or in force"

# a loop device under the private area: limits are its own
if img=$node/img && truncate -s 96M "$img" && mkfs.ext4 -q -F "$img" 2> /dev/null &&
	loop=$(losetup -f --show "$img" 2> /dev/null); then
	mkdir -p "$node/on-loop"
	mount "$loop" "$node/on-loop"
	have 102 --private "$node/on-loop/\$VEID"
	code 0 "an area on a loop device" vzctl set 102 --iolimit 1M --save
	started 102
	src=$(cat "/sys/block/${loop#/dev/}/dev")
	is "$(limit 102)" "1048576/1048576 max/max" "has the limit on that device"
	from=$(date +%s%N)
	in_ct 102 'dd if=/dev/zero of=/root/f bs=64k count=32 oflag=direct 2> /dev/null'
	ms=$((($(date +%s%N) - from) / 1000000))
	verdict $((ms < 1200 || ms > 6000 * slow)) "and feels it ($ms ms)"
	vzctl stop 102 --fast > /dev/null
	vzctl destroy 102 > /dev/null
	umount "$node/on-loop"
	losetup -d "$loop"
	rm -rf "$img" "$node/on-loop"
else
	skip "an area on a loop device" "no loop device"
fi

# a file system without a block device
mkdir -p "$node/mem"
mount -t tmpfs tmpfs "$node/mem"
have 103 --private "$node/mem/\$VEID"
vzctl set 103 --iolimit 1M --save > /dev/null
run vzctl start 103
if [ "$rc" = 0 ]; then
	like "$err" 'I/O limit cannot hold.*no block device' "an area on tmpfs: start says that nothing holds it"
	code 0 "set does, too" vzctl set 103 --iolimit 2M
	like "$err" 'I/O limit cannot hold' "in so many words"
	vzctl stop 103 --fast > /dev/null
else
	skip "an area on tmpfs" "this kernel cannot map ids there"
fi
vzctl destroy 103 > /dev/null
umount "$node/mem"
rmdir "$node/mem"
rm -f "$node"/conf/*.destroyed
finish
