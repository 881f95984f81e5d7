# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What every end-to-end test begins with:
#
#	#!/bin/bash
#	. "$(dirname "$0")/../lib.sh"
#	begin "$@"			# own namespaces, own node, list of what is there
#	code 32 "starting a running VPS is refused with 32" vzctl start 101
#	...
#	finish				# take down, nothing may be left, the plan
#
# A test runs in a mount and a network namespace of its own, on a node of its own: VZ_CONF, cgroup slice,
# id area and uplink, so that tests run side by side. From outside come VZ_TEST_PREFIX (an installed
# tree), VZ_TEST_TEMPLATES (a folder of templates) and VZ_TEST_SLOW (how much longer things take here).
set -uo pipefail

VZ_TEST_PREFIX=${VZ_TEST_PREFIX:-/usr/local}
VZ_TEST_TEMPLATES=${VZ_TEST_TEMPLATES:-/vz/template}
slow=${VZ_TEST_SLOW:-1}
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
export PATH=$VZ_TEST_PREFIX/sbin:$PATH LC_ALL=C
tmpl=tiny-x86_64
number=0 failed=0
node='' slice='' rc=0 out='' err=''

# --- TAP ------------------------------------------------------------------------------------------

note() { # TEXT...: comment lines
	printf '%s\n' "$@" | sed 's/^/# /' | cut -c 1-400 | head -n 40
}

verdict() { # STATUS SENTENCE
	number=$((number + 1))
	if [ "$1" = 0 ]; then
		echo "ok $number - $2"
		return 0
	fi
	failed=$((failed + 1))
	echo "not ok $number - $2"
	return 1
}

skip_all() { # REASON
	echo "1..0 # SKIP $1"
	exit 0
}

skip() { # SENTENCE REASON
	number=$((number + 1))
	echo "ok $number - $1 # SKIP $2"
}

# The last command run: status in rc, standard output in out, standard error in err. Never hangs.
run() { # COMMAND...
	local o=$scratch/out e=$scratch/err
	if declare -F "$1" > /dev/null; then
		"$@" > "$o" 2> "$e" < /dev/null
	else
		# The braces take what the shell has to say of a command that was killed.
		{ timeout -k 5 $((30 * slow)) "$@" > "$o" 2> "$e" < /dev/null; } 2> /dev/null
	fi
	rc=$?
	IFS= read -r -d '' out < "$o"
	IFS= read -r -d '' err < "$e"
	out=${out%$'\n'} err=${err%$'\n'}
	cmdline=$*
}

told() {
	note "command: $cmdline" "status: $rc"
	[ -z "$out" ] || note "stdout: $out"
	[ -z "$err" ] || note "stderr: $err"
}

ok() { # SENTENCE COMMAND...: it succeeds
	run "${@:2}"
	[ "$rc" = 0 ] || told
	verdict "$rc" "$1"
}

not() { # SENTENCE COMMAND...: it does not
	run "${@:2}"
	[ "$rc" != 0 ] || told
	verdict $((rc == 0)) "$1"
}

code() { # STATUS SENTENCE COMMAND...
	run "${@:3}"
	[ "$rc" = "$1" ] || told
	verdict $((rc != $1)) "$2"
}

# A refusal: this status, and one line on standard error that has the words (an ERE), no more.
refused() { # STATUS ERE SENTENCE COMMAND...
	local bad=0
	run "${@:4}"
	[ "$rc" = "$1" ] && [ -n "$err" ] && [[ $err != *$'\n'* ]] && grep -qiE -e "$2" <<< "$err" || bad=1
	[ $bad = 0 ] || { told; note "wanted: status $1 and one line with /$2/"; }
	verdict $bad "$3"
}

is() { # GOT WANT SENTENCE
	[ "$1" = "$2" ] || note "have: $1" "want: $2"
	[ "$1" = "$2" ]
	verdict $? "$3"
}

like() { # GOT ERE SENTENCE
	local r=0
	grep -qE -e "$2" <<< "$1" || r=1
	[ $r = 0 ] || note "have: $1" "want: /$2/"
	verdict $r "$3"
}

