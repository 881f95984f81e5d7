#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# requires: root
# Scripts of the administrator: order, where they run, what they see, and what their failure means.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
begin "$@"
conf=$node/conf
log=$scratch/order
host='premount mount umount postumount'

# Each says that it ran, what it has and where it is; it fails when a file says so.
host_script() { # NAME
	cat > "$conf/$1" <<- END
		#!/bin/bash
		m=no; ip link show "venet\${VEID:-0}" > /dev/null 2>&1 && m=up
		mountpoint -q "$node/root/\$VEID" && r=mounted || r=unmounted
		echo "$1 \$VEID \$r net=\$m" >> "$log"
		env > "$scratch/env.$1"; pwd > "$scratch/pwd.$1"; umask >> "$scratch/pwd.$1"
		ls /proc/\$\$/fd | tr '\n' ' ' > "$scratch/fd.$1"
		echo "said by $1"
		[ ! -e "$scratch/kill.$1" ] || { kill -9 \$PPID; while :; do :; done; }
		[ ! -e "$scratch/fail.$1" ]
	END
	chmod 755 "$conf/$1"
}
order() { cut -d ' ' -f 1 "$log" 2> /dev/null | tr '\n' ' '; rm -f "$log"; }

for s in vps.create vps.premount vps.mount vps.umount vps.postumount; do host_script $s; done
code 0 "create" vzctl create 101 --ostemplate "$tmpl" --ipadd 203.0.113.1
is "$(cat "$log")" "vps.create 101 unmounted net=no" "runs vps.create, and nothing else"
order > /dev/null
is "$(sort "$scratch/env.vps.create" | grep -vE '^(_|SHLVL|PWD|OLDPWD)=')" \
	"HOME=/
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
TERM=linux
VEID=101
VE_CONFFILE=$conf/101.conf" "it has VEID, VE_CONFFILE and no more than any program needs"
for s in $host; do host_script 101.$s; done
cat > "$conf/101.start" <<- 'END'
	{ echo "start pid1=$(tr '\0' ' ' < /proc/1/cmdline | cut -c 1-20) addr=$(ip -o -4 addr show venet0 | grep -c 203.0.113.1)"
	  env | grep -vE '^(_|SHLVL|PWD|OLDPWD)=' | sort
	  pwd; id -u; echo "$0 $#"; ls /proc/self/fd | wc -l; } > /root/start
	echo "$(cat /proc/1/comm)" > /root/comm
	touch /run/marked
	echo said inside
	[ ! -e /root/fail.start ]
END
cat > "$conf/101.stop" <<- 'END'
	[ -n "$(pidof getty)" ] && echo getty lives > /root/stop
	[ ! -e /root/fail.stop ]
END

FOREIGN=1 LC_ALL=C TERM=xterm code 0 "start" vzctl start 101
is "$(order)" "vps.premount 101.premount vps.mount 101.mount " "the global script comes first on the way up"
like "$out" '^101.start: said inside$' "what scripts print is shown, with their names"
like "$out" '^vps.premount: said by vps.premount$' "those of the node, too"
is "$(sort "$scratch/env.101.mount" | grep -vE '^(_|SHLVL|PWD|OLDPWD)=')" \
	"$(sort "$scratch/env.vps.create" | grep -vE '^(_|SHLVL|PWD|OLDPWD)=')" "the caller's environment is not passed"
is "$(cat "$scratch/pwd.101.mount")" "/"$'\n'0022 "they begin in / with a usual umask"
is "$(cat "$scratch/fd.101.mount")" "0 1 2 255 " "no descriptor of ours is open in them"
got=$(in_ct 101 'cat /root/start')
like "$(head -n 1 <<< "$got")" '^start pid1=.* addr=1$' "ID.start runs inside, with the network set up"
is "$(sed -n '2,4p' <<< "$got")" "HOME=/
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
TERM=linux" "it has HOME, PATH and TERM alone"
is "$(sed -n '5,6p' <<< "$got")" "/"$'\n'0 "it is root in /"
is "$(in_ct 101 'cat /root/comm')" "vz-101" "before init has begun"
is "$(in_ct 101 'test -e /run/marked && cat /proc/1/comm')" init "which then begins, and finds what it left"
wait_for 10 in_ct 101 '[ -n "$(pidof getty)" ]'

