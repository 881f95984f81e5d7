#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# requires: root
# Templates that add to another: what they hold, what stands on what, VPSs of several lower layers.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
begin "$@"
T=$top/templates
mkdir -p "$T" "$scratch/recipes/family"
cp -a "$VZ_TEST_TEMPLATES/$tmpl" "$T/"
sed -i "s|^TEMPLATE=.*|TEMPLATE=\"$T\"|" "$node/vz.conf"
R=$scratch/recipes
tmplctl() { vztmpl "$@" --recipes "$R"; }
recipe() { # NAME BASE SCRIPT
	printf '{"name":"%s","description":"d","family":"%s","base":"%s","packages":["p"],"mask":[]}\n' \
		"$1" "$1" "$2" > "$R/$1.json"
	printf 'set -e\nroot=$1\necho "p 1" > "$VZ_PACKAGE_LIST"\n%s\n' "$3" > "$R/family/$1.sh"
}
in_root() { cat "$T/$1/root/$2" 2> /dev/null; }
recipe one "$tmpl" 'echo one > "$root/etc/mark"; rm "$root/etc/shells"; mkdir "$root/opt/a"
	echo a > "$root/opt/a/f"; echo changed >> "$root/etc/profile"; mv "$root/srv" "$root/moved"
	echo "$VZ_INIT $VZ_RELEASE" > "$root/etc/told"'
recipe two one 'echo two > "$root/etc/mark"; rm -r "$root/opt/a"; mkdir "$root/opt/a"; chown 5:6 "$root/opt/a"'

code 0 "a template on another is built, and the one between as well" tmplctl build two
is "$(ls "$T")" one$'\n'"$tmpl"$'\n'two "all three are there and nothing else"
is "$(in_root one etc/mark) $(in_root two etc/mark)" "one two" "each holds what it adds"
not "and not what lies below" test -e "$T/one/root/bin"
is "$(in_root one etc/told)" "tiny 12" "its script is told what the base is"
is "$(stat -c %F "$T/one/root/etc/shells")" "character special file" "what it removes is a whiteout"
is "$(jq -r '.base, .init, .stop_signal' "$T/two/manifest.json")" one$'\n'tiny$'\n'12 "the manifest names the base and takes over what that is"
like "$(tmplctl info two)" '^base +one$' "info says so"
code 0 "it is as it was built" tmplctl verify two

vzctl create 101 --ostemplate two > /dev/null
is "$(jq -c .lower "$node/private/101/layout.json")" "[\"two\",\"one\",\"$tmpl\"]" "a VPS has all three below it, the uppermost first"
booted 101
is "$(in_ct 101 'cat /etc/mark; tail -n 1 /etc/profile')" two$'\n'changed "it sees the uppermost of each file"
is "$(in_ct 101 'ls /etc/shells /srv 2> /dev/null; ls /opt/a; stat -c %u:%g /opt/a; ls -d /moved')" 5:6$'\n'/moved "what a layer removed is gone, what it emptied is empty"
in_ct 101 'mv /opt/a /opt/b && echo x > /opt/b/f && rm /etc/mark && mkdir /bin.d && mv /usr/bin /usr/bin2 && /usr/bin2/busybox mv /usr/bin2 /usr/bin'
is "$(in_ct 101 'cat /opt/b/f; ls /etc/mark /opt/a 2>&1 | wc -l')" x$'\n'2 "it may change, rename and remove all of it"
is "$(in_root two etc/mark)" two "which the templates do not feel"
vzctl stop 101 --fast > /dev/null

refused 9 "in use by template 'one'" "a base is not removed" tmplctl remove "$tmpl"
refused 9 "in use by template 'two'" "nor the one between" tmplctl remove one
refused 9 "private/101" "nor the one that a VPS stands on" tmplctl remove two

