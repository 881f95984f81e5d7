# SPDX-License-Identifier: GPL-2.0-or-later
# The tools. Static: loading the libraries dynamically costs several times what a verb takes.
VZ_STATIC = lib/libvzall.a -lnl-route-3 -lnl-3 -ljansson -lseccomp -lcap -lcrypt -lmd
if SANITIZE
VZ_TOOL_LINK =
else
VZ_TOOL_LINK = -all-static
endif

VZCTL_COMMON = vzctl/opt.c vzctl/out.c vzctl/term.c 
sbin_PROGRAMS += vzctl/vzctl
vzctl_vzctl_SOURCES = vzctl/main.c vzctl/cmd_cpt.c vzctl/cmd_exec.c vzctl/cmd_life.c vzctl/cmd_set.c  $(VZCTL_COMMON) vzctl/cmd.h vzctl/cmds.def vzctl/opt.h vzctl/out.h vzctl/term.h 
vzctl_vzctl_CPPFLAGS = $(TOOL_CPPFLAGS)
vzctl_vzctl_LDADD = $(VZ_STATIC)
vzctl_vzctl_LDFLAGS = $(VZ_TOOL_LINK)

sbin_PROGRAMS += vzctl/vztmpl
vzctl_vztmpl_SOURCES = vzctl/vztmpl.c  
vzctl_vztmpl_CPPFLAGS = $(TOOL_CPPFLAGS)
vzctl_vztmpl_LDADD = $(VZ_STATIC)
vzctl_vztmpl_LDFLAGS = $(VZ_TOOL_LINK)

# Small on purpose: its memory is counted per VPS.
pkglibexec_PROGRAMS += vz-monitor
vz_monitor_SOURCES = lib/monitor/monitor.c lib/plan/plan_run.c
vz_monitor_CPPFLAGS = $(LIB_CPPFLAGS)
vz_monitor_CFLAGS = $(AM_CFLAGS) -Os -ffunction-sections
vz_monitor_LDFLAGS = -all-static -Wl,--gc-sections

# The slow libraries live here alone.
pkglibexec_PROGRAMS += vz-node
vz_node_SOURCES = lib/node/cg_layout.c lib/node/guard_nft.c lib/node/main.c 
vz_node_CPPFLAGS = $(LIB_CPPFLAGS) $(CGROUP_CFLAGS) $(NFT_CFLAGS)
vz_node_LDADD = lib/libvzall.a $(CGROUP_LIBS) $(NFT_LIBS) $(JANSSON_LIBS) $(NL_LIBS) $(CAP_LIBS)
