# SPDX-License-Identifier: GPL-2.0-or-later
# The library: as a shared object for others, as an archive for the static tools.
vz_c = \
	lib/api/api.c \
	lib/api/api_cfg.c \
	lib/api/api_info.c \
	lib/api/api_template.c \
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
	lib/cgroup/cg.c \
	lib/cgroup/cg_cache.c \
	lib/cgroup/cg_dev.c \
	lib/cgroup/cg_devbpf.c \
	lib/cgroup/cg_knob.c \
	lib/cgroup/cg_run.c \
	lib/cgroup/cg_stat.c \
	lib/cpt/cpt_console.c \
	lib/cpt/cpt_dump.c \
	lib/cpt/cpt_find.c \
	lib/cpt/cpt_image.c \
	lib/cpt/cpt_log.c \
	lib/cpt/cpt_mounts.c \
	lib/cpt/cpt_options.c \
	lib/cpt/cpt_restore.c \
	lib/cpt/pb.c \
	lib/cpt/rpc.c \
	lib/ct/apply.c \
	lib/ct/create.c \
	lib/ct/ct.c \
	lib/ct/destroy.c \
	lib/ct/durable.c \
	lib/ct/ended.c \
	lib/ct/exec.c \
	lib/ct/guestfiles.c \
	lib/ct/id.c \
	lib/ct/inside.c \
	lib/ct/monitor.c \
	lib/ct/name.c \
	lib/ct/node.c \
	lib/ct/passwd.c \
	lib/ct/runscript.c \
	lib/ct/set.c \
	lib/ct/stage.c \
	lib/ct/start.c \
	lib/ct/start_plan.c \
	lib/ct/state.c \
	lib/ct/stop.c \
	lib/ct/suspend.c \
	lib/fs/api_mounts.c \
	lib/fs/area.c \
	lib/fs/root.c \
	lib/guest/digest.c \
	lib/guest/files.c \
	lib/guest/manifest.c \
	lib/guest/names.c \
	lib/guest/recipe.c \
	lib/guest/template.c \
	lib/guest/template_build.c \
	lib/guest/user.c \
	lib/kern/bpf.c \
	lib/kern/caps.c \
	lib/kern/cgfs.c \
	lib/kern/idmap.c \
	lib/kern/mount.c \
	lib/kern/nl.c \
	lib/kern/nl_addr.c \
	lib/kern/nl_link.c \
	lib/kern/nl_nft.c \
	lib/kern/nl_route.c \
	lib/kern/pidfd.c \
	lib/kern/probe.c \
	lib/kern/seccomp.c \
	lib/net/addr.c \
	lib/net/announce.c \
	lib/net/frame.c \
	lib/net/uplink.c \
	lib/net/venet.c \
	lib/net/venet_live.c \
	lib/param/cfg.c \
	lib/param/cfgfile.c \
	lib/param/cfgline.c \
	lib/param/change.c \
	lib/param/check.c \
	lib/param/param.c \
	lib/param/ptype.c \
	lib/param/type_dev.c \
	lib/param/type_list.c \
	lib/param/type_net.c \
	lib/param/type_netif.c \
	lib/param/type_num.c \
	lib/param/type_size.c \
	lib/param/type_text.c \
	lib/plan/plan.c \
	lib/plan/plan_dump.c \
	lib/plan/plan_run.c \
	lib/sec/sec_caps.c \
	lib/sec/sec_filter.c
vz_h = \
	lib/base/banned.h \
	lib/base/buf.h \
	lib/base/cleanup.h \
	lib/base/clock.h \
	lib/base/err.h \
	lib/base/io.h \
	lib/base/json.h \
	lib/base/lock.h \
	lib/base/log.h \
	lib/base/num.h \
	lib/base/path.h \
	lib/base/spawn.h \
	lib/base/str.h \
	lib/cgroup/cg.h \
	lib/cgroup/cg_int.h \
	lib/cpt/cpt.h \
	lib/cpt/cpt_int.h \
	lib/cpt/pb.h \
	lib/cpt/rpc.h \
	lib/ct/apply.h \
	lib/ct/create.h \
	lib/ct/ct.h \
	lib/ct/durable.h \
	lib/ct/ended.h \
	lib/ct/exec.h \
	lib/ct/guestfiles.h \
	lib/ct/inside.h \
	lib/ct/monitor.h \
	lib/ct/name.h \
	lib/ct/node.h \
	lib/ct/set.h \
	lib/ct/stage.h \
	lib/ct/start_plan.h \
	lib/ct/state.h \
	lib/ct/suspend.h \
	lib/fs/fs.h \
	lib/guest/digest.h \
	lib/guest/files.h \
	lib/guest/line.h \
	lib/guest/manifest.h \
	lib/guest/names.h \
	lib/guest/recipe.h \
	lib/guest/template.h \
	lib/guest/user.h \
	lib/kern/bpf.h \
	lib/kern/caps.h \
	lib/kern/cgfs.h \
	lib/kern/idmap.h \
	lib/kern/mount.h \
	lib/kern/nl.h \
	lib/kern/nl_priv.h \
	lib/kern/pidfd.h \
	lib/kern/probe.h \
	lib/kern/seccomp.h \
	lib/kern/sys.h \
	lib/net/announce.h \
	lib/net/net.h \
	lib/net/net_priv.h \
	lib/net/venet.h \
	lib/node/cg_layout.h \
	lib/node/guard_nft.h \
	lib/param/cfgfile.h \
	lib/param/cfgline.h \
	lib/param/check.h \
	lib/param/cpu.def \
	lib/param/dev.def \
	lib/param/disk.def \
	lib/param/guest.def \
	lib/param/mem.def \
	lib/param/net.def \
	lib/param/node.def \
	lib/param/option.h \
	lib/param/param.h \
	lib/param/params.def \
	lib/param/ptype.h \
	lib/param/types.h \
	lib/param/ubc.def \
	lib/plan/dump.h \
	lib/plan/plan.h \
	lib/plan/run.h \
	lib/plan/steps.def \
	lib/sec/sec.h

noinst_LIBRARIES += lib/libvzall.a
lib_libvzall_a_SOURCES = $(vz_c) $(vz_h)
lib_libvzall_a_CPPFLAGS = $(LIB_CPPFLAGS)

lib_LTLIBRARIES += lib/libvz.la
lib_libvz_la_SOURCES = $(vz_c)
lib_libvz_la_CPPFLAGS = $(LIB_CPPFLAGS)
lib_libvz_la_CFLAGS = $(AM_CFLAGS) -fvisibility=default
lib_libvz_la_LIBADD = $(NL_LIBS) $(JANSSON_LIBS) $(SECCOMP_LIBS) $(CAP_LIBS) $(CRYPT_LIBS) $(MD_LIBS)
lib_libvz_la_LDFLAGS = -version-info 0:0:0 -Wl,--version-script=$(top_srcdir)/lib/libvz.map \
	-Wl,--no-undefined -Wl,-z,relro,-z,now
lib_libvz_la_DEPENDENCIES = lib/libvz.map
EXTRA_DIST += lib/libvz.map

vzincludedir = $(includedir)/vz
vzinclude_HEADERS = include/vz/cfg.h include/vz/codes.h include/vz/template.h include/vz/vz.h
pkgconfigdir = $(libdir)/pkgconfig
pkgconfig_DATA = lib/vz.pc
