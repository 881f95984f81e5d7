#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# requires: root netns veth nft bpf bridge python3
# Firewall sets: what they let through on routed and bridged links, beside what others do to the rules of the node; live,
# over reboots, from a changed file; what is refused.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
begin "$@"

ip link add br0 type bridge
ip link set br0 addrgenmode none up
ip addr add 198.51.100.254/24 dev br0
mkdir "$node/firewall"
cat > "$node/firewall/web.fw" <<- 'END'
	# pages
	IN ACCEPT -p tcp -dport 80,443
	IN ACCEPT -p icmp
END
echo 'IN ACCEPT -p tcp -dport 22 -source 192.0.2.0/24,2001:db8:ffff::/64' > "$node/firewall/ssh.fw"
echo 'OUT DROP -p tcp -dport 25' > "$node/firewall/nomail.fw"

opens() { # ADDRESS PORT
	timeout $((1 * slow)) bash -c "exec 5<> /dev/tcp/$1/$2"
}
from_ct() { # ID ADDRESS PORT
	timeout $((1 * slow)) nsenter -t "$(init_pid "$1")" -n bash -c "exec 5<> /dev/tcp/$2/$3"
}
ask='import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.settimeout(float(sys.argv[3]))
s.sendto(b"?", (sys.argv[1], int(sys.argv[2])))
print(s.recv(9).decode())'
udp_from() { # ID ADDRESS PORT
	nsenter -t "$(init_pid "$1")" -n python3 -c "$ask" "$2" "$3" $((2 * slow))
}
serve='import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("", 5353))
while True:
	b, a = s.recvfrom(9)
	s.sendto(b"!", a)'
serves() { # ID: by TCP at 22 and 80, by UDP at 5353
	in_ct "$1" 'httpd -p 80 -h /root; httpd -p 22 -h /root'
	nsenter -t "$(init_pid "$1")" -n python3 -c "$serve" &
	wait_for 5 in_ct "$1" 'netstat -lun | grep -q :5353'
}
filters() { # DEV -> names of what may drop its frames
	{ tc filter show dev "$1" ingress; tc filter show dev "$1" egress; } | sed -n 's/.* \(vz_[a-z]*\)_*[0-9a-f]* direct-action.*/\1/p' | grep -v '^vz_n' | sort | tr '\n' ' '
}
docker() { # what it makes when it starts, more or less
	nft -f - <<- 'END'
		table ip filter {
			chain INPUT { type filter hook input priority 0; policy accept; }
			chain DOCKER-USER { return; }
			chain FORWARD { type filter hook forward priority 0; policy drop; jump DOCKER-USER; }
		}
		table ip nat {
			chain POSTROUTING { type nat hook postrouting priority 100; policy accept;
				ip saddr 172.17.0.0/16 masquerade; }
		}
	END
}
closed() { # ADDRESS: all that the set web means
	opens "$1" 80 && ! opens "$1" 22
}

have 101 --ipadd 203.0.113.1 --ipadd 2001:db8::1
started 101
serves 101
ok "without a firewall port 22 is open" opens 203.0.113.1 22
is "$(filters venet101)" "vz_guard " "and there is the guard alone"
ok "the set web, live" vzctl set 101 --firewall web --save
is "$(sed -n 's/^FIREWALL=//p' "$node/conf/101.conf")" '"web"' "it is stored"
is "$(filters venet101)" "vz_fw vz_fw vz_guard " "there is something for each direction"
ok "port 80 is open" opens 203.0.113.1 80
not "port 22 is not" opens 203.0.113.1 22
ok "by IPv6 it is the same" opens 2001:db8::1 80
not "both" opens 2001:db8::1 22
ok "ping, which the set names, passes" ping -c 1 -W 2 203.0.113.1
not "that of IPv6, which it does not name, does not" ping -6 -c 1 -W 1 2001:db8::1
python3 -c "$serve" &
server=$!
wait_for 5 sh -c 'ss -lun | grep -q :5353'
is "$(udp_from 101 192.0.2.1 5353)" '!' "what the VPS asks is answered"
not "and it is not asked" python3 -c "$ask" 203.0.113.1 5353 1