code 0 "stop" vzctl stop 101
is "$(order)" "101.umount vps.umount 101.postumount vps.postumount " "the VPS's own script comes first on the way down"
code 0 "mount" vzctl mount 101
is "$(cat "$log")" "vps.premount 101 unmounted net=no
101.premount 101 unmounted net=no
vps.mount 101 mounted net=no
101.mount 101 mounted net=no" "runs four, before and after"
order > /dev/null
is "$(cat "$node/root/101/root/stop")" "getty lives" "ID.stop ran inside before anything was shut down"
code 0 "umount" vzctl umount 101
is "$(cat "$log")" "101.umount 101 mounted net=no
vps.umount 101 mounted net=no
101.postumount 101 unmounted net=no
vps.postumount 101 unmounted net=no" "runs the other four"
order > /dev/null

# A mounted VPS is mounted anew
vzctl mount 101 > /dev/null; order > /dev/null
code 0 "start of a mounted VPS" vzctl start 101
is "$(order)" "101.umount vps.umount 101.postumount vps.postumount vps.premount 101.premount vps.mount 101.mount " \
	"takes it down first"
vzctl stop 101 --fast > /dev/null; order > /dev/null

# Failures
for s in vps.premount 101.premount; do
	touch "$scratch/fail.$s"
	refused 79 "action script '.*$s' ended with status 1" "$s that fails makes start fail with 79" vzctl start 101
	unlike "$(cat "$log")" ' mounted |101.mount' "nothing is mounted"
	like "$(order)" "postumount" "what premount did can be undone by postumount"
	refused 79 "$s" "mount likewise" vzctl mount 101
	ok "and nothing is left" nothing_runs 101
	rm -f "$scratch/fail.$s"
done
for s in vps.mount 101.mount; do
	touch "$scratch/fail.$s"
	order > /dev/null
	refused 79 "$s" "$s that fails makes start fail with 79" vzctl start 101
	like "$(order)" "$s .*101.umount vps.umount 101.postumount vps.postumount $" "the root is taken down with its scripts"
	ok "and nothing is left" nothing_runs 101
	rm -f "$scratch/fail.$s"