unlike() { # GOT ERE SENTENCE
	local r=0
	! grep -qE -e "$2" <<< "$1" || r=1
	[ $r = 0 ] || note "have: $1" "do not want: /$2/"
	verdict $r "$3"
}

# Poll until COMMAND succeeds, SECONDS (times slow) at most.
wait_for() { # SECONDS COMMAND...
	local end=$((SECONDS + $1 * slow + 1))
	until "${@:2}" > /dev/null 2>&1; do
		[ $SECONDS -lt $end ] || return 1
		sleep 0.05
	done
}

soon() { # SENTENCE COMMAND...: it succeeds within 10 seconds
	local r=0
	wait_for 10 "${@:2}" || r=1
	[ $r = 0 ] || { run "${@:2}"; told; }
	verdict $r "$1"
}

# --- the node -------------------------------------------------------------------------------------

begin() { # "$@" of the test
	[ "$(id -u)" = 0 ] || skip_all "needs root"
	if [ -z "${VZ_TEST_INSIDE:-}" ]; then
		VZ_TEST_INSIDE=1 exec unshare --mount --net --propagation private -- \
			"${BASH:-bash}" "$(readlink -f "$0")" "$@"
	fi
	unset VZ_TEST_INSIDE VZ_CRASH
	[ -x "$VZ_TEST_PREFIX/sbin/vzctl" ] || { echo "Bail out! no $VZ_TEST_PREFIX/sbin/vzctl"; exit 1; }
	[ -d "$VZ_TEST_TEMPLATES/$tmpl/root" ] ||
		{ echo "Bail out! no template $VZ_TEST_TEMPLATES/$tmpl"; exit 1; }
	foreign_mounts
	top=$(mktemp -d "${TMPDIR:-/tmp}/vzt.XXXXXX")
	scratch=$top/scratch node=$top/node slice=vzt-$$
	mkdir "$scratch"
	trap clean EXIT
	trap 'exit 1' INT TERM HUP
	network
	node_new "$node" $((0x10000000 + $$ % 400 * 0x400000)) "$slice" up0
	export VZ_CONF=$node/vz.conf
	RESIDUE_NODE=$node RESIDUE_CGROUP=$slice RESIDUE_WAIT=$((50 * slow))
	# Not left behind but kept: logs, caches of the node, what destroy keeps for second thoughts, and
	# the empty parent of the groups. A first VPS that comes and goes makes what every node has.
	RESIDUE_IGNORE="[.]destroyed\$|/node[0-9]*/log\$|/run/(cgroups[.]json|classes|filter-[^/]*|criu|criu[.]lock)\$"
	RESIDUE_IGNORE+="|/state(/net)?\$"
	RESIDUE_IGNORE+="|^mount /sys/fs/bpf bpf |^map .*/classes_"
	RESIDUE_IGNORE+="|^cgroup [^ ]*/${slice}[a-z]*(/[.]node)?\$"
	# shellcheck source=tests/residue.sh
	. "$here/residue.sh"
	residue_before
}

