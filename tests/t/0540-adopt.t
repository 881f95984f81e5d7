#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# requires: root cgroup:memory cgroup:cpu cgroup:pids
# VPSs of old nodes: their files and their trees are taken as they are, and start.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
begin "$@"
confs=$here/contract/conf

# A private area as a kernel of 2010 left it: the tree itself, nodes in /dev, signs of its tools.
old_tree() { # ID
	local p=$node/private/$1 n major minor name
	cp -a "$VZ_TEST_TEMPLATES/$tmpl/root" "$p"
	mkdir -p "$p/home/user" "$p/dev"
	chown -R 500:500 "$p/home/user"
	ln -sf /proc/mounts "$p/etc/mtab"
	mkfifo "$p/.vzfifo"
	touch "$p/fastboot"
	for n in null:1:3 zero:1:5 tty:5:0 random:1:8; do
		IFS=: read -r name major minor <<< "$n"
		mknod "$p/dev/$name" c "$major" "$minor"
	done
}
owners() { (cd "$node/private/$1" && find etc bin usr home -printf '%p %U:%G %m\n' 2> /dev/null | sort); }

of() { # ID KEY: what is in force
	case $2 in
	hostname) in_ct "$1" hostname ;;
	ips) in_ct "$1" 'ip -o addr show venet0 scope global' | wc -l ;;
	dns) in_ct "$1" 'grep -c ^nameserver /etc/resolv.conf' ;;
	sigpending) in_ct "$1" 'grep "pending signals" /proc/self/limits' | awk '{ print $5 }' ;;
	*) cg_value "$1" "$2" ;;
	esac
}

id=200
for c in "$confs"/*.conf; do
	id=$((id + 1))
	name=$(basename "$c" .conf)
	sed "s|/var/lib/vz/|$node/|; s|\"/vz/|\"$node/|; s|private/101\"|private/$id\"|; /^#@/d" "$c" > "$node/conf/$id.conf"
	cp "$node/conf/$id.conf" "$scratch/was"
	old_tree $id
	owners $id > "$scratch/before"
	code 0 "a VPS with the file of '$name' starts" vzctl start $id
	[ "$rc" = 0 ] || continue
	# shellcheck disable=SC2046
	for w in $(sed -n 's/^#@ want //p' "$c" | tr -d '\r'); do
		is "$(of $id "${w%%=*}")" "${w#*=}" "$name: ${w%%=*} is ${w#*=}"
	done
	like "$(cat "$node/conf/$id.conf")" '^VE_LAYOUT="?simfs"?.?$' "$name: its layout is in the file"
	is "$(diff "$scratch/was" "$node/conf/$id.conf" | grep -c '^[<>]' | sed 's/^[01]$/few/')" few "$name: no other line has changed"
	is "$(in_ct $id 'stat -c %u:%g /home/user; ls -l /dev/null | cut -c 1')" 500:500$'\n'c "$name: owners inside are those on disk"
	code 0 "$name: it stops" vzctl stop $id --fast
	is "$(comm -23 "$scratch/before" <(owners $id))" "" "$name: no owner and no mode has changed on disk"
	code 0 "$name: and is destroyed" vzctl destroy $id
done
verdict $((id < 210)) "there were at least ten files ($((id - 200)))"

# What cannot be adopted
echo 'OSTEMPLATE="centos-6-x86_64"' > "$node/conf/300.conf"
mkdir -p "$node/private/300/root.hdd"
echo '<Parallels_disk_image/>' > "$node/private/300/root.hdd/DiskDescriptor.xml"
refused 99 "300.*ploop.*copy" "a ploop area is 99, and it is said what to do" vzctl start 300
ok "nothing is left" nothing_runs 300
refused 99 "ploop" "mount is, too" vzctl mount 300
rm -r "$node/private/300"; mkdir "$node/private/300"
refused 47 "" "an empty tree, without an init, is 47" vzctl start 300
ok "nothing is left" nothing_runs 300
chown 100000:100000 "$node/private/300"
refused 47 "300.*user 100000" "a tree whose owners were shifted is 47" vzctl start 300
rm -r "$node/private/300"
refused 43 "300" "none is 43" vzctl start 300
mkdir "$node/private/300"; echo '{"layout":"image"}' > "$node/private/300/layout.json"
refused 53 "layout" "a layout of the future is 53" vzctl start 300
is "$(cat "$node/conf/300.conf")" 'OSTEMPLATE="centos-6-x86_64"' "no start that failed touched the file"
rm "$node/private/300/layout.json"
finish
