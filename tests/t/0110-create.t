#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# requires: root
# Create and destroy: what is made, what is refused, and that a refusal leaves nothing.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
begin "$@"

files() { # everything on the node but the log
	(cd "$node" && find . ! -name log ! -name cgroups.json ! -path './run/filter-*' | sort)
}

empty=$(files)
nothing_made() { # SENTENCE
	is "$(files)" "$empty" "$1"
}

refused 91 "nosuch" "a template that is not there is 91" vzctl create 101 --ostemplate nosuch-1
nothing_made "and nothing is made"
refused 21 "etc" "a template's name is no path" vzctl create 101 --ostemplate ../../etc
nothing_made "and nothing is made by it"
sed -i '/^DEF_OSTEMPLATE/d' "$VZ_CONF"
refused 29 "template" "no template and no default is 29" vzctl create 101
nothing_made "and nothing is made by that"
echo "DEF_OSTEMPLATE=\"$tmpl\"" >> "$VZ_CONF"
refused 82 "nosuch" "a sample configuration that is not there is 82" \
	vzctl create 101 --ostemplate "$tmpl" --config nosuch
nothing_made "and nothing is made without it"
refused 21 "local_uid.*(root|above 0)" "ids of the node's own root are refused" \
	vzctl create 101 --ostemplate "$tmpl" --local_uid 0
nothing_made "and nothing is made with them"
refused 99 "ploop" "a layout not made here is 99" vzctl create 101 --ostemplate "$tmpl" --layout ploop
nothing_made "and nothing is made of it"
refused 71 "" "a bad address is 71" vzctl create 101 --ostemplate "$tmpl" --ipadd 1.2.3.400
nothing_made "and nothing is made for it"

code 0 "the default template is used" vzctl create 101
like "$out" '101' "and it says which VPS was made"
is "$(stat -c %a "$node/private/101")" 700 "nobody but root gets into a private area"
conf=$(cat "$node/conf/101.conf")
like "$conf" '^OSTEMPLATE="tiny-x86_64"$' "the template is stored"
# shellcheck disable=SC2016 # it is the letters that matter
like "$conf" '^VE_PRIVATE=.*/private/\$VEID"?$' "the private area is stored with its literal \$VEID"
# shellcheck disable=SC2016
like "$conf" '^VE_ROOT=.*/root/\$VEID"?$' "the root, too"
ok "the file is valid shell" bash -n "$node/conf/101.conf"
is "$(readlink "$node"/ids/*)" 101 "its id range is noted"
is "$(state 101)" "exist unmounted down" "and it is there, not mounted, not running"
refused 44 "private/101" "a second create is 44" vzctl create 101 --ostemplate "$tmpl"
is "$(cat "$node/conf/101.conf")" "$conf" "and changes nothing"

code 0 "options of create are saved without --save" vzctl create 102 --ostemplate "$tmpl" \
	--name 'shop 2' --hostname shop.example.com --ipadd 203.0.113.2 --ipadd 2001:db8::2 \
	--description 'two words'
conf=$(cat "$node/conf/102.conf")
like "$conf" '^NAME="shop 2"$' "name"
like "$conf" '^HOSTNAME="shop.example.com"$' "host name"
like "$conf" '^IP_ADDRESS="203.0.113.2(/32)? 2001:db8::2(/128)?"$' "addresses"
like "$conf" '^DESCRIPTION="two words"$' "description"
is "$(vzctl status 'shop 2')" "CTID 102 exist unmounted down" "the name works at once"
refused 131 "shop 2" "a name that is taken is 131" vzctl create 103 --ostemplate "$tmpl" --name 'shop 2'
like "$(state 103)" "^deleted" "and no VPS comes of it"
is "$(readlink "$node"/ids/* | sort | tr '\n' ' ')" "101 102 " "nor an id range"

refused 21 "ids" "an id range of another VPS is refused" vzctl create 103 --ostemplate "$tmpl" \
	--local_uid "$(sed -n 's/^LOCAL_UID="*\([0-9]*\).*/\1/p' "$node/conf/101.conf")"
refused 21 "ids|local_uid" "one that begins amid two ranges, too" \
	vzctl create 103 --ostemplate "$tmpl" --local_uid 1769472001
code 0 "a free range may be asked for" vzctl create 103 --ostemplate "$tmpl" --local_uid 1769472000
ok "and is what it gets" grep -qx 'LOCAL_UID="1769472000"' "$node/conf/103.conf"

mkdir "$node/private/104"
code 0 "an empty folder in the area's place is no harm" vzctl create 104
mkdir "$node/private/105" && echo precious > "$node/private/105/file"
refused 44 "105" "one with files is 44" vzctl create 105
is "$(cat "$node/private/105/file" 2>&1)" precious "and they are untouched"
is "$(ls "$node/conf" | grep -c '^105')" 0 "without a configuration left"
rm -r "$node/private/105"
mkdir "$node/private/105" && mount -t tmpfs none "$node/private/105"
refused 48 "105" "a mount point in the area's place is 48" vzctl create 105
umount "$node/private/105" && rmdir "$node/private/105"

printf '# mine\nHOSTNAME="old"\nUNKNOWN_KEY="kept"\n' > "$node/conf/105.conf"
code 0 "a configuration that is there already is used" vzctl create 105 --hostname new
like "$err" '105' "with a warning"
like "$(cat "$node/conf/105.conf")" '^# mine$' "its comments stay"
like "$(cat "$node/conf/105.conf")" '^UNKNOWN_KEY="kept"$' "so do unknown lines"
like "$(cat "$node/conf/105.conf")" '^HOSTNAME="new"$' "and the command line wins"
vzctl destroy 105 > /dev/null
printf 'HOSTNAME="old"\n' > "$node/conf/105.conf"
refused 82 "105" "but not together with --config" vzctl create 105 --config x
rm "$node/conf/105.conf"

printf 'PHYSPAGES="0:65536"\nSWAPPAGES="0:0"\nONBOOT="no"\n' > "$node/conf/ve-small.conf-sample"
code 0 "a sample configuration is copied" vzctl create 105 --config small
like "$(cat "$node/conf/105.conf")" '^PHYSPAGES="0:65536"$' "with its values"
like "$(cat "$node/conf/105.conf")" '^ORIGIN_SAMPLE="small"$' "and is remembered"
rm "$node/conf/ve-small.conf-sample"

code 0 "destroy removes it" vzctl destroy 105
is "$(find "$node/private" "$node/root" -name '*105*')" "" "private area and root are gone"
ok "the configuration is kept under another name" test -s "$node/conf/105.conf.destroyed"
is "$(vzctl status 105)" "CTID 105 deleted unmounted down" "and it is deleted"
code 0 "what was destroyed can be created again" vzctl create 105
code 0 "delete is the same verb" vzctl delete 105
code 0 "destroy removes the name" vzctl destroy 102
is "$(ls "$node/names")" "" "from the names folder"
code 0 "so that it is free again" vzctl create 102 --name 'shop 2'

mkdir "$node/elsewhere" && cp -a "$node/private/104/." "$node/elsewhere/"
rm -r "$node/private/104" && ln -s ../elsewhere "$node/private/104"
code 0 "a private area that is a link can be destroyed" vzctl destroy 104
ok "but only the link goes" test -d "$node/elsewhere/upper"
not "really" test -L "$node/private/104"
rm -r "$node/elsewhere"
finish
