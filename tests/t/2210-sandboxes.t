#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# requires: root
# What the units of distributions ask of systemd to confine their services: every property by itself works in a
# VPS without further rights, and does what it says.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=tests/guest/boots.sh
. "$here/guest/boots.sh"
tmpl=debian-12-x86_64
bail_without_template
begin "$@"

# Properties, blank-separated, and a line that succeeds in the service only where they hold.
table() {
	cat <<- 'END'
		PrivateTmp=yes | touch /tmp/mine
		ProtectSystem=strict | ! touch /etc/mine 2> /dev/null
		ProtectSystem=full | ! touch /usr/mine 2> /dev/null && touch /var/tmp/yours
		ProtectHome=yes | ! test -e /root/secret
		ProtectHome=tmpfs | ! test -e /root/secret
		PrivateDevices=yes | test -c /dev/null && ! test -e /dev/console
		DynamicUser=yes | test "$(id -u)" -ge 61184
		DynamicUser=yes StateDirectory=vztest CacheDirectory=vztest | touch /var/lib/vztest/a /var/cache/vztest/b
		User=nobody NoNewPrivileges=yes | grep -q '^NoNewPrivs:.1' /proc/self/status
		PrivateNetwork=yes | test "$(ip -o link | wc -l)" = 1
		PrivateMounts=yes | mount -t tmpfs none /mnt
		PrivateUsers=yes | true
		PrivateIPC=yes | true
		ProtectHostname=yes | true
		ProtectClock=yes | ! date -s @0 2> /dev/null
		ProtectKernelTunables=yes | ! sh -c 'echo 1 > /proc/sys/net/ipv4/ip_forward' 2> /dev/null
		ProtectKernelModules=yes | ! ls /usr/lib/modules 2> /dev/null
		ProtectKernelLogs=yes | ! test -r /dev/kmsg
		ProtectControlGroups=yes | ! mkdir /sys/fs/cgroup/mine 2> /dev/null
		ProtectProc=invisible User=nobody | ! test -e /proc/1
		ProcSubset=pid User=nobody | ! test -e /proc/meminfo
		RestrictNamespaces=yes | ! unshare -m true 2> /dev/null
		RestrictAddressFamilies=AF_UNIX | ! bash -c ': > /dev/udp/127.0.0.1/9' 2> /dev/null
		RestrictRealtime=yes | ! chrt -f 1 true 2> /dev/null
		RestrictSUIDSGID=yes PrivateTmp=yes | touch /tmp/s && ! chmod u+s /tmp/s 2> /dev/null
		LockPersonality=yes | ! setarch -R true 2> /dev/null
		MemoryDenyWriteExecute=yes | true
		SystemCallFilter=@system-service | ! mount -t tmpfs none /mnt 2> /dev/null
		SystemCallFilter=~@mount SystemCallErrorNumber=EPERM | ! mount -t tmpfs none /mnt 2> /dev/null
		SystemCallArchitectures=native | true
		CapabilityBoundingSet=CAP_CHOWN | grep -q '^CapBnd:.0*1$' /proc/self/status
		AmbientCapabilities=CAP_NET_BIND_SERVICE User=nobody | grep -q '^CapEff:.0*400$' /proc/self/status
		ReadOnlyPaths=/var | ! touch /var/mine 2> /dev/null
		InaccessiblePaths=/etc/passwd | ! test -s /etc/passwd
		TemporaryFileSystem=/srv | touch /srv/mine
		BindPaths=/etc:/srv | test -e /srv/passwd
		BindReadOnlyPaths=/etc:/srv | test -e /srv/passwd && ! touch /srv/mine 2> /dev/null
		RuntimeDirectory=vztest LogsDirectory=vztest ConfigurationDirectory=vztest | touch /run/vztest/a
		DevicePolicy=closed | : < /dev/null
		DevicePolicy=strict | : < /dev/null
		IPAddressDeny=any | true
		SetCredential=key:word | test "$(cat "$CREDENTIALS_DIRECTORY/key")" = word
		MemoryMax=32M | test "$(cat /sys/fs/cgroup$(sed -n s/^0:://p /proc/self/cgroup)/memory.max 2> /dev/null || echo 33554432)" = 33554432
		TasksMax=20 | true
		CPUQuota=50% CPUWeight=50 IOWeight=50 | true
		LimitNOFILE=2048 LimitCORE=infinity | test "$(ulimit -n)" = 2048
		Nice=5 CPUSchedulingPolicy=batch | test "$(nice)" = 5
		KeyringMode=private | true
		OOMScoreAdjust=500 | test "$(cat /proc/self/oom_score_adj)" = 500
		UMask=0077 | test "$(umask)" = 0077
		Delegate=yes | mkdir /sys/fs/cgroup$(sed -n s/^0:://p /proc/self/cgroup)/below
		Type=notify NotifyAccess=all | systemd-notify --ready
	END
}

# The hardening that Debian's own units have, all at once.
all="PrivateTmp=yes ProtectSystem=strict ProtectHome=yes PrivateDevices=yes PrivateNetwork=yes PrivateUsers=yes \
	DynamicUser=yes NoNewPrivileges=yes ProtectKernelTunables=yes ProtectKernelModules=yes ProtectKernelLogs=yes \
	ProtectControlGroups=yes ProtectClock=yes ProtectHostname=yes RestrictNamespaces=yes LockPersonality=yes \
	MemoryDenyWriteExecute=yes RestrictRealtime=yes RestrictSUIDSGID=yes ProtectProc=invisible ProcSubset=pid \
	SystemCallFilter=@system-service SystemCallArchitectures=native CapabilityBoundingSet= PrivateIPC=yes"

# One process inside for all of them; a line "N STATUS" each.
services() { # ID
	in_ct "$1" 'n=0
	while IFS= read -r line; do
		n=$((n + 1)) p=
		for w in ${line%% | *}; do p="$p -p $w"; done
		printf "%s\n" "${line#* | }" > /etc/vz-line
		systemd-run --quiet --wait $p sh /etc/vz-line < /dev/null > /dev/null 2> /tmp/why
		echo "$n $? $(head -n 1 /tmp/why)"
	done < /etc/vz-table' > "$scratch/services" 2>&1
}
every() { # WHERE
	local n=0 line got
	while IFS= read -r line; do
		n=$((n + 1))
		got=$(sed -n "s/^$n //p" "$scratch/services")
		[ "${got%% *}" = 0 ] || note "$got"
		[ "${got%% *}" = 0 ]
		verdict $? "$1: ${line%% | *}"
	done < <(table; echo "$all | true")
}

have 101
(table; echo "$all | true") > "$(upper 101 /etc/vz-table)"
: > "$(upper 101 /root/secret)"
ok "a VPS starts" vzctl start 101 --wait
services 101
every "by default"
is "$(in_ct 101 'systemctl --failed --no-legend --plain --no-pager' | grep -v '^run-')" "" "nothing else has failed"
finish
