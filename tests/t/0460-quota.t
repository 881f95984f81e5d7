#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# requires: root
# Disk limits: as project quota where the file system has it, felt inside; stored and said in one line where not.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
begin "$@"

# --- a file system that counts nothing
mkdir "$node/mem"
mount -t tmpfs tmpfs "$node/mem"
have 101 --private "$node/mem/\$VEID" --diskspace 10M:12M
conf=$node/conf/101.conf
like "$(cat "$conf")" '^DISKSPACE="10240:12288"$' "create stores the limits"
code 0 "set on a file system without project quota" vzctl set 101 --diskspace 20M:22M --diskinodes 2000:2200 \
	--kmemsize 10M --save
is "$(grep -c . <<< "$err")" 1 "gives one line"
like "$err" 'not enforced.*DISKSPACE.*DISKINODES.*KMEMSIZE' "that names all that does not hold"
like "$(cat "$conf")" '^DISKINODES="2000:2200"$' "and stores"
code 0 "a bare number is KiB and sets both" vzctl set 101 --diskspace 30000 --save
like "$(cat "$conf")" '^DISKSPACE="30000:30000"$' "as stored"
is "$(vzlist -a -H -o diskspace,diskspace.s,diskspace.h,diskinodes.s 101 | tr -s ' ' | sed 's/^ //; s/ $//')" \
	"- 30000 30000 2000" "vzlist: limits are known, use is not"
sum=$(md5sum < "$conf")
for bad in '' unlimited -1 2G:1G 1:2:3 1X 99999999999999999999 $'1G\n'; do
	code 21 "--diskspace ${bad@Q} is 21" vzctl set 101 --diskspace "$bad" --save
	code 21 "--diskinodes, too" vzctl set 101 --diskinodes "$bad" --save
