# SPDX-License-Identifier: GPL-2.0-or-later
# Made by scripts/sources.

vz_c = \
	lib/base/buf.c \
	lib/base/clock.c \
	lib/base/err.c \
	lib/base/io.c \
	lib/base/json.c \
	lib/base/lock.c \
	lib/base/log.c \
	lib/base/num.c \
	lib/base/path.c \
	lib/base/spawn.c \
	lib/base/str.c \
	lib/base/text.c \
	lib/kern/blkdev.c \
	lib/kern/bpf.c \
	lib/kern/bpfpin.c \
	lib/kern/caps.c \
	lib/kern/cgfs.c \
	lib/kern/forward_ipt.c \
	lib/kern/idmap.c \
	lib/kern/kproc.c \
	lib/kern/mount.c \
	lib/kern/mount_bind.c \
	lib/kern/nl.c \
	lib/kern/nl_addr.c \
	lib/kern/nl_forward.c \
	lib/kern/nl_link.c \
	lib/kern/nl_nft.c \
	lib/kern/nl_route.c \
	lib/kern/nl_tc.c \
	lib/kern/nl_vlan.c \
	lib/kern/numlist.c \
	lib/kern/pidfd.c \
	lib/kern/prjquota.c \
	lib/kern/probe.c \
	lib/kern/psi.c \
	lib/kern/seccomp.c \
	lib/param/cfg.c \
	lib/param/cfgfile.c \
	lib/param/cfgline.c \
	lib/param/change.c \
	lib/param/check.c \
	lib/param/fwset.c \
	lib/param/lines.c \
	lib/param/netclass.c \
	lib/param/netif.c \
	lib/param/param.c \
	lib/param/poolconf.c \
	lib/param/ptype.c \
	lib/param/type_bind.c \
	lib/param/type_dev.c \
	lib/param/type_list.c \
	lib/param/type_net.c \
	lib/param/type_netif.c \
	lib/param/type_netif_opt.c \
	lib/param/type_num.c \
	lib/param/type_size.c \
	lib/param/type_text.c \
	lib/param/type_traffic.c \
	lib/param/validate.c \
	lib/plan/plan.c \
	lib/plan/plan_dump.c \
	lib/plan/plan_run.c \
	lib/plan/sync.c \
	lib/cgroup/cg.c \
	lib/cgroup/cg_cache.c \
	lib/cgroup/cg_dev.c \
	lib/cgroup/cg_devbpf.c \
	lib/cgroup/cg_io.c \
	lib/cgroup/cg_knob.c \
	lib/cgroup/cg_node.c \
	lib/cgroup/cg_offers.c \
	lib/cgroup/cg_oom.c \
	lib/cgroup/cg_pool.c \
	lib/cgroup/cg_procs.c \
	lib/cgroup/cg_run.c \
	lib/cgroup/cg_stat.c \
	lib/fs/api_mounts.c \
	lib/fs/area.c \
	lib/fs/binds.c \
	lib/fs/devnode.c \
	lib/fs/private.c \
	lib/fs/quota.c \
	lib/fs/root.c \
	lib/fs/tree.c \
	lib/fs/view.c \
	lib/net/addr.c \
	lib/net/announce.c \
	lib/net/classes.c \
	lib/net/count.c \
	lib/net/frame.c \
	lib/net/fw.c \
	lib/net/guard.c \
	lib/net/link_prog.c \
	lib/net/netdev.c \
	lib/net/outlet.c \
	lib/net/prog.c \
	lib/net/rate.c \
	lib/net/rate_class.c \
	lib/net/uplink.c \
	lib/net/venet.c \
	lib/net/venet_live.c \
	lib/net/veth.c \
	lib/sec/sec_caps.c \
	lib/sec/sec_filter.c \
	lib/guest/accounts.c \
	lib/guest/digest.c \
	lib/guest/files.c \
	lib/guest/manifest.c \
	lib/guest/member.c \
	lib/guest/names.c \
	lib/guest/recipe.c \
	lib/guest/service.c \
	lib/guest/template.c \
	lib/guest/template_build.c \
	lib/guest/user.c \
	lib/cpt/cpt_console.c \
	lib/cpt/cpt_dump.c \
	lib/cpt/cpt_find.c \
	lib/cpt/cpt_groups.c \
	lib/cpt/cpt_image.c \
	lib/cpt/cpt_log.c \
	lib/cpt/cpt_mounts.c \
	lib/cpt/cpt_options.c \
	lib/cpt/cpt_regroup.c \
	lib/cpt/cpt_restore.c \
	lib/cpt/cpt_version.c \
	lib/cpt/pb.c \
	lib/cpt/rpc.c \
	lib/host/netclasses.c \
	lib/host/node.c \
	lib/host/pool.c \
	lib/host/pressure.c \
	lib/host/sample.c \
	lib/ct/create.c \
	lib/ct/ct.c \
	lib/ct/destroy.c \
	lib/ct/durable.c \
	lib/ct/ended.c \
	lib/ct/id.c \
	lib/ct/init.c \
	lib/ct/layout.c \
	lib/ct/monitor.c \
	lib/ct/name.c \
	lib/ct/nodecheck.c \
	lib/ct/nodeup.c \
	lib/ct/poolmove.c \
	lib/ct/reboot.c \
	lib/ct/register.c \
	lib/ct/reinstall.c \
	lib/ct/runscript.c \
	lib/ct/set.c \
	lib/ct/stage.c \
	lib/ct/start.c \
	lib/ct/start_plan.c \
	lib/ct/state.c \
	lib/ct/stop.c \
	lib/ct/suspend.c \
	lib/ct/inside/action.c \
	lib/ct/inside/bind.c \
	lib/ct/inside/dist.c \
	lib/ct/inside/dist_env.c \
	lib/ct/inside/exec.c \
	lib/ct/inside/guestfiles.c \
	lib/ct/inside/guestnet.c \
	lib/ct/inside/inside.c \
	lib/ct/inside/keep.c \
	lib/ct/inside/native.c \
	lib/ct/inside/passwd.c \
	lib/ct/inside/script.c \
	lib/ct/inside/view.c \
	lib/ct/inside/viewd.c \
	lib/ct/limit/acct.c \
	lib/ct/limit/apply.c \
	lib/ct/limit/apply_dev.c \
	lib/ct/limit/apply_disk.c \
	lib/ct/limit/apply_inside.c \
	lib/ct/limit/oom.c \
	lib/ct/limit/respool.c \
	lib/ct/limit/respool_cg.c \
	lib/ct/limit/unheld.c \
	lib/ct/limit/users.c \
	lib/ct/link/links.c \
	lib/ct/link/netif.c \
	lib/ct/link/netif_names.c \
	lib/ct/link/netscript.c \
	lib/ct/link/rate.c \
	lib/ct/link/traffic.c \
	lib/ct/link/traffic_count.c \
	lib/ct/link/traffic_month.c \
	lib/ct/link/traffic_quota.c \
	lib/ct/link/wall.c \
	lib/api/api.c \
	lib/api/api_account.c \
	lib/api/api_area.c \
	lib/api/api_cfg.c \
	lib/api/api_check.c \
	lib/api/api_firewall.c \
	lib/api/api_info.c \
	lib/api/api_list.c \
	lib/api/api_net.c \
	lib/api/api_node.c \
	lib/api/api_nodecheck.c \
	lib/api/api_pool.c \
	lib/api/api_proc.c \
	lib/api/api_quota.c \
	lib/api/api_service.c \
	lib/api/api_split.c \
	lib/api/api_stat.c \
	lib/api/api_template.c \
	lib/api/api_traffic.c \
	lib/api/api_ubc.c \
	lib/api/api_usage.c \
	lib/api/api_validate.c

