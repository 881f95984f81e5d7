#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# requires: root
# Every exit code, from tests/contract/codes.tsv: provoked by what the table says, with one line; or why there is no case.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
begin "$@"
have 101
have 102 --name taken --ipadd 203.0.113.2
conf=$node/conf/101.conf
cp "$conf" "$scratch/conf"
cp "$VZ_CONF" "$scratch/node"
uuid=6b29fc40-ca47-1067-b31d-00dd010662da

need_faults() { grep -q VZ_FAIL "$VZ_TEST_PREFIX/sbin/vzctl"; }
node_line() { sed -i "/^${1%%=*}=/d" "$VZ_CONF"; echo "$1" >> "$VZ_CONF"; }
ct_line() { sed -i "/^${1%%=*}=/d" "$conf"; echo "$1" >> "$conf"; }
vz() { run vzctl "$@"; }
up() { vzctl start 101 > /dev/null; }

# COMMAND with the file system that holds FILE not writable: as if the kernel refused.
readonly_at() { # FILE COMMAND...
	local fs
	fs=$(findmnt -n -o TARGET -T "$1")
	run unshare -m sh -c 'mount -o remount,bind,ro "$0" 2> /dev/null ||
		{ mount --bind "$0" "$0" && mount -o remount,bind,ro "$0"; } || exit 99; exec "$@"' "$fs" "${@:2}"
}

# COMMAND in a user namespace that has all ids: the mounts that it sees are locked to ours.
elsewhere() { # COMMAND...
	local pid s
	mkfifo "$scratch/go"
	unshare -U -m --propagation unchanged sh -c 'read -r _ < "$0"; exec "$@"' "$scratch/go" "$@" &
	pid=$!
	for ((s = 0; s < 100; s++)); do
		[ "$(readlink /proc/$pid/ns/user)" = "$(readlink /proc/self/ns/user)" ] || break
		sleep 0.05
	done
	echo "0 0 4294967295" > /proc/$pid/uid_map
	echo "0 0 4294967295" > /proc/$pid/gid_map
	echo > "$scratch/go"
	wait $pid
	s=$?
	rm "$scratch/go"
	return $s
}

# A file system that never answers who reads from it, so that not even SIGKILL ends the reader.
silent_fs() { # DIR
	perl -e '
		open(my $f, "+<", "/dev/fuse") or exit 1;
		my ($fd, $src, $type, $dir) = (fileno($f), "silent", "fuse", $ARGV[0]);
		my $opt = "fd=$fd,rootmode=40000,user_id=0,group_id=0,allow_other";
		syscall(165, $src, $dir, $type, 0, $opt) == 0 or exit 1;
		while (sysread($f, my $q, 1 << 18)) {
			my ($len, $op, $id, $node) = unpack("LLQQ", $q);
			my $attr = sub { pack("QQQQQQLLLLLLLLLL", $_[0], $_[1], 8, 0, 0, 0, 0, 0, 0, $_[2], 1, 0, 0, 0, 4096, 0) };
			my $say = sub { syswrite($f, pack("LlQ", 16 + length($_[1]), $_[0], $id) . $_[1]) };
			if ($op == 26) { $say->(0, pack("LLLLSSLLSSL8", 7, 31, 0, 0, 16, 12, 4096, 1, 0, 0, (0) x 8)) }
			elsif ($op == 3) { $say->(0, pack("QLL", 60, 0, 0) . $attr->($node, 4096, $node == 1 ? 040755 : 0100644)) }
			elsif ($op == 1) { $say->(0, pack("QQQQLL", 2, 0, 60, 60, 0, 0) . $attr->(2, 4096, 0100644)) }
			elsif ($op == 14 || $op == 27) { $say->(0, pack("QLL", 0, 1, 0)) }
			elsif ($op == 15 || $op == 36 || $op == 2) { }
			else { $say->(-38, "") }
		}' "$1" &
	silent=$!
	wait_for 5 mountpoint -q "$1"
}

