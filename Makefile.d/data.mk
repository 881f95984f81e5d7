# SPDX-License-Identifier: GPL-2.0-or-later
# What is installed beside programs: recipes, sample configurations, manual pages, what boots a node.
recipedir = $(pkgdatadir)/templates
recipe_DATA = $(vz_recipes)
familydir = $(recipedir)/family
family_SCRIPTS = $(vz_families)
sampledir = $(vzconfdir)/conf
sample_DATA = $(vz_samples) node/0.conf
distsdir = $(vzconfdir)/dists
dists_DATA = node/dists/default.conf
dist_man_MANS = $(vz_mans)
# Short, for administrators to copy and change.
dist_sbin_SCRIPTS = $(vz_sbin_scripts)
EXTRA_DIST += $(recipe_DATA) $(family_SCRIPTS) $(sample_DATA) $(dists_DATA) $(vz_helpers)

fill_in = sed -e 's|@sbindir[@]|$(sbindir)|g' -e 's|@vzconfdir[@]|$(vzconfdir)|g'
node/vz.service: node/vz.service.in Makefile
	$(AM_V_GEN)$(MKDIR_P) node && $(fill_in) $(srcdir)/node/vz.service.in > $@.new && mv $@.new $@
node/vz: node/vz.init.in Makefile
	$(AM_V_GEN)$(MKDIR_P) node && $(fill_in) $(srcdir)/node/vz.init.in > $@.new && mv $@.new $@
node/vz-traffic.service: node/vz-traffic.service.in Makefile
	$(AM_V_GEN)$(MKDIR_P) node && $(fill_in) $(srcdir)/node/vz-traffic.service.in > $@.new && mv $@.new $@
node/cron/vzctl: node/vz.cron.in Makefile
	$(AM_V_GEN)$(MKDIR_P) node/cron && $(fill_in) $(srcdir)/node/vz.cron.in > $@.new && mv $@.new $@
node/ifup/vzctl: node/vz.ifup.in Makefile
	$(AM_V_GEN)$(MKDIR_P) node/ifup && $(fill_in) $(srcdir)/node/vz.ifup.in > $@.new && chmod +x $@.new && mv $@.new $@
node/ifup/50-vzctl: node/ifup/vzctl
	$(AM_V_GEN)cp node/ifup/vzctl $@
node/vzctl: node/vz.logrotate
	$(AM_V_GEN)$(MKDIR_P) node && cp $(srcdir)/node/vz.logrotate $@
node/vzctl.conf: node/vz.tmpfiles
	$(AM_V_GEN)$(MKDIR_P) node && cp $(srcdir)/node/vz.tmpfiles $@

unitdir = $(systemdsystemunitdir)
nodist_unit_DATA = node/vz.service node/vz-traffic.service
dist_unit_DATA = node/vz-traffic.timer
crondir = $(sysconfdir)/cron.d
nodist_cron_DATA = node/cron/vzctl
initdir = $(sysconfdir)/init.d
nodist_init_SCRIPTS = node/vz
# One program for every one that brings devices up.
ifupdir = $(sysconfdir)/network/if-up.d
nodist_ifup_SCRIPTS = node/ifup/vzctl
networkddir = $(prefix)/lib/networkd-dispatcher/routable.d
nodist_networkd_SCRIPTS = node/ifup/50-vzctl
networkmanagerdir = $(prefix)/lib/NetworkManager/dispatcher.d
nodist_networkmanager_SCRIPTS = node/ifup/50-vzctl
logrotatedir = $(sysconfdir)/logrotate.d
nodist_logrotate_DATA = node/vzctl
tmpfilesdir = $(prefix)/lib/tmpfiles.d
nodist_tmpfiles_DATA = node/vzctl.conf
CLEANFILES += node/vz.service node/vz-traffic.service node/cron/vzctl node/vz node/vzctl node/vzctl.conf \
	node/ifup/vzctl node/ifup/50-vzctl
EXTRA_DIST += node/vz.ifup.in node/vz.service.in node/vz-traffic.service.in node/vz.cron.in node/vz.init.in node/vz.logrotate node/vz.tmpfiles node/vz.conf