vz_h = \
	lib/base/banned.h \
	lib/base/buf.h \
	lib/base/cleanup.h \
	lib/base/clock.h \
	lib/base/err.h \
	lib/base/fault.h \
	lib/base/hash.h \
	lib/base/io.h \
	lib/base/json.h \
	lib/base/lock.h \
	lib/base/log.h \
	lib/base/num.h \
	lib/base/path.h \
	lib/base/spawn.h \
	lib/base/str.h \
	lib/base/text.h \
	lib/cgroup/cg.h \
	lib/cgroup/cg_int.h \
	lib/cpt/cpt.h \
	lib/cpt/cpt_int.h \
	lib/cpt/pb.h \
	lib/cpt/rpc.h \
	lib/ct/create.h \
	lib/ct/ct.h \
	lib/ct/durable.h \
	lib/ct/ended.h \
	lib/ct/init.h \
	lib/ct/monitor.h \
	lib/ct/name.h \
	lib/ct/nodecheck.h \
	lib/ct/nodeup.h \
	lib/ct/poolmove.h \
	lib/ct/reboot.h \
	lib/ct/register.h \
	lib/ct/reinstall.h \
	lib/ct/set.h \
	lib/ct/stage.h \
	lib/ct/start_plan.h \
	lib/ct/state.h \
	lib/ct/suspend.h \
	lib/fs/devnode.h \
	lib/fs/fs.h \
	lib/fs/quota.h \
	lib/guest/accounts.h \
	lib/guest/digest.h \
	lib/guest/fields.h \
	lib/guest/files.h \
	lib/guest/line.h \
	lib/guest/manifest.h \
	lib/guest/names.h \
	lib/guest/recipe.h \
	lib/guest/service.h \
	lib/guest/template.h \
	lib/guest/user.h \
	lib/host/netclasses.h \
	lib/host/node.h \
	lib/host/pool.h \
	lib/host/pressure.h \
	lib/host/sample.h \
	lib/kern/blkdev.h \
	lib/kern/bpf.h \
	lib/kern/bpfpin.h \
	lib/kern/caps.h \
	lib/kern/cgfs.h \
	lib/kern/forward.h \
	lib/kern/idmap.h \
	lib/kern/kproc.h \
	lib/kern/mount.h \
	lib/kern/nl.h \
	lib/kern/nl_priv.h \
	lib/kern/numlist.h \
	lib/kern/pidfd.h \
	lib/kern/prjquota.h \
	lib/kern/probe.h \
	lib/kern/psi.h \
	lib/kern/seccomp.h \
	lib/kern/sys.h \
	lib/kern/viewfiles.h \
	lib/monitor/bare.h \
	lib/net/announce.h \
	lib/net/classes.h \
	lib/net/count.h \
	lib/net/fw.h \
	lib/net/guard.h \
	lib/net/link_prog.h \
	lib/net/net.h \
	lib/net/net_priv.h \
	lib/net/netdev.h \
	lib/net/outlet.h \
	lib/net/prog.h \
	lib/net/rate.h \
	lib/net/rate_int.h \
	lib/net/venet.h \
	lib/net/veth.h \
	lib/node/cg_layout.h \
	lib/node/nft.h \
	lib/node/track_nft.h \
	lib/param/cfgfile.h \
	lib/param/cfgline.h \
	lib/param/check.h \
	lib/param/fwset.h \
	lib/param/netclass.h \
	lib/param/netif.h \
	lib/param/option.h \
	lib/param/param.h \
	lib/param/poolconf.h \
	lib/param/ptype.h \
	lib/param/types.h \
	lib/param/validate.h \
	lib/plan/dump.h \
	lib/plan/plan.h \
	lib/plan/run.h \
	lib/sec/sec.h \
	lib/ct/nodecheck.def \
	lib/param/cpu.def \
	lib/param/dev.def \
	lib/param/disk.def \
	lib/param/guest.def \
	lib/param/mem.def \
	lib/param/net.def \
	lib/param/node.def \
	lib/param/params.def \
	lib/param/ubc.def \
	lib/param/vz7.def \
	lib/plan/steps.def \
	lib/ct/inside/action.h \
	lib/ct/inside/bind.h \
	lib/ct/inside/dist.h \
	lib/ct/inside/dist_env.h \
	lib/ct/inside/exec.h \
	lib/ct/inside/guestfiles.h \
	lib/ct/inside/guestnet.h \
	lib/ct/inside/inside.h \
	lib/ct/inside/keep.h \
	lib/ct/inside/native.h \
	lib/ct/inside/script.h \
	lib/ct/inside/view.h \
	lib/ct/inside/viewd.h \
	lib/ct/limit/acct.h \
	lib/ct/limit/apply.h \
	lib/ct/limit/apply_dev.h \
	lib/ct/limit/oom.h \
	lib/ct/limit/respool.h \
	lib/ct/limit/unheld.h \
	lib/ct/limit/users.h \
	lib/ct/link/links.h \
	lib/ct/link/netif.h \
	lib/ct/link/netscript.h \
	lib/ct/link/rate.h \
	lib/ct/link/traffic.h \
	lib/ct/link/traffic_int.h \
	lib/ct/link/traffic_month.h \
	lib/ct/link/traffic_quota.h \
	lib/ct/link/wall.h