# CODE: do what has to end with it; result as of run(). 1: there is no case here.
provoke() {
	local f
	case $1 in
	1) up; readonly_at "$(cg_dir pids 101)/pids.max" vzctl set 101 --numproc 50 --save ;;
	2) up; readonly_at "$(cg_dir cpu 101)/cgroup.procs" vzctl set 101 --cpuunits 5000 --save ;;
	6)
		vzctl mount 101 > /dev/null; vzctl umount 101 > /dev/null # what 5 left unfinished knows its range
		mkdir "$node/ids.full"
		perl -e 'symlink("999", "$ARGV[1]/" . ($ARGV[0] + $_ * 65536)) for 0 .. 2047' \
			"$(sed -n 's/^LOCAL_UID="\(.*\)"/\1/p' "$VZ_CONF")" "$node/ids.full"
		mv "$node/ids" "$node/ids.away"; mv "$node/ids.full" "$node/ids"
		vz mount 101
		rm -r "$node/ids"; mv "$node/ids.away" "$node/ids" ;;
	16) touch "$scratch/file"; up; node_line "DUMPDIR=\"$scratch/file/dump\""; vz suspend 101 ;;
	33)
		[ -c /dev/fuse ] && mkdir "$scratch/silent" && silent_fs "$scratch/silent" || return 1
		up
		vzctl exec2 101 cat < "$scratch/silent/f" > /dev/null 2>&1 &
		f=$!
		wait_for 5 in_ct 101 'pidof cat'
		sleep 0.3
		vz stop 101 --fast
		kill $silent
		wait $silent $f 2> /dev/null
		umount -l "$scratch/silent"; rmdir "$scratch/silent" ;;
	34) up; vz set 101 --ipadd 192.0.2.255 --save ;;
	51) vzctl mount 101 > /dev/null; run elsewhere vzctl umount 101 ;;
	54) mv "$node/ids" "$node/ids.away"; touch "$node/ids"; vz mount 101; rm "$node/ids"; mv "$node/ids.away" "$node/ids" ;;
	62) need_faults || return 1; up; VZ_FAIL=quota:set vz set 101 --diskspace 1G:1G --save ;;
	74) f=$(upper 101 /etc/shadow); rm -f "$f"; mkdir "$f"; vz set 101 --userpasswd root:sesame; rmdir "$f" ;;
	107) mkdir "$node/dists"; vz start 101; rmdir "$node/dists" ;;
	0) vz status 101; [ -z "$err" ] && err="(none)" ;;
	3) run bash -c 'vzctl status 101 > /dev/full' ;;
	5) run unshare -m sh -c 'umount -l -R /sys/fs/cgroup && mount -t tmpfs none /sys/fs/cgroup && exec vzctl start 101' ;;
	7) ct_line 'PHYSPAGES="0:1"'; ct_line 'SWAPPAGES="0:0"'; vz start 101 ;;
	8) up; vz exec 101 false; err="(none)" ;;
	9)
		sleep 30 &
		printf '%s\nbusy\n' $! > "$node/lock/101.lck"
		vz start 101
		kill $!
		wait $! 2> /dev/null
		rm -f "$node/lock/101.lck" ;;
	10) VZ_CONF=/nosuch vz start 101 ;;
	11) up; vz runscript 101 /nosuch ;;
	12) vzctl unregister 101 > /dev/null; echo other > "$node/private/101/.owner"
		vz register "$node/private/101" 101
		rm -f "$node/private/101/.owner"
		vzctl register "$node/private/101" 101 > /dev/null ;;
	14) vz start 777 ;;
	17) vz resume 101 ;;
	20) vz set 101 now ;;
	21) vz start 101 --frob ;;
	29) sed -i '/^DEF_OSTEMPLATE/d' "$VZ_CONF"; vz create 109 ;;
	31) vz exec2 101 true ;;
	32) up; vz start 101 ;;
	40) vz umount 101 ;;
	41) vzctl mount 101 > /dev/null; vz destroy 101 ;;
	43) mv "$node/private/101" "$node/away"; vz start 101; mv "$node/away" "$node/private/101" ;;
	44) mkdir "$node/private/109"; touch "$node/private/109/x"; vz create 109; rm -r "$node/private/109" ;;
	46) mkdir "$node/small"; mount -t tmpfs -o nr_inodes=2 none "$node/small"; vz create 109 --private "$node/small/109"
		umount -l "$node/small"; rmdir "$node/small" ;;
	48) touch "$scratch/file"; vz create 109 --private "$scratch/file/109" ;;
	47) hide 101 /sbin/init; hide 101 /etc/init; hide 101 /bin/init; hide 101 /bin/sh; vz start 101
		rm -rf "$node/private/101/upper/"{sbin,etc,bin} ;;
	49) touch "$scratch/file"; ct_line "VE_ROOT=\"$scratch/file/root\""; vz mount 101 ;;
	50) mount -t tmpfs none "$node/root/101"; vz mount 101; umount "$node/root/101" ;;
	52) mv "$node/private/101" "$node/away"; ln -s "$node/away" "$node/private/101"; vz destroy 101 --safe
		rm "$node/private/101"; mv "$node/away" "$node/private/101" ;;
	53) vz create 109 --layout tarball ;;
	60) ct_line 'DISK_QUOTA="no"'; vz quotaon 101 ;;
	61) ct_line 'DISK_QUOTA="no"'; vz quotainit 101 ;;
	63) vz convert 101 --layout ploop ;;
	66) ct_line 'DISK_QUOTA="no"'; vz quotaoff 101 ;;
	70) vz set 101 --hostname 'a b' --save ;;
	71) vz set 101 --ipadd 1.2.3 --save ;;
	72) vz set 101 --nameserver 1.2.3 --save ;;
	73) vz set 101 --searchdomain a/b --save ;;
	78) vzctl start 102 > /dev/null; up; vz set 101 --ipadd 203.0.113.2; vzctl stop 102 --fast > /dev/null ;;
	79) printf '#!/bin/sh\nexit 1\n' > "$node/conf/101.mount"; chmod +x "$node/conf/101.mount"; vz mount 101
		rm "$node/conf/101.mount" ;;
	82) vz create 109 --config no-such-sample ;;
	85) printf 'HOSTNAME="x\0y"\n' >> "$conf"; vz start 101 ;;
	86) vz set 101 --devices b:7:0:rw --save ;;
	91) vz create 109 --ostemplate no-such ;;
	99) vz create 109 --layout ploop ;;
	104) up; vz set 101 --netdev_add nosuch9 --save ;;
	105) ct_line 'DISABLED="yes"'; vz start 101 ;;
	109) vz set 101 --applyconfig no-such --save ;;
	128) vz reinstall 101 --undo ;;
	130) up; vz set 101 --netif_add eth0,,,,nosuchbr --save ;;
	131) vz set 101 --name taken --save ;;
	133)
		f=$(upper 101 /sbin/init)
		rm -f "$f"
		printf '#!/bin/sh\nsleep 1\nexit 1\n' > "$f"
		chmod 755 "$f"
		vz start 101 --wait
		rm -rf "$node/private/101/upper/sbin" ;;
	139) mount --bind "$node/conf" "$node/conf"; mount -o remount,bind,ro "$node/conf"
		vz set 101 --description x --save
		umount "$node/conf" ;;
	148) vz set 101 --ioprio 8 --save ;;
	155) ct_line 'DISKSPACE="1048576:1048576"'; vz convert 101 --layout ploop ;;
	156) vz snapshot 101 ;;
	158) vz snapshot-delete 101 --id $uuid ;;
	159) vz snapshot-switch 101 --id $uuid ;;
	160) vz snapshot-mount 101 --id $uuid --target "$scratch" ;;
	161) vz snapshot-umount 101 --id $uuid ;;
	167) vz snapshot-list 101 ;;
	*) return 1 ;;
	esac
}

