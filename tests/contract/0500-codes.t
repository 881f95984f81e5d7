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

node_line() { sed -i "/^${1%%=*}=/d" "$VZ_CONF"; echo "$1" >> "$VZ_CONF"; }
ct_line() { sed -i "/^${1%%=*}=/d" "$conf"; echo "$1" >> "$conf"; }
vz() { run vzctl "$@"; }
up() { vzctl start 101 > /dev/null; }

# CODE: do what has to end with it; result as of run(). 1: there is no case here.
provoke() {
	local f
	case $1 in
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
	16)
		printf '#!/bin/sh\ncase " $* " in *" swrk "*) exit 1 ;; esac\nexec %s "$@"\n' \
			"$VZ_TEST_PREFIX/lib/mainvz/criu/criu" > "$scratch/criu"
		chmod 755 "$scratch/criu"
		node_line "CRIU=\"$scratch/criu\""
		up
		vz suspend 101 ;;
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
		printf '#!/bin/sh\nexit 1\n' > "$f"
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

n=0 tried=0
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
		[ "$occurs" = yes ] && note "$wanted $name is not provoked here: $how" || note "$wanted $name does not occur: $how"
	fi
done < "$here/contract/codes.tsv"
total=$(grep -vc '^#' "$here/contract/codes.tsv")
is "$n" "$total" "every code was tried or has its reason"

# And nothing else is ever said: what the header has is what the table has.
is "$(sed -n 's/^\tX([A-Z_0-9]*, \([0-9]*\),.*/\1/p' "$here/../include/vz/codes.h" | sort -nu | comm -13 <(cut -f 1 \
	"$here/contract/codes.tsv" | grep -v '^#' | sort -u) <(sed -n 's/^\tX([A-Z_0-9]*, \([0-9]*\),.*/\1/p' \
	"$here/../include/vz/codes.h" | sort -u) )" "" "no code of the header is missing in the table"
finish "$tried of $total codes"
