# SPDX-License-Identifier: GPL-2.0-or-later
# Unit tests: each is one program that prints TAP. tests/run runs them; so does `make check`.
TEST_CPPFLAGS = $(LIB_CPPFLAGS) -I$(top_srcdir)/tests -I$(top_srcdir)/vzctl
TEST_LIBS = lib/libvzall.a -lnl-route-3 -lnl-3 -ljansson -lseccomp -lcap -lcrypt -lmd
WRAP_ALLOC = -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=reallocarray,--wrap=strdup,--wrap=strndup,--wrap=vasprintf,--wrap=__vasprintf_chk
TESTS = $(check_PROGRAMS)
# Runs in any guest, so it is static; tests/attack/common.sh builds it by itself when it is not there.
EXTRA_PROGRAMS = tests/attack/attack
tests_attack_attack_SOURCES = $(attack_c)
tests_attack_attack_CPPFLAGS = -D_GNU_SOURCE
tests_attack_attack_LDFLAGS = -all-static
AM_TESTS_ENVIRONMENT = top_srcdir=$(top_srcdir); export top_srcdir;
EXTRA_DIST += tests/tap.h tests/fuzz/fuzz.h tests/fuzz/value.h tests/fuzz/run.sh tests/fuzz/corpus