vz_node_c = \
	lib/node/cg_layout.c \
	lib/node/main.c \
	lib/node/nft.c \
	lib/node/track_nft.c

vz_public_h = \
	include/vz/account.h \
	include/vz/area.h \
	include/vz/cfg.h \
	include/vz/codes.h \
	include/vz/firewall.h \
	include/vz/net.h \
	include/vz/node.h \
	include/vz/pool.h \
	include/vz/proc.h \
	include/vz/quota.h \
	include/vz/service.h \
	include/vz/stat.h \
	include/vz/template.h \
	include/vz/text.h \
	include/vz/traffic.h \
	include/vz/ubc.h \
	include/vz/validate.h \
	include/vz/vz.h

vzctl_c = \
	vzctl/main.c \
	vzctl/cmd_adopt.c \
	vzctl/cmd_cpt.c \
	vzctl/cmd_exec.c \
	vzctl/cmd_life.c \
	vzctl/cmd_opts.c \
	vzctl/cmd_set.c \
	vzctl/cmd_snap.c \
	vzctl/opt.c \
	vzctl/out.c \
	vzctl/term.c \
	vzctl/cmd.h \
	vzctl/json.h \
	vzctl/opt.h \
	vzctl/out.h \
	vzctl/term.h \
	vzctl/tmpl.h \
	vzctl/tool.h \
	vzctl/vzlist.h \
	vzctl/cmds.def \
	vzctl/opts.def

sbin_PROGRAMS += vzctl/tools/arpsend
vzctl_tools_arpsend_SOURCES = vzctl/tools/arpsend.c $(vztool_c)
vzctl_tools_arpsend_CPPFLAGS = $(TOOL_CPPFLAGS)
vzctl_tools_arpsend_LDADD = $(VZ_STATIC)
vzctl_tools_arpsend_LDFLAGS = $(VZ_TOOL_LINK)

