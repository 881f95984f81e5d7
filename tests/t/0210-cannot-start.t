#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# requires: root
# Starts that cannot succeed: the code of the contract, one line, and nothing half made.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
begin "$@"

stays_down() { # SENTENCE
	is "$(state 101 | sed 's/^[a-z]* //') $(find /sys/fs/cgroup -path "*/$slice/101*" | wc -l) $(ip -o link | grep -c venet)" \
		"unmounted down 0 0" "$1"
}

have 101 --ipadd 203.0.113.1

mv "$node/private/101" "$node/aside"
refused 43 "private/101" "without its private area start is 43" vzctl start 101
stays_down "and nothing is made"
refused 43 "private/101" "mount, too" vzctl mount 101
code 0 "stop succeeds all the same" vzctl stop 101
mv "$node/aside" "$node/private/101"

mkdir "$node/template"
sed -i "s|^TEMPLATE=.*|TEMPLATE=\"$node/template\"|" "$VZ_CONF"
refused 91 "$tmpl" "with its template gone start is 91" vzctl start 101
stays_down "and nothing is mounted"
refused 91 "$tmpl" "mount, too" vzctl mount 101
ln -s "$VZ_TEST_TEMPLATES/$tmpl" "$node/template/$tmpl"
code 0 "once it is back the VPS starts" vzctl start 101
vzctl stop 101 --fast > /dev/null
rm -r "$node/template"
sed -i "s|^TEMPLATE=.*|TEMPLATE=\"$VZ_TEST_TEMPLATES\"|" "$VZ_CONF"

cp "$node/private/101/layout.json" "$scratch/layout.json"
for text in '' '{' '{"layout":"overlay"}' '{"layout":"overlay","lower":["../../etc"]}' \
	'{"layout":"other","lower":["x"]}' "$(head -c 70000 /dev/zero | tr '\0' ' ')"; do
	printf %s "$text" > "$node/private/101/layout.json"
	refused 53 "layout.json" "a layout file like '${text:0:45}' is 53" vzctl start 101
	stays_down "and nothing is mounted by it"
done
cp "$scratch/layout.json" "$node/private/101/layout.json"

# No init, or one that cannot be run.
hide 101 /usr/sbin/init
refused 47 "init" "without an init start is 47" vzctl start 101
stays_down "and nothing is left of the attempt"
init=$(upper 101 /usr/sbin/init)
rm "$init" && printf 'no program' > "$init"
refused 47 "init" "with an init that may not be run, too" vzctl start 101
rm "$init" && ln -s init "$init"
refused 47 "init" "with one that is a link to itself, too" vzctl start 101
stays_down "and nothing is left of these"

# An init that ends at once: the VPS has run, and is cleared up.
rm "$init"
printf '#!/bin/sh\nexit 3\n' > "$init" && chmod 755 "$init"
run vzctl start 101
down() { [ "$(state 101)" = "exist unmounted down" ]; }
soon "an init that ends at once leaves nothing mounted" down
stays_down "nor anything else"
rm -r "$node/private/101/upper/usr"
code 0 "mended, it starts" vzctl start 101
vzctl stop 101 --fast > /dev/null

# Folders and files that the guest has replaced by links to the host's.
vzctl set 101 --hostname evil --nameserver 192.0.2.53 --save > /dev/null
mkdir "$node/bait"
for link in etc etc/hostname etc/resolv.conf run dev proc sys; do
	echo bait > "$node/bait/file"
	[ "${link#*/}" = "$link" ] && target=$node/bait || target=$node/bait/file
	rm -rf "$node/private/101/upper/$link"
	f=$(upper 101 "/$link")
	ln -s "$target" "$f"
	run vzctl start 101
	[ "$(find "$node/bait" -mindepth 1) $(cat "$node/bait/file")" = "$node/bait/file bait" ]
	verdict $? "a link at /$link leads to nothing of the host's (start: $rc)"
	is "$(grep -c " $node/bait" /proc/self/mountinfo)" 0 "no mount either"
	run vzctl stop 101 --fast
	rm -rf "$node/private/101/upper/${link%%/*}"
done
rm -r "$node/bait"

# What the name of the folder in the way may be.
have 102
rmdir "$node/root/102" 2> /dev/null
echo file > "$node/root/102"
run vzctl start 102
verdict $((rc == 0)) "a file in the place of VE_ROOT is a refusal"
is "$(cat "$node/root/102")" file "and it is untouched"
rm "$node/root/102"
code 0 "without it it starts" vzctl start 102
finish
