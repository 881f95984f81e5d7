# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A real distribution as a guest: boots to a quiet system, can be logged into, used, and stopped without
# the kill. Sourced by the tests of the single templates, which set tmpl before begin.

bail_without_template() {
	[ -d "$VZ_TEST_TEMPLATES/$tmpl/root" ] || skip_all "no template $tmpl"
}

guest_boots() { # systemd|sysvinit|tiny
	have 101 --hostname guest.example.com --ipadd 203.0.113.1 --ipadd 2001:db8::1
	vzctl set 101 --nameserver 192.0.2.53 --userpasswd root:sesame --ram 512M --save > /dev/null
	local begin_s=$SECONDS
	{ timeout $((110 * slow)) vzctl start 101 --wait > "$scratch/out" 2> "$scratch/err"; }
	rc=$?
	[ $rc = 0 ] || note "$(cat "$scratch/err")" "$(in_ct 101 'systemctl list-jobs --no-pager; systemctl --failed --no-pager' 2>&1)"
	verdict $rc "$tmpl comes up, and start --wait knows when ($((SECONDS - begin_s)) s)"
	case $1 in
	systemd)
		is "$(in_ct 101 'systemctl is-system-running')" running "systemd says that all is well"
		is "$(in_ct 101 'systemctl --failed --no-legend --plain --no-pager')" "" "no unit has failed"
		is "$(in_ct 101 'systemctl list-jobs --no-legend --no-pager' | grep -v '^No jobs')" "" "no job is pending" ;;
	sysvinit)
		like "$(in_ct 101 runlevel)" ' [2-5]$' "it has reached its runlevel"
		wait_for 20 vzctl exec2 101 'pgrep -x getty || pgrep -x agetty' > /dev/null
		is "$(in_ct 101 'cut -d " " -f 7 /proc/1/stat')" 0 "process 1 has not taken the console as its terminal"
		ok "its boot scripts have come to their end" vzctl exec2 101 'test -e /run/vz-booted || ! pgrep -f /etc/init.d/rc' ;;
	esac
	is "$(in_ct 101 hostname)" guest.example.com "it has its name"
	is "$(in_ct 101 'cat /etc/hostname')" guest.example.com "and kept it through the boot"
	like "$(in_ct 101 'cat /etc/resolv.conf')" '^nameserver 192\.0\.2\.53$' "it has its name server"
	ok "it is reached" ping -c 1 -W 3 203.0.113.1
	ok "by IPv6, too" ping -6 -c 1 -W 3 2001:db8::1
	ok "it reaches the node" vzctl exec2 101 'ping -c 1 -W 3 192.0.2.1 || busybox ping -c 1 -W 3 192.0.2.1 || exec 3<> /dev/tcp/192.0.2.1/1 2>&1 | grep -q refused'
	is "$(in_ct 101 'cat /proc/1/comm')" "$([ "$1" = systemd ] && echo systemd || echo init)" "process 1 is its init"
	like "$(in_ct 101 'stat -f -c %T /sys/fs/cgroup')" cgroup2 "it has a control group tree of its own"
	is "$(in_ct 101 'for d in / /proc /sys /dev /dev/pts /dev/shm /run /tmp /var/log; do test -d $d || echo $d; done')" "" \
		"it has the folders that programs expect"
	quiet "$1"
	login "$1"
	guest_may "$1"
	begin_s=$SECONDS
	{ timeout $((60 * slow)) vzctl stop 101 > "$scratch/out" 2> "$scratch/err"; }
	verdict $? "stop succeeds"
	note "it took $((SECONDS - begin_s)) s"
	unlike "$(cat "$scratch/err" "$node/log")" 'killing it' "without the kill"
	ok "and leaves nothing" nothing_runs 101
}

# What is in the log of its boot that nobody wants to read.
quiet() {
	[ "$1" = systemd ] || return 0
	local log
	log=$(in_ct 101 'journalctl -b -p err --no-pager -q -o cat' 2> /dev/null | grep -v '^$')
	is "$log" "" "the journal has no error of this boot"
}

# By the console, as with a real machine.
login() { # KIND
	rm -f "$scratch/keys" && mkfifo "$scratch/keys"
	script -qfec 'vzctl console 101' /dev/null < "$scratch/keys" > "$scratch/screen" 2>&1 &
	local job=$!
	exec 7> "$scratch/keys"
	seen() { tr -d '\r' < "$scratch/screen" | tail -n "${2:-40}" | grep -aqE -e "$1"; }
	wait_for 5 seen 'attached'
	printf '\n' >&7
	wait_for 10 seen 'login:'
	verdict $? "the console shows a login"
	printf 'root\n' >&7
	wait_for 10 seen 'assword:'
	printf 'sesame\n' >&7
	sleep 1
	printf 'echo in-as-$(id -un)-on-$(tty)\n' >&7
	wait_for 20 seen 'in-as-root-on-/dev/'
	local r=$?
	[ $r = 0 ] || note "$(tr -d '\r' < "$scratch/screen" | tail -n 10)"
	verdict $r "root can log in on it"
	[ "$1" = tiny ] || {
		printf 'set -m; sleep 99 & kill %%1; echo control-$?-of-jobs\n' >&7
		ok "with job control" wait_for 10 seen 'control-0-of-jobs'
		not "without complaint" seen 'no job control|cannot set terminal process group'
	}
	printf 'exit\n' >&7
	sleep 0.3
	printf '\033.' >&7
	exec 7>&-
	# That it lets go is for 0310-terminal.t to say; here nobody waits for it without end.
	let_go() { ! kill -0 "$job" 2> /dev/null; }
	wait_for 10 let_go || { note "the console is still attached"; kill "$job"; }
	wait "$job" 2> /dev/null
}

guest_may() {
	ok "it may mount a tmpfs" vzctl exec2 101 'mkdir -p /mnt/t && mount -t tmpfs none /mnt/t && umount /mnt/t'
	[ "$1" != tiny ] || return 0
	local begin_s=$SECONDS
	is "$(in_ct 101 'su -s /bin/sh -c "id -un" nobody')" nobody "exec may become another user"
	verdict $((SECONDS - begin_s > 10 * slow)) "without waiting for something that does not come ($((SECONDS - begin_s)) s)"
	ok "packages can be handled" vzctl exec2 101 'dpkg --audit && dpkg -l dpkg > /dev/null'
	ok "set-user-id programs work" vzctl exec2 101 'su -s /bin/sh -c "test -u /bin/su" nobody'
	[ "$1" = systemd ] || return 0
	ok "a service with systemd's sandboxing works" vzctl exec2 101 \
		'systemd-run --quiet --wait -p ProtectSystem=strict -p PrivateTmp=yes -p PrivateDevices=yes -p ProtectHome=yes -p PrivateNetwork=yes -p NoNewPrivileges=yes true'
	is "$(in_ct 101 'systemd-run --quiet --wait --pipe -p MemoryMax=50M cat /proc/self/cgroup' | grep -c system.slice)" 1 \
		"its systemd makes groups of its own"
}