done
order > /dev/null
echo 'exit 7' >> "$conf/101.start"
refused 79 "101.start' ended with status 7" "ID.start that fails makes start fail with 79" vzctl start 101
like "$(order)" '101.mount 101.umount ' "the VPS is taken down"
ok "nothing of it is left" nothing_runs 101
sed -i '$d' "$conf/101.start"
vzctl start 101 > /dev/null; order > /dev/null
in_ct 101 'touch /root/fail.stop'
refused 79 "101.stop' ended with status 1" "ID.stop that fails makes stop fail with 79" vzctl stop 101
is "$(state 101)" "exist mounted running" "and the VPS keeps running"
is "$(order)" "" "no other script ran"
ok "it takes commands" vzctl exec2 101 true
code 0 "stop --fast does not depend on it" vzctl stop 101 --fast
like "$err" "101.stop' ended with status 1" "but says so"
order > /dev/null
vzctl mount 101 > /dev/null
in_root=$node/root/101/root
rm -f "$in_root/fail.stop"
touch "$scratch/fail.101.umount"
order > /dev/null
refused 79 "101.umount" "ID.umount that fails makes umount fail with 79" vzctl umount 101
is "$(order)" "101.umount " "those behind it do not run"
is "$(state 101)" "exist mounted down" "and the VPS stays mounted"
code 0 "the next command does not mend what an administrator wants" vzctl mount 101
is "$(state 101)" "exist mounted down" "it is mounted still"
rm -f "$scratch/fail.101.umount"
touch "$scratch/fail.vps.postumount"
refused 79 "vps.postumount" "postumount that fails makes umount fail with 79" vzctl umount 101
ok "but all is unmounted" nothing_runs 101
rm -f "$scratch/fail.vps.postumount"
touch "$scratch/fail.vps.create"
refused 79 "vps.create" "vps.create that fails makes create fail with 79" vzctl create 102 --ostemplate "$tmpl"
not "and nothing of the VPS is there" test -e "$conf/102.conf" -o -e "$node/private/102"
rm -f "$scratch/fail.vps.create"
chmod 644 "$conf/101.mount"
refused 79 "101.mount' cannot be run" "a script without the execute bit is no script that ran: 79" vzctl mount 101
printf 'echo bare >> %s\n' "$log" > "$conf/101.mount"
chmod 755 "$conf/101.mount"
order > /dev/null
code 0 "one without #! is run by sh" vzctl mount 101
like "$(cat "$log")" '^bare$' "as a shell would"
vzctl umount 101 > /dev/null
printf '#!/no/such\n' > "$conf/101.mount"
refused 79 "101.mount' cannot be run" "one whose interpreter is missing is 79" vzctl mount 101
ok "and nothing is left" nothing_runs 101
host_script 101.mount
rm "$conf/101.start"; mkdir "$conf/101.start"
refused 79 "101.start" "a folder in a script's place is 79" vzctl start 101
rmdir "$conf/101.start"

# Ends that nobody asked for
vzctl start 101 > /dev/null; order > /dev/null
in_ct 101 'halt -f || halt' > /dev/null 2>&1
is_down() { [ "$(state 101)" = "exist unmounted down" ]; }
soon "a VPS that halts by itself is taken down" is_down
wait_for 10 grep -q vps.postumount "$log"
is "$(order)" "101.umount vps.umount 101.postumount vps.postumount " "with the scripts"
vzctl start 101 > /dev/null; order > /dev/null
was=$(init_pid 101)
in_ct 101 'reboot -f || reboot' > /dev/null 2>&1
wait_for 15 grep -q '^101.mount ' "$log" || note "$(cat "$node/log")"
wait_for 10 another_init 101 "$was"
is "$(order)" "101.umount vps.umount 101.postumount vps.postumount vps.premount 101.premount vps.mount 101.mount " \
	"a reboot from inside runs all of them"
ok "stop" patiently vzctl stop 101 --fast
order > /dev/null

# The command is killed while a script runs
for s in vps.premount 101.mount 101.umount 101.postumount; do
	touch "$scratch/kill.$s"
	case $s in *premount | *.mount) v=start ;; *) v=stop; vzctl start 101 > /dev/null ;; esac
	run vzctl $v 101
	is "$rc" 137 "vzctl $v is killed in $s"
	rm -f "$scratch/kill.$s"
	not "the script goes with it" pgrep -f "^/bin/bash $conf/$s"
	code 0 "the next start works" vzctl start 101
	is "$(state 101)" "exist mounted running" "really"
	code 0 "and stop leaves" vzctl stop 101 --fast
	ok "nothing behind" nothing_runs 101
done
order > /dev/null

# destroy
chmod 644 "$conf/101.umount"
touch "$conf/101.start"
vzctl destroy 101 > /dev/null
is "$(cd "$conf" && echo 101.*)" "101.conf.destroyed 101.mount.destroyed 101.postumount.destroyed 101.premount.destroyed 101.start.destroyed 101.stop.destroyed 101.umount.destroyed" \
	"destroy keeps the scripts as *.destroyed"
rm -f "$conf"/vps.*
code 0 "create" vzctl create 101 --ostemplate "$tmpl"
is "$(cd "$conf" && echo 101.*)" "101.conf" "removes them"
finish
