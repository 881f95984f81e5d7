#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# requires: root
# vzubc: what is held, refused and remembered.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
begin "$@"
have 101 --hostname one
run vzctl set 101 --ram 64M --swap 0 --numproc 20:24 --kmemsize 1000000:2000000 --name web --save
booted 101

ubc() { # ID ROW [MEMBER]
	vzubc -j "$1" | jq ".[0].$2.${3:-held}"
}

# --- figures --------------------------------------------------------------------------------------

is "$(vzubc -j 101 | jq '.[0] | del(.ctid) | length')" 21 "every resource has a row"
is "$(vzlist -L | grep -cE '^(kmemsize|lockedpages|privvmpages|shmpages|numproc|physpages|vmguarpages|oomguarpages|numtcpsock|numflock|numpty|numsiginfo|tcpsndbuf|tcprcvbuf|othersockbuf|dgramrcvbuf|numothersock|dcachesize|numfile|numiptent|swappages) ')" \
	21 "which vzlist has, too"
is "$(ubc 101 numproc)" "$(cat "$(cg_dir pids 101)/pids.current")" "numproc is what the kernel counts"
is "$(ubc 101 physpages limit) $(ubc 101 physpages barrier)" "16384 0" "physpages has the limit of --ram"
is "$(ubc 101 numproc barrier) $(ubc 101 numproc limit)" "20 24" "numproc barrier and limit"
is "$(ubc 101 kmemsize barrier) $(ubc 101 kmemsize limit)" "1000000 2000000" "what is stored but not enforced is shown"
is "$(ubc 101 lockedpages limit)" 16384 "what follows from memory is derived"
like "$(vzubc -j 101 | grep '"numfile"')" '"limit": 9223372036854775807' "what nobody limits is unlimited"
verdict $(($(ubc 101 physpages) < 20 || $(ubc 101 physpages) > $(ubc 101 physpages maxheld))) "memory is held, and no more than its maximum"
is "$(vzubc -j 101 | jq '[.[0] | del(.ctid)[] | select(.held != null) | .maxheld >= .held] | all')" true \
	"no row holds more than it ever held"
is "$(vzlist -Ho numproc,physpages.l,kmemsize.b,numproc.f 101 | tr -s ' ')" " $(ubc 101 numproc) 16384 1000000 0" \
	"vzlist says the same"

# Each has something to count.
grew() { [ "$(ubc 101 numfile)" -gt "$files" ]; }
files=$(($(ubc 101 numfile) + 2))
timeout 60 vzctl exec2 101 'exec 3> /tmp/f 4> /tmp/f 5> /tmp/f 6> /tmp/f; flock 6 2> /dev/null; exec sleep 50' < /dev/null > /dev/null 2>&1 &
held=$!
soon "open files are counted" grew
timeout 60 vzctl exec2 101 'exec nc -l -p 4001' < /dev/null > /dev/null 2>&1 &
held2=$!
listens() { [ "$(ubc 101 numtcpsock)" -ge 1 ]; }
soon "TCP sockets are counted" listens
is "$(ubc 101 numpty)" 1 "terminals in use are counted"
in_ct 101 'dd if=/dev/zero of=/dev/shm/x bs=1M count=4 2> /dev/null'
verdict $(($(ubc 101 shmpages) < 1000)) "shared memory is counted in pages ($(ubc 101 shmpages))"
in_ct 101 'rm -f /dev/shm/x'

# --- failures -------------------------------------------------------------------------------------

