#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# requires: root
# A fresh root for a VPS: what stays, what goes where, the way back, and a kill at each of its points.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
begin "$@"
have 101 --ipadd 203.0.113.1 --hostname one
conf=$node/conf/101.conf
area=$node/private/101
pw() { in_ct 101 "grep ^$1: /etc/shadow | cut -d : -f 2"; }

started 101
code 0 "a user is made" vzctl set 101 --userpasswd alice:secret
code 0 "and root gets a password" vzctl set 101 --userpasswd root:other
in_ct 101 'mkdir -p /etc/ssh /root/.ssh /srv/data; echo key > /etc/ssh/ssh_host_x_key; chmod 600 /etc/ssh/ssh_host_x_key
	echo mine > /root/.ssh/authorized_keys; echo data > /srv/data/file; echo hers > /home/alice/file
	rm -f /etc/profile; ln -s /etc/shadow /etc/ssh/ssh_host_link_key; mkfifo /root/.ssh/pipe
	adduser -h 2> /dev/null; grep -q ^alice: /etc/passwd'
alice=$(pw alice) root=$(pw root) owner=$(in_ct 101 'stat -c %u /home/alice')
pid=$(init_pid 101)

code 0 "--listscripts tells what is kept" vzctl reinstall 101 --listscripts --desc
like "$out" '^accounts +users' "with a line about each"
is "$(init_pid 101)" "$pid" "and does nothing"
refused 20 "undo" "--undo with a template is 20" vzctl reinstall 101 --undo --ostemplate "$tmpl"
refused 21 "nosuch" "something that cannot be kept is 21" vzctl reinstall 101 --scripts nosuch
refused 91 "nosuch" "a template that is not there is 91" vzctl reinstall 101 --ostemplate nosuch
refused 91 "name" "a template outside of the folder, too" vzctl reinstall 101 --ostemplate ../x
refused 128 "no earlier root" "--undo before any reinstall is 128" vzctl reinstall 101 --undo
is "$(init_pid 101)" "$pid" "after refusals the VPS runs as before"
is "$(in_ct 101 'cat /srv/data/file')" data "with its root"
refused 20 "word" "a word too many is 20" vzctl reinstall 101 now

code 0 "a running VPS is reinstalled" vzctl reinstall 101
is "$(state 101)" "exist mounted running" "and runs again"
is "$(in_ct 101 'ls -A /srv; cat /etc/profile | wc -l')" "$(wc -l < "$VZ_TEST_TEMPLATES/$tmpl/root/etc/profile")" \
	"its root is that of the template"
is "$(in_ct 101 'cat /old/srv/data/file')" data "the old root is below /old"
is "$(pw alice) $(pw root)" "$alice $root" "accounts and passwords stayed"
is "$(in_ct 101 'cat /home/alice/file; stat -c %u /home/alice')" $'hers\n'"$owner" "/home stayed, with its owners"
is "$(in_ct 101 'stat -c %a:%u /etc/ssh/ssh_host_x_key; cat /etc/ssh/ssh_host_x_key')" $'600:0\nkey' "host keys stayed"
not "what is no plain file was not taken for a key" in_ct 101 'test -e /etc/ssh/ssh_host_link_key || test -e /root/.ssh/pipe'
is "$(in_ct 101 'stat -c %a /root /root/.ssh; cat /root/.ssh/authorized_keys')" $'700\n700\nmine' "/root/.ssh stayed"
is "$(in_ct 101 hostname)" one "the name, too"
ok "and the address" ping -c 1 -W 2 203.0.113.1
like "$(in_ct 101 'stat -c "%a %g" /etc/shadow')" "^640 " "shadow has the template's mode"

in_ct 101 'echo new > /srv/new; echo more > /home/alice/more'
code 0 "one command back" vzctl reinstall 101 --undo
is "$(in_ct 101 'cat /srv/data/file; ls /home/alice; cat /undone/srv/new; ls -d /old 2> /dev/null')" \
	$'data\nfile\nmore\nnew' "brings the root, keeps /home, and puts the other below /undone"
not "with what had been removed" in_ct 101 'test -e /etc/profile'
refused 128 "no earlier root" "a second one finds nothing" vzctl reinstall 101 --undo

code 0 "--skipbackup --resetpwdb" vzctl reinstall 101 --skipbackup --resetpwdb
not "leaves no old root" in_ct 101 'test -e /old || test -e /undone'
not "and no accounts" in_ct 101 'grep -q alice /etc/passwd'
is "$(in_ct 101 'cat /home/alice/file')" hers "but /home"
refused 128 "no earlier root" "there is no way back" vzctl reinstall 101 --undo
code 0 "--skipscripts" vzctl reinstall 101 --skipscripts
is "$(in_ct 101 'ls /home; cat /old/home/alice/file')" hers "keeps nothing"
code 0 "--scripts" vzctl reinstall 101 --scripts hostkeys
is "$(in_ct 101 'ls -A /root; ls -d /old/old')" /old/old "keeps what is named, and old roots nest"
code 0 "so that one comes back" vzctl reinstall 101 --undo --skipbackup
code 0 "after the other" vzctl reinstall 101 --undo --skipbackup
is "$(in_ct 101 'cat /home/alice/file')" hers "up to the first"
vzctl stop 101 --fast > /dev/null

