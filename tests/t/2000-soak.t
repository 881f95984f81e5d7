#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# requires: root
# A few lives with mixed verbs; tests/soak.sh without SOAK_CYCLES does a thousand.
SOAK_CYCLES=${SOAK_CYCLES:-15} exec "$(dirname "$0")/../soak.sh" "$@"