too_many() { in_ct 101 'i=0; while [ $i -lt 40 ]; do sleep 2 & i=$((i+1)); done' > /dev/null 2>&1; }
is "$(ubc 101 numproc failcnt)" 0 "nothing was refused"
too_many
f1=$(ubc 101 numproc failcnt)
verdict $((f1 < 1)) "refused forks are counted ($f1)"
verdict $(($(ubc 101 numproc maxheld) > 24)) "and it never held more than its limit ($(ubc 101 numproc maxheld))"
wait_for 10 in_ct 101 '[ $(cat /sys/fs/cgroup/pids.current 2> /dev/null || ls -d /proc/[0-9]* | wc -l) -lt 16 ]'
in_ct 101 'head -c 150000000 /dev/zero | tail -c 149999999 > /dev/null' > /dev/null 2>&1
ran_out() { [ "$(ubc 101 physpages failcnt)" -ge 1 ]; }
soon "running out of memory is counted" ran_out
verdict $(($(ubc 101 oomguarpages failcnt) < 1)) "as are processes ended for it"
m1=$(ubc 101 physpages failcnt)
run vzctl stop 101 --fast
wait "$held" "$held2" 2> /dev/null
code 1 "of a VPS that does not run there are none" vzubc 101
like "$err" "not running" "which is said"
is "$(vzlist -Ho numproc.f,numproc.l 101 | tr -s ' ')" " - 24" "nor in vzlist, but for the limits"
f2=$(jq '.before.numproc + .last.numproc' "$node/state/acct/101.json")
verdict $((f2 < f1)) "what was counted is kept"
started 101
is "$(ubc 101 numproc failcnt) $(ubc 101 physpages failcnt)" "$f2 $m1" "failures outlive a restart"
verdict $(($(ubc 101 numproc maxheld) > 23)) "the maximum is of this start"
too_many
f3=$(ubc 101 numproc failcnt)
verdict $((f3 <= f2)) "and grow on ($f3)"
wait_for 5 in_ct 101 true
run vzctl restart 101
wait_for 10 in_ct 101 true
verdict $(($(ubc 101 numproc failcnt) < f3)) "over a reboot, too"
f4=$(ubc 101 numproc failcnt)

if grep -q VZ_CRASH "$VZ_TEST_PREFIX/sbin/vzctl"; then
	VZ_CRASH=stop:cgroup:noted run vzctl stop 101 --fast
	is "$rc" 137 "a stop that dies between counting and the end of the group"
	is "$(jq '.before.numproc + .last.numproc' "$node/state/acct/101.json")" "$f4" "has counted"
	code 0 "is completed by the next" patiently vzctl stop 101 --fast
	is "$(jq '.before.numproc + .last.numproc' "$node/state/acct/101.json")" "$f4" "which does not count twice"
	started 101
	is "$(ubc 101 numproc failcnt)" "$f4" "nor does the next start"
fi
echo '{' > "$node/state/acct/101.json"
is "$(ubc 101 numproc failcnt)" 0 "a file that is damaged is none"
wait_for 5 in_ct 101 true

# --- the classic table ----------------------------------------------------------------------------

vzubc --raw 101 > "$scratch/raw"
is "$(head -n 1 "$scratch/raw")" "Version: 2.5" "--raw begins with its version"
is "$(sed -n 2p "$scratch/raw")" \
	"       uid  resource                     held              maxheld              barrier                limit              failcnt" \
	"then come the headers"
like "$(sed -n 3p "$scratch/raw")" '^      101:  kmemsize +[1-9][0-9]* +[1-9][0-9]* +1000000 +2000000 +0$' "the first row has the number"
is "$(awk 'NR > 3 && NF != 6' "$scratch/raw")" "" "the others have six words"
is "$(awk '$1 == "numproc" { print $4, $5 }' "$scratch/raw")" "20 24" "as scripts read them"
ok "--publish" vzubc --publish
is "$(sed 3,99d "$node/run/user_beancounters")" "$(sed 3,99d "$scratch/raw")" "puts it into a file for panels"
is "$(stat -c %a "$node/run/user_beancounters")" 644 "that all may read"
rm "$node/run/user_beancounters"

# --- tables ---------------------------------------------------------------------------------------

like "$(vzubc web)" '^CT 101 +\| HELD Bar% Lim%\| MAXH Bar% Lim%\| BAR \| LIM \| FAIL$' "a table by name"
like "$(vzubc)" '^ +physpages\| ?[0-9.]+[KM] +- +[0-9.]+%\|' "of all that run by itself"
is "$(vzubc -f "$scratch/raw" 101 | sed -n '/numproc/p' | tr -d ' ' | cut -d '|' -f 4-)" "20|24|-" "-f reads the classic table"
is "$(vzubc -f "$scratch/raw" 7)" "" "and leaves out others"
printf '%s\n' 'numproc 10 19 20 24 5' 'kmemsize 1 1 9223372036854775807 9223372036854775807 0' > "$scratch/bc"
is "$(vzubc -q -f "$scratch/bc" | grep -c '|  ')" 1 "-q has what failed or is close" || note "$(vzubc -q -f "$scratch/bc")"
is "$(sed 's/ 5$/ 0/' "$scratch/bc" | vzubc -f - -qh 0.51 -qm 0.96)" "" "-qh and -qm say what close is"
like "$(sed 's/ 5$/ 0/' "$scratch/bc" | vzubc -f - -qh 0.49)" numproc "the part of a barrier, too"
like "$(vzubc -c -f "$scratch/bc" | cat -v)" '\^\[\[31;1m +numproc' "-c has failures in red"
unlike "$(vzubc -f "$scratch/bc" | cat -v)" '\^' "without it there is no color"
refused 1 "line 2" "a line that is none" vzubc -f <(printf 'numproc 1 2 3 4 5\nfrob\n')
refused 1 "line 1" "a number that is too large" vzubc -f <(echo 'numproc 1 2 3 4 99999999999999999999999')
refused 1 "line 1" "a line without end" vzubc -f <(head -c 5000 /dev/zero | tr '\0' x)
refused 1 "directory|No such" "a file that is not there" vzubc -f "$scratch/none"