# hostile roots
up=$area/upper
rm -rf "$up/etc/passwd" "$up/etc/shadow" "$up/home" "$up/root/.ssh"
mkfifo "$up/etc/passwd"; ln -s /etc/shadow "$up/etc/shadow"; ln -s / "$up/home"; ln -s /etc "$up/root/.ssh"
code 0 "a root full of traps is reinstalled" vzctl reinstall 101
is "$(find "$up/home" "$up/root/.ssh/passwd" "$up/etc/passwd" 2> /dev/null)" "" "and nothing of it is followed"
ok "/old is a folder" test -d "$up/old"
mv "$up/old" "$up/was"; ln -s /etc "$up/old"
refused 128 "no earlier root" "a link in the place of /old is no root" vzctl reinstall 101 --undo
rm "$up/old"; mv "$up/was" "$up/old"
code 0 "the right one is" vzctl reinstall 101 --undo --skipbackup
ok "with its traps" test -p "$up/etc/passwd"
code 0 "destroyed and made anew" vzctl destroy 101
ln -s "$node" "$node/private/102" && sed 's/101/102/' "$conf.destroyed" > "$node/conf/102.conf"
refused 128 "link" "an area that is a link is refused" vzctl reinstall 102
rm "$node/private/102" "$node/conf/102.conf"

# a plain tree
mkdir -p "$node/private/103"
cp -a "$VZ_TEST_TEMPLATES/$tmpl/root/." "$node/private/103/"
code 0 "a plain tree is registered" vzctl register "$node/private/103" 103
echo '{"lower":["x"]}' > "$node/private/103/old.json"
echo t > "$node/private/103/srv/t"
code 29 "without a template there is nothing to reinstall it from" env VZ_CONF="$VZ_CONF" \
	bash -c "sed -i /DEF_OSTEMPLATE/d '$VZ_CONF'; vzctl reinstall 103"
code 0 "with one it is" vzctl reinstall 103 --ostemplate "$tmpl"
is "$(cat "$node/private/103/upper/old/srv/t")" t "and all of it is below /old"
like "$(cat "$node/conf/103.conf")" '^VE_LAYOUT="overlay"' "its layout has changed"
started 103
is "$(in_ct 103 'cat /old/srv/t')" t "as it is seen inside"
code 0 "and back" vzctl reinstall 103 --undo
is "$(in_ct 103 'cat /srv/t')" t "it is the tree again"
like "$(cat "$node/conf/103.conf")" '^VE_LAYOUT="simfs"' "and says so"
vzctl stop 103 --fast > /dev/null
rm -rf "$node/private/103/undone"
code 0 "which is unregistered" vzctl unregister 103
rm -rf "$node/private/103"
echo "DEF_OSTEMPLATE=\"$tmpl\"" >> "$VZ_CONF"

if grep -q VZ_CRASH "$VZ_TEST_PREFIX/sbin/vzctl"; then
	have 101
	mkdir -p "$up/srv" "$up/home/u"
	touch "$up/srv/mark" "$up/home/u/f"
	where() { # which root is it, and is all of it there?
		if [ -e "$up/srv/mark" ]; then
			[ -e "$up/home/u/f" ] && [ ! -e "$up/old" ] && echo old
		elif [ -e "$up/old/srv/mark" ]; then
			[ -e "$up/home/u/f" ] && echo new
		fi
		ls -d "$node/private"/.101* 2> /dev/null
	}
	for p in note area commit home old conf; do
		crash "reinstall:$p:after" "reinstall dies at $p" vzctl reinstall 101
		case $p in note | area) want=old ;; *) want=new ;; esac
		code 0 "the next command settles it" patiently vzctl mount 101
		vzctl umount 101 > /dev/null
		is "$(where)" $want "the root is the $want one, whole, and nothing else is left"
		[ $want = old ] || vzctl reinstall 101 --undo --skipbackup > /dev/null
		is "$(where)" old "and there is a way back"
	done
	for p in note commit back home old conf; do
		vzctl reinstall 101 > /dev/null
		crash "reinstall:$p:after" "its undoing dies at $p" vzctl reinstall 101 --undo --skipbackup
		case $p in note) want=new ;; *) want=old ;; esac
		code 0 "the next command settles it" patiently vzctl mount 101
		vzctl umount 101 > /dev/null
		is "$(where)" $want "the root is the $want one, whole, and nothing else is left"
		[ $want = old ] || vzctl reinstall 101 --undo --skipbackup > /dev/null
	done
fi
finish