# Roots of other nodes' VPSs came along with the namespace; they would vanish when those stop.
foreign_mounts() {
	local m
	awk '{ for (i = 7; $i != "-"; i++)
			;
		if ($(i + 1) == "overlay" && $5 != "/") print $5 }' /proc/self/mountinfo | tac |
		while IFS= read -r m; do
			case $VZ_TEST_TEMPLATES/ in "$m"/*) continue ;; esac
			case $VZ_TEST_PREFIX/ in "$m"/*) continue ;; esac
			case $here/ in "$m"/*) continue ;; esac
			umount -l "$m"
		done
}

# Two ends of a wire: up0 is the node's uplink, up1 the world.
network() {
	ip link set lo up
	echo 0 > /proc/sys/net/ipv6/conf/default/dad_transmits
	# IPv6 between devices is the administrator's decision; kernels before 6.17 have this switch only.
	echo 1 > /proc/sys/net/ipv6/conf/all/forwarding
	ip link add up0 type veth peer name up1
	ip link set up0 addrgenmode none
	ip link set up1 addrgenmode none
	ip link set up1 up
	ip link set up0 up
	ip addr add 192.0.2.1/24 dev up0
	ip addr add 2001:db8:ffff::1/64 dev up0 nodad
	ip addr add fe80::1/64 dev up0 nodad
}

node_new() { # DIR FIRST-ID SLICE UPLINK
	mkdir -p "$1"/{conf,names,ids,lock,dump,run,root,private,state/acct}
	cat > "$1/vz.conf" <<- END
		LOCKDIR="$1/lock"
		DUMPDIR="$1/dump"
		RUNDIR="$1/run"
		TEMPLATE="$VZ_TEST_TEMPLATES"
		VE_ROOT="$1/root/\$VEID"
		VE_PRIVATE="$1/private/\$VEID"
		VE_CGROUP_SLICE="$3"
		LOCAL_UID="$2"
		LOGGING="yes"
		LOGFILE="$1/log"
		NEIGHBOUR_DEVS="list:$4"
		SKIP_ARPDETECT="yes"
		DEF_OSTEMPLATE="$tmpl"
		IPV6="yes"
		VE_PROCFS="no"
		STOP_TIMEOUT="30"
	END
	chmod 711 "$1" "$(dirname "$1")"
}

# Make a VPS, and start it: not what is tested, so it has to work.
have() { # ID [OPTIONS of create...]
	run vzctl create "$1" --ostemplate "$tmpl" "${@:2}"
	[ "$rc" = 0 ] || { told; echo "Bail out! VPS $1 cannot be created"; exit 1; }
}

started() { # ID
	run vzctl start "$1"
	[ "$rc" = 0 ] || { told; echo "Bail out! VPS $1 cannot be started"; exit 1; }
}

booted() { # ID: started, and its init is past its first steps
	started "$1"
	wait_for 10 in_ct "$1" '[ -n "$(pidof getty)" ]' ||
		note "VPS $1 has no getty after ten seconds"
}

in_ct() { # ID SHELL-LINE
	timeout -k 5 $((30 * slow)) vzctl exec2 "$@" < /dev/null
}

state() { # ID -> "exist unmounted down"
	vzctl status "$1" | cut -d ' ' -f 3-
}

of_state() { # ID FILTER: a value of the state file, "" when there is none
	jq -r "$2 // empty" "$node/run/$1/state.json" 2> /dev/null
}
init_pid() { of_state "$1" .init.pid; }
monitor_pid() { of_state "$1" .monitor.pid; }

# After a reboot from inside. The old init answers for a moment still, and who starts the new one has the lock.
another_init() { # ID OLD
	local p
	p=$(init_pid "$1") && [ -n "$p" ] && [ "$p" != "$2" ] && [ ! -e "$node/lock/$1.lck" ] &&
		[ "$(state "$1")" = "exist mounted running" ]
}

is_alive() { # PID: there, and no zombie
	local s
	s=$(sed 's/.*) //; s/ .*//' "/proc/$1/stat" 2> /dev/null) && [ -n "$s" ] && [ "$s" != Z ]
}

monitors() { # ID -> how many monitors of ours look after it
	local ns p n=0
	ns=$(readlink /proc/self/ns/mnt)
	for p in $(grep -lx "vz-$1" /proc/[0-9]*/comm 2> /dev/null); do
		p=${p%/comm}
		[ "$(readlink "$p/ns/mnt" 2> /dev/null)" = "$ns" ] && is_alive "${p#/proc/}" && n=$((n + 1))
	done
	echo $n
}

one_monitor() { [ "$(monitors "$1")" = 1 ]; }

# What a VPS has on disk: owners there are those inside. Only while it is not mounted.
upper() { # ID PATH -> the file in its private area, its folders made
	local f=$node/private/$1/upper$2
	mkdir -p "${f%/*}"
	echo "$f"
}

hide() { # ID PATH: as if the template did not have it
	local f
	f=$(upper "$1" "$2")
	rm -rf "$f"
	mknod "$f" c 0 0
}

# --- control groups: where a controller is, whatever this host looks like -------------------------

