#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# requires: root
# Scripts of a distribution: which file is taken, when each action runs, what it is given.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
begin "$@"
dists=$node/dists
have 101 --ipadd 203.0.113.1 --hostname one
conf=$node/conf/101.conf

code 0 "without a folder dists a VPS starts" vzctl start 101
is "$err" "" "and nothing is said about it"
vzctl stop 101 --fast > /dev/null
mkdir -p "$dists/scripts"
refused 107 "dists.*101" "a folder in which nothing fits is 107" vzctl start 101
ok "and nothing was begun" nothing_runs 101

# Each action notes its name, its environment and its input.
actions='ADD_IP DEL_IP SET_HOSTNAME SET_DNS SET_UGID_QUOTA POST_CREATE PRE_START SET_CONSOLE NETIF_ADD NETIF_DEL'
dist_conf() { # NAME [MARK]: a file with all actions
	local a
	echo '# made by the test' > "$dists/$1.conf"
	for a in $actions; do
		echo "$a=$a.sh"
		cat > "$dists/scripts/$a.sh" <<- END
			{ echo "$a \$(from_functions) user=\$(id -u) pwd=\$PWD pid1=\$(cat /proc/1/comm)"
			  env | grep -vE '^(_|SHLVL|PWD|OLDPWD|HOME|PATH|TERM)=' | sort | sed 's/^/  /'; } >> \${VE_ROOT:-}/root/dist
		END
	done >> "$dists/$1.conf"
}
echo 'from_functions() { echo lib; }' > "$dists/scripts/functions"
dist_conf other
echo 'PRE_START=which.sh' > "$dists/tiny.conf"
echo "# nothing" > "$dists/default.conf"

# which file
which_one() { # what the VPS was started with
	vzctl start 101 > /dev/null 2> "$scratch/warn"
	in_ct 101 'cat /root/which 2> /dev/null; rm -f /root/which'
	vzctl stop 101 --fast > /dev/null
}
for n in tiny-x86_64-minimal tiny-x86_64 tiny default special; do
	echo "echo $n > /root/which" > "$dists/scripts/$n.sh"
	echo "PRE_START=\"$n.sh\"" > "$dists/$n.conf"
done
ostemplate() { sed -i "s/^OSTEMPLATE=.*/OSTEMPLATE=\"$1\"/" "$conf"; }
ostemplate tiny-x86_64-minimal
is "$(which_one)" tiny-x86_64-minimal "the name of the template selects the file"
ostemplate .tiny-x86_64-minimal-devel-20101010
is "$(which_one)" tiny-x86_64-minimal "trailing parts are dropped until there is one"
rm "$dists"/tiny-x86_64-minimal.conf
is "$(which_one)" tiny-x86_64 "one"
rm "$dists"/tiny-x86_64.conf
is "$(which_one)" tiny "by one"
is "$(cat "$scratch/warn")" "" "which is nothing to speak of"
ostemplate unknown-7
is "$(which_one)" default "else it is the default"
like "$(cat "$scratch/warn")" "unknown-7.*default.conf" "with a warning"
echo 'DISTRIBUTION="special"' >> "$conf"
is "$(which_one)" special "DISTRIBUTION counts before OSTEMPLATE"
is "$(cat "$scratch/warn")" "" "without one"
sed -i /^DISTRIBUTION/d "$conf"
rm "$dists"/{tiny,default,special}.conf
ostemplate nothing
refused 107 "dists.*101" "no file and no default is 107" vzctl start 101
ostemplate other-1

# what start runs
vzctl set 101 --nameserver '192.0.2.53 192.0.2.54' --searchdomain example.org --quotaugidlimit 50 --save > /dev/null 2>&1
vzctl set 101 --ipadd 203.0.113.9/24 --ipadd 2001:db8::9 --save > /dev/null 2>&1
code 0 "start" vzctl start 101
is "$err" "" "says nothing of scripts that work"
got=$(in_ct 101 'cat /root/dist; rm /root/dist')
is "$(grep -v '^ ' <<< "$got" | cut -d ' ' -f 1 | tr '\n' ' ')" \
	"SET_CONSOLE SET_HOSTNAME SET_DNS SET_UGID_QUOTA ADD_IP PRE_START " "runs them in the order of the contract"
is "$(grep -v '^ ' <<< "$got" | cut -d ' ' -f 2- | sort -u)" "lib user=0 pwd=/ pid1=vz-101" \
	"inside as root, with functions before them, before init"
of() { sed -n "/^$1 /,/^[A-Z]/p" <<< "$got" | grep '^ ' | sed 's/^  //'; }
is "$(of ADD_IP)" "IPV6=yes
IP_ADDR=203.0.113.1 203.0.113.9/24 2001:db8::9
VE_STATE=starting" "ADD_IP has the addresses, masks where there are any"
is "$(of SET_HOSTNAME)" "HOSTNM=one
IP_ADDR=203.0.113.1
VE_STATE=starting" "SET_HOSTNAME the name and the first address"
is "$(of SET_DNS)" "NAMESERVER=192.0.2.53 192.0.2.54
SEARCHDOMAIN=example.org" "SET_DNS both lists"
like "$(of SET_UGID_QUOTA)" "UGIDLIMIT=50" "SET_UGID_QUOTA its limit"
is "$(of PRE_START)" "USERNS=yes
VZ_KERNEL=no" "PRE_START what kind of kernel this is"
is "$(of SET_CONSOLE)" "" "SET_CONSOLE nothing"
is "$(in_ct 101 'hostname; grep -c 192.0.2.53 /etc/resolv.conf')" one$'\n'1 "the built-in way was gone before them"

