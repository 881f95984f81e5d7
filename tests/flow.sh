# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# For tests of bandwidth, behind begin of tests/lib.sh: send as fast as goes from one network namespace to another, and
# tell how much of it has come.

# What comes in is counted by the kernel of who receives it, whoever reads it when: bytes as they were on the wire. On a
# machine that has no time for a while a window holds less, and the next one what waited besides: the nearest counts.
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
	off = lambda rate: abs(rate - want)
	best = None
	for _ in range(8):
	    t, n = look()
	    time.sleep(0.8)
	    end, m = look()
	    rate = (m - n) * 8 / 1000 / (end - t)
	    best = rate if best is None else min(best, rate, key=off)
	    if not want or off(best) <= want * 0.05:
	        break
	print(int(best))
END
cat > "$scratch/flood.py" <<- 'END'
	import socket, sys, time
	kind, address, source = sys.argv[1], sys.argv[2], (sys.argv[3], 0) if sys.argv[3] else None
	try:
	    if kind == "tcp":
	        for _ in range(200): # the other side may not listen yet
	            try:
	                s = socket.create_connection((address, 5000), 5, source)
	                break
	            except ConnectionRefusedError:
	                time.sleep(0.05)
	        while True:
	            s.send(b"x" * 65536)
	    else:
	        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
	        if source:
	            s.bind(source)
	        s.connect((address, 5000))
	        while True:
	            for _ in range(64):
	                try:
	                    s.send(b"x" * 1472)
	                except ConnectionRefusedError:
	                    pass
	            time.sleep(0.005)
	except OSError:
	    pass
END
# The processes of the node in a VPS's network: it has no python of its own. 0 is the node.
at() { # ID COMMAND...: in the place of this shell
	local id=$1
	shift
	if [ "$id" = 0 ]; then exec "$@"; else exec nsenter -n -t "$(init_pid "$id")" "$@"; fi
}
between() { # FROM TO tcp|udp ADDRESS-OF-TO KBITS [SOURCE] -> kilobits a second
	at "$2" timeout $((30 * slow)) python3 "$scratch/count.py" "$3" "$4" "$5" > "$scratch/rate.$2" &
	local counter=$!
	sleep 0.2
	at "$1" timeout $((30 * slow)) python3 "$scratch/flood.py" "$3" "$4" "${6:-}" &
	local flood=$!
	wait $counter
	kill $flood 2> /dev/null
	wait $flood 2> /dev/null
	cat "$scratch/rate.$2"
}
within() { # GOT WANT SENTENCE
	[ "${1:-0}" -ge $(($2 * 95 / 100)) ] && [ "$1" -le $(($2 * 105 / 100)) ]
	verdict $? "$3 ($1 of $2)"
}
devices() { # of rates: vzo101, vzi101 of one VPS, vzot1, vzit1 of the total of a class
	ip -o link | sed -n 's/^[0-9]*: \(vz[io]t\?[0-9]*\)[:@].*/\1/p' | sort | tr '\n' ' '
}
