#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# requires: root
# VPSs with a tree of their own: from an archive in TEMPLATE/cache, or a copy of a template.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
begin "$@"
# The archives and the template are another node's
T=$top/templates
mkdir -p "$T/cache"
cp -a "$VZ_TEST_TEMPLATES/$tmpl" "$T/"
sed -i "s|^TEMPLATE=.*|TEMPLATE=\"$T\"|" "$node/vz.conf"
src=$scratch/src
cp -a "$T/$tmpl/root" "$src"
echo from-archive > "$src/etc/mark"
mkdir -p "$src/home/u" "$src/var/empty"
touch "$src/home/u/f"; chown -R 1000:1001 "$src/home/u"; chmod 4711 "$src/home/u/f"
ln -s /proc/mounts "$src/etc/mtab.old"
mknod "$src/dev/old" c 1 3
setfattr -n user.mark -v x "$src/home/u/f" 2> /dev/null; attr=$?
pack() { tar -C "$src" --numeric-owner --xattrs -c "${@:2}" . > "$T/cache/$1"; }
has_mark() { cat "$node/private/$1/etc/mark" 2> /dev/null; }

pack old-5-x86.tar
code 0 "create from a plain archive" vzctl create 101 --ostemplate old-5-x86 --hostname one
is "$out" "VPS 101 was created" "says so"
is "$(has_mark 101)" from-archive "the tree is the private area itself"
like "$(cat "$node/conf/101.conf")" '^VE_LAYOUT="simfs"$' "its layout is simfs"
like "$(cat "$node/conf/101.conf")" '^OSTEMPLATE="old-5-x86"$' "the name of the archive is stored without its endings"
is "$(stat -c '%u:%g %a' "$node/private/101/home/u/f")" "1000:1001 4711" "owners and modes are those of the archive"
[ $attr != 0 ] || is "$(getfattr --only-values -n user.mark "$node/private/101/home/u/f" 2> /dev/null)" x "attributes, too"
is "$(readlink "$node/private/101/etc/mtab.old")" /proc/mounts "links lead where they led"
is "$(stat -c '%a %u' "$node/private/101" "$node/private")" "$(stat -c %a "$src") 0"$'\n'"$(stat -c '%a %u' "$node/private")" "the root's mode is that of the archive"
booted 101
is "$(in_ct 101 'cat /etc/mark; stat -c %u:%g /home/u/f; hostname')" from-archive$'\n'1000:1001$'\n'one "it runs, and sees the same owners"
in_ct 101 'touch /root/made; chown 5:6 /root/made'
is "$(stat -c '%u:%g' "$node/private/101/root/made")" 5:6 "what it makes has its own ids on disk"
in_ct 101 'echo "{\"layout\":\"overlay\",\"lower\":[\"tiny-x86_64\"]}" > /layout.json; mkdir /upper /work'
vzctl stop 101 --fast > /dev/null
code 0 "a VPS that calls itself something else" vzctl start 101
is "$(in_ct 101 'cat /etc/mark')" from-archive "is the tree that it was"
vzctl stop 101 --fast > /dev/null

# One from elsewhere, of which nothing is noted yet, has it noted before anything of it runs.
sed -i '/^VE_LAYOUT=/d' "$node/conf/101.conf"
rm -r "$node/private/101/layout.json" "$node/private/101/upper" "$node/private/101/work"
printf 'echo "{\\"layout\\":\\"overlay\\",\\"lower\\":[\\"tiny-x86_64\\"]}" > /layout.json; mkdir /upper /work\n' > "$scratch/claim"
code 0 "a script is the first that runs in it" vzctl runscript 101 "$scratch/claim"
like "$(cat "$node/conf/101.conf")" '^VE_LAYOUT="simfs"$' "by then its layout is stored"
code 0 "a start" vzctl start 101
is "$(in_ct 101 'cat /etc/mark')" from-archive "finds the tree that it was"
vzctl stop 101 --fast > /dev/null
code 0 "destroy" vzctl destroy 101
not "removes the tree" test -e "$node/private/101"

n=101
for z in gz:gzip bz2:bzip2 xz:xz zst:zstd; do
	command -v "${z#*:}" > /dev/null || { skip "an archive of ${z#*:}" "no ${z#*:}"; continue; }
	n=$((n + 1))
	"${z#*:}" < "$T/cache/old-5-x86.tar" > "$T/cache/t${z%:*}.tar.${z%:*}"
	code 0 "create from one that is packed by ${z#*:}" vzctl create $n --ostemplate "t${z%:*}"
	is "$(has_mark $n)" from-archive "has the same in it"
