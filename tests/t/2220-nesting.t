#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# requires: root netns nft
# Debian's Docker and Podman in a VPS with nesting:on: overlay storage, run, exec, a published port.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=tests/guest/boots.sh
. "$here/guest/boots.sh"
tmpl=debian-12-apps
bail_without_template
begin "$@"
have 101 --ipadd 203.0.113.1
vzctl set 101 --features nesting:on,fuse:on,tun:on --save > /dev/null
# Nothing is fetched: the image is busybox.
mkdir -p "$scratch/image/bin"
cp "$VZ_TEST_TEMPLATES/$tmpl/root/usr/bin/busybox" "$scratch/image/bin/"
for a in sh id ps httpd mkdir cat; do ln -s busybox "$scratch/image/bin/$a"; done
tar -C "$scratch/image" -cf "$(upper 101 /root/image.tar)" .
for u in docker.service docker.socket containerd.service; do hide 101 /etc/systemd/system/$u; done
{ timeout $((60 * slow)) vzctl start 101 --wait > /dev/null 2>&1; }
inside() { timeout -k 5 $((60 * slow)) vzctl exec2 101 "PATH=/usr/sbin:/usr/bin:/sbin:/bin; $1" < /dev/null; }
serves() { [ "$(inside "timeout 5 busybox wget -q -O - http://127.0.0.1:$1/")" = hello ]; }
reached() { [ "$(timeout 5 busybox wget -q -O - "http://203.0.113.1:$1/")" = hello ]; }
web='mkdir /www; echo hello > /www/index.html; httpd -f -h /www'

engine() { # PROGRAM PORT MORE
	ok "$1 takes an image" inside "$1 import /root/image.tar box"
	is "$(inside "$1 run --rm $3 box id -u" 2> /dev/null)" 0 "$1 runs it"
	ok "$1 runs a server with a published port" inside "$1 run -d $3 --name web -p $2:80 box sh -c '$web'"
	like "$(inside "$1 exec web ps")" 'httpd -f' "$1 exec gets into it"
	soon "it answers in the VPS" serves "$2"
	soon "and to the node" reached "$2"
	is "$(inside "$1 run --rm $3 -v /etc:/e:ro box cat /e/hostname")" "$(in_ct 101 'cat /etc/hostname')" "a volume is seen"
	ok "it is removed" inside "$1 rm -f web"
}

# A tree of groups without controllers (hybrid nodes) has no limit of processes for podman to set.
more=''
in_ct 101 'grep -q pids /sys/fs/cgroup/cgroup.controllers' || more=--pids-limit=-1
is "$(inside 'docker info -f "{{.Driver}}"')" overlay2 "Docker's storage is the kernel's overlay"
engine docker 8081 ''
# Docker drops what others forward.
inside 'systemctl stop docker.socket docker && iptables -P FORWARD ACCEPT' > /dev/null 2>&1
is "$(inside 'podman info -f "{{.Store.GraphDriverName}}"')" overlay "so is Podman's"
engine podman 8082 "$more"
ok "what they keep is in the private area, not in the overlay" test -d "$node/private/101/native/docker/overlay2"
[ -z "$(ls -A "$node/private/101/upper/var/lib/docker" 2> /dev/null)" ]
verdict $? "whose own folder is empty"
ok "a user namespace with a proc of its own" inside 'unshare -Urpf --mount-proc true'
like "$(in_ct 101 'systemd-run --quiet --wait --pipe -p SetCredential=key:word sh -c "cat /run/credentials/*/key"')" word "credentials of services"
refused 16 'nesting' "such a VPS is not suspended" vzctl suspend 101

# features
ok "fuse: a file system of the VPS's own" inside 'mkdir -p /mnt/f && bindfs /etc /mnt/f && test -e /mnt/f/passwd && fusermount3 -u /mnt/f'
ok "nft" inside 'nft add table inet t && nft add chain inet t c "{ type filter hook input priority 0; }" && nft add rule inet t c tcp dport 9 drop && nft delete table inet t'
ok "iptables by nft" inside 'iptables -A INPUT -p tcp --dport 9 -j DROP && iptables -D INPUT -p tcp --dport 9 -j DROP'
ok "iptables-legacy" inside 'iptables-legacy -t mangle -A INPUT -p tcp --dport 9 -m comment --comment x -j DROP && iptables-legacy -t mangle -F'
ok "ipset" inside 'ipset create s hash:ip && ipset add s 192.0.2.7 && iptables -A INPUT -m set --match-set s src -j DROP && iptables -D INPUT 1 && ipset destroy s'
code 0 "wireguard by feature" vzctl set 101 --features wireguard:on --save
ok "needs no restart" grep -q 'wireguard:on' "$node/conf/101.conf"
if unshare -n ip link add w0 type wireguard 2> /dev/null; then
	ok "a WireGuard link" inside 'ip link add wg0 type wireguard && wg genkey > /root/k && wg set wg0 private-key /root/k && ip link del wg0'
else
	skip "a WireGuard link" "the kernel has none"
fi
code 0 "NFS" vzctl set 101 --features nfs:on --save
like "$err" 'bindmount_add' "is refused with the way that there is"
vzctl restart 101 > /dev/null
soon "after a restart the image is still there" inside 'docker image inspect box'
finish