sbin_PROGRAMS += vzctl/tools/ndsend
vzctl_tools_ndsend_SOURCES = vzctl/tools/ndsend.c $(vztool_c)
vzctl_tools_ndsend_CPPFLAGS = $(TOOL_CPPFLAGS)
vzctl_tools_ndsend_LDADD = $(VZ_STATIC)
vzctl_tools_ndsend_LDFLAGS = $(VZ_TOOL_LINK)

sbin_PROGRAMS += vzctl/tools/vz
vzctl_tools_vz_SOURCES = vzctl/tools/vz.c $(vztool_c)
vzctl_tools_vz_CPPFLAGS = $(TOOL_CPPFLAGS)
vzctl_tools_vz_LDADD = $(VZ_STATIC)
vzctl_tools_vz_LDFLAGS = $(VZ_TOOL_LINK)

sbin_PROGRAMS += vzctl/tools/vzauth
vzctl_tools_vzauth_SOURCES = vzctl/tools/vzauth.c $(vztool_c)
vzctl_tools_vzauth_CPPFLAGS = $(TOOL_CPPFLAGS)
vzctl_tools_vzauth_LDADD = $(VZ_STATIC)
vzctl_tools_vzauth_LDFLAGS = $(VZ_TOOL_LINK)

sbin_PROGRAMS += vzctl/tools/vzcalc
vzctl_tools_vzcalc_SOURCES = vzctl/tools/vzcalc.c $(vztool_c)
vzctl_tools_vzcalc_CPPFLAGS = $(TOOL_CPPFLAGS)
vzctl_tools_vzcalc_LDADD = $(VZ_STATIC)
vzctl_tools_vzcalc_LDFLAGS = $(VZ_TOOL_LINK)

sbin_PROGRAMS += vzctl/tools/vzcfgscale
vzctl_tools_vzcfgscale_SOURCES = vzctl/tools/vzcfgscale.c $(vztool_c)
vzctl_tools_vzcfgscale_CPPFLAGS = $(TOOL_CPPFLAGS)
vzctl_tools_vzcfgscale_LDADD = $(VZ_STATIC)
vzctl_tools_vzcfgscale_LDFLAGS = $(VZ_TOOL_LINK)

sbin_PROGRAMS += vzctl/tools/vzcfgvalidate
vzctl_tools_vzcfgvalidate_SOURCES = vzctl/tools/vzcfgvalidate.c $(vztool_c)
vzctl_tools_vzcfgvalidate_CPPFLAGS = $(TOOL_CPPFLAGS)
vzctl_tools_vzcfgvalidate_LDADD = $(VZ_STATIC)
vzctl_tools_vzcfgvalidate_LDFLAGS = $(VZ_TOOL_LINK)

sbin_PROGRAMS += vzctl/tools/vzcheck
vzctl_tools_vzcheck_SOURCES = vzctl/tools/vzcheck.c $(vztool_c)
vzctl_tools_vzcheck_CPPFLAGS = $(TOOL_CPPFLAGS)
vzctl_tools_vzcheck_LDADD = $(VZ_STATIC)
vzctl_tools_vzcheck_LDFLAGS = $(VZ_TOOL_LINK)

sbin_PROGRAMS += vzctl/tools/vzcptcheck
vzctl_tools_vzcptcheck_SOURCES = vzctl/tools/vzcptcheck.c $(vztool_c)
vzctl_tools_vzcptcheck_CPPFLAGS = $(TOOL_CPPFLAGS)
vzctl_tools_vzcptcheck_LDADD = $(VZ_STATIC)
vzctl_tools_vzcptcheck_LDFLAGS = $(VZ_TOOL_LINK)

sbin_PROGRAMS += vzctl/tools/vzcpucheck
vzctl_tools_vzcpucheck_SOURCES = vzctl/tools/vzcpucheck.c $(vztool_c)
vzctl_tools_vzcpucheck_CPPFLAGS = $(TOOL_CPPFLAGS)
vzctl_tools_vzcpucheck_LDADD = $(VZ_STATIC)
vzctl_tools_vzcpucheck_LDFLAGS = $(VZ_TOOL_LINK)

sbin_PROGRAMS += vzctl/tools/vzgetpa
vzctl_tools_vzgetpa_SOURCES = vzctl/tools/vzgetpa.c $(vztool_c)
vzctl_tools_vzgetpa_CPPFLAGS = $(TOOL_CPPFLAGS)
vzctl_tools_vzgetpa_LDADD = $(VZ_STATIC)
vzctl_tools_vzgetpa_LDFLAGS = $(VZ_TOOL_LINK)

sbin_PROGRAMS += vzctl/tools/vzifup-post
vzctl_tools_vzifup_post_SOURCES = vzctl/tools/vzifup-post.c $(vztool_c)
vzctl_tools_vzifup_post_CPPFLAGS = $(TOOL_CPPFLAGS)
vzctl_tools_vzifup_post_LDADD = $(VZ_STATIC)
vzctl_tools_vzifup_post_LDFLAGS = $(VZ_TOOL_LINK)

