#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# requires: root
# Devices by name and by number: node and right inside, at start and live, and taken away again.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
begin "$@"
have 101
started 101
conf=$node/conf/101.conf

# Opens it for reading and writing; cat would read, which these devices do not all do.
opens() { in_ct 101 ": <> /dev/$1" > /dev/null 2>&1; } # NAME
reads() { in_ct 101 ": < /dev/$1" > /dev/null 2>&1; }
writes() { in_ct 101 ": > /dev/$1" > /dev/null 2>&1; }
there() { in_ct 101 "[ -c /dev/$1 ]" > /dev/null 2>&1; }
gone() { ! in_ct 101 "[ -e /dev/$1 ]" > /dev/null 2>&1; }
both() { opens net/tun && opens fuse; }
only_fuse() { gone net/tun && opens fuse; }
neither() { gone ppp && gone fuse; }
# TUNSETIFF, with a struct ifreq of t0 and IFF_TUN | IFF_NO_PI: made by who has the right in his network.
tunnel() {
	local pid
	pid=$(init_pid 101)
	timeout 10 nsenter -t "$pid" -U -n --setuid 0 --setgid 0 perl -e '
		open(my $t, "+<", "/proc/$ARGV[0]/root/dev/net/tun") or die "open: $!";
		my $req = pack("a16 s x22", "t0", 0x1001);
		ioctl($t, 0x400454ca, $req) or die "ioctl: $!"' "$pid"
}
undone() {
	vzctl create 102 --ostemplate $tmpl --ipadd 203.0.113.9 > /dev/null &&
		vzctl start 102 > /dev/null &&
		vzctl set 101 --devnodes net/tun:rw --ipadd 203.0.113.9 --save
}
plain() { opens null && in_ct 101 '[ "$(head -c 3 /dev/zero | wc -c)" = 3 ]'; }

not "a new VPS has no /dev/net/tun" there net/tun
sum=$(md5sum < "$conf")
code 0 "--devnodes net/tun:rw live" vzctl set 101 --devnodes net/tun:rw
like "$err" '--save' "with the warning that it is not saved"
ok "makes the node" there net/tun
ok "which can be opened" opens net/tun
is "$(in_ct 101 'stat -c "%t %T" /dev/net/tun')" "a c8" "it is the right device"
ok "and works: a tunnel device is made" \
	tunnel
is "$(md5sum < "$conf")" "$sum" "nothing is stored"
ok "the other devices still work" plain
is "$(in_ct 101 'ls -A /dev | grep "^[.]"')" .vz-boot-id "nothing else is in /dev"
code 0 "again, with --save" vzctl set 101 --devnodes net/tun:rw --save
like "$(cat "$conf")" '^DEVNODES="net/tun:rw"$' "is stored"
is "$(in_ct 101 'grep -c " /dev/net/tun " /proc/self/mountinfo')" 1 "the node is there once"
vzctl restart 101 > /dev/null
ok "after a restart it is there" opens net/tun
code 0 "reading alone" vzctl set 101 --devnodes net/tun:r --save
ok "allows reading" reads net/tun
not "and refuses writing" writes net/tun
code 0 "none" vzctl set 101 --devnodes net/tun:none --save
ok "takes the node away" gone net/tun
ok "and it can be given again" vzctl set 101 --devnodes net/tun:rw --save
ok "and opened" opens net/tun
vzctl set 101 --devnodes net/tun:none --save > /dev/null
vzctl restart 101 > /dev/null
ok "a restart without it has none" gone net/tun

# by number
code 0 "--devices c:10:200:rw" vzctl set 101 --devices c:10:200:rw --capability net_admin:on --save
ok "makes the node that has this number" opens net/tun
code 0 "--devices c:10:229:rwm" vzctl set 101 --devices c:10:229:rwm --save
ok "and fuse" opens fuse
like "$(cat "$conf")" '^DEVICES="c:10:200:rw c:10:229:rw"$' "both are stored"
vzctl restart 101 > /dev/null
ok "both are there after a restart" both
ok "and the plain ones" plain
code 0 "none for one" vzctl set 101 --devices c:10:200:none --save
ok "leaves the other" only_fuse
code 0 "a number that nobody knows" vzctl set 101 --devices c:250:77:rw
vzctl set 101 --devices c:10:229:none --save > /dev/null
ok "one that is taken away" gone fuse
code 0 "all of a major number" vzctl set 101 --devices c:10:all:r
ok "makes what the node has of it" reads fuse
not "for reading only" writes fuse
vzctl set 101 --devices c:10:all:none > /dev/null 2>&1
ok "none takes it back" gone fuse
ok "but never what every VPS has" plain

