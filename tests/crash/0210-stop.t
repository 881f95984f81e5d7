#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# requires: root fault
# stop, mount, umount die at each of their points.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
begin "$@"
need_fault
have 101 --ipadd 203.0.113.1 --hostname one

for p in stop:ask:before stop:ask:after stop:guest:before stop:guest:after stop:net:before stop:net:after \
	stop:init:before stop:init:after stop:cgroup:before stop:cgroup:after umount:root:before umount:root:after; do
	booted 101
	crash "$p" "stop dies at $p" vzctl stop 101
	like "$(vzctl status 101)" '^CTID 101 exist (un)?mounted (running|down)$' "status can be asked"
	code 0 "stop again succeeds" patiently vzctl stop 101
	case $(state 101) in *' mounted '*) run vzctl umount 101 ;; esac
	ok "and nothing is left" nothing_runs 101

	started 101
	VZ_CRASH=$p run vzctl stop 101 --fast
	run patiently vzctl start 101
	[ "$rc" = 0 ] || [ "$rc" = 32 ] || told
	verdict $((rc != 0 && rc != 32)) "start after it succeeds, or it still ran ($rc)"
	is "$(state 101) $(in_ct 101 hostname) $(monitors 101)" "exist mounted running one 1" "the VPS runs, with one monitor"
	m=$(monitor_pid 101)
	VZ_CRASH=$p run vzctl stop 101 --fast
	[ -z "$m" ] || kill -9 "$m" 2> /dev/null
	code 0 "with the monitor killed as well, stop succeeds" patiently vzctl stop 101 --fast
	case $(state 101) in *' mounted '*) run vzctl umount 101 ;; esac
	ok "and nothing is left" nothing_runs 101
done

# A VPS that was asked to stop, and was left alone, halts and reboots as ever.
booted 101
VZ_CRASH=stop:ask:before run vzctl stop 101
code 0 "a VPS whose stop died before it was asked is adopted" patiently vzctl mount 101
wait_for 5 in_ct 101 'pidof getty' || run vzctl start 101
in_ct 101 halt
down() { [ "$(state 101)" = "exist unmounted down" ]; }
soon "and cleared up when it halts itself" down

for w in before after; do
	crash "mount:root:$w" "mount dies at mount:root:$w" vzctl mount 101
	code 0 "mount again succeeds" patiently vzctl mount 101
	is "$(state 101)" "exist mounted down" "and it is mounted"
	crash "umount:root:$w" "umount dies at umount:root:$w" vzctl umount 101
	run patiently vzctl umount 101
	[ "$rc" = 0 ] || [ "$rc" = 40 ] || told
	verdict $((rc != 0 && rc != 40)) "umount again succeeds, or it had ($rc)"
	ok "and nothing is left" nothing_runs 101
	VZ_CRASH=mount:root:$w run vzctl mount 101
	code 0 "after a killed mount it starts" patiently vzctl start 101
	code 0 "and stops" patiently vzctl stop 101 --fast
	VZ_CRASH=mount:root:$w run vzctl mount 101
	code 0 "after a killed mount it can be destroyed" patiently vzctl destroy 101
	have 101 --ipadd 203.0.113.1 --hostname one
done
finish