sbin_PROGRAMS += vzctl/tools/vzmemcheck
vzctl_tools_vzmemcheck_SOURCES = vzctl/tools/vzmemcheck.c $(vztool_c)
vzctl_tools_vzmemcheck_CPPFLAGS = $(TOOL_CPPFLAGS)
vzctl_tools_vzmemcheck_LDADD = $(VZ_STATIC)
vzctl_tools_vzmemcheck_LDFLAGS = $(VZ_TOOL_LINK)

sbin_PROGRAMS += vzctl/tools/vznetstat
vzctl_tools_vznetstat_SOURCES = vzctl/tools/vznetstat.c $(vztool_c)
vzctl_tools_vznetstat_CPPFLAGS = $(TOOL_CPPFLAGS)
vzctl_tools_vznetstat_LDADD = $(VZ_STATIC)
vzctl_tools_vznetstat_LDFLAGS = $(VZ_TOOL_LINK)

sbin_PROGRAMS += vzctl/tools/vzoversell
vzctl_tools_vzoversell_SOURCES = vzctl/tools/vzoversell.c $(vztool_c)
vzctl_tools_vzoversell_CPPFLAGS = $(TOOL_CPPFLAGS)
vzctl_tools_vzoversell_LDADD = $(VZ_STATIC)
vzctl_tools_vzoversell_LDFLAGS = $(VZ_TOOL_LINK)

sbin_PROGRAMS += vzctl/tools/vzpid
vzctl_tools_vzpid_SOURCES = vzctl/tools/vzpid.c $(vztool_c)
vzctl_tools_vzpid_CPPFLAGS = $(TOOL_CPPFLAGS)
vzctl_tools_vzpid_LDADD = $(VZ_STATIC)
vzctl_tools_vzpid_LDFLAGS = $(VZ_TOOL_LINK)

sbin_PROGRAMS += vzctl/tools/vzpkg
vzctl_tools_vzpkg_SOURCES = vzctl/tools/vzpkg.c vzctl/tools/vzpkg_cache.c vzctl/tools/vzpkg_inside.c vzctl/tools/vzpkg_int.h vzctl/tmpl.c vzctl/tmpl.h $(vztool_c)
vzctl_tools_vzpkg_CPPFLAGS = $(TOOL_CPPFLAGS)
vzctl_tools_vzpkg_LDADD = $(VZ_STATIC)
vzctl_tools_vzpkg_LDFLAGS = $(VZ_TOOL_LINK)

sbin_PROGRAMS += vzctl/tools/vzpool
vzctl_tools_vzpool_SOURCES = vzctl/tools/vzpool.c $(vztool_c)
vzctl_tools_vzpool_CPPFLAGS = $(TOOL_CPPFLAGS)
vzctl_tools_vzpool_LDADD = $(VZ_STATIC)
vzctl_tools_vzpool_LDFLAGS = $(VZ_TOOL_LINK)

sbin_PROGRAMS += vzctl/tools/vzps
vzctl_tools_vzps_SOURCES = vzctl/tools/vzps.c vzctl/tools/vzps_cols.c vzctl/tools/vzps_int.h $(vztool_c)
vzctl_tools_vzps_CPPFLAGS = $(TOOL_CPPFLAGS)
vzctl_tools_vzps_LDADD = $(VZ_STATIC)
vzctl_tools_vzps_LDFLAGS = $(VZ_TOOL_LINK)

sbin_PROGRAMS += vzctl/tools/vzquota
vzctl_tools_vzquota_SOURCES = vzctl/tools/vzquota.c $(vztool_c)
vzctl_tools_vzquota_CPPFLAGS = $(TOOL_CPPFLAGS)
vzctl_tools_vzquota_LDADD = $(VZ_STATIC)
vzctl_tools_vzquota_LDFLAGS = $(VZ_TOOL_LINK)

sbin_PROGRAMS += vzctl/tools/vzservice
vzctl_tools_vzservice_SOURCES = vzctl/tools/vzservice.c $(vztool_c)
vzctl_tools_vzservice_CPPFLAGS = $(TOOL_CPPFLAGS)
vzctl_tools_vzservice_LDADD = $(VZ_STATIC)
vzctl_tools_vzservice_LDFLAGS = $(VZ_TOOL_LINK)

sbin_PROGRAMS += vzctl/tools/vzsplit
vzctl_tools_vzsplit_SOURCES = vzctl/tools/vzsplit.c $(vztool_c)
vzctl_tools_vzsplit_CPPFLAGS = $(TOOL_CPPFLAGS)
vzctl_tools_vzsplit_LDADD = $(VZ_STATIC)
vzctl_tools_vzsplit_LDFLAGS = $(VZ_TOOL_LINK)

