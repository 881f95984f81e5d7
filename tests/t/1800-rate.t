#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# requires: root netns veth ifb tbf python3
# RATE: both directions, TCP and UDP, live and off again, over a second link; nothing without it, nothing left.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
begin "$@"

# What comes in is counted by the kernel of who receives it, whoever reads it when: bytes as they were on the wire. The
# limit may be exceeded in no window. That it is reached needs a window in which this machine had time enough, too.
cat > "$scratch/count.py" <<- 'END'
	import socket, sys, threading, time
	kind, address, want = sys.argv[1], sys.argv[2], float(sys.argv[3])
	s = socket.socket(socket.AF_INET, socket.SOCK_STREAM if kind == "tcp" else socket.SOCK_DGRAM)
	s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
	s.bind((address, 5000))
	s.settimeout(10)
	def drain():
	    while s.recv(1 << 20, socket.MSG_TRUNC):
	        pass
	def table(path):
	    rows = {}
	    lines = [line.split() for line in open(path)]
	    for names, values in zip(lines[::2], lines[1::2]):
	        rows.update((names[0] + n, int(v)) for n, v in zip(names[1:], values[1:]))
	    return rows
	def look():
	    while True:
	        t = time.monotonic()
	        ext, ip = table("/proc/self/net/netstat"), table("/proc/self/net/snmp")
	        late = time.monotonic()
	        if late - t < 0.02:
	            break
	    frames = sum(ext["IpExt:In%sPkts" % e] for e in ("NoECT", "ECT0", "ECT1", "CE"))
	    # Frames that TCP has joined have one header left of each.
	    joined = (frames - ip["Ip:InReceives"]) * 52
	    return (t + late) / 2, ext["IpExt:InOctets"] + frames * 14 + joined
	if kind == "tcp":
	    s.listen(1)
	    s, _ = s.accept()
	    s.settimeout(10)
	s.recv(1)
	threading.Thread(target=drain, daemon=True).start()
	time.sleep(0.3)
	most = 0
	for _ in range(8):
	    t, n = look()
	    time.sleep(0.8)
	    end, m = look()
	    most = max(most, (m - n) * 8 / 1000 / (end - t))
	    if most >= want * 0.95:
	        break
	print(int(most))
END
cat > "$scratch/flood.py" <<- 'END'
	import socket, sys, time
	kind, address = sys.argv[1], sys.argv[2]
	try:
	    if kind == "tcp":
	        for _ in range(200): # the other side may not listen yet
	            try:
	                s = socket.create_connection((address, 5000), 5)
	                break
	            except ConnectionRefusedError:
	                time.sleep(0.05)
	        while True:
	            s.send(b"x" * 65536)
	    else:
	        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
	        s.connect((address, 5000))
	        while True:
	            for _ in range(8):
	                try:
	                    s.send(b"x" * 1472)
	                except ConnectionRefusedError:
	                    pass
	            time.sleep(0.001)
	except OSError:
	    pass
END
# The processes of the node in a VPS's network: it has no python of its own. 0 is the node.
at() { # ID COMMAND...: in the place of this shell
	local id=$1
	shift
	if [ "$id" = 0 ]; then exec "$@"; else exec nsenter -n -t "$(init_pid "$id")" "$@"; fi
}
between() { # FROM TO tcp|udp ADDRESS-OF-TO KBITS -> kilobits a second
	at "$2" timeout $((30 * slow)) python3 "$scratch/count.py" "$3" "$4" "$5" > "$scratch/rate" &
	local counter=$!
	sleep 0.2
	at "$1" timeout $((30 * slow)) python3 "$scratch/flood.py" "$3" "$4" &
	local flood=$!
	wait $counter
	kill $flood 2> /dev/null
	wait $flood 2> /dev/null
	cat "$scratch/rate"
}
holds() { # out|in tcp|udp KBITS SENTENCE [NODE-ADDRESS VPS-ADDRESS]
	local got
	if [ "$1" = out ]; then
		got=$(between 101 0 "$2" "${5:-192.0.2.1}" "$3")
	else
		got=$(between 0 101 "$2" "${6:-203.0.113.1}" "$3")
	fi
	within "$got" "$3" "$4"
}
within() { # GOT WANT SENTENCE
	[ "${1:-0}" -ge $(($2 * 95 / 100)) ] && [ "$1" -le $(($2 * 105 / 100)) ]
	verdict $? "$3 ($1 of $2)"
}
devices() { ip -o link | sed -n 's/^[0-9]*: \(vz[io][0-9]*\)[:@].*/\1/p' | sort | tr '\n' ' '; }

