# SPDX-License-Identifier: GPL-2.0-or-later
# Unit tests: each is one program that prints TAP.
