# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What the attack tests share, after tests/lib.sh: the program, an attacker 101, a neighbour 102.
# shellcheck source=tests/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
begin "$@"
attack=$here/attack/attack
if [ ! -x "$attack" ]; then
	attack=$scratch/attack
	cc -std=gnu17 -D_GNU_SOURCE -O1 -static -o "$attack" "$here"/attack/*.c || exit 1
fi

# A tenant as it is sold: 256 MiB, no swap, 300 processes, one address.
tenant() { # ID
	have "$1" --hostname "t$1" --ipadd "203.0.113.$(($1 - 100))"
	vzctl set "$1" --ram 256M --swap 0 --numproc 300 --save > /dev/null
	booted "$1"
	carry "$1"
}

carry() { # ID: the program into it
	vzctl exec2 "$1" 'cat > /usr/bin/attack && chmod 755 /usr/bin/attack' < "$attack"
}

held_by() { # NAME
	"$attack" -l | awk -F '\t' -v name="$1" '$1 == name { print $2 }'
}

# The attack was made, and says that it was held.
held() { # NAME
	run vzctl exec2 101 "attack $1"
	[ "$rc" = 0 ] || [ "$rc" = 77 ] || told
	[ "$rc" = 0 ] && [[ $out = "held: "* ]]
	verdict $? "$1 is held (by: $(held_by "$1")): ${out#held: }"
}
