# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Services of a VPS through vzservice; for tests that sourced tests/lib.sh.

status_of() { vzservice "$1" -j list | jq -r --arg s "$2" '.[] | select(.name == $s) | "\(.state) \(.enabled)"'; }

# A service from list to disable. INIT has to say it runs after start.
whole_life() { # ID SERVICE WHAT
	local id=$1 s=$2 what=$3
	code 0 "$what: list" vzservice "$id" list
	like "$out" "^SERVICE +STATE +BOOT$" "has a header"
	like "$out" "^$s +(running|stopped) +enabled$" "and has $s"
	code 0 "$what: stop" vzservice "$id" stop "$s"
	code 3 "then status is 3" vzservice -q "$id" status "$s"
	is "$(status_of "$id" "$s")" "stopped true" "and the list says so"
	code 0 "$what: start" vzservice "$id" start "$s"
	code 0 "then status is 0" vzservice "$id" status "$s"
	code 0 "$what: restart" vzservice "$id" restart "$s"
	soon "it runs again" vzservice "$id" status "$s"
	code 0 "$what: reload" vzservice "$id" reload "$s"
	code 0 "$what: disable" vzservice "$id" disable "$s"
	is "$(status_of "$id" "$s")" "running false" "it runs on, and does not start at boot any more"
	code 0 "$what: enable" vzservice "$id" enable "$s"
	code 4 "$what: status of one that is not there is 4" vzservice "$id" status nosuch
	not "$what: starting it fails" vzservice "$id" start nosuch
}

# The service ssh of a distribution.
guest_serves() { # WHAT
	ok "a VPS with $1" vzctl create 101 --ostemplate "$tmpl"
	ok "starts" vzctl start 101 --wait
	whole_life 101 ssh "$1"
}
