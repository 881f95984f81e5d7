#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# requires: root strace
# System calls that fail: a kernel without a feature, a disk that is full, memory that is short. The verb
# fails with one line and leaves nothing, or it finds another way; what was there stays.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
begin "$@"
command -v strace > /dev/null || skip_all "needs strace"
strace -qq -o /dev/null true 2> /dev/null || skip_all "strace cannot trace here"

# The CALLth call of NAME in vzctl (and its children with -f) fails with ERROR.
inject() { # NAME ERROR WHEN COMMAND...
	timeout -k 5 $((30 * slow)) strace ${follow:-} -qq -o /dev/null -e trace="$1" -e "inject=$1:error=$2:when=$3" "${@:4}" < /dev/null
}

# Where everything takes ten times as long, fewer of them.
calls=(1 2 3 4 5 6 7 8)
[ "$slow" = 1 ] || calls=(1 3 5)

files() { (cd "$node" && find conf ids names private lock | sort); }
was=$(files)
for fault in mkdirat:ENOSPC mkdir:ENOSPC openat:EMFILE write:ENOSPC write:EIO fsync:EIO renameat2:ENOSPC \
	renameat:ENOSPC symlinkat:ENOSPC linkat:ENOSPC; do
	bad='' tried=0
	for n in "${calls[@]}"; do
		run inject "${fault%:*}" "${fault#*:}" $n vzctl create 101 --ostemplate "$tmpl" --name web
		tried=$((tried + 1))
		if [ "$rc" = 0 ]; then
			[[ $(state 101) = "exist unmounted down" ]] || bad+=" $n:claims-success"
			run vzctl destroy 101
			[ "$rc" = 0 ] || bad+=" $n:cannot-destroy"
			rm -f "$node"/conf/*.destroyed
		else
			[ "$(grep -c . <<< "$err")" = 1 ] || { bad+=" $n:lines"; note "$err"; }
			[ "$rc" -lt 124 ] || [ "$rc" = 131 ] || [ "$rc" = 139 ] || bad+=" $n:status-$rc"
			[[ ${fault#*:} != ENOSPC ]] || [ "$rc" = 46 ] || note "create with $fault at call $n: $rc $err"
		fi
		[ "$(files)" = "$was" ] || { bad+=" $n:left"; note "$(diff <(echo "$was") <(files))"; rm -rf "$node"/{private,conf,ids,names}/{*,.[0-9]*}; }
	done
	is "$bad" "" "create with ${fault%:*} failing with ${fault#*:} at any of $tried calls leaves nothing half made"
done

have 101 --hostname one --ipadd 203.0.113.1
conf=$(cat "$node/conf/101.conf")
for fault in openat:EMFILE write:ENOSPC renameat2:ENOSPC renameat:EIO fchmod:EPERM fsync:EIO; do
	bad=
	for n in "${calls[@]}"; do
		run inject "${fault%:*}" "${fault#*:}" $n vzctl set 101 --hostname two --numproc 99 --save
		now=$(cat "$node/conf/101.conf")
		if [ "$rc" = 0 ]; then
			grep -q '^HOSTNAME="two"' <<< "$now" || bad+=" $n:claims-success"
			printf '%s\n' "$conf" > "$node/conf/101.conf"
		else
			[ "$now" = "$conf" ] || { bad+=" $n:changed"; printf '%s\n' "$conf" > "$node/conf/101.conf"; }
			[ "$(grep -c . <<< "$err")" = 1 ] || { bad+=" $n:lines"; note "$err"; }
		fi
		[ "$(cd "$node/conf" && ls)" = 101.conf ] || { bad+=" $n:left"; note "$(ls "$node/conf")"; }
	done
	is "$bad" "" "set --save with ${fault%:*} failing with ${fault#*:} is done or not done"
done

# What a kernel may lack, and what may run short, at start.
started 101 # its caches are made
vzctl stop 101 --fast > /dev/null
for fault in mount_setattr:ENOSYS open_tree:ENOSYS move_mount:ENOSYS fsopen:ENOSYS fsmount:EPERM fsconfig:EINVAL \
	unshare:EPERM setns:EPERM memfd_create:ENOSYS openat2:ENOSYS socketpair:EMFILE \
	bpf:EPERM clone:EAGAIN vfork:EAGAIN clone3:EAGAIN socket:EMFILE mkdirat:ENOSPC; do
	for follow in '' '-f -D'; do
		# With -f also the monitor and what becomes init; their calls have their own numbers.
		run inject "${fault%:*}" "${fault#*:}" 1+ vzctl start 101
		r=0
		if [ "$rc" = 0 ]; then
			[ "$(state 101)" = "exist mounted running" ] || r=1
			run vzctl stop 101 --fast
			[ "$rc" = 0 ] || r=1
		else
			[ "$(grep -c . <<< "$err")" = 1 ] && [ "$rc" -lt 124 ] || r=1
		fi
		[ $r = 0 ] || told
		nothing_runs 101 || { r=1; vzctl stop 101 --fast; vzctl umount 101; } > "$scratch/left" 2>&1
		[ $r = 0 ] || note "$(cat "$scratch/left" 2> /dev/null)"
		verdict $r "start${follow:+, the monitor included,} on a kernel where ${fault%:*} says ${fault#*:}: works, or fails with one line and leaves nothing"
	done
done
# A monitor that is killed before its first word, by a signal in the call that would say it.
begin_s=$SECONDS
run timeout -k 5 $((60 * slow)) strace -f -qq -o /dev/null -e trace=sendmsg -e inject=sendmsg:signal=KILL:when=1 vzctl start 101
[ "$rc" != 0 ] || told
verdict $((rc == 0 || SECONDS - begin_s > 15 * slow)) "a monitor that dies before its first word is noticed at once ($((SECONDS - begin_s)) s)"
code 0 "after all that it starts" patiently vzctl start 101
finish
