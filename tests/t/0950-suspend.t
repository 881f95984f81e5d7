#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# requires: root criu
# suspend and resume of each guest: idle, with a shell, a server and an open TCP connection.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
begin "$@"
# As a node is by default: what a VPS sees of its machine comes from lxcfs.
sed -i 's/^VE_PROCFS=.*/VE_PROCFS="yes"/' "$node/vz.conf"

# A client that holds one connection. "ask TEXT PATTERN" over its pipes: send, and read what comes.
client() { # ADDRESS PORT
	exec 7<> "/dev/tcp/$1/$2"
}
ask() { # TEXT PATTERN
	local line=''
	[ -z "$1" ] || printf '%s\r\n' "$1" >&7
	IFS= read -r -t $((10 * slow)) -u 7 line
	[[ $line =~ $2 ]] || { note "have: $line"; return 1; }
}

# tiny has no ssh server: an echo on port 22 in its place.
serve() {
	case $tmpl in
	tiny-*) vzctl exec 101 'nc -ll -p 22 -e /bin/cat < /dev/null > /dev/null 2>&1 &' ;;
	esac
}

greeting() {
	case $tmpl in
	tiny-*) ask hello '^hello' ;;
	*) ask '' '^SSH-2\.0-' ;;
	esac
}

# What an ssh server says to a client's name is its list of key exchange methods.
still_there() {
	case $tmpl in
	tiny-*) ask again '^again' ;;
	*)
		printf 'SSH-2.0-test\r\n' >&7
		timeout $((20 * slow)) head -c 300 <&7 | tr -d '\0' | grep -qaE 'curve25519|sntrup761'
		;;
	esac
}

stays() { # FILE: a job in the background, which writes its number there
	vzctl exec 101 "$alone"' sh -c "while sleep 1; do :; done" < /dev/null > /dev/null 2>&1 & echo $! > '"$1"
}

cycle() { # TEMPLATE
	tmpl=$1
	have 101 --ipadd 203.0.113.1 --hostname guest
	vzctl start 101 --wait > /dev/null
	serve
	wait_for 20 client 203.0.113.1 22 2> /dev/null
	exec 7>&-
	client 203.0.113.1 22
	ok "$tmpl: a connection is open" greeting
	stays /root/pid
	in_ct 101 'echo kept > /run/kept'
	ok "$tmpl: suspends" vzctl suspend 101
	is "$(vzctl status 101)" "CTID 101 exist unmounted down suspended" "$tmpl: is suspended"
	not "$tmpl: nothing of it is left on the network" ip link show venet101
	ok "$tmpl: resumes" vzctl resume 101
	is "$(grep -c ' - fuse.lxcfs ' "/proc/$(init_pid 101)/mountinfo")" 8 "$tmpl: sees itself as its machine"
	is "$(vzctl status 101)" "CTID 101 exist mounted running" "$tmpl: runs"
	ok "$tmpl: its shell goes on under its number" vzctl exec2 101 'kill -0 $(cat /root/pid)'
	is "$(in_ct 101 'cat /run/kept')" kept "$tmpl: files in memory are there"
	ok "$tmpl: the open connection goes on" still_there
	exec 7>&-
	not "$tmpl: the dump is gone, it is older than the disk" test -e "$(node_dir dump)/Dump.101"
	# CRIU gives what it restores clocks of its own.
	stays /root/later
	is "$(in_ct 101 'readlink /proc/self/ns/time')" "$(in_ct 101 'readlink /proc/1/ns/time')" \
		"$tmpl: what is sent in has the clocks of the VPS"
	ok "$tmpl: suspends a second time" vzctl suspend 101
	ok "$tmpl: start brings it back, too" vzctl start 101
	ok "$tmpl: from the dump, not anew" vzctl exec2 101 'kill -0 $(cat /root/pid) $(cat /root/later)'
	ok "$tmpl: stops by itself" vzctl stop 101
	vzctl destroy 101 > /dev/null
}

node_dir() {
	sed -n 's/^DUMPDIR="\{0,1\}\([^"]*\).*/\1/p' "$VZ_CONF"
}

guests="tiny-x86_64 debian-12-x86_64 debian-13-x86_64 debian-12-x86_64-sysvinit"
# The VM has CRIU 3.17.1. It cannot carry the pidfds of Debian 13's systemd, nor restore Debian 12's beside a
# process whose session leader is dead (docs/adr/0006-criu.md), so there the shell has a session of its own. The one
# with sysvinit has nothing that the tiny one has not, and takes more than a minute there.
[ "${VZ_TEST_LANE:-native}" = native ] || guests="tiny-x86_64 debian-12-x86_64"
for t in $guests; do
	[ -d "$VZ_TEST_TEMPLATES/$t/root" ] || continue
	alone=
	[ "${VZ_TEST_LANE:-native} $t" != "vm debian-12-x86_64" ] || alone=setsid
	cycle "$t"
done
tmpl=tiny-x86_64
have 101
refused 31 "not running" "a VPS that does not run is not suspended" vzctl suspend 101
refused 17 "not suspended" "one that is not suspended is not resumed" vzctl resume 101
refused 20 "one step" "two steps at a time are refused" vzctl suspend 101 --suspend --resume
vzctl start 101 > /dev/null
ok "the step --suspend only freezes" vzctl chkpnt 101 --suspend
like "$(vzctl status 101)" "mounted running" "a frozen VPS still counts as running"
ok "the step --resume thaws" vzctl chkpnt 101 --resume
ok "it answers again" vzctl exec2 101 true
refused 32 "running" "a running VPS is not resumed" vzctl resume 101
has_dump() { [ -e "$(node_dir dump)/Dump.101" ]; }
for how in "chkpnt 101 --resume" "stop 101"; do
	code 0 "the step --dump" vzctl chkpnt 101 --dump
	ok "leaves a dump, and the VPS frozen" has_dump
	code 0 "vzctl $how lets it go on" vzctl $how
	not "and the dump is gone, which would be older than the disk" has_dump
done
code 0 "it starts anew" vzctl start 101
in_ct 101 'setsid sh -c "while :; do echo x; done" > /root/grows 2>&1 < /dev/null & echo $! > /run/kept'
code 0 "--dump of one that writes without end" vzctl chkpnt 101 --dump
grows=$(stat -c %s "$(upper 101 /root/grows)")
code 0 "the step --kill" vzctl chkpnt 101 --kill
is "$(stat -c %s "$(upper 101 /root/grows)")" "$grows" "ends it before it writes another byte"
vzctl stop 101 --fast > /dev/null
vzctl destroy 101 > /dev/null
vz stop > /dev/null
rm -rf "$node"/run/lxcfs* "$node/state/vzreboot"
finish