sbin_PROGRAMS += vzctl/tools/vzstat
vzctl_tools_vzstat_SOURCES = vzctl/tools/vzstat.c vzctl/tools/vzstat_int.h vzctl/tools/vzstat_print.c vzctl/tools/vzstat_table.c $(vztool_c)
vzctl_tools_vzstat_CPPFLAGS = $(TOOL_CPPFLAGS)
vzctl_tools_vzstat_LDADD = $(VZ_STATIC)
vzctl_tools_vzstat_LDFLAGS = $(VZ_TOOL_LINK)

sbin_PROGRAMS += vzctl/tools/vztmpl-dl
vzctl_tools_vztmpl_dl_SOURCES = vzctl/tools/vztmpl-dl.c vzctl/tmpl.c vzctl/tmpl.h $(vztool_c)
vzctl_tools_vztmpl_dl_CPPFLAGS = $(TOOL_CPPFLAGS)
vzctl_tools_vztmpl_dl_LDADD = $(VZ_STATIC)
vzctl_tools_vztmpl_dl_LDFLAGS = $(VZ_TOOL_LINK)

sbin_PROGRAMS += vzctl/tools/vztmpl
vzctl_tools_vztmpl_SOURCES = vzctl/tools/vztmpl.c vzctl/tmpl.c vzctl/tmpl.h $(vztool_c)
vzctl_tools_vztmpl_CPPFLAGS = $(TOOL_CPPFLAGS)
vzctl_tools_vztmpl_LDADD = $(VZ_STATIC)
vzctl_tools_vztmpl_LDFLAGS = $(VZ_TOOL_LINK)

sbin_PROGRAMS += vzctl/tools/vztop
vzctl_tools_vztop_SOURCES = vzctl/tools/vztop.c vzctl/tools/vztop_data.c vzctl/tools/vztop_int.h vzctl/tools/vztop_print.c vzctl/tools/vztop_screen.c $(vztool_c)
vzctl_tools_vztop_CPPFLAGS = $(TOOL_CPPFLAGS)
vzctl_tools_vztop_LDADD = $(VZ_STATIC) -lncursesw -ltinfo
vzctl_tools_vztop_LDFLAGS = $(VZ_TOOL_LINK)

sbin_PROGRAMS += vzctl/tools/vzubc
vzctl_tools_vzubc_SOURCES = vzctl/tools/vzubc.c vzctl/tools/vzubc_file.c vzctl/tools/vzubc_int.h vzctl/tools/vzubc_store.c vzctl/tools/vzubc_table.c $(vztool_c)
vzctl_tools_vzubc_CPPFLAGS = $(TOOL_CPPFLAGS)
vzctl_tools_vzubc_LDADD = $(VZ_STATIC)
vzctl_tools_vzubc_LDFLAGS = $(VZ_TOOL_LINK)

sbin_PROGRAMS += vzctl/tools/vzwho
vzctl_tools_vzwho_SOURCES = vzctl/tools/vzwho.c vzctl/tools/vzwho_data.c vzctl/tools/vzwho_int.h vzctl/tools/vzwho_judge.c $(vztool_c)
vzctl_tools_vzwho_CPPFLAGS = $(TOOL_CPPFLAGS)
vzctl_tools_vzwho_LDADD = $(VZ_STATIC)
vzctl_tools_vzwho_LDFLAGS = $(VZ_TOOL_LINK)

vztool_c = \
	vzctl/tool.c \
	vzctl/opt.c \
	vzctl/out.c \
	vzctl/json.c

vzlist_c = \
	vzctl/vzlist.c \
	vzctl/vzlist_cols.c \
	vzctl/vzlist_json.c \
	vzctl/vzlist_text.c \
	vzctl/opt.c \
	vzctl/out.c

vz_recipes = \
	templates/debian-12-x86_64-nginx.json \
	templates/debian-12-x86_64-sysvinit.json \
	templates/debian-12-x86_64.json \
	templates/debian-13-x86_64.json \
	templates/tiny-x86_64.json

vz_families = \
	templates/family/deb.sh \
	templates/family/debian-add.sh \
	templates/family/debian.sh \
	templates/family/mmdeb.sh \
	templates/family/tiny-init \
	templates/family/tiny.sh

vz_samples = \
	cgroup-profiles/ve-basic.conf-sample \
	cgroup-profiles/ve-light.conf-sample \
	cgroup-profiles/ve-vswap-1024m.conf-sample \
	cgroup-profiles/ve-vswap-1g.conf-sample \
	cgroup-profiles/ve-vswap-256m.conf-sample \
	cgroup-profiles/ve-vswap-2g.conf-sample \
	cgroup-profiles/ve-vswap-4g.conf-sample \
	cgroup-profiles/ve-vswap-512m.conf-sample

