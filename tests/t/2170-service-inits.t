#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# requires: root
# vzservice with OpenRC and with runit: programs that speak and keep books as theirs do, since there is no template of them.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=tests/guest/services.sh
. "$here/guest/services.sh"
begin "$@"
program() { # ID NAME: from standard input
	local f
	f=$(upper "$1" "/usr/local/bin/$2")
	{ echo '#!/bin/sh'; cat; } > "$f"
	chmod 755 "$f"
}

# --- OpenRC: what its manual says of rc-status, rc-update and rc-service
have 101
program 101 rc-status << 'END'
[ "$1 $2" = "--nocolor --servicelist" ] || exit 9
for s in sshd crond broken; do
	if [ -e /root/$s.crashed ]; then w=crashed; elif [ -e /root/$s.up ]; then w=started; else w=stopped; fi
	printf ' %-60s [  %s  ]\n' $s $w
done
END
program 101 rc-update << 'END'
echo "rc-update $*" >> /root/calls
case $1 in
show) for s in /root/*.boot; do n=${s##*/}; printf '%20s | %-7s %s\n' "${n%.boot}" default ''; done ;;
add) [ "$3" = default ] && [ -e "/root/$2.known" ] && touch "/root/$2.boot" ;;
del) [ "$3" = default ] && rm -f "/root/$2.boot" ;;
esac
END
program 101 rc-service << 'END'
echo "rc-service $*" >> /root/calls
[ "$1" = --nocolor ] || exit 9
[ -e "/root/$2.known" ] || { echo " * rc-service: service \`$2' does not exist"; exit 1; }
case $3 in
status)
	[ ! -e "/root/$2.crashed" ] || { echo " * status: crashed"; exit 32; }
	[ -e "/root/$2.up" ] || { echo " * status: stopped"; exit 3; }
	echo " * status: started" ;;
start) touch "/root/$2.up" ;;
stop) rm -f "/root/$2.up" ;;
restart | reload) touch "/root/$2.up" ;;
esac
END
started 101
in_ct 101 'mkdir -p /run/openrc; cd /root; touch sshd.known sshd.boot sshd.up crond.known broken.known broken.crashed'
whole_life 101 sshd OpenRC
is "$(status_of 101 crond)" "stopped false" "OpenRC: one that is in no runlevel"
is "$(status_of 101 broken)" "failed false" "OpenRC: one that has crashed"
code 1 "OpenRC: whose status is 1" vzservice -q 101 status broken
like "$(in_ct 101 'cat /root/calls')" '^rc-update del sshd default$' "OpenRC: of the runlevel default"
vzctl stop 101 --fast > /dev/null

# --- runit, where /etc/service has the links
have 102
program 102 sv << 'END'
echo "sv $*" >> /root/calls
[ -d "$2" ] || { echo "fail: $2: unable to change to service directory: file does not exist"; exit 1; }
n=${2##*/}
case $1 in
status) [ -e "/root/$n.up" ] && echo "run: $2: (pid 77) 5s" || echo "down: $2: 3s, normally up" ;;
start) touch "/root/$n.up"; echo "ok: run: $2: (pid 77) 0s" ;;
stop) rm -f "/root/$n.up"; echo "ok: down: $2: 0s, normally up" ;;
restart | reload) touch "/root/$n.up"; echo "ok: run: $2: (pid 78) 0s" ;;
esac
END
started 102
in_ct 102 'mkdir -p /etc/sv/sshd /etc/sv/crond /etc/service; ln -s /etc/sv/sshd /etc/service/sshd; touch /root/sshd.up'
code 0 "runit: list" vzservice 102 list
is "$(status_of 102 sshd)" "running true" "runit: what is linked runs at boot"
is "$(status_of 102 crond)" "unknown false" "runit: nobody looks after the others"
code 0 "runit: status of one that runs, 0" vzservice -q 102 status sshd
code 0 "runit: stop" vzservice 102 stop sshd
code 3 "runit: then status is 3, though sv says 0" vzservice -q 102 status sshd
code 0 "runit: start" vzservice 102 start sshd
code 0 "runit: restart" vzservice 102 restart sshd
code 0 "runit: reload" vzservice 102 reload sshd
code 0 "runit: enable makes a link" vzservice 102 enable crond
is "$(in_ct 102 'readlink /etc/service/crond')" /etc/sv/crond "to the service"
is "$(status_of 102 crond)" "stopped true" "and it is known"
code 0 "runit: disable takes it away" vzservice 102 disable crond
not "at once" in_ct 102 'test -e /etc/service/crond'
ok "and leaves the service" in_ct 102 'test -d /etc/sv/crond'
code 4 "runit: status of one that is not there is 4" vzservice -q 102 status nosuch
not "runit: starting it fails" vzservice -q 102 start nosuch
like "$(in_ct 102 'cat /root/calls')" '^sv reload /etc/service/sshd$' "runit: sv is told the folder"
in_ct 102 'mv /etc/service /var/service'
code 0 "runit: the links may be in /var/service" vzservice -q 102 status sshd
vzctl stop 102 --fast > /dev/null
finish