cg_dir() { # CONTROLLER ID -> the folder of the VPS's limits
	awk -v c="$1" -v tail="/$slice/$2" '{
		for (i = 7; $i != "-"; i++)
			;
		if ($(i + 1) == "cgroup" && ("," $(i + 3) ",") ~ ("," c ",")) { print $5 tail; done = 1; exit }
		if ($(i + 1) == "cgroup2") two = $5 }
		END { if (!done && two) print two tail }' /proc/self/mountinfo
}

cg_two() { # ID -> its folder in the second generation's tree
	awk -v tail="/$slice/$1" '{
		for (i = 7; $i != "-"; i++)
			;
		if ($(i + 1) == "cgroup2") { print $5 tail; exit } }' /proc/self/mountinfo
}

# What the kernel has now: ram and ram+swap in bytes, processes, quota in percent; "max" for none.
cg_value() { # ID ram|swap|numproc|cpulimit|cpuunits
	local d v
	case $2 in
	ram) d=$(cg_dir memory "$1"); v=$(cat "$d/memory.max" "$d/memory.limit_in_bytes" 2> /dev/null) ;;
	swap)
		d=$(cg_dir memory "$1")
		if [ -e "$d/memory.swap.max" ]; then
			v=$(cat "$d/memory.swap.max")
		elif [ -e "$d/memory.memsw.limit_in_bytes" ]; then
			v=$(cat "$d/memory.memsw.limit_in_bytes")
			[ "$v" -gt 4611686018427387904 ] || v=$((v - $(cat "$d/memory.limit_in_bytes")))
		else
			v=none
		fi ;;
	numproc) v=$(cat "$(cg_dir pids "$1")/pids.max") ;;
	cpulimit)
		d=$(cg_dir cpu "$1")
		if [ -e "$d/cpu.max" ]; then
			v=$(awk '{ print ($1 == "max" ? "max" : $1 * 100 / $2) }' "$d/cpu.max")
		else
			v=$(cat "$d/cpu.cfs_quota_us")
			[ "$v" = -1 ] && v=max || v=$((v * 100 / $(cat "$d/cpu.cfs_period_us")))
		fi ;;
	cpuunits)
		# as a share of what 1000 units are
		d=$(cg_dir cpu "$1")
		if [ -e "$d/cpu.weight" ]; then
			v=$(($(cat "$d/cpu.weight") * 10))
		else
			v=$((($(cat "$d/cpu.shares") * 1000 + 512) / 1024))
		fi ;;
	esac
	[[ ! $v =~ ^[0-9]+$ ]] || [ "$v" -lt 4611686018427387904 ] || v=max
	echo "$v"
}

# --- crashes --------------------------------------------------------------------------------------

need_fault() {
	grep -q VZ_CRASH "$VZ_TEST_PREFIX/sbin/vzctl" || skip_all "needs a build with --enable-fault"
}

# COMMAND is killed at POINT, as by a power button; that it came there is part of the check.
crash() { # POINT SENTENCE COMMAND...
	VZ_CRASH=$1 run "${@:3}"
	[ "$rc" = 137 ] || told
	verdict $((rc != 137)) "$2"
}

# COMMAND once more while what a monitor becomes at its end has the lock for a moment.
patiently() { # COMMAND...
	local i r
	for ((i = 0; i < 100 * slow; i++)); do
		timeout -k 5 $((30 * slow)) "$@" 2> "$scratch/patiently"
		r=$?
		[ $r = 9 ] && grep -q _ended "$scratch/patiently" || break
		sleep 0.05
	done
	cat "$scratch/patiently" >&2
	return $r
}

# Seen from the node, since a VPS at its limit takes no command.
kill_in_ct() { # ID COMM
	local p
	for p in $(find "$(cg_dir pids "$1")" -name cgroup.procs -exec cat {} + 2> /dev/null); do
		[ "$(cat "/proc/$p/comm" 2> /dev/null)" = "$2" ] && kill -9 "$p" 2> /dev/null
	done
}