have 101 --ipadd 203.0.113.1
started 101
is "$(devices)" "" "without RATE there is no device for it"
[ "$(between 101 0 tcp 192.0.2.1 0)" -gt 200000 ]
verdict $? "and no limit"
ok "RATE is set live" vzctl set 101 --rate '*:1:20000' --ratebound yes --save
is "$(devices)" "vzi101 vzo101 " "one device for each direction"
holds out tcp 20000 "TCP from the VPS is held"
holds in tcp 20000 "TCP to the VPS is held"
holds out udp 20000 "a UDP flood from the VPS is held"
holds in udp 20000 "a UDP flood to the VPS is held"
in_ct 101 'tc qdisc del dev venet0 root; tc qdisc add dev venet0 root noqueue' > /dev/null 2>&1
holds out udp 20000 "root inside cannot change that"

# A second link is no second rate.
ip link add br0 type bridge
ip link set br0 addrgenmode none
ip link set br0 up
ip addr add 198.51.100.254/24 dev br0
ok "a bridged link is added" vzctl set 101 --netif_add eth0,,,,br0 --save
in_ct 101 'ip link set eth0 up; ip addr add 198.51.100.2/24 dev eth0'
holds out udp 20000 "it is held, too" 198.51.100.254 198.51.100.2
ok "the VPS starts with it" vzctl restart 101
is "$(devices)" "vzi101 vzo101 " "its devices are there"
holds in tcp 20000 "and hold"
ok "ping gets through" ping -c 1 -W 2 203.0.113.1
ok "another rate" vzctl set 101 --rate '*:1:10000' --save
holds out udp 10000 "holds at once"
ok "RATEBOUND off" vzctl set 101 --ratebound no --save
is "$(devices)" "" "without TOTALRATE there is no limit then"
vzctl stop 101 --fast > /dev/null
echo 'TOTALRATE="*:1:12000"' >> "$VZ_CONF"
started 101
holds out tcp 12000 "with TOTALRATE that is the most"
ok "off" vzctl set 101 --rate '*:1:0' --save
is "$(devices)" "" "takes the devices away"
ok "traffic flows" ping -c 1 -W 2 203.0.113.1
for bad in 5000 '*:1' x:y:z '*:1:-5' '*:1:99999999999' '*:70000:5' 'a/b:1:5' '*:1:5m' $'*:1:5\n*:1:6 x'; do
	not "'${bad//$'\n'/ }' is no rate" vzctl set 101 --rate "$bad"
done
vzctl set 101 --rate '*:1:5000' --ratebound yes --save > /dev/null

# From one VPS to another: what the first may send and the second receive.
have 102 --ipadd 203.0.113.2
vzctl set 102 --rate '*:1:3000' --ratebound yes --save > /dev/null
started 102
within "$(between 101 102 tcp 203.0.113.2 3000)" 3000 "what another VPS may receive holds for its neighbour, too"
within "$(between 102 101 udp 203.0.113.1 3000)" 3000 "and what it may send"
kill -9 "$(monitor_pid 101)" "$(init_pid 101)"
patiently vzctl stop 101 > /dev/null 2>&1
is "$(devices)" "vzi102 vzo102 " "nothing is left of a VPS that was killed, and its neighbour keeps its own"
ip link del br0
finish
