#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# requires: qemu, the image of the VM lane
#
# The installed package under a real systemd, in the test VM with Debian's kernel: the unit is clean, starts what is to run,
# stops it in order at shutdown; an upgrade of the package ends no VPS and no monitor. By hand, behind deb.t, as it needs
# the packages and some minutes:
#	tests/package/systemd.t DIR	DIR has the packages
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
debs=${1:?a folder with packages is needed}
share=$(mktemp -d /tmp/vz-systemd.XXXXXX)
trap 'rm -rf "$share"' EXIT
cp "$debs"/{libvz1,vzctl}_*.deb "$share/"
cat > "$share/lib.sh" << 'END'
number=$(cat /run/number 2> /dev/null || echo 0)
verdict() { # STATUS SENTENCE
	number=$((number + 1))
	echo $number > /run/number
	[ "$1" = 0 ] && { echo "ok $number - $2"; return; }
	echo "not ok $number - $2"
	echo 1 > /run/failed
}
ok() { # SENTENCE COMMAND...
	"${@:2}" > /run/said 2>&1
	local r=$?
	[ $r = 0 ] || sed 's/^/# /' /run/said
	verdict $r "$1"
}
is() { # GOT WANT SENTENCE
	local r=0
	[ "$1" = "$2" ] || { r=1; printf '# have: %s\n# want: %s\n' "$1" "$2"; }
	verdict $r "$3"
}
logged() { sed -n "s/^[^ ]* vz : VPS \([0-9]*\) was $1.*/\1/p" /var/log/vzctl.log; }
state() { vzctl status "$1" | cut -d ' ' -f 5; }
END
# Runs when vz.service has stopped, before the file systems go.
cat > "$share/witness" << 'END'
#!/bin/bash
. /host/lib.sh
exec > "$(cat /run/port)" 2>&1
is "$(systemctl is-active vz)" inactive "at shutdown vz.service has stopped first"
is "$(state 101) $(state 102)" "down down" "and its VPSs are down"
is "$(grep -c 'did not shut down' /var/log/vzctl.log)" 0 "none of them was killed"
is "$(ls /var/lib/vzctl/vzreboot | tr '\n' ' ')" "101 102 " "those that ran are noted for the next boot"
is "$(logged stopped | tail -n 2 | tr '\n' ' ')" "102 101 " "they went in the reverse of the order of boot"
ok "the network was still up" ip link show lo up
echo "1..$(cat /run/number)"
echo "$(cat /run/failed 2> /dev/null || echo 0)" > /ctl/rc
sync
END
cat > "$share/inside" << 'END'
. /host/lib.sh
readlink -f /proc/$$/fd/1 > /run/port
is "$(cat /proc/1/comm)" systemd "process 1 is systemd"
mkdir -p /etc/vz
ok "dpkg installs the package" dpkg -i --force-depends --force-confdef /host/libvz1_*.deb /host/vzctl_*.deb
ok "the unit is clean" systemd-analyze verify --man=no vz.service
is "$(cat /run/said)" "" "without a warning"
is "$(systemctl is-enabled vz)" enabled "it is enabled"
is "$(systemctl is-active vz)" active "and was started by the installation"
printf '%s\n' 'VE_PARALLEL="1"' 'TEMPLATE="/vz/template"' 'VE_STOP_MODE="stop"' 'STOP_TIMEOUT="300"' 'VE_PROCFS="no"' \
	'NEIGHBOUR_DEVS="list:lo"' 'SKIP_ARPDETECT="yes"' > /run/more
sed -i -E '/^(VE_PARALLEL|TEMPLATE|VE_STOP_MODE|STOP_TIMEOUT|VE_PROCFS|NEIGHBOUR_DEVS|SKIP_ARPDETECT)=/d' /etc/vz/vz.conf
cat /run/more >> /etc/vz/vz.conf
for id in 101 102 103; do
	ok "VPS $id is made" vzctl create $id --ostemplate tiny-x86_64
done
vzctl set 101 --onboot yes --bootorder 20 --save > /dev/null
vzctl set 102 --onboot yes --bootorder 10 --save > /dev/null
ok "the unit is restarted" systemctl restart vz
is "$(state 101) $(state 102) $(state 103)" "running running down" "and starts those that are to run"
is "$(logged started | tr '\n' ' ')" "101 102 " "in their order"
is "$(systemctl is-active vz)" active "it is active"
is "$(cat /sys/fs/cgroup/system.slice/vz.service/cgroup.procs 2> /dev/null)" "" "no VPS and no monitor is in its control group"
is "$(systemctl show -p ExecMainStatus --value vz)" 0 "it has ended with 0"
ok "status of the unit" systemctl status vz --no-pager
ok "a command inside" vzctl exec2 101 true

monitors() { for id in 101 102; do jq -r '.monitor.pid, .init.pid' /run/vz/$id/state.json; done | tr '\n' ' '; }
before=$(monitors)
echo '# mine' >> /etc/vz/vz.conf
ok "the package is upgraded" dpkg -i --force-depends /host/libvz1_*.deb /host/vzctl_*.deb
is "$(monitors)" "$before" "the monitors and inits are those of before"
is "$(state 101) $(state 102)" "running running" "no VPS was stopped"
ok "and commands go on working" vzctl exec2 102 true
ok "the unit is still active" systemctl is-active vz
tail -n 1 /etc/vz/vz.conf | grep -q '# mine'
verdict $? "what was changed in vz.conf is kept"
systemctl daemon-reexec
is "$(state 101) $(state 102)" "running running" "a systemd that executes itself anew takes nothing along"

# What shutdown does, seen by a unit that stops behind it.
install -m 755 /host/witness /root/witness
cat > /etc/systemd/system/witness.service << 'UNIT'
[Unit]
Before=vz.service
RequiresMountsFor=/ctl /host
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/true
ExecStop=/root/witness
UNIT
systemctl daemon-reload
ok "a witness" systemctl start witness
systemctl --no-block poweroff
sleep 600
END
VM_INIT=systemd VM_TIMEOUT=${VM_TIMEOUT:-900} "$here/../vm/vm.sh" run -s "$share" -- bash /host/inside