# Nothing of the VPS is there but what is on disk: no mount, link, group, process, lock, state.
nothing_runs() { # ID
	local bad=
	[ "$(vzctl status "$1" | cut -d ' ' -f 4-)" = "unmounted down" ] || bad+=" status:$(vzctl status "$1")"
	[ -z "$(find /sys/fs/cgroup -path "*/$slice/$1*" -print -quit 2> /dev/null)" ] || bad+=" cgroup"
	[ ! -e "$node/run/$1" ] || bad+=" run/$1"
	[ ! -e "$node/lock/$1.lck" ] || bad+=" lock"
	! ip link show "venet$1" > /dev/null 2>&1 || bad+=" venet$1"
	[ "$(monitors "$1")" = 0 ] || bad+=" monitor"
	[ ! -e "/sys/fs/bpf/mainvz_${slice//[.\/]/_}/$1" ] || bad+=" counters"
	! grep -q " $node/root/$1 " /proc/self/mountinfo || bad+=" mount"
	[ -z "$bad" ] || echo "left of VPS $1:$bad"
	[ -z "$bad" ]
}

# --- the end --------------------------------------------------------------------------------------

# Processes of this mount namespace that are neither we nor our children: monitors, strays.
strays() {
	local ns p pid ppid
	ns=$(readlink /proc/self/ns/mnt)
	for p in /proc/[0-9]*; do
		pid=${p#/proc/}
		[ "$(readlink "$p/ns/mnt" 2> /dev/null)" = "$ns" ] || continue
		is_alive "$pid" || continue
		ppid=$pid
		while [ "${ppid:-0}" -gt 1 ] && [ "$ppid" != $$ ]; do
			ppid=$(sed 's/.*) . //; s/ .*//' "/proc/$ppid/stat" 2> /dev/null)
		done
		[ "${ppid:-0}" != $$ ] || continue
		[ -e "$p" ] && echo "$pid $(tr '\0' ' ' < "$p/cmdline")"
	done
}

no_strays() {
	[ -z "$(strays)" ]
}

# Stop and destroy every VPS by the product's own verbs.
take_down() {
	local conf id
	for conf in "$node"/conf/[0-9]*.conf; do
		[ -e "$conf" ] || continue
		id=${conf##*/}
		id=${id%.conf}
		[[ $id =~ ^[0-9]+$ ]] || continue
		[ -e "$node/private/$id" ] || { rm -f "$conf"; continue; }
		run vzctl stop "$id" --fast
		[ "$rc" = 0 ] || told
		case $(state "$id") in *' mounted '*) run vzctl umount "$id" ;; esac
		run vzctl destroy "$id"
		[ "$rc" = 0 ] || told
	done
	rm -f "$node"/conf/*.destroyed
}

finish() { # [WHAT WAS TRIED]: a line of its own at the end, which ./check shows again
	take_down
	local r
	wait_for 5 no_strays
	r=$?
	[ $r = 0 ] || note "$(strays)"
	verdict $r "no process was left"
	number=$((number + 1))
	residue_after $number || failed=$((failed + 1))
	echo "1..$number"
	[ -z "${1:-}" ] || echo "# $1"
	exit $((failed > 0))
}

# Whatever the product left when it failed goes, so that the machine is as it was.
clean() {
	local status=$? p h d
	trap - EXIT
	[ -n "$node" ] || exit $status
	for p in $(jobs -p); do kill -9 "$p" 2> /dev/null; done
	for p in $(strays | cut -d ' ' -f 1); do kill -9 "$p" 2> /dev/null; done
	for h in $(awk '{ for (i = 7; $i != "-"; i++) ; if ($(i + 1) ~ /^cgroup2?$/) print $5 }' \
		/proc/self/mountinfo); do
		for d in "$h/$slice"*; do
			[ -d "$d" ] || continue
			find "$d" -name cgroup.procs -exec cat {} + 2> /dev/null | sort -u | grep -vxF 0 |
				xargs -r kill -9 2> /dev/null
			for p in 1 2 3 4 5; do
				find "$d" -depth -type d -exec rmdir {} + 2> /dev/null
				[ -d "$d" ] || break
				sleep 0.1
			done
		done
	done
	awk -v n="$top/" 'index($5, n) == 1 { print $5 }' /proc/self/mountinfo | sort -r |
		while IFS= read -r d; do umount -l "$d" 2> /dev/null; done
	rm -rf --one-file-system "$top"
	exit $status
}