n=0 tried=0 never=0
while IFS=$'\t' read -r wanted name occurs how; do
	[[ $wanted != \#* ]] || continue
	n=$((n + 1))
	if [ "$occurs" = yes ] && provoke "$wanted"; then
		tried=$((tried + 1)) said=
		[ "$rc" = "$wanted" ] || said="status $rc"
		[ -n "$err" ] && [[ $err != *$'\n'* ]] || said+=" not one line"
		[ -z "$said" ] || { note "$said"; told; }
		verdict "$([ -z "$said" ]; echo $?)" "$wanted $name: $how"
		# As it was before.
		cp "$scratch/conf" "$conf"
		cp "$scratch/node" "$VZ_CONF"
		[[ $(state 101) != *running ]] || vzctl stop 101 --fast > /dev/null 2>&1
		[[ $(state 101) != *' mounted '* ]] || vzctl umount 101 > /dev/null 2>&1
		[ ! -e "$node/conf/109.conf" ] || { note "VPS 109 was made"; vzctl destroy 109 > /dev/null; }
	else
		if [ "$occurs" = yes ]; then
			note "$wanted $name is not provoked here: $how"
		else
			note "$wanted $name does not occur: $how"
			never=$((never + 1))
		fi
	fi
done < "$here/contract/codes.tsv"
total=$(grep -vc '^#' "$here/contract/codes.tsv")
is "$n" "$total" "every code was tried or has its reason"

# And nothing else is ever said: what the header has is what the table has.
is "$(sed -n 's/^\tX([A-Z_0-9]*, \([0-9]*\),.*/\1/p' "$here/../include/vz/codes.h" | sort -nu | comm -13 <(cut -f 1 \
	"$here/contract/codes.tsv" | grep -v '^#' | sort -u) <(sed -n 's/^\tX([A-Z_0-9]*, \([0-9]*\),.*/\1/p' \
	"$here/../include/vz/codes.h" | sort -u) )" "" "no code of the header is missing in the table"
finish "$tried of $total codes provoked; $never never occur, each with its reason"