done
code 21 "--quotatime must be a number" vzctl set 101 --quotatime x --save
is "$(md5sum < "$conf")" "$sum" "and nothing is stored"
code 0 "--diskquota no" vzctl set 101 --diskquota no --save
vzctl destroy 101 > /dev/null
umount "$node/mem"
rmdir "$node/mem"
rm -f "$node"/conf/*.destroyed

# --- one that enforces
disk=$node/disk
truncate -s 200M "$node/img"
if ! mkfs.ext4 -q -F -O project,quota -E quotatype=prjquota "$node/img" 2> "$scratch/mkfs" ||
	! mkdir "$disk" || ! mount -o loop,prjquota "$node/img" "$disk" 2> "$scratch/mount"; then
	skip "project quota is enforced" "this kernel has no quota format"
	[ ! -d "$disk" ] || rmdir "$disk"
	rm -f "$node/img"
	finish
fi

field() { vzlist -a -H -o "$2" "$1" | tr -d ' '; } # ID FIELD
fill() { in_ct "$1" "dd if=/dev/zero of=/root/f bs=1M count=$2 conv=fsync" > /dev/null 2>&1; } # ID MIB
project() { lsattr -pd "$1" | awk '{ print $1, (index($2, "P") > 0) }'; }
near() { # WHAT IS: within 64 KiB of what is said, for folders and the like
	verdict $(($1 < $2 || $1 > $2 + 64)) "$3 ($1)"
}

have 102 --private "$disk/\$VEID" --diskspace 20M:24M --diskinodes 500:600
is "$(project "$disk/102/upper")" "102 1" "a new area is the project with its CTID, and what is made in it"
is "$(project "$disk/102/work")" "102 1" "so is the place where files are prepared"
code 0 "set on it" vzctl set 102 --diskspace 20M:24M --save
unlike "$err" 'not enforced' "has nothing to say"
empty=$(field 102 diskspace)
verdict $((empty > 100)) "use is counted before it runs ($empty KiB)"
started 102
not "the hard limit holds" fill 102 40
near "$(field 102 diskspace)" $((24 * 1024 - 64)) "the VPS has got what it may have"
is "$(field 102 diskspace.s) $(field 102 diskspace.h)" "20480 24576" "the limits are listed"
like "$(in_ct 102 'df -k / | tail -n 1')" ' (20480|24576) ' "df inside shows them"
in_ct 102 'rm /root/f'
verdict $(($(field 102 diskspace) > 1000)) "what is removed is not counted"
ok "within the limits one can write" fill 102 10
used=$(field 102 diskspace)
near "$used" 10240 "and is counted"
code 0 "live: more" vzctl set 102 --diskspace 40M --save
ok "gives more at once" fill 102 30
code 0 "live: below what is used" vzctl set 102 --diskspace 5M --save
is "$(field 102 diskspace.h)" 5120 "is taken"
not "nothing can be added then" in_ct 102 'dd if=/dev/zero of=/root/g bs=1M count=1 conv=fsync'
ok "but taken away" in_ct 102 'rm -f /root/f /root/g'
code 0 "files" vzctl set 102 --diskspace 40M --diskinodes 100:120 --save
not "are limited as well" in_ct 102 'i=0; while [ $i -lt 300 ]; do : > /root/x$i || exit 1; i=$((i+1)); done'
verdict $(($(field 102 diskinodes) > 120)) "to that number ($(field 102 diskinodes))"
in_ct 102 'rm -f /root/x*'
code 0 "QUOTATIME 0" vzctl set 102 --diskspace 8M:20M --quotatime 0 --save
not "makes the soft limit the limit" fill 102 12
in_ct 102 'rm -f /root/f'
code 0 "an hour of grace" vzctl set 102 --quotatime 3600 --save
ok "lets it be exceeded" fill 102 12
not "up to the hard one" fill 102 30
in_ct 102 'rm -f /root/f'
ok "a folder is moved as on any disk" in_ct 102 'mkdir /root/a && : > /root/a/b && mv /root/a /etc/a && mv /etc/a /tmp/a'
ok "and a file of the template can be changed" in_ct 102 'echo x >> /etc/passwd && mv /etc/group /root/'
have 103 --private "$disk/\$VEID"
started 103
ok "another VPS on that disk is not limited by it" fill 103 60
in_ct 103 'rm -f /root/f'
code 0 "--diskquota no takes effect at the next start" vzctl set 102 --diskquota no --save
vzctl restart 102 > /dev/null 2>&1
ok "and then nothing is limited" fill 102 60
in_ct 102 'rm -f /root/f'
vzctl set 102 --diskquota yes --diskspace 10M --diskinodes 1000 --save > /dev/null 2>&1
vzctl stop 102 --fast > /dev/null

# an area that came from elsewhere is counted, file by file
chattr -R -P -p 0 "$disk/102" 2> /dev/null
mkdir -p "$disk/102/upper/root/deep/er"
head -c 3000000 /dev/urandom > "$disk/102/upper/root/deep/er/f"
mkfifo "$disk/102/upper/root/pipe"
ln -s /etc/passwd "$disk/102/upper/root/link"
chattr -R -P -p 0 "$disk/102" 2> /dev/null
code 0 "an area from elsewhere" timeout 60 vzctl start 102
is "$(project "$disk/102/upper/root/deep/er")" "102 1" "is put into its project by start"
used=$(field 102 diskspace)
verdict $((used < 2900 || used > 4000)) "and counted ($used KiB)"
not "and limited" fill 102 20
vzctl stop 102 --fast > /dev/null
vzctl destroy 102 > /dev/null
have 102 --private "$disk/\$VEID"
started 102
ok "a new VPS with the number of a destroyed one has not its limits" fill 102 30

# mounted without limits: counted, and said
for id in 102 103; do vzctl stop $id --fast > /dev/null; done
umount "$disk"
mount -o loop "$node/img" "$disk"
code 0 "a disk that counts and does not limit" vzctl set 102 --diskspace 10M --save
like "$err" 'not enforced.*DISKSPACE' "is told from one that does"
for id in 102 103; do vzctl destroy $id > /dev/null; done
rm -f "$node"/conf/*.destroyed
umount "$disk"
rmdir "$disk"
rm -f "$node/img"
finish
