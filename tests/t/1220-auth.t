#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# requires: root
# vzauth: the right password is granted, everything else is not, and the VPS cannot make it read elsewhere.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
begin "$@"
have 101 --name one
secret='pass: wörd$"'
vzctl set 101 --userpasswd 'root:geheim' > /dev/null
vzctl set 101 --userpasswd "bob:$secret" > /dev/null

auth() { printf '%s\n' "$1" | timeout -k 5 $((20 * slow)) vzauth "${@:2}"; }
granted() { code 0 "$1" auth "${@:2}"; }
denied() { # ERE SENTENCE PASSWORD WORDS...
	refused 1 "$1" "${@:2:1}" auth "${@:3}"
}

all() { # WHEN
	granted "$1: the password of root is granted" geheim 101 root
	granted "$1: that of a user, with blanks, quotes and umlauts" "$secret" 101 bob
	denied "not granted" "$1: another one is not" geheim2 101 root
	denied "not granted" "$1: nor that of somebody else" geheim 101 bob
	denied "not granted" "$1: nor an empty one" '' 101 root
	denied "not granted" "$1: nor of a user that is not there" geheim 101 nobody2
}
all "stopped"
is "$(state 101)" "exist unmounted down" "it is stopped as before"
started 101
all "running"
granted "a name will do for the VPS" geheim one root
granted "-t system is what there is" geheim -t system 101 root
denied "pleskadmin" "-t pleskadmin is not" geheim -t pleskadmin 101 root
granted "-g with the user's own group" geheim -g 0 101 root
denied "group" "-g with another is not granted" geheim -g 12 101 root
in_ct 101 'echo "web:x:77:alice,bob" >> /etc/group'
granted "-g with a group that lists the user" "$secret" -g 77 101 bob
denied "group" "not for one that it does not list" geheim -g 77 101 root
for bad in -1 x '' 4294967295 99999999999999999999; do
	denied "number of a group" "'$bad' is no group" geheim -g "$bad" 101 root
done
denied "999" "a VPS that is not there" geheim 999 root
denied "user" "no user" geheim 101
denied "frob" "an unknown option" geheim --frob 101 root
refused 1 "no password" "nothing on standard input" vzauth 101 root
denied "too long" "an endless line" "$(head -c 5000 /dev/zero | tr '\0' a)" 101 root
denied "not granted" "a name with a newline" geheim 101 $'root\nx'
denied "not granted" "a name with a colon" geheim 101 'root:'

# What the VPS may do to its files.
in_ct 101 'cp /etc/shadow /tmp/s; sed -i "s/^root:[^:]*/root:/" /etc/shadow'
denied "not granted" "an account without a password" '' 101 root
in_ct 101 'sed "s/^root:/root:!/" /tmp/s > /etc/shadow'
denied "not granted" "a locked account" geheim 101 root
in_ct 101 'rm /etc/shadow; ln -s /proc/1/root/../../etc/shadow /etc/shadow'
not "a link out of the VPS leads nowhere" auth geheim 101 root
in_ct 101 'rm /etc/shadow; mkfifo /etc/shadow'
not "a FIFO does not hold it up" auth geheim 101 root
in_ct 101 'rm /etc/shadow; head -c 6000000 /dev/zero > /etc/shadow'
not "a huge file is refused" auth geheim 101 root
in_ct 101 'rm /etc/shadow; printf "root:\$6\$rounds=999999999\$ab\$cd:1::::::\n" > /etc/shadow'
not "a hash that takes hours is not computed" auth geheim 101 root
in_ct 101 'cp /tmp/s /etc/shadow'
granted "all is well again" geheim 101 root
finish
