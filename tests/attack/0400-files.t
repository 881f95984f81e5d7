#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# requires: root
# A guest lays traps in its own files for the verbs that the node runs on it.
# shellcheck source=tests/attack/common.sh
. "$(dirname "$0")/common.sh"
tenant 101
mark=$scratch/victim
echo untouched > "$mark"
chmod 600 "$mark"
sum=$(stat -c '%a %u %s %Y' "$mark")

# Each path that a verb writes, as a link to a file of the node, a FIFO, a folder, a device-like thing.
verbs() {
	vzctl set 101 --nameserver 192.0.2.53 --save
	vzctl set 101 --hostname "h$RANDOM" --save
	vzctl set 101 --userpasswd root:secret
	vzctl set 101 --ipadd 203.0.113.9 --save
	vzctl set 101 --ipdel 203.0.113.9 --save
} > /dev/null 2>&1
for path in /etc/resolv.conf /etc/shadow /etc/passwd /etc/hosts /etc/hostname; do
	vzctl exec2 101 "cp -p $path /tmp/kept" > /dev/null 2>&1
	for trap in "ln -s $mark $path" "ln -s /proc/1/root$mark $path" "mkfifo $path" "mkdir $path"; do
		vzctl exec2 101 "rm -rf $path; $trap" > /dev/null 2>&1
		ok "the verbs end, although a guest did '${trap//$mark/VICTIM}'" timeout $((20 * slow)) bash -c "$(declare -f verbs); verbs; true"
		is "$(cat "$mark") $(stat -c '%a %u %s %Y' "$mark")" "untouched $sum" "and the node's file is as it was"
	done
	vzctl exec2 101 "rm -rf $path; cp -p /tmp/kept $path" > /dev/null 2>&1
done

# The places that a start mounts over.
vzctl stop 101 --fast > /dev/null
for path in /dev /proc /sys /run /etc /dev/console /dev/pts; do
	for trap in "ln -s $scratch PATH" "mkfifo PATH" "rm -rf PATH"; do
		vzctl mount 101 > /dev/null
		root=$node/root/101
		mv "$root$path" "$root/kept" 2> /dev/null
		bash -c "${trap/PATH/$root$path}" 2> /dev/null
		vzctl umount 101 > /dev/null
		ls -laR "$scratch" | grep -v /in102 > "$scratch.list"
		timeout $((30 * slow)) vzctl start 101 > /dev/null 2>&1
		r=$?
		verdict $((r == 124)) "start comes to its end, with '${trap/PATH/$path}' in the private area ($r)"
		is "$(ls -laR "$scratch" | grep -v /in102 | diff - "$scratch.list")" "" "and wrote nothing where the link points to"
		vzctl stop 101 --fast > /dev/null 2>&1
		vzctl mount 101 > /dev/null
		rm -rf "$root$path"
		[ ! -e "$root/kept" ] && [ ! -L "$root/kept" ] || mv "$root/kept" "$root$path"
		vzctl umount 101 > /dev/null
	done
done
rm -f "$scratch.list"
booted 101

# Names and texts.
vzctl exec2 101 'hostname "$(printf "evil\033[2J\007")"' > /dev/null 2>&1
bad=$(printf '\033|\007')
unlike "$(vzlist -a -o ctid,hostname; vzctl status 101)" "$bad" "no escape sequence of a guest reaches a terminal through a list"
vzctl exec2 101 "printf 'root:x:0:0:\\033[2J:/root:/bin/sh\n%s\n' 'a:::::::::::b' > /etc/passwd" > /dev/null 2>&1
run vzctl set 101 --userpasswd joe:secret
unlike "$out$err" "$bad" "nor through the words about its users"
vzctl exec2 101 'dd if=/dev/urandom of=/dev/console bs=4096 count=300' > /dev/null 2>&1
ok "a monitor that is fed a megabyte of garbage goes on" one_monitor 101
ok "and the VPS takes commands" vzctl exec2 101 true

# What is left has to be taken away.
vzctl exec2 101 'mkdir -p /root/deep; cd /root/deep; i=0; while [ $i -lt 1500 ]; do mkdir d && cd d || break; i=$((i+1)); done' > /dev/null 2>&1
vzctl exec2 101 'cd /root; touch "a
b" "$(printf "\033[2J")" -- -rf; mkdir -m 000 closed; chmod 000 /; mkdir /root/-p; ln -s / up; umount -a -l' > /dev/null 2>&1
ok "a guest that unmounted all it could is stopped" timeout $((60 * slow)) vzctl stop 101 --fast
is "$(state 101)" "exist unmounted down" "and down"
ok "it is started again" vzctl start 101
vzctl exec2 101 'rm -rf --no-preserve-root / 2> /dev/null' > /dev/null 2>&1
ok "one that removed all its files is stopped" timeout $((60 * slow)) vzctl stop 101 --fast
ok "and destroyed, deep folders and odd names with it" vzctl destroy 101
wait_for 10 test ! -e "$node/private/101"
is "$(ls "$node/private")" "" "nothing of it is left"
is "$(cat "$mark")" untouched "and nothing of the node was touched"
finish
