#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# requires: root netns veth nft
# vzstat: figures that are right, in forms that are right; accounts go on over restarts.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
begin "$@"

# Strict: families stand together under one TYPE, names end in their unit, counters in _total, labels are
# escaped, no sample comes twice, the last line is "# EOF".
cat > "$scratch/om.py" <<- 'END'
	import re, sys
	text = open(sys.argv[1]).read()
	assert text.endswith("# EOF\n"), "the end"
	seen, samples, now, kinds = set(), set(), None, {}
	name = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
	pair = r'[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*"'
	for line in text[:-6].splitlines():
	    m = re.fullmatch(rf"# (TYPE|UNIT|HELP) ({name}) (.+)", line)
	    if m:
	        if m[1] == "TYPE":
	            assert m[2] not in seen, "twice: " + line
	            assert m[3] in ("gauge", "counter"), line
	            seen.add(m[2])
	            now = m[2]
	            kinds[now] = m[3]
	        assert m[2] == now, "out of place: " + line
	        if m[1] == "UNIT":
	            assert now.endswith("_" + m[3]), line
	        continue
	    m = re.fullmatch(rf"({name})(?:\{{({pair}(?:,{pair})*)\}})? ([0-9]+(?:\.[0-9]+)?)", line)
	    assert m, "no sample: " + line
	    assert m[1] == now + ("_total" if kinds[now] == "counter" else ""), "family of: " + line
	    assert (m[1], m[2]) not in samples, "twice: " + line
	    samples.add((m[1], m[2]))
	    labels = [x.split("=")[0] for x in re.findall(pair, m[2] or "")]
	    assert len(set(labels)) == len(labels), line
	assert len(samples) > 10
END

refused 1 "delay" "a delay of nothing" vzstat -d 0
refused 1 "delay" "a negative one" vzstat -d -1
refused 1 "delay" "a huge one" vzstat -d 99999999999999999999
refused 1 "rounds" "half a round" vzstat -d 1 -n 1.5
refused 1 "delay" "rounds without a delay" vzstat -n 2
refused 1 "one form" "two forms" vzstat -j --openmetrics
refused 1 "777" "a VPS that is not there" vzstat 777
refused 1 "nowhere" "a folder that is not there" vzstat -o "$scratch/nowhere/x"
ok "a node without VPSs" vzstat
ok "and as metrics" bash -c "vzstat --openmetrics > $scratch/om && python3 $scratch/om.py $scratch/om"

have 101 --name web --ipadd 203.0.113.1
have 102
run vzctl set 101 --ram 64M --swap 0 --cpulimit 50 --save
booted 101
one() { # FILTER -> of 101
	vzstat -j 101 | jq -r ".vps[0] | $1"
}

ok "JSON is one object" bash -c "vzstat -j > $scratch/j && [ \$(jq -s length $scratch/j) = 1 ]"
is "$(jq -r '.vps | map("\(.ctid) \(.state) \(.running)") | join(", ")' "$scratch/j")" "101 running 1, 102 stopped 0" \
	"with all VPSs"
is "$(jq -r '.node | (.cpus > 0) and (.memory > .memory_available) and .vps == 2 and .vps_running == 1' "$scratch/j")" true \
	"and the node"
is "$(one '"\(.name) \(.memory_limit) \(.cpu_limit)"')" "web 67108864 0.5" "limits are those that were set"
is "$(one '.memory > 100000 and .memory_peak >= .memory and .processes > 1 and .uptime > 0')" true "figures are live"

# Known amounts.
cpu_group() { cat "$(cg_dir cpuacct 101)/cpuacct.usage" 2> /dev/null || awk '/^usage_usec/ { print $2 * 1000 }' "$(cg_two 101)/cpu.stat"; }
first=$(one .cpu_seconds)
group=$(cpu_group)
in_ct 101 'i=0; while [ $i -lt 60000 ]; do i=$((i+1)); done'
burnt=$(($(cpu_group) - group))
second=$(one .cpu_seconds)
verdict $(($(jq -n "($second - $first - $burnt / 1e9) | fabs < 0.1 and $burnt > 0" | grep -c false))) \
	"CPU time is what the kernel counts ($first, $second, $burnt ns)"
in_ct 101 'ping -q -c 10 -i 0.02 -W 2 192.0.2.1 > /dev/null'
is "$(one '.traffic | map(select(.class == 1 and .family == 4)) | "\(.[0].in_bytes) \(.[0].out_packets)"')" "840 10" \
	"ten pings are 840 bytes"