# --- what is remembered ---------------------------------------------------------------------------

row() { awk -F '|' '/ numproc/ { gsub(/ /, ""); print $NF }'; }
like "$(vzubc -r -rd "$scratch/store" -f "$scratch/bc")" '\| \+FAIL$' "-r shows failures since"
is "$(stat -c %a "$scratch/store")" 700 "its folder is private"
is "$(vzubc -r -rd "$scratch/store" -f "$scratch/bc" | row)" "-" "the first time"
is "$(sed 's/ 5$/ 12/' "$scratch/bc" | vzubc -r -rd "$scratch/store" -f - | row)" 7 "and no others"
is "$(sed 's/ 5$/ 12/' "$scratch/bc" | vzubc -r -rd "$scratch/store" -f - | row)" 7 "until told to forget"
ok "-rc" vzubc -rd "$scratch/store" -rc web
run vzubc -r web
ok "the folder of the node is used by itself" test -e "$node/state/vzubc/101.failcnt"
ok "-rc alone forgets" vzubc -rc
ok "so that it is gone" test ! -e "$node/state/vzubc/101.failcnt"
held() { awk -F '|' '/ numproc/ { gsub(/ /, ""); print $3 }'; }
is "$(vzubc -i -id "$scratch/store" -f "$scratch/bc" | held)" "-" "-i shows growth: none at first"
is "$(sed 's/ 10 / 16 /' "$scratch/bc" | vzubc -i -id "$scratch/store" -f - | held)" "+6" "then what came"
is "$(sed 's/ 10 / 14 /' "$scratch/bc" | vzubc -i -id "$scratch/store" -f - | held)" "-2" "or went since the last time"
mkdir -m 777 "$scratch/open"
refused 1 "others may write" "a folder that others can write to is refused" vzubc -r -rd "$scratch/open" 101
ln -s "$scratch/store" "$scratch/link"
refused 1 "link" "and a link" vzubc -r -rd "$scratch/link" 101
ln -sf /etc/passwd "$scratch/store/101.held.new"
sum=$(cksum < /etc/passwd)
ok "a link in it" vzubc -i -id "$scratch/store" 101
is "$(cksum < /etc/passwd)" "$sum" "is not followed"

# --- watching -------------------------------------------------------------------------------------

run vzubc -w -wd -wn 0.2 -wc 3 101
is "$(grep -c '^CT 101' "$scratch/out")" 3 "-wc ends a watch"
like "$(cat -v "$scratch/out")" '\^\[\[H.*Every 0.2 s' "each begins at the top, with a title"
run vzubc -wt -wc 1 101
unlike "$out" Every "-wt is without one"
timeout 2 vzubc -w -wn 0.1 101 > "$scratch/w"
is "$?" 124 "without a number it goes on"
verdict $(($(grep -c '^CT 101' "$scratch/w") < 4)) "again and again"

# --- refusals -------------------------------------------------------------------------------------

refused 1 "777" "a VPS that is not there" vzubc 777
refused 1 "seconds" "no interval" vzubc -wn 0 101
refused 1 "part" "a part that is none" vzubc -qh x 101
refused 1 "part" "a negative one" vzubc -qm -1 101
refused 1 "option" "an unknown option" vzubc -Z
ok "--help" vzubc --help
not "a full disk is noticed" bash -c 'vzubc > /dev/full'
rm -rf "$node/state/vzubc"
finish