# Others and their rules.
docker
ok "beside another's tables with policies it holds" closed 203.0.113.1
is "$(nft list tables | wc -l)" 2 "and has made no table"
like "$(nft list chain ip filter FORWARD)" 'policy drop' "nor changed theirs"
nft flush ruleset
ok "after a flush it holds, without a command" closed 203.0.113.1
is "$(udp_from 101 192.0.2.1 5353)" '!' "answers pass, too"
tc qdisc del dev venet101 clsact
ok "when somebody takes it away port 22 is open" opens 203.0.113.1 22
run vzcheck -j
is "$(jq -r '.[] | select(.name == "net.wall") | .level' <<< "$out")" warn "vzcheck says so"
ok "vznetstat" vznetstat
ok "puts it back" closed 203.0.113.1
is "$(filters venet101)" "vz_fw vz_fw vz_guard " "all of it"

# Several sets, changes.
ok "two sets" vzctl set 101 --firewall web,ssh --save
ok "let port 22 in as well" opens 203.0.113.1 22
ok "where the rule names the source" opens 2001:db8::1 22
ip addr add 198.18.0.1/32 dev up0
not "not from elsewhere" timeout 3 python3 -c 'import socket
socket.create_connection(("203.0.113.1", 22), 1, ("198.18.0.1", 0))'
ip addr del 198.18.0.1/32 dev up0
ok "a set about what goes out" vzctl set 101 --firewall nomail --save
ok "leaves open what comes in" opens 203.0.113.1 22
python3 -m http.server -b 192.0.2.1 25 > /dev/null 2>&1 &
mail=$!
python3 -m http.server -b 192.0.2.1 26 > /dev/null 2>&1 &
more=$!
wait_for 5 opens 192.0.2.1 25
wait_for 5 opens 192.0.2.1 26
not "and keeps mail from going out" from_ct 101 192.0.2.1 25
ok "and nothing else" from_ct 101 192.0.2.1 26
kill $mail $more $server
echo 'IN ACCEPT -p tcp -dport 22' > "$node/firewall/nomail.fw"
run vzcheck -j
is "$(jq -r '.[] | select(.name == "net.wall") | .level' <<< "$out")" warn "a changed file is noticed"
ok "vznetstat" vznetstat
ok "puts it into effect: port 22 is open" opens 203.0.113.1 22
not "80 is not" opens 203.0.113.1 80

# Reboots and links that come.
ok "a link is added" vzctl set 101 --netif_add eth0,,,,br0 --firewall web --save
ok "and set up" vzctl set 101 --ifname eth0 --ipadd 198.51.100.1/24 --save
ok "the sets hold on it" closed 198.51.100.1
ok "restart" vzctl restart 101
serves 101
ok "on the routed link as before" closed 203.0.113.1
ok "and on the bridged one" closed 198.51.100.1
ok "none" vzctl set 101 --firewall none --save
ok "opens all" opens 203.0.113.1 22
ok "everywhere" opens 198.51.100.1 22
is "$(filters venet101)" "vz_guard " "nothing of it is left"

# What is refused.
echo 'IN ACCEPT -dport 80' > "$node/firewall/bad.fw"
printf 'IN ACCEPT\0' > "$node/firewall/nul.fw"
refused 21 "bad.fw', line 1" "a set that is no set" vzctl set 101 --firewall bad --save
refused 21 "no text" "one with a zero byte" vzctl set 101 --firewall nul --save
refused 21 "nope.fw" "one that is not there" vzctl set 101 --firewall web,nope --save
refused 20 "save" "one that would not last" vzctl set 101 --firewall web
for bad in ../web web.fw 'web;ssh' '*' $'web\nssh' "$(printf 'w%.0s' {1..40})"; do
	refused 21 "firewall" "the name '${bad//$'\n'/\\n}'" vzctl set 101 --firewall "$bad" --save
done
is "$(sed -n 's/^FIREWALL=//p' "$node/conf/101.conf")" '""' "nothing of that is stored"
ok "and all is open" opens 203.0.113.1 22
vzctl stop 101 --fast > /dev/null
vzctl set 101 --firewall web --save > /dev/null
mv "$node/firewall/web.fw" "$node/firewall/web"
refused 21 "web.fw" "without its set a VPS does not start open" vzctl start 101
run vzcfgvalidate "$node/conf/101.conf"
like "$out" 'FIREWALL.*web.fw' "vzcfgvalidate says it as well"
mv "$node/firewall/web" "$node/firewall/web.fw"
started 101
not "with it it does, closed" opens 203.0.113.1 5
vzctl stop 101 --fast > /dev/null
rm -r "$node/firewall"
ip link del br0
finish
