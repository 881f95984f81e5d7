# SPDX-License-Identifier: GPL-2.0-or-later
# What is installed beside programs: recipes, sample configurations, manual pages.
recipedir = $(pkgdatadir)/templates
recipe_DATA = $(vz_recipes)
familydir = $(recipedir)/family
family_SCRIPTS = $(vz_families)
sampledir = $(vzconfdir)/conf
sample_DATA = $(vz_samples)
distsdir = $(vzconfdir)/dists
dists_DATA = etc/dists/default.conf
dist_man_MANS = $(vz_mans)
# Short, for administrators to copy and change.
dist_sbin_SCRIPTS = $(vz_sbin_scripts)
EXTRA_DIST += $(recipe_DATA) $(family_SCRIPTS) $(sample_DATA) $(dists_DATA) $(vz_helpers)