vz_mans = \
	man/arpsend.8 \
	man/ndsend.8 \
	man/vz.8 \
	man/vzauth.8 \
	man/vzcalc.8 \
	man/vzcfgscale.8 \
	man/vzcfgvalidate.8 \
	man/vzcheck.8 \
	man/vzcptcheck.8 \
	man/vzcpucheck.8 \
	man/vzfirewall.5 \
	man/vzgetpa.8 \
	man/vzifup-post.8 \
	man/vzlist.8 \
	man/vzmemcheck.8 \
	man/vznetaddbr.8 \
	man/vznetcfg.8 \
	man/vznetstat.8 \
	man/vzoversell.8 \
	man/vzpid.8 \
	man/vzpkg.8 \
	man/vzpool.8 \
	man/vzps.8 \
	man/vzquota.8 \
	man/vzservice.8 \
	man/vzsplit.8 \
	man/vzstat.8 \
	man/vztmpl-dl.8 \
	man/vztmpl.8 \
	man/vztop.8 \
	man/vzubc.8 \
	man/vzwho.8

vz_helpers = \
	libexec/vz-criu-fetch

vz_sbin_scripts = \
	vzctl/scripts/vznetaddbr \
	vzctl/scripts/vznetcfg

check_PROGRAMS += tests/unit/test_alloc
tests_unit_test_alloc_SOURCES = tests/unit/test_alloc.c
tests_unit_test_alloc_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_test_alloc_LDADD = $(TEST_LIBS)

tests_unit_test_alloc_LDFLAGS = $(AM_LDFLAGS) $(WRAP_ALLOC)

check_PROGRAMS += tests/unit/test_base_files
tests_unit_test_base_files_SOURCES = tests/unit/test_base_files.c
tests_unit_test_base_files_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_test_base_files_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/unit/test_base_lock
tests_unit_test_base_lock_SOURCES = tests/unit/test_base_lock.c
tests_unit_test_base_lock_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_test_base_lock_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/unit/test_base_spawn
tests_unit_test_base_spawn_SOURCES = tests/unit/test_base_spawn.c
tests_unit_test_base_spawn_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_test_base_spawn_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/unit/test_base_text
tests_unit_test_base_text_SOURCES = tests/unit/test_base_text.c
tests_unit_test_base_text_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_test_base_text_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/unit/test_cg_fake
tests_unit_test_cg_fake_SOURCES = tests/unit/test_cg_fake.c
tests_unit_test_cg_fake_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_test_cg_fake_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/unit/test_cg_host
tests_unit_test_cg_host_SOURCES = tests/unit/test_cg_host.c lib/node/cg_layout.c
tests_unit_test_cg_host_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_test_cg_host_LDADD = $(TEST_LIBS) $(CGROUP_LIBS)

check_PROGRAMS += tests/unit/test_cg_knobs
tests_unit_test_cg_knobs_SOURCES = tests/unit/test_cg_knobs.c
tests_unit_test_cg_knobs_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_test_cg_knobs_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/unit/test_cpt
tests_unit_test_cpt_SOURCES = tests/unit/test_cpt.c
tests_unit_test_cpt_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_test_cpt_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/unit/test_guest_accounts
tests_unit_test_guest_accounts_SOURCES = tests/unit/test_guest_accounts.c
tests_unit_test_guest_accounts_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_test_guest_accounts_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/unit/test_guest_files
tests_unit_test_guest_files_SOURCES = tests/unit/test_guest_files.c
tests_unit_test_guest_files_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_test_guest_files_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/unit/test_guest_user
tests_unit_test_guest_user_SOURCES = tests/unit/test_guest_user.c
tests_unit_test_guest_user_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_test_guest_user_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/unit/test_net_count
tests_unit_test_net_count_SOURCES = tests/unit/test_net_count.c
tests_unit_test_net_count_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_test_net_count_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/unit/test_net_frame
tests_unit_test_net_frame_SOURCES = tests/unit/test_net_frame.c
tests_unit_test_net_frame_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_test_net_frame_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/unit/test_net_fw
tests_unit_test_net_fw_SOURCES = tests/unit/test_net_fw.c
tests_unit_test_net_fw_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_test_net_fw_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/unit/test_net_guard
tests_unit_test_net_guard_SOURCES = tests/unit/test_net_guard.c
tests_unit_test_net_guard_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_test_net_guard_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/unit/test_net_link_guard
tests_unit_test_net_link_guard_SOURCES = tests/unit/test_net_link_guard.c
tests_unit_test_net_link_guard_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_test_net_link_guard_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/unit/test_net_uplink
tests_unit_test_net_uplink_SOURCES = tests/unit/test_net_uplink.c
tests_unit_test_net_uplink_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_test_net_uplink_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/unit/test_net_venet
tests_unit_test_net_venet_SOURCES = tests/unit/test_net_venet.c
tests_unit_test_net_venet_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_test_net_venet_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/unit/test_param
tests_unit_test_param_SOURCES = tests/unit/test_param.c
tests_unit_test_param_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_test_param_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/unit/test_param_file
tests_unit_test_param_file_SOURCES = tests/unit/test_param_file.c
tests_unit_test_param_file_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_test_param_file_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/unit/test_param_opt
tests_unit_test_param_opt_SOURCES = tests/unit/test_param_opt.c vzctl/opt.c
tests_unit_test_param_opt_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_test_param_opt_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/unit/test_param_values
tests_unit_test_param_values_SOURCES = tests/unit/test_param_values.c
tests_unit_test_param_values_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_test_param_values_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/unit/test_plan
tests_unit_test_plan_SOURCES = tests/unit/test_plan.c
tests_unit_test_plan_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_test_plan_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/unit/test_pool
tests_unit_test_pool_SOURCES = tests/unit/test_pool.c
tests_unit_test_pool_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_test_pool_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/unit/test_poolconf
tests_unit_test_poolconf_SOURCES = tests/unit/test_poolconf.c
tests_unit_test_poolconf_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_test_poolconf_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/unit/test_sec
tests_unit_test_sec_SOURCES = tests/unit/test_sec.c
tests_unit_test_sec_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_test_sec_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/unit/test_template
tests_unit_test_template_SOURCES = tests/unit/test_template.c
tests_unit_test_template_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_test_template_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/unit/test_text
tests_unit_test_text_SOURCES = tests/unit/test_text.c
tests_unit_test_text_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_test_text_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/unit/test_traffic_month
tests_unit_test_traffic_month_SOURCES = tests/unit/test_traffic_month.c
tests_unit_test_traffic_month_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_test_traffic_month_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/unit/test_validate
tests_unit_test_validate_SOURCES = tests/unit/test_validate.c
tests_unit_test_validate_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_test_validate_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/unit/test_vzwho
tests_unit_test_vzwho_SOURCES = tests/unit/test_vzwho.c vzctl/tools/vzwho_judge.c
tests_unit_test_vzwho_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_test_vzwho_LDADD = $(TEST_LIBS)

