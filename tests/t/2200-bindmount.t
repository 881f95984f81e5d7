#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# requires: root
# Folders and files of the node in a VPS: owners, options that hold against its root, live, over a suspend,
# and against links that the VPS lays.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
begin "$@"
have 101
conf=$node/conf/101.conf
share=$scratch/share
mkdir -p "$share/data/sub" "$share/ro" "$share/more"
echo theirs > "$share/data/mine"
chown 1000:1000 "$share/data/mine"
chmod 600 "$share/data/mine"
echo fixed > "$share/ro/file"
echo line > "$share/one"
chmod 777 "$share/more"
mounts() { in_ct 101 "grep -c ' $1 ' /proc/self/mountinfo"; }
gone() { ! in_ct 101 "grep -q ' $1 ' /proc/self/mountinfo"; }
put_back() { umount "$share/ro" 2> /dev/null; }

code 0 "three bind mounts of a stopped VPS" vzctl set 101 --bindmount_add "$share/data:/mnt/data/" \
	--bindmount_add "$share/ro/:/srv/deep/ro:ro" --bindmount_add "$share/one:/etc/one.conf,ro,noexec" --save
is "$err" "" "are more than stored"
is "$(sed -n 's/^BINDMOUNT=//p' "$conf")" \
	"\"$share/data:/mnt/data $share/ro:/srv/deep/ro:ro $share/one:/etc/one.conf:ro,noexec\"" "and kept in one spelling"
started 101
is "$(in_ct 101 'cat /srv/deep/ro/file /etc/one.conf' | tr '\n' ' ')" "fixed line " "after start they are there"
is "$(in_ct 101 'stat -c "%u %g" /mnt/data/mine')" "1000 1000" "user 1000 of the node is user 1000 inside"
in_ct 101 'echo from root > /mnt/data/new; echo more > /mnt/data/sub/x; chown 33:33 /mnt/data/sub/x'
is "$(stat -c '%u %u' "$share/data/new") $(stat -c '%u' "$share/data/sub/x")" "0 0 33" "and what the VPS makes is owned as it says"
not "the read-only one cannot be written" in_ct 101 'echo x > /srv/deep/ro/file'
not "nor the file" in_ct 101 'echo x > /etc/one.conf'

# what the root of the VPS would like to have otherwise
not "the VPS's root cannot remount it writable" in_ct 101 'mount -o remount,bind,rw /srv/deep/ro'
in_ct 101 'mkdir -p /tmp/b; mount --bind /srv/deep/ro /tmp/b && mount -o remount,bind,rw /tmp/b; echo x > /tmp/b/file' > /dev/null 2>&1
is "$(cat "$share/ro/file")" fixed "nor a bind mount of it"
in_ct 101 'umount /tmp/b' > /dev/null 2>&1
not "set-user-id programs do not get their right by a remount" in_ct 101 'mount -o remount,bind,rw,suid /mnt/data'
not "nor devices theirs" in_ct 101 'mount -o remount,bind,rw,nosuid,dev /mnt/data'
like "$(in_ct 101 "grep ' /mnt/data ' /proc/self/mountinfo")" 'nosuid,nodev' "both are off"
mknod "$share/data/null" c 1 3
chmod 666 "$share/data/null"
not "a device node is not opened" in_ct 101 ': < /mnt/data/null'

# live
code 0 "one more, live" vzctl set 101 --bindmount_add "$share/more:/mnt/more:suid" --save
is "$(mounts /mnt/more)" 1 "is there at once"
is "$(mounts /mnt/data)" 1 "and the others once each"
unlike "$(in_ct 101 "grep ' /mnt/more ' /proc/self/mountinfo")" nosuid "with suid as it was asked for"
code 0 "the same place anew" vzctl set 101 --bindmount_add "$share/ro:/mnt/more:ro" --save
is "$(in_ct 101 'cat /mnt/more/file')" fixed "shows the new source"
is "$(mounts /mnt/more)" 1 "and the old one is gone"
in_ct 101 'umount /mnt/more'
code 0 "one that the VPS took off" vzctl set 101 --bindmount_add "$share/ro:/mnt/more:ro" --bindmount_add "$share/more:/mnt/m2"
is "$(mounts /mnt/more)" 1 "is put back"
code 0 "one is taken away" vzctl set 101 --bindmount_del /mnt/more --bindmount_del "$share/more:/mnt/m2" --save
ok "is gone" gone /mnt/more
ok "the other one, too" gone /mnt/m2
unlike "$(cat "$conf")" '/mnt/more' "and not in the file"
is "$(cat "$share/ro/file")" fixed "what it showed is untouched"
refused 50 'nothere' "a source that is not there" vzctl set 101 --bindmount_add "$share/nothere:/mnt/x" --save
unlike "$(cat "$conf")" nothere "is not stored"
ln -s "$share/data" "$share/link"
refused 50 'symbolic link' "nor one behind a link, which a VPS could have laid" vzctl set 101 --bindmount_add "$share/link/sub:/mnt/x" --save
refused 50 'neither' "nor a device" vzctl set 101 --bindmount_add "/dev/null:/mnt/x" --save
ok "all is as before" gone /mnt/x

