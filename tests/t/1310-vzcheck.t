#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# requires: root
# vzcheck tells what a node lacks, and mends settings: on a copy of /proc/sys, never on this machine's.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
begin "$@"
fake=$scratch/root
sys() { # NAME [VALUE]
	local f=$fake/proc/sys/${1//.//}
	[ $# -gt 1 ] || { cat "$f"; return; }
	mkdir -p "${f%/*}" && echo "$2" > "$f"
}
groups() { # LIST of the second generation's, or - for the first
	rm -rf "$fake/sys" "$fake/proc/cgroups"
	if [ "$1" = - ]; then
		mkdir -p "$fake/sys/fs/cgroup/memory"
		touch "$fake/sys/fs/cgroup/memory/memory.memsw.limit_in_bytes"
		printf '#subsys_name\thierarchy\tnum_cgroups\tenabled\n' > "$fake/proc/cgroups"
		printf '%s\t1\t1\t1\n' cpu cpuset memory pids blkio >> "$fake/proc/cgroups"
	else
		mkdir -p "$fake/sys/fs/cgroup/system.slice"
		touch "$fake/sys/fs/cgroup/system.slice/memory.swap.max"
		echo "$1" > "$fake/sys/fs/cgroup/cgroup.controllers"
	fi
}
level() { jq -r --arg n "$1" '.[] | select(.name == $n).level' <<< "$json"; }
C=(vzcheck --root "$fake")
own=$(cat /proc/sys/{kernel/pid_max,fs/inotify/max_user_instances})
mkdir -p "$fake/proc"

code 3 "an unknown option is 3" vzcheck --nothing
code 3 "a word is 3" vzcheck all
code 3 "--dry-run without --fix is 3" vzcheck --dry-run
code 3 "a root that is not there is 3" vzcheck --root "$scratch/none"
code 0 "help is help" vzcheck --help
groups "cpuset cpu io memory pids"

# this machine: whatever it says, it says it well
run vzcheck -j
json=$out
verdict $((rc > 1)) "this machine can run VPSs, as this test shows"
ok "and what is told is JSON" jq -e 'length > 60 and all(.level == "ok" or .level == "warn" or .level == "fail")' <<< "$json"
is "$(jq -r '[.[] | select((.why | length) < 10 or (.how | length) < 5 or (.wanted | length) < 1)] | length' <<< "$json")" 0 \
	"each row has a reason and a remedy"
is "$(jq -r '[.[].name] | length - (unique | length)' <<< "$json")" 0 "no name comes twice"
is "$(level kernel.user_ns)" ok "there are user namespaces"
is "$(level lxcfs)" ok "a node that shows VPSs its own figures needs no lxcfs"
sed -i 's/^VE_PROCFS=.*/VE_PROCFS="yes"/' "$node/vz.conf"
[ ! -e /usr/bin/lxcfs ] || mount --bind /dev/null /usr/bin/lxcfs
json=$(vzcheck -j)
is "$(level lxcfs)" warn "one that is to show them theirs, does"
[ ! -e /usr/bin/lxcfs ] || umount /usr/bin/lxcfs
sed -i 's/^VE_PROCFS=.*/VE_PROCFS="no"/' "$node/vz.conf"

# A firewall of the node that drops what is forwarded, as docker makes one; and one of nft.
row() { vzcheck -j | jq -r --arg m "$1" '.[] | select(.name == "net.forward")[$m]'; }
is "$(row level)" ok "nothing drops what is forwarded"
for f in ip ip6; do
	nft add table $f filter
	nft "add chain $f filter FORWARD { type filter hook forward priority 0; policy drop; }"
done
nft add chain ip filter DOCKER-USER
nft add rule ip filter FORWARD jump DOCKER-USER
nft "add chain ip filter INPUT { type filter hook input priority 0; policy drop; }"
is "$(row level)" warn "a policy that drops is a warning"
like "$(row found)" 'policy of ip filter FORWARD, ip6 filter FORWARD$' "that names it, and no other"
like "$(row how)" '^iptables -I DOCKER-USER -i venet[+] -j ACCEPT; iptables -I DOCKER-USER -o venet[+] -j ACCEPT; ip6tables -I FORWARD ' \
	"and what mends it: for docker in its chain for that"
nft add rule ip filter DOCKER-USER iifname 'venet*' accept
like "$(row found)" 'policy of ip6 filter FORWARD$' "a rule that names the links counts"
nft flush ruleset
# Some kernels have them no more.
if iptables-legacy -P FORWARD DROP 2> /dev/null; then
	like "$(row how)" '^iptables-legacy -I FORWARD -i venet[+] -j ACCEPT; ' "one of the old iptables is told"
	ok "what is said" bash -c "$(row how)"
	is "$(row level)" ok "mends it"
	iptables-legacy -F
	iptables-legacy -P FORWARD ACCEPT
fi
have 101 --ipadd 203.0.113.1
have 102 --ipadd 203.0.113.2
booted 101
started 102
ok "VPSs reach each other" vzctl exec2 101 'ping -c 1 -W 2 203.0.113.2'
nft add table inet own
nft 'add chain inet own passing { type filter hook forward priority 5; policy drop; }'
not "not over a policy that drops" vzctl exec2 101 'ping -c 1 -W 1 203.0.113.2'
is "$(row level)" warn "one of nft is told, too"
ok "what is said" bash -c "$(row how)"
ok "mends it" vzctl exec2 101 'ping -c 1 -W 2 203.0.113.2'
is "$(row level)" ok "and nothing is said any more"
nft delete table inet own
vzctl stop 101 --fast > /dev/null
vzctl stop 102 --fast > /dev/null

# a machine where all is well
code 1 "settings that are not there are fine, a disk without quota is a warning" "${C[@]}"
json=$("${C[@]}" -j)
is "$(jq -r '[.[] | select(.level == "warn").name] | join(" ")' <<< "$json")" "disk.quota" "and the only one" ||
	note "$(jq -c '.[] | select(.level != "ok")' <<< "$json")"
groups -
json=$("${C[@]}" -j)
is "$(jq -r '[.[] | select(.group == "cgroup").level] | unique | join(" ")' <<< "$json")" ok \
	"control groups of the first generation are as good"
groups "cpu io pids"
code 2 "without limits of memory it is unfit: 2" "${C[@]}" -q
like "$out" '^fail  cgroup.memory: not there' "and --quiet shows that alone"
is "$(grep -c '^[a-z]' <<< "$out")" 1 "nothing else"
groups "cpuset cpu io memory pids"

# settings
sys fs.inotify.max_user_instances 128
sys kernel.pid_max 32768
sys net.ipv4.ip_forward 0
sys kernel.kptr_restrict 2
sys fs.file-max 9223372036854775807
sys kernel.perf_event_paranoid -1
sys user.max_user_namespaces 0
sys fs.nr_open rubbish
code 2 "no user namespaces: 2" "${C[@]}"
like "$out" 'fail  user.max_user_namespaces: 0 \(wanted: >= 8192\)' "it is said what is wanted"
like "$out" 'warn  kernel.perf_event_paranoid: 0' "less than nothing is too little"
unlike "$out" 'kptr_restrict|file-max' "more than is wanted is fine"
like "$out" 'warnings, .*vzcheck --fix' "and what can mend it"
sys user.max_user_namespaces 100
code 1 "few of them are a warning" "${C[@]}"

before=$(find "$fake" -type f -exec sha256sum {} + | sort)
code 0 "--fix --dry-run" "${C[@]}" --fix --dry-run
like "$out" '^kernel.pid_max = 4194304$' "shows what it would write"
unlike "$out" 'file-max|kptr' "and nothing else"
is "$(find "$fake" -type f -exec sha256sum {} + | sort)" "$before" "but changes nothing"
not "no file either" test -e "$node/sysctl.d/90-mainvz.conf"
code 0 "--fix" "${C[@]}" --fix
is "$(sys fs.inotify.max_user_instances) $(sys kernel.pid_max) $(sys net.ipv4.ip_forward)" "1048576 4194304 1" "sets them"
is "$(sys kernel.kptr_restrict) $(sys fs.file-max)" "2 9223372036854775807" "and leaves alone what is more"
f=$node/sysctl.d/90-mainvz.conf
like "$(cat "$f")" '^fs.inotify.max_user_instances = 1048576$' "and writes them for the next boot"
is "$(grep -c '^# ' "$f")" "$(($(grep -c ' = ' "$f") + 2))" "each with its reason"
code 0 "a second --fix" "${C[@]}" --fix
like "$(cat "$f")" '^kernel.pid_max = 4194304$' "forgets nothing"
sum=$(sha256sum "$f")
vzcheck --root "$fake" --fix > /dev/null
is "$(sha256sum "$f")" "$sum" "a third changes no byte"
json=$("${C[@]}" -j)
is "$(jq -r '[.[] | select(.level == "warn" and .sysctl).name] | join(" ")' <<< "$json")" "" "then nothing is left to fix"
is "$(cat /proc/sys/{kernel/pid_max,fs/inotify/max_user_instances})" "$own" "this machine's own settings are untouched"
rm -rf "$f"
mkdir "$f"
sys kernel.pid_max 1
refused 1 '90-mainvz' "a folder in the way is told about" "${C[@]}" --fix
rm -rf "$node/sysctl.d"
finish