vzctl create 102 --ostemplate two --layout simfs > /dev/null
is "$(cat "$node/private/102/etc/mark"; cd "$node/private/102" && ls opt/a srv 2> /dev/null)" two$'\n'opt/a: "a VPS with a tree of its own gets all layers as one"
booted 102
is "$(in_ct 102 'cat /etc/mark')" two "and runs"
# Its root is its private area; what it says there of itself must count for nothing.
in_ct 102 'echo "{\"layout\":\"overlay\",\"lower\":[\"two\"]}" > /layout.json'
vzctl stop 102 --fast > /dev/null
code 0 "reinstall with the template below" vzctl reinstall 101 --ostemplate one
is "$(jq -c .lower "$node/private/101/layout.json")" "[\"one\",\"$tmpl\"]" "gives its layers"
booted 101
is "$(in_ct 101 'cat /etc/mark; head -n 1 /etc/passwd | cut -d: -f1')" one$'\n'root "with accounts that only the base has"
vzctl stop 101 --fast > /dev/null
vzctl destroy 101 > /dev/null

echo x >> "$T/one/root/etc/mark"
refused 47 "template 'one' has changed" "verify looks at each base" tmplctl verify two
echo one > "$T/one/root/etc/mark"
sed -i 's/"base_digest": *"sha256:.\(.*\)"/"base_digest": "sha256:0\1"/' "$T/two/manifest.json"
sed -i 's/"digest": *"sha256:.\(.*\)"/"digest": "sha256:f\1"/' "$T/one/manifest.json"
refused 47 "built on another 'one'" "another base under the same name is noticed" vzctl create 101 --ostemplate two
not "and nothing made" test -e "$node/private/101"
code 0 "the uppermost can be removed, although a VPS with its own tree says that it stands on it" tmplctl remove two
code 0 "then the next" tmplctl remove one

recipe self self ':'
refused 85 "cannot be its base" "a recipe is not its own base" tmplctl build self
recipe ping pong ':'
recipe pong ping ':'
refused 85 "its own base" "nor by a round" tmplctl build ping
recipe lost nowhere ':'
refused 91 "nowhere" "a base without a recipe is 91" tmplctl build lost
recipe both "$tmpl" ':'
sed -i 's/"mask"/"init":"systemd","mask"/' "$R/both.json"
refused 85 "'init' is what the base says" "what the base decides is not asked for" tmplctl build both
recipe gone "$tmpl" 'rm -f "$root/sbin/init" "$root/usr/sbin/init"'
refused 47 "no /sbin/init" "a layer that takes init away is refused" tmplctl build gone
recipe stuck "$tmpl" 'touch "$root/etc/half"; exec sleep 300'
vztmpl build stuck --recipes "$R" > /dev/null 2>&1 &
victim=$!
soon "a build is at work" test -e "$T/.stuck.new/root/etc/half"
kill -KILL "$victim"; wait "$victim" 2> /dev/null
recipe late "$tmpl" 'echo late > "$root/etc/mark"'
soon "after a build that was killed another works" tmplctl build late
is "$(ls -A "$T")" late$'\n'"$tmpl" "which clears up what that left"
not "no mount of it is left" grep -q "$T" /proc/self/mountinfo

# A real one.
web=debian-12-x86_64-nginx
sed -i "s|^TEMPLATE=.*|TEMPLATE=\"$VZ_TEST_TEMPLATES\"|" "$node/vz.conf"
vzctl create 110 --ostemplate "$web" > /dev/null
code 0 "a VPS of it starts" vzctl start 110 --wait
get='exec 3<> /dev/tcp/127.0.0.1/80; printf "GET / HTTP/1.0\r\n\r\n" >&3; head -n 1 <&3 | tr -d "\r"'
is "$(vzctl exec2 110 "bash -c '$get'")" "HTTP/1.1 200 OK" "Debian with nginx as a layer serves a page"
is "$(in_ct 110 'systemctl is-system-running')" running "in a quiet system"
ok "of which the layer is a small part" test "$(du -s "$VZ_TEST_TEMPLATES/$web" | cut -f1)" -lt $(($(du -s "$VZ_TEST_TEMPLATES/debian-12-x86_64" | cut -f1) / 5))
vzctl stop 110 > /dev/null
finish
