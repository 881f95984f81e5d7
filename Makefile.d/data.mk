# SPDX-License-Identifier: GPL-2.0-or-later
# What is installed beside programs: recipes, sample configurations, manual pages.
