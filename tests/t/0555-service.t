#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A panel, which is a service of the node, starts VPSs. When its service manager ends it with all that is in its control
# group, nothing that VPSs need goes with it.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
begin "$@"

# The trees by whose groups service managers go.
mapfile -t trees < <(awk '{
	for (i = 7; $i != "-"; i++)
		;
	if ($(i + 1) == "cgroup2" || ($(i + 1) == "cgroup" && $(i + 3) ~ /name=systemd/)) print $5 }' /proc/self/mountinfo)
mkdir "${trees[@]/%//$slice.panel}"
cat > "$scratch/panel" <<- END
	#!/bin/sh
	for t in ${trees[*]}; do echo \$\$ > "\$t/$slice.panel/cgroup.procs" || exit 1; done
	exec "\$@"
END
chmod 755 "$scratch/panel"
left() { cat "${trees[@]/%//$slice.panel/cgroup.procs}"; }
groups_of() { # PID
	sed -n 's/^\(0:\|[0-9]*:name=systemd\)://p' "/proc/$1/cgroup" | sort -u
}

# The first start finds no lxcfs, and has to bring it up as well.
command -v lxcfs > /dev/null && [ -c /dev/fuse ] && view=1 || view=''
[ -z "$view" ] || sed -i 's/^VE_PROCFS=.*/VE_PROCFS="yes"/' "$node/vz.conf"
have 101
t=$({ timeout $((20 * slow)) "$scratch/panel" vzctl start 101 7> "$scratch/seven"; echo $?; } | cat)
is "${t##*$'\n'}" 0 "a panel starts a VPS, and sees the end of what that prints"
is "$(left)" "" "nobody is left in the panel's group"
is "$(groups_of "$(monitor_pid 101)")" "/$slice/.node" "the monitor is in the node's own"
if [ -n "$view" ]; then
	keeper=$(cat "$node/run/lxcfs.lock") server=$(cat "$node/run/lxcfs.pid")
	is "$(groups_of "$keeper") $(groups_of "$server")" "/$slice/.node /$slice/.node" \
		"lxcfs and its keeper, too"
	is "$(find "/proc/$keeper/fd" -lname "$scratch/*" | wc -l)" 0 "who has nothing of the panel's open"
fi
old=$(monitor_pid 101)
kill -9 "$old"
ok "the panel calls again when the monitor was killed" "$scratch/panel" vzctl exec2 101 true
new_one() { [ -n "$(monitor_pid 101)" ] && [ "$(monitor_pid 101)" != "$old" ] && one_monitor 101; }
ok "and stores something" "$scratch/panel" vzctl set 101 --cpuunits 900 --save
soon "there is another" new_one
is "$(groups_of "$(monitor_pid 101)")" "/$slice/.node" "in the node's group as well"
is "$(left)" "" "and nobody in the panel's"
ok "stop" "$scratch/panel" vzctl stop 101 --fast
rmdir "${trees[@]/%//$slice.panel}"
ok "when the node goes down" vz stop
is "$(find "${trees[@]/%//$slice}" -name .node)" "" "its group goes, too"
rm -rf "$node"/run/lxcfs* "$node/state/vzreboot"
finish