written=$(one .io_write_bytes)
if in_ct 101 'dd if=/dev/zero of=/big bs=1024k count=8 oflag=direct 2> /dev/null'; then
	grown=$(($(one .io_write_bytes) - written))
	verdict $((grown < 8388608 || grown > 9437184)) "8 MiB written past the cache are 8 MiB ($grown)"
else
	skip "8 MiB written past the cache are 8 MiB" "no direct I/O here"
fi

# Over restarts.
figures='"\(.cpu_seconds) \(.io_write_bytes) \(.io_writes) \(.running_seconds) \(.memory_limit_byte_seconds) \(.memory_byte_seconds)"'
grows() { # BEFORE AFTER: no figure less
	awk -v a="$1" -v b="$2" 'BEGIN { n = split(a, x); m = split(b, y); bad = n != m
		for (i = 1; i <= n; i++) if (y[i] + 0 < x[i] + 0) bad = 1
		exit bad }'
}
before=$(one "$figures")
ok "--keep" vzstat --keep
ok "the record is there while it runs" test -s "$node/state/acct/101.json"
kept=$(one "$figures")
ok "keeping changes no figure but by time ($before; $kept)" grows "$before" "$kept"
verdict $(($(jq -n "($(one .cpu_seconds) - ${kept%% *}) < 1" | grep -c false))) "and counts nothing twice"
run vzctl stop 101
stopped=$(one "$figures")
ok "stop loses nothing ($stopped)" grows "$kept" "$stopped"
is "$(one '"\(.state) \(.memory)"')" "stopped null" "what a stopped VPS does not have is null"
is "$(one "$figures")" "$stopped" "a stopped VPS uses nothing"
is "$(one '(.memory_limit_byte_seconds / .running_seconds / 67108864) | . > 0.97 and . < 1.03')" true \
	"byte seconds of the limit are limit times seconds"
is "$(one '.memory_byte_seconds > 0 and .memory_byte_seconds < .memory_limit_byte_seconds')" true "less memory was used"
booted 101
ok "start loses nothing" grows "$stopped" "$(one "$figures")"
run vzctl restart 101
ok "nor restart" grows "$stopped" "$(one "$figures")"
before=$(one "$figures")
# What a reboot of the node leaves: the state, and groups of another boot.
run vzctl stop 101 --fast
sed -i 's/"group": *"[^"]*"/"group":"00000000-0000-0000-0000-000000000000:1"/' "$node/state/acct/101.json"
ok "nor a reboot" grows "$before" "$(one "$figures")"
started 101
ok "nor the start after it" grows "$before" "$(one "$figures")"
echo garbage > "$node/state/acct/101.json"
ok "a damaged record is none" vzstat -j 101

# Monitoring.
run vzctl set 102 --name 'a-b_c' --save
ok "OpenMetrics" vzstat --openmetrics -o "$scratch/vz.prom"
ok "is valid" python3 "$scratch/om.py" "$scratch/vz.prom"
like "$(cat "$scratch/vz.prom")" '^mainvz_vps_cpu_seconds_total\{ctid="101",name="web"\} [0-9.]+$' "names and labels"
like "$(cat "$scratch/vz.prom")" '^mainvz_vps_running\{ctid="102",name="a-b_c"\} 0$' "stopped VPSs are told"
is "$(stat -c %a "$scratch/vz.prom")" 644 "the collector can read it"
is "$(ls "$scratch" | grep -c '^vz.prom')" 1 "nothing is left beside it"

# Rates.
timeout 60 vzctl exec2 101 'while :; do :; done' < /dev/null > /dev/null 2>&1 &
job=$!
sleep 0.3
vzstat -j -d 1 -n 1 101 > "$scratch/j"
is "$(jq '.vps[0].rates.cpu_seconds | . > 0.02 and . < 0.6' "$scratch/j")" true \
	"a rate of CPU time is within the limit ($(jq .vps[0].rates.cpu_seconds "$scratch/j"))"
kill_in_ct 101 sh
wait $job 2> /dev/null
is "$(vzstat -d 0.2 -n 2 101 | grep -c '^ *101 running')" 2 "-n 2 is two tables"
not "a full disk is noticed" bash -c 'vzstat > /dev/full'
not "and with metrics" bash -c 'vzstat --openmetrics > /dev/full'
finish