# links that the VPS lays
in_ct 101 'ln -s / /mnt/trap; ln -s /etc/passwd /mnt/file; mkdir -p /tmp/in && ln -s /tmp/in /mnt/in'
before=$(grep -c . /proc/self/mountinfo)
run vzctl set 101 --bindmount_add "$share/more:/mnt/in/x"
is "$(mounts /tmp/in/x)" 1 "a link inside leads inside"
is "$(grep -c . /proc/self/mountinfo)" "$before" "and nothing appears on the node"
vzctl set 101 --bindmount_del /mnt/in/x > /dev/null
not "a place that is a link is refused" vzctl set 101 --bindmount_add "$share/one:/mnt/file"
run vzctl set 101 --bindmount_add "$share/more:/mnt/trap/etc"
[ ! -e "$share/more/passwd" ] && [ "$(mounts /etc)" -le 1 ]
verdict $? "a link to / covers the VPS's own folders at most"
vzctl set 101 --bindmount_del /mnt/trap/etc > /dev/null

# a start, a restart, a reboot from inside
vzctl restart 101 > /dev/null
is "$(mounts /mnt/data) $(mounts /srv/deep/ro) $(mounts /etc/one.conf)" "1 1 1" "a restart brings those that are stored"
is "$(grep -c "$share" /proc/self/mountinfo)" 0 "the node's own mounts show nothing of it"
vzctl stop 101 > /dev/null
mv "$share/ro" "$share/away"
refused 50 "$share/ro" "a VPS whose source is missing does not start" vzctl start 101
ok "and nothing is left" nothing_runs 101
mv "$share/away" "$share/ro"
started 101

if grep -q VZ_CRASH "$VZ_TEST_PREFIX/sbin/vzctl"; then
	crash set:group:after "set is killed with the mount in place" vzctl set 101 --bindmount_add "$share/more:/mnt/k" --save
	ok "the next command" vzctl set 101 --onboot no --save
	ok "takes it away again" gone /mnt/k
	is "$(mounts /mnt/data)" 1 "and leaves the others"
fi

# suspend
in_ct 101 'cd /mnt/data && (exec sleep 1000 > /mnt/data/open 2>&1 < /etc/one.conf) & sleep 0.1'
if vzctl suspend 101 > "$scratch/suspend" 2>&1; then
	is "$(grep -c "$share" /proc/self/mountinfo)" 0 "suspended: nothing is mounted"
	vzctl set 101 --bindmount_del /srv/deep/ro --save > /dev/null
	refused 17 'bind mount on ./srv/deep/ro' "a dump with a mount that is not configured any more is not resumed" vzctl resume 101
	vzctl set 101 --bindmount_add "$share/ro:/srv/deep/ro:ro" --save > /dev/null
	code 0 "a VPS with bind mounts is resumed" vzctl resume 101
	is "$(mounts /mnt/data) $(mounts /srv/deep/ro) $(mounts /etc/one.conf)" "1 1 1" "they are there once"
	ok "with the process that has a file open there" vzctl exec2 101 'test "$(readlink /proc/$(pidof sleep)/fd/1)" = /mnt/data/open'
	is "$(in_ct 101 'stat -c "%u" /mnt/data/mine; cat /srv/deep/ro/file' | tr '\n' ' ')" "1000 fixed " "with their owners"
	not "read-only as before" in_ct 101 'echo x > /srv/deep/ro/file'
	not "also against the VPS's root" in_ct 101 'mount -o remount,bind,rw /srv/deep/ro && echo x > /srv/deep/ro/file'
	like "$(in_ct 101 "grep ' /mnt/data ' /proc/self/mountinfo")" 'nosuid,nodev' "and the other attributes"
	is "$(grep -c "$share" /proc/self/mountinfo)" 0 "the node has nothing mounted for it"
	code 0 "live they go" vzctl set 101 --bindmount_del all --save
	ok "all" gone /mnt/data
elif grep -qiE '(no|find|find a) [a-z ]*criu' "$scratch/suspend"; then
	skip "a VPS with bind mounts is resumed" "no CRIU"
else
	note "$(cat "$scratch/suspend")"
	verdict 1 "a VPS with bind mounts is suspended"
fi

# words
before=$(cat "$conf")
for bad in x : /a /a: :/b a:/b /a:b '/a:/b:' '/a:/b:rww' '/a:/b:ro,' '/a/../b:/c' '/a:/c/..' '/:/mnt' '/a:/' \
	'/a:/proc/x' '/a:/dev' '/a:/sys/fs' '/a:/b:map=all' $'/a:/b\nX=1' '/a;b:/c' "/$(printf 'x%.0s' {1..600}):/b"; do
	code 21 "--bindmount_add $(printf %.20q "$bad") is 21" vzctl set 101 --bindmount_add "$bad" --save
done
is "$(cat "$conf")" "$before" "nothing of it was stored"
finish