attack_c = \
	tests/attack/attack.c \
	tests/attack/bomb.c \
	tests/attack/deaf.c \
	tests/attack/kernel.c \
	tests/attack/leak.c \
	tests/attack/neighbour.c \
	tests/attack/packet.c \
	tests/attack/pool.c \
	tests/attack/probe.c \
	tests/attack/uncounted.c \
	tests/attack/attack.h

check_PROGRAMS += tests/fuzz/fuzz_argv
tests_fuzz_fuzz_argv_SOURCES = tests/fuzz/fuzz_argv.c tests/fuzz/main.c vzctl/opt.c
tests_fuzz_fuzz_argv_CPPFLAGS = $(TEST_CPPFLAGS)
tests_fuzz_fuzz_argv_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/fuzz/fuzz_config
tests_fuzz_fuzz_config_SOURCES = tests/fuzz/fuzz_config.c tests/fuzz/main.c
tests_fuzz_fuzz_config_CPPFLAGS = $(TEST_CPPFLAGS)
tests_fuzz_fuzz_config_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/fuzz/fuzz_fwset
tests_fuzz_fuzz_fwset_SOURCES = tests/fuzz/fuzz_fwset.c tests/fuzz/main.c
tests_fuzz_fuzz_fwset_CPPFLAGS = $(TEST_CPPFLAGS)
tests_fuzz_fuzz_fwset_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/fuzz/fuzz_guest
tests_fuzz_fuzz_guest_SOURCES = tests/fuzz/fuzz_guest.c tests/fuzz/main.c
tests_fuzz_fuzz_guest_CPPFLAGS = $(TEST_CPPFLAGS)
tests_fuzz_fuzz_guest_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/fuzz/fuzz_manifest
tests_fuzz_fuzz_manifest_SOURCES = tests/fuzz/fuzz_manifest.c tests/fuzz/main.c
tests_fuzz_fuzz_manifest_CPPFLAGS = $(TEST_CPPFLAGS)
tests_fuzz_fuzz_manifest_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/fuzz/fuzz_net
tests_fuzz_fuzz_net_SOURCES = tests/fuzz/fuzz_net.c tests/fuzz/main.c
tests_fuzz_fuzz_net_CPPFLAGS = $(TEST_CPPFLAGS)
tests_fuzz_fuzz_net_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/fuzz/fuzz_size
tests_fuzz_fuzz_size_SOURCES = tests/fuzz/fuzz_size.c tests/fuzz/main.c
tests_fuzz_fuzz_size_CPPFLAGS = $(TEST_CPPFLAGS)
tests_fuzz_fuzz_size_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/fuzz/fuzz_state
tests_fuzz_fuzz_state_SOURCES = tests/fuzz/fuzz_state.c tests/fuzz/main.c
tests_fuzz_fuzz_state_CPPFLAGS = $(TEST_CPPFLAGS)
tests_fuzz_fuzz_state_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/fuzz/fuzz_word
tests_fuzz_fuzz_word_SOURCES = tests/fuzz/fuzz_word.c tests/fuzz/main.c
tests_fuzz_fuzz_word_CPPFLAGS = $(TEST_CPPFLAGS)
tests_fuzz_fuzz_word_LDADD = $(TEST_LIBS)