# features that are a device
vzctl set 101 --features ppp:on --save > /dev/null 2>&1
vzctl restart 101 > /dev/null
is "$(in_ct 101 'stat -c "%t %T" /dev/ppp')" "6c 0" "--features ppp:on: /dev/ppp is there after a restart"
vzctl set 101 --features ppp:off,fuse:off --devices c:10:229:none --save > /dev/null 2>&1
vzctl restart 101 > /dev/null
ok "and not without it" neither

# what the guest does to its nodes is its own affair
vzctl set 101 --devnodes net/tun:rw > /dev/null 2>&1
in_ct 101 'umount /dev/net/tun; rm -r /dev/net; mkdir /tmp/d; ln -s /tmp/d /dev/net' > /dev/null 2>&1
ok "a VPS that breaks its own node can be set" vzctl set 101 --devnodes net/tun:none
in_ct 101 'rm -f /dev/net' > /dev/null 2>&1
not "the VPS cannot make a node itself" in_ct 101 'mknod /dev/sda b 8 0'
in_ct 101 'mkdir -p /tmp/f && mount -t tmpfs vz-dev /tmp/f && mkdir -p /dev/x && touch /tmp/f/y /dev/x/y &&
	mount --bind /tmp/f/y /dev/x/y' > /dev/null 2>&1
ok "nor name one of the node's with a mount that looks like ours" vzctl set 101 --devnodes fuse:rw
ok "it gets what was given" opens fuse
vzctl set 101 --devnodes fuse:none > /dev/null 2>&1

# refusals
before=$(cat "$conf")
refused 86 'loop' "loop devices by number are 86" vzctl set 101 --devices b:7:0:rw --save
refused 86 'loop' "and by name" vzctl set 101 --devnodes loop0:rw --save
refused 86 'nothere' "a device that the node lacks is 86" vzctl set 101 --devnodes nothere:rw --save
refused 86 'not a device' "a folder is no device" vzctl set 101 --devnodes net:rw --save
refused 86 'its own' "the node's terminals are not given away" vzctl set 101 --devnodes pts/ptmx:rw --save
for bad in : tun 'x:y' '../sda:rw' '/dev/sda:rw' 'net/tun:rwx' $'net/tun:rw\nA=B' 'x:rr'; do
	code 86 "--devnodes ${bad@Q} is 86" vzctl set 101 --devnodes "$bad" --save
done
for bad in c c:1 c:1:2 d:1:2:rw c:-1:2:rw c:1:9999999999:rw c:all:1:rw $'c:1:3:rw\n' ; do
	code 86 "--devices ${bad@Q} is 86" vzctl set 101 --devices "$bad" --save
done
is "$(cat "$conf")" "$before" "nothing of it was stored"
ok "nor put into force" gone sda
ok "and all else works" plain
refused 78 . "an address in use beside a device undoes the device" undone
ok "whole: neither node nor right is there" gone net/tun

# killed between two steps
if grep -q VZ_CRASH "$VZ_TEST_PREFIX/sbin/vzctl"; then
	crash set:group:after "set is killed with the device in place" \
		vzctl set 101 --devnodes net/tun:rw --save
	ok "the next command" vzctl set 101 --onboot no --save
	ok "takes it away again" gone net/tun
	ok "and leaves all else" plain
fi

# a device is there again after a dump, whoever its node belongs to on this node
vzctl set 101 --devnodes net/tun:rw --numpty 9 --save > /dev/null 2>&1
if vzctl suspend 101 > "$scratch/suspend" 2>&1; then
	code 0 "a VPS with a device is resumed" vzctl resume 101
	ok "and can use it" opens net/tun
	is "$(in_ct 101 'grep -c " /dev/net/tun " /proc/self/mountinfo')" 1 "it is there once"
	like "$(in_ct 101 'grep devpts /proc/mounts')" 'max=10' "limits of mounts hold, too"
	code 0 "none" vzctl set 101 --devnodes net/tun:none --save
	ok "takes it away" gone net/tun
elif grep -qiE '(no|find|find a) [a-z ]*criu' "$scratch/suspend"; then
	skip "a VPS with a device is resumed" "no CRIU"
else
	note "$(cat "$scratch/suspend")"
	verdict 1 "a VPS with a device is suspended"
fi
finish
