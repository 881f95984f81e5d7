# SPDX-License-Identifier: GPL-2.0-or-later
# The library: as a shared object for others, as an archive for the static tools.
noinst_LIBRARIES += lib/libvzall.a
lib_libvzall_a_SOURCES = $(vz_c) $(vz_h)
lib_libvzall_a_CPPFLAGS = $(LIB_CPPFLAGS)

lib_LTLIBRARIES += lib/libvz.la
lib_libvz_la_SOURCES = $(vz_c)
lib_libvz_la_CPPFLAGS = $(LIB_CPPFLAGS)
lib_libvz_la_LIBADD = $(NL_LIBS) $(JANSSON_LIBS) $(SECCOMP_LIBS) $(CAP_LIBS) $(CRYPT_LIBS) $(MD_LIBS)
lib_libvz_la_LDFLAGS = -version-info 1:0:0 -Wl,--version-script=$(top_srcdir)/lib/libvz.map \
	-Wl,--no-undefined -Wl,-z,relro,-z,now
EXTRA_lib_libvz_la_DEPENDENCIES = lib/libvz.map
EXTRA_DIST += lib/libvz.map

vzincludedir = $(includedir)/vz
vzinclude_HEADERS = $(vz_public_h)
pkgconfigdir = $(libdir)/pkgconfig
pkgconfig_DATA = lib/vz.pc
