#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# requires: root
# exec, exec2, exec3: status, words, standard input and output, environment.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
begin "$@"
have 101 --hostname one
booted 101

for s in 0 1 7 8 31 126 127 255; do
	code $s "exec2 passes $s through" vzctl exec2 101 "exit $s"
done
code 0 "exec of what succeeds is 0" vzctl exec 101 true
for s in 1 7 255; do
	code 8 "exec makes 8 of $s" vzctl exec 101 "exit $s"
done
code 137 "a command killed by a signal is 128 + its number" vzctl exec2 101 'kill -9 $$'
code 8 "for exec 8" vzctl exec 101 'kill -9 $$'
code 127 "a command that is not there is the shell's 127" vzctl exec2 101 no-such-command
refused 20 "command" "exec2 without a command is 20" vzctl exec2 101
refused 20 "command" "exec, too" vzctl exec 101
refused 20 "command" "exec3, too" vzctl exec3 101

# words
is "$(vzctl exec2 101 echo a b)" "a b" "words are joined by blanks"
is "$(vzctl exec2 101 'echo a; echo b')" $'a\nb' "and are one line for a shell"
is "$(vzctl exec2 101 'echo a |' tr a b)" b "which may be made of several words"
is "$(vzctl exec2 101 "set -- '' x" ';' 'echo $#')" 2 "quotes reach that shell"
is "$(vzctl exec2 101 printf '%s.' '' x)" ".x." "an empty word stays a word"
is "$(vzctl exec2 101 echo --version -x)" "--version -x" "options of the command are its own"
is "$(vzctl exec2 101 'echo $0')" sh "the shell is called by its name"

bytes=$(printf '\001\002\033\177\377\200 \t"\047\\$`*?[]{}~;&|<>()#!')
run vzctl exec3 101 printf '%s|' "$bytes" '' $'two\nlines' ' lead' 'trail ' -n --help
is "$out" "$bytes||two"$'\n'"lines| lead|trail |-n|--help|" "exec3 gives every word byte by byte"
code 0 "exec3 takes a path" vzctl exec3 101 /bin/true
code 3 "exec3 passes the status through" vzctl exec3 101 sh -c 'exit 3'
run vzctl exec3 101 no-such-command
[ "$rc" != 0 ] && [[ $err != *$'\n'* ]] && [[ $err = *no-such-command* ]] || told
verdict $((rc == 0)) "exec3 of a program that is not there fails"
like "$err" 'no-such-command' "and names it"
big=$(head -c 100000 /dev/zero | tr '\0' x)
is "$(vzctl exec3 101 sh -c 'echo ${#1}' sh "$big")" 100000 "a word of 100000 bytes arrives"

# streams
head -c 1000000 /dev/urandom > "$scratch/data"
vzctl exec 101 'cat > /root/data' < "$scratch/data"
is "$(vzctl exec 101 cat /root/data < /dev/null | md5sum)" "$(md5sum < "$scratch/data")" \
	"a megabyte goes in and comes out"
is "$(vzctl exec2 101 'echo out; echo err >&2' 2> /dev/null)" out "standard output is the caller's"
is "$(vzctl exec2 101 'echo out; echo err >&2' 2>&1 > /dev/null)" err "standard error, too"
mkdir "$scratch/d" && echo 1 > "$scratch/d/f"
tar -C "$scratch" -cf - d | vzctl exec 101 tar -C /root -xf -
is "$(vzctl exec 101 tar -C /root -cf - d | tar -xOf - d/f)" 1 "tar through pipes works both ways"
is "$(printf 'echo $0; echo from script; exit 5' | vzctl exec2 101 -; echo $?)" $'sh\nfrom script\n5' \
	"exec2 - reads a script"
is "$(printf 'exit 5' | vzctl exec 101 -; echo $?)" 8 "exec - makes 8 of its status"
is "$(yes | vzctl exec2 101 'head -n 1')" y "a writer is not waited for"
is "$(vzctl exec2 101 'yes' | head -n 1)" y "a reader that leaves ends the command"
begin_s=$SECONDS
is "$(vzctl exec2 101 'sleep 20 > /dev/null 2>&1 < /dev/null & echo started')" started \
	"what is left in the background does not hold exec"
verdict $((SECONDS - begin_s > 5 * slow)) "really"
in_ct 101 'kill $(pidof sleep)' 2> /dev/null

# surroundings
is "$(vzctl exec3 101 env | sort | tr '\n' ' ')" \
	"HOME=/ PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin TERM=linux " \
	"the environment is those three"
is "$(SECRET=1 vzctl exec2 101 'echo $SECRET')" "" "nothing of the caller's"
is "$(cd /usr && vzctl exec2 101 pwd)" / "the folder is the root"
is "$(umask 077; vzctl exec2 101 umask)" 0022 "the umask is not the caller's"
is "$(vzctl exec2 101 'id -u; id -g; id -G' | tr '\n' ' ')" "0 0 0 " "root, without groups of the caller"
spaces='for n in cgroup ipc mnt net pid user uts; do readlink /proc/$p/ns/$n; done'
is "$(in_ct 101 "p=self; $spaces")" "$(in_ct 101 "p=1; $spaces")" "namespaces are those of init"
is "$(vzctl exec2 101 'cat /proc/self/oom_score_adj')" "$(vzctl exec2 101 'echo $(($(cat /proc/1/oom_score_adj) + 100))')" \
	"by its out-of-memory score it goes before init, whatever its caller has"
(trap '' PIPE INT; vzctl exec3 101 grep SigIgn /proc/self/status) > "$scratch/ign"
like "$(cat "$scratch/ign")" 'SigIgn:\s*0+$' "signals that the caller ignores are not ignored inside"
is "$(ulimit -Sn 123; vzctl exec2 101 'ulimit -Sn')" 1024 "limits are not the caller's"

# a shell of its own and many at once
jobs=
for i in 1 2 3 4 5 6 7 8; do
	vzctl exec2 101 "exit $i" &
	jobs+=" $!"
done
got=
for j in $jobs; do wait "$j"; got+="$? "; done
is "$got" "1 2 3 4 5 6 7 8 " "eight at once do not disturb each other"
vzctl exec2 101 'sleep 60' &
job=$!
sleeps() { in_ct 101 'pidof sleep'; }
wait_for 5 sleeps
code 0 "stop does not wait for an exec" vzctl stop 101
wait $job
verdict $(($? == 0)) "which ends with the VPS, and not with success"
finish
