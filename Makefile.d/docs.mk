# SPDX-License-Identifier: GPL-2.0-or-later
# Manual pages, completion and schema: what the program knows about its verbs and parameters is printed
# by a program that is linked with the same tables, so that none of these can differ from it.
noinst_PROGRAMS += vzctl/gen-docs
vzctl_gen_docs_SOURCES = vzctl/gen-docs.c vzctl/cmd_opts.c vzctl/cmds.def vzctl/opts.def
vzctl_gen_docs_CPPFLAGS = $(TOOL_CPPFLAGS)
vzctl_gen_docs_LDADD = $(TEST_LIBS)

gen_docs = vzctl/gen-docs$(EXEEXT)
fill_page = $(top_srcdir)/man/fill ./$(gen_docs) $(vzconfdir) $(PACKAGE_VERSION)
made_pages = man/made/vzctl.8 man/made/ctid.conf.5 man/made/vz.conf.5
page_sources = man/vzctl.8.in man/ctid.conf.5.in man/vz.conf.5.in

man/made/vzctl.8: man/vzctl.8.in man/fill $(gen_docs)
	$(AM_V_GEN)$(MKDIR_P) man/made && $(fill_page) $(top_srcdir)/man/vzctl.8.in > $@.new && mv $@.new $@
man/made/ctid.conf.5: man/ctid.conf.5.in man/fill $(gen_docs)
	$(AM_V_GEN)$(MKDIR_P) man/made && $(fill_page) $(top_srcdir)/man/ctid.conf.5.in > $@.new && mv $@.new $@
man/made/vz.conf.5: man/vz.conf.5.in man/fill $(gen_docs)
	$(AM_V_GEN)$(MKDIR_P) man/made && $(fill_page) $(top_srcdir)/man/vz.conf.5.in > $@.new && mv $@.new $@

# Both shells look for a file with the name of the command.
completion/vzctl: $(gen_docs)
	$(AM_V_GEN)$(MKDIR_P) completion && ./$(gen_docs) bash > $@.new && mv $@.new $@
completion/_vzctl: $(gen_docs)
	$(AM_V_GEN)$(MKDIR_P) completion && ./$(gen_docs) zsh > $@.new && mv $@.new $@
docs/vps.schema.json: $(gen_docs)
	$(AM_V_GEN)$(MKDIR_P) docs && ./$(gen_docs) schema > $@.new && mv $@.new $@

nodist_man_MANS = $(made_pages)
bashcompletiondir = $(datadir)/bash-completion/completions
nodist_bashcompletion_DATA = completion/vzctl
dist_bashcompletion_DATA = vzctl/completion/vzpkg vzctl/completion/vztmpl-dl
zshcompletiondir = $(datadir)/zsh/site-functions
nodist_zshcompletion_DATA = completion/_vzctl
dist_zshcompletion_DATA = vzctl/completion/_vzpkg vzctl/completion/_vztmpl-dl
nodist_pkgdata_DATA = docs/vps.schema.json

CLEANFILES += $(made_pages) completion/vzctl completion/_vzctl docs/vps.schema.json
TESTS += tests/docs.t
EXTRA_DIST += $(page_sources) man/fill tests/docs.t docs HACKING.md SECURITY.md LICENSES
