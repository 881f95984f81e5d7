#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# requires: root
# vzservice: the services of a VPS, whatever its init is.
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=tests/guest/services.sh
. "$here/guest/services.sh"
begin "$@"

# --- busybox
have 101
f=$(upper 101 /etc/init.d/S50fake)
cat > "$f" << 'END'
#!/bin/sh
case $1 in
start) touch /run/fake; sleep 600 & ;;
stop) rm -f /run/fake; killall sleep ;;
status) [ -e /run/fake ] || exit 3 ;;
restart) "$0" stop; "$0" start ;;
esac
true
END
sed -i 's/|| exit 3 ;;/|| exit 3; exit 0 ;;/' "$f"
chmod 755 "$f"
code 31 "a VPS that does not run is 31" vzservice 101 list
code 31 "also for status, which nobody takes for stopped" vzservice 101 status fake
started 101
vzservice 101 start fake > /dev/null
whole_life 101 fake busybox

# --- names and words
for bad in '../x' 'a b' 'a;id' '$(id)' '' $'a\nb' "$(head -c 300 /dev/zero | tr '\0' a)"; do
	refused 21 "not the name" "'${bad:0:10}' is no name of a service" vzservice 101 status "$bad"
done
refused 20 "unknown option" "nor is an option" vzservice 101 status -x
refused 21 "not the name" "nor behind --" vzservice 101 status -- -x
refused 20 "command" "an unknown command is 20" vzservice 101 frob fake
refused 20 "service" "no service is 20" vzservice 101 start
refused 20 "service" "one for list, too" vzservice 101 list fake
refused 14 "999" "a VPS that is not there is 14" vzservice 999 list
code 0 "--help works" vzservice --help
like "$out" '^Usage: vzservice' "and shows how it is used"

# A service that prints what a terminal would obey, endlessly, and never ends its output.
cat > "$(in_ct 101 true; echo "$scratch/evil")" << 'END'
#!/bin/sh
[ "$1" = status ] || exit 0
printf 'a\033[2Jb\n'
yes 2> /dev/null | head -c 3000000
END
timeout 20 vzctl exec2 101 'cat > /etc/init.d/S60evil; chmod 755 /etc/init.d/S60evil' < "$scratch/evil"
code 0 "a chatty one is asked" vzservice 101 status evil
like "$(head -n 1 <<< "$out")" '^a\[2Jb$' "what steers a terminal is left out"
verdict $((${#out} > 1100000)) "and what is too much is dropped"
is "$(vzservice 101 -j list | jq length)" 2 "the list is whole"

# No descriptor of the caller stays in the VPS: who reads from start comes to an end.
vzservice 101 stop fake > /dev/null
ok "who waits for the end of start's output does not wait for the service" \
	timeout $((10 * slow)) bash -c 'vzservice 101 start fake | cat'
finish
