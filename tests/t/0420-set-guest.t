#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# requires: root
# Names, name servers, addresses and passwords inside a VPS, running and stopped.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
begin "$@"
have 101 --hostname one.example.com --ipadd 203.0.113.1 --ipadd 2001:db8::1
vzctl set 101 --nameserver 192.0.2.53 --searchdomain example.com --save > /dev/null
started 101

addrs() { in_ct 101 "ip -o addr show venet0 scope global" | awk '{ print $4 }' | sort | tr '\n' ' '; }

is "$(in_ct 101 hostname)" one.example.com "start sets the host name"
is "$(in_ct 101 'cat /etc/hostname')" one.example.com "in the file, too"
like "$(in_ct 101 'cat /etc/hosts')" '^203\.0\.113\.1\s+one\.example\.com one\b' "it has its address in hosts"
like "$(in_ct 101 'cat /etc/hosts')" '^127\.0\.0\.1\s+localhost' "and localhost"
is "$(in_ct 101 'grep -v "^#" /etc/resolv.conf' | sort)" $'nameserver 192.0.2.53\nsearch example.com' \
	"resolv.conf is written"
is "$(addrs)" "2001:db8::1/128 203.0.113.1/32 " "venet0 has both addresses"
like "$(in_ct 101 'ip route')" '^default .*venet0' "and the default route"
like "$(in_ct 101 'ip -6 route')" '^default .*venet0' "of IPv6, too"
is "$(stat -c '%u %a' "$node/private/101/upper/etc/hosts")" "0 644" "files are root's own inside"

code 0 "a new host name" vzctl set 101 --hostname two.example.net --save
is "$(in_ct 101 'hostname; cat /etc/hostname' | sort -u)" two.example.net "is there at once"
like "$(in_ct 101 'cat /etc/hosts')" '^203\.0\.113\.1\s+two\.example\.net two\b' "also in hosts"
unlike "$(in_ct 101 'cat /etc/hosts')" 'one\.example' "where the old one is gone"
in_ct 101 'echo "198.51.100.7 mine" >> /etc/hosts'
code 0 "once more" vzctl set 101 --hostname three --save
like "$(in_ct 101 'cat /etc/hosts')" '^198\.51\.100\.7 mine$' "lines of the guest's own stay"
is "$(cat /proc/sys/kernel/hostname)" "$(uname -n)" "the node's own name is untouched"
code 0 "new name servers" vzctl set 101 --nameserver '192.0.2.1 2001:db8::53' --save
is "$(in_ct 101 'grep -c nameserver /etc/resolv.conf; grep -c 2001:db8::53 /etc/resolv.conf' | tr '\n' ' ')" \
	"2 1 " "are there at once"
code 0 "inherit" vzctl set 101 --nameserver inherit --save
is "$(in_ct 101 'grep ^nameserver /etc/resolv.conf')" "$(grep ^nameserver /etc/resolv.conf)" \
	"takes those of the node"
refused 70 "" "a host name that is none is 70" vzctl set 101 --hostname 'a b' --save ||
	note "21 would be a bad value"
is "$(in_ct 101 hostname)" three "and nothing changes"

code 0 "another address" vzctl set 101 --ipadd 203.0.113.2 --ipadd 2001:db8::2 --save
is "$(addrs)" "2001:db8::1/128 2001:db8::2/128 203.0.113.1/32 203.0.113.2/32 " "is there at once"
ok "and reached from the node" ping -c 1 -W 2 203.0.113.2
ok "by IPv6, too" ping -6 -c 1 -W 2 2001:db8::2
code 0 "one less" vzctl set 101 --ipdel 203.0.113.1 --ipdel 2001:db8::1 --save
is "$(addrs)" "2001:db8::2/128 203.0.113.2/32 " "is gone at once"
not "and not reached" ping -c 1 -W 1 203.0.113.1
is "$(ip route show 203.0.113.1)" "" "without a route"
like "$(in_ct 101 'ip route')" '^default' "the default route stays"
code 0 "replace all" vzctl set 101 --ipdel all --ipadd 203.0.113.5 --save
is "$(addrs)" "203.0.113.5/32 " "leaves the one"
code 0 "none" vzctl set 101 --ipdel all --save
is "$(addrs)" "" "leaves none"
is "$(ip -o route show dev venet101 | grep -c 203)" 0 "nor routes"
code 0 "and one again" vzctl set 101 --ipadd 203.0.113.6 --save
ok "is reached" ping -c 1 -W 2 203.0.113.6
code 0 "an address it has, added again" vzctl set 101 --ipadd 203.0.113.6 --save
ok "is no harm" ping -c 1 -W 2 203.0.113.6
vzctl restart 101 > /dev/null
is "$(addrs)" "203.0.113.6/32 " "after a restart it is the stored ones"

# passwords
hash_of() { in_ct 101 "grep ^$1: /etc/shadow" | cut -d : -f 2; }
good() { # USER PASSWORD: does it fit?
	local h
	h=$(hash_of "$1")
	[ -n "$h" ] && [ "$(perl -e 'print crypt($ARGV[0], $ARGV[1])' "$2" "$h")" = "$h" ]
}
before=$(cat "$node/conf/101.conf")
code 0 "a password is set in a running VPS" vzctl set 101 --userpasswd root:secret1
ok "it is the one" good root secret1
unlike "$(in_ct 101 'cat /etc/shadow')" secret1 "not as text"
code 0 "--save does not store it" vzctl set 101 --userpasswd 'root:pass:with:colons' --save
is "$(cat "$node/conf/101.conf")" "$before" "the configuration is the same"
ok "it is split at the first colon" good root pass:with:colons
unlike "$(cat "$node/log")" 'with:colons|secret1' "no password gets into the log"
code 0 "a user that is not there is made" vzctl set 101 --userpasswd alice:wonder
ok "with the password" good alice wonder
like "$(in_ct 101 'id alice')" 'uid=1000\(alice\)' "an id"
is "$(in_ct 101 'stat -c "%U %a" /home/alice')" "alice 700" "and a home"
is "$(in_ct 101 'stat -c "%u %g %a" /etc/shadow')" "0 42 640" "the file keeps owner and mode"
refused 21 "" "without a colon it is a bad value" vzctl set 101 --userpasswd root
unlike "$err" 'wonder' "and no message shows one"
vzctl stop 101 > /dev/null
code 0 "a password is set in a stopped VPS" vzctl set 101 --userpasswd root:later --save
is "$(state 101)" "exist unmounted down" "which is stopped again"
vzctl mount 101 > /dev/null
code 0 "in a mounted one" vzctl set 101 --userpasswd alice:mounted
is "$(state 101)" "exist mounted down" "which stays mounted"
started 101
ok "both fit" good root later
ok "really" good alice mounted

# A guest that sets traps for whoever writes its files.
in_ct 101 'rm /etc/hostname; ln -s /../../../../../../tmp/escape /etc/hostname; mv /etc/resolv.conf /etc/r; mkdir /etc/resolv.conf' ||
	note "the traps could not be set"
run vzctl set 101 --hostname four --nameserver 192.0.2.9 --save
is "$(in_ct 101 hostname)" four "a guest with traps in its files gets its name"
not "and nothing is written outside" test -e /tmp/escape
in_ct 101 'rmdir /etc/resolv.conf 2> /dev/null; mv /etc/shadow /etc/s; mkfifo /etc/shadow'
run vzctl set 101 --userpasswd root:x
verdict $((rc == 124)) "a fifo in the place of a file holds nobody"
in_ct 101 'rm -rf /etc/shadow; mv /etc/s /etc/shadow'
finish