done
cp "$T/cache/tgz.tar.gz" "$T/cache/wrong.tar.bz2"
code 0 "what it is packed by is told by the file, not by its name" vzctl create 110 --ostemplate wrong
is "$(has_mark 110)" from-archive "really"
echo two > "$src/etc/mark"
pack both.tar.gz --gzip
cp "$T/cache/old-5-x86.tar" "$T/cache/both.tar"
vzctl create 111 --ostemplate both > /dev/null
is "$(has_mark 111)" from-archive "of several, the plain one is taken first"
pack "$tmpl.tar"
vzctl create 112 --ostemplate "$tmpl" > /dev/null
ok "a template of that name counts before an archive" test -e "$node/private/112/layout.json"
code 0 "--layout simfs of a template" vzctl create 113 --ostemplate "$tmpl" --layout simfs
not "is a copy" test -e "$node/private/113/layout.json"
ok "of all of it" diff -rq --no-dereference "$T/$tmpl/root/etc" "$node/private/113/etc"
code 0 "that starts" vzctl start 113
like "$(cat "$node/conf/113.conf")" '^VE_LAYOUT="simfs"$' "and says so"
vzctl stop 113 --fast > /dev/null

# what cannot be made
conf_of() { [ -e "$node/conf/120.conf" ] || [ -e "$node/private/120" ] || [ -e "$node/private/.120.new" ]; }
refused 91 "nothere" "neither template nor archive is 91" vzctl create 120 --ostemplate nothere
head -c 20000 "$T/cache/tgz.tar.gz" > "$T/cache/cut.tar.gz"
refused 47 "cut.tar.gz" "a truncated archive is 47" vzctl create 120 --ostemplate cut
not "nothing is left" conf_of
head -c 100000 /dev/urandom > "$T/cache/noise.tar"
refused 47 "noise.tar" "noise is 47" vzctl create 120 --ostemplate noise
: > "$T/cache/empty.tar"
refused 47 "empty.tar" "an empty file is 47" vzctl create 120 --ostemplate empty
tar -C "$scratch" -cf "$T/cache/other.tar" order 2> /dev/null || tar -C / -cf "$T/cache/other.tar" etc/hostname --transform 's/etc/x/'
refused 47 "no root of a system" "an archive of something else is 47" vzctl create 120 --ostemplate other
mkdir "$T/cache/dir.tar"
refused 47 "dir.tar" "a folder is 47" vzctl create 120 --ostemplate dir
refused 99 "simfs" "an archive cannot become an overlay: 99" vzctl create 120 --ostemplate tgz --layout overlay
refused 99 "ploop" "ploop is 99" vzctl create 120 --ostemplate tgz --layout ploop
not "nothing is left of any of them" conf_of
mkdir "$node/small"
mount -t tmpfs -o size=300k,nr_inodes=4000 small "$node/small"
refused 46 "space" "no space is 46" vzctl create 120 --ostemplate tgz --private "$node/small/120"
is "$(ls -A "$node/small")" "" "and nothing is left there"
umount "$node/small"; rmdir "$node/small"

# killed and cancelled while it unpacks
mkdir "$src/big"
for i in 1 2 3 4 5 6; do head -c 6000000 /dev/urandom > "$src/big/$i"; done
pack big.tar.xz --use-compress-program='xz -0'
begun() { [ -e "$node/private/.121.new/etc" ]; }
vzctl create 121 --ostemplate big > /dev/null 2>&1 &
job=$!
wait_for 10 begun
kill -9 $job
wait $job 2> /dev/null
gone() { ! pgrep -f "$node/private/.121.new"; }
soon "a killed create takes its tar along" gone
ok "what it left is in nobody's way" test -e "$node/private/.121.new"
code 0 "the next create" vzctl create 121 --ostemplate big
is "$(cat "$node/private/121/etc/mark") $(ls -A "$node/private" | grep -c '^\.')" "two 0" "begins anew, and clears up"
vzctl create 122 --ostemplate big > /dev/null 2> "$scratch/err" &
job=$!
wait_for 10 test -e "$node/private/.122.new/etc"
kill -TERM $job
wait $job
r=$?
verdict $((r == 0 || r > 128)) "a create that is asked to end gives up by itself ($r)"
is "$(ls -A "$node/private" | grep 122; ls "$node/conf" | grep 122)" "" "and removes what it made"
script -qec "vzctl create 123 --ostemplate big" /dev/null > "$scratch/tty" 2>&1 < /dev/null
like "$(tr '\r' '\n' < "$scratch/tty")" '^unpacking: +[0-9]+ %' "on a terminal it shows how far it is"
finish
