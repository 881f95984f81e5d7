# SPDX-License-Identifier: GPL-2.0-or-later
# The tools. Static: loading the libraries dynamically costs several times what a verb takes.
VZ_STATIC = lib/libvzall.a -lnl-route-3 -lnl-3 -ljansson -lseccomp -lcap -lcrypt -lmd
if SANITIZE
VZ_TOOL_LINK =
else
VZ_TOOL_LINK = -all-static
endif

sbin_PROGRAMS += vzctl/vzctl vzctl/vzlist
vzctl_vzctl_SOURCES = $(vzctl_c)
vzctl_vzctl_CPPFLAGS = $(TOOL_CPPFLAGS)
vzctl_vzctl_LDADD = $(VZ_STATIC)
vzctl_vzctl_LDFLAGS = $(VZ_TOOL_LINK)

vzctl_vzlist_SOURCES = $(vzlist_c)
vzctl_vzlist_CPPFLAGS = $(TOOL_CPPFLAGS)
vzctl_vzlist_LDADD = $(VZ_STATIC)
vzctl_vzlist_LDFLAGS = $(VZ_TOOL_LINK)

# The small tools are listed in files.mk.

# Small on purpose, without a C library: docs/adr/0010-monitor-without-libc.md.
pkglibexec_PROGRAMS += vz-monitor
vz_monitor_SOURCES = lib/monitor/monitor.c lib/monitor/crt.c lib/plan/plan_run.c lib/plan/sync.c
vz_monitor_CPPFLAGS = -include $(top_srcdir)/lib/monitor/bare.h $(LIB_CPPFLAGS) -U_FORTIFY_SOURCE
vz_monitor_CFLAGS = $(VZ_WARN) -Os -ffunction-sections -ffreestanding -fno-builtin -fno-stack-protector \
	-fno-tree-loop-distribute-patterns -fno-sanitize=all -fno-pie
vz_monitor_LDFLAGS = -all-static -nostdlib -no-pie -Wl,--gc-sections -Wl,-z,noseparate-code
vz_monitor_LDADD = -lgcc

# The slow libraries live here alone.
pkglibexec_PROGRAMS += vz-node
vz_node_SOURCES = $(vz_node_c)
vz_node_CPPFLAGS = $(LIB_CPPFLAGS) $(CGROUP_CFLAGS) $(NFT_CFLAGS)
vz_node_LDADD = lib/libvzall.a $(CGROUP_LIBS) $(NFT_LIBS) $(JANSSON_LIBS) $(NL_LIBS) $(CAP_LIBS)
pkglibexec_SCRIPTS = $(vz_helpers)