# what set runs
vz() { vzctl set 101 "$@" > /dev/null 2>&1; got=$(in_ct 101 'cat /root/dist; rm -f /root/dist' 2> /dev/null); }
vz --ipadd 203.0.113.7 --save
is "$(head -n 1 <<< "$got" | cut -d ' ' -f 1) $(of ADD_IP | tr '\n' ' ')" "ADD_IP IPV6=yes IP_ADDR=203.0.113.7 VE_STATE=running " "--ipadd runs ADD_IP with the new one"
vz --ipdel 203.0.113.7 --save
is "$(head -n 1 <<< "$got" | cut -d ' ' -f 1) $(of DEL_IP | tr '\n' ' ')" "DEL_IP IP_ADDR=203.0.113.7 VE_STATE=running " "--ipdel DEL_IP with the old one"
vz --ipdel all --ipadd 203.0.113.8 --save
is "$(grep -c '^[A-Z]' <<< "$got") $(of ADD_IP | tr '\n' ' ')" "1 IPDELALL=yes IPV6=yes IP_ADDR=203.0.113.8 VE_STATE=running " "both, for all, ADD_IP alone with IPDELALL"
vz --ipdel all
is "$(of DEL_IP | tr '\n' ' ')" "IPDELALL=yes IP_ADDR=203.0.113.8 VE_STATE=running " "--ipdel all DEL_IP with IPDELALL"
vz --hostname two --save
is "$(head -n 1 <<< "$got" | cut -d ' ' -f 1) $(of SET_HOSTNAME | head -n 1)" "SET_HOSTNAME HOSTNM=two" "--hostname SET_HOSTNAME"
vz --nameserver 192.0.2.55 --save
is "$(head -n 1 <<< "$got" | cut -d ' ' -f 1) $(of SET_DNS | head -n 1)" "SET_DNS NAMESERVER=192.0.2.55" "--nameserver SET_DNS"
vz --ram 128M --save
is "$got" "" "what concerns none of them runs none"
vz --hostname two --save
is "$got" "" "nor what changes nothing"

# failures
echo 'exit 3' > "$dists/scripts/SET_HOSTNAME.sh"
code 0 "a script that fails does not make set fail" vzctl set 101 --hostname three --save
like "$err" "SET_HOSTNAME.*status 3" "it is said"
is "$(in_ct 101 hostname)" three "and the name is set"
vzctl stop 101 --fast > /dev/null
rm "$dists/scripts/SET_DNS.sh"
echo 'ADD_IP=/etc/passwd' > "$dists/other.conf.new"; cat "$dists/other.conf" >> "$dists/other.conf.new"
mv "$dists/other.conf.new" "$dists/other.conf"
code 0 "nor start" vzctl start 101
like "$err" "SET_HOSTNAME.*status 3" "that"
like "$err" "SET_DNS.*[Nn]o such file" "a script that is missing"
like "$err" "other.conf: '/etc/passwd' is not the name" "and a name that is a path are said"
vzctl stop 101 --fast > /dev/null

# passwords
hash() { vzctl mount 101 > /dev/null; grep "^$1:" "$node/root/101/etc/shadow" | cut -d : -f 2; vzctl umount 101 > /dev/null; }
code 0 "without SET_USERPASS" vzctl set 101 --userpasswd root:secret1
was=$(hash root)
like "$was" '^\$' "a password is set the built-in way"
sed -i /passwd/d "$dists/other.conf"
echo 'SET_USERPASS=pw.sh' >> "$dists/other.conf"
echo 'echo "$USERPW pid1=$(cat /proc/1/comm)" >> /root/pw; [ ! -e /root/no ]' > "$dists/scripts/pw.sh"
code 0 "with one, in a VPS that does not run" vzctl set 101 --userpasswd root:secret2 --userpasswd adm:x
is "$(hash root)" "$was" "the script is all that happens"
ok "and the VPS is down again" nothing_runs 101
vzctl start 101 > /dev/null 2>&1
is "$(in_ct 101 'cat /root/pw')" "root:secret2 adm:x pid1=sh" "it has them all, and ran inside"
in_ct 101 'touch /root/no'
refused 74 "pw.sh" "one that fails is 74" vzctl set 101 --userpasswd root:secret3
unlike "$err$(cat "$node/log")" 'secret' "and no password is in words or log"
like "$(in_ct 101 'tail -n 1 /root/pw')" "^root:secret3" "it ran in the VPS that runs"
vzctl stop 101 --fast > /dev/null

# create
for a in default tiny; do cp "$dists/other.conf" "$dists/$a.conf"; done
code 0 "create" vzctl create 102 --ostemplate "$tmpl"
f=$node/private/102/upper/root/dist
like "$(cat "$f")" '^POST_CREATE lib user=0 pwd=/' "runs POST_CREATE on the node"
is "$(stat -c '%u:%g' "$f")" 0:0 "what it makes belongs to root of the VPS"
like "$(cat "$f")" "^  VE_ROOT=$node/root/102\$" "VE_ROOT is where it finds the VPS"
ok "and is not mounted afterwards" nothing_runs 102
rm -r "$dists"
finish
