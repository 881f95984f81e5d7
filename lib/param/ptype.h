/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Inside lib/param only: how a kind of value behaves. */
#ifndef VZ_PARAM_PTYPE_H
#define VZ_PARAM_PTYPE_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "param/types.h"

#define PTYPE_MAX 64 /* no value is larger */

/*
 * dst of parse is all zero; on failure parse leaves nothing in it that needs done(), except that
 * after -ERANGE a number holds the nearest possible value. Functions that are NULL: parse_option =
 * parse; equal, copy = the bytes; done = nothing is owned; join, drop = not a list. join moves
 * nothing out of `more`; drop takes a value of the type of its own kind of row.
 */
struct ptype {
	size_t size;
	int (*parse)(void *dst, const char *s, struct vz_err *e);
	int (*parse_option)(void *dst, const char *s, struct vz_err *e); /* command line */
	int (*print)(const void *src, struct buf *out);			 /* -errno */
	json_t *(*json)(const void *src);
	bool (*equal)(const void *a, const void *b);
	int (*copy)(void *dst, const void *src); /* dst is all zero; -errno */
	int (*join)(void *dst, const void *more); /* -ENOMEM, -E2BIG */
	void (*done)(void *v);
};

/* Refuse: "'text' is not WHAT", with the text cut and made printable. Returns -EINVAL. */
int type_bad(struct vz_err *e, int code, const char *s, const char *what);
/* Too large or too small: "'text' is out of range". Returns -ERANGE. */
int type_range(struct vz_err *e, const char *s);
/* join failed with r: out of memory, or -E2BIG. Returns r. */
int type_join_failed(struct vz_err *e, int r, const char *name);
/* A word of a fixed list: its index, or -1. */
int type_word(const char *const *words, const char *s, size_t len);
/* Next word of *s, split at any of seps; NULL at the end. */
const char *type_next(const char **s, const char *seps, size_t *ret_len);
bool type_is_ifname(const char *s, size_t len);
bool type_is_plain(const char *s); /* one line without control characters */
/* Old files may have other encodings than UTF-8, which JSON does not take: '?' for what is not ASCII. */
void type_ascii(char *s);
json_t *type_json_u64(uint64_t v); /* VZ_UNLIMITED becomes 9223372036854775807 */

/* Shared by several types. */
bool strs_equal(const void *a, const void *b);
int strs_copy(void *dst, const void *src);
int strs_join(void *dst, const void *more); /* drops what is there already */
void strs_done(void *v);
int strs_print(const void *src, struct buf *out); /* with blanks between */
json_t *strs_json(const void *src);

/* Options that write to a parameter in their own way. dst holds what is set so far. */
int opt_ram(void *dst, const char *s, struct vz_err *e);
int opt_netif_mac(void *dst, const char *s, struct vz_err *e);
int opt_netif_host_mac(void *dst, const char *s, struct vz_err *e);
int opt_netif_host_ifname(void *dst, const char *s, struct vz_err *e);
int opt_netif_bridge(void *dst, const char *s, struct vz_err *e);
int opt_netif_mac_filter(void *dst, const char *s, struct vz_err *e);
/* Keys of NETIF that are kept for other tools. */
#define NETIF_EXTRAS(X) \
	X(gw) X(gw6) X(network) X(dhcp) X(dhcp6) X(configure) X(type) X(vport) X(parent) X(vlan) X(mode)
#define NETIF_EXTRA_DECL(key) int opt_netif_##key(void *dst, const char *s, struct vz_err *e);
NETIF_EXTRAS(NETIF_EXTRA_DECL)
#undef NETIF_EXTRA_DECL

/* For cfg_change(): take away, and edit. */
void addrs_drop(struct addrlist *l, const struct addrdel *del);
int strs_drop(struct strv *l, const struct strv *del); /* "all" empties */
int binds_drop(struct strv *l, const struct strv *del);
void netifs_drop(struct netiflist *l, const struct strv *del);
int netifs_edit(struct netiflist *l, const struct netiflist *edits, struct vz_err *e);
/* The entry that was selected last, or NULL. */
struct netif *netifs_last(struct netiflist *l, const struct netiflist *edits);

#define PTYPE_LIST(X)                                                                              \
	X(yesno) X(onboot) X(stopmode) X(tracking) X(netfilter) X(level) X(num) X(uid) X(weight) X(percent)    \
	X(milli) X(ioprio) X(meminfo) X(pages) X(bytes) X(items) X(kib) X(inodes) X(iolimit)       \
	X(iops) X(volume) X(doing) X(trafficdir) X(monthday) X(text) X(path) X(fname) X(ctname)    \
	X(pool) X(hostname) X(uuid) X(layout) X(cpulist) X(nodelist) X(neigh) X(slice) X(words)    \
	X(binds) X(binddel) X(rates) X(classes) X(fwsets) X(dns) X(domains) X(users) X(caps)       \
	X(features) X(addrs)                                                                       \
	X(addrdel) X(ifnames) X(ifdel) X(netifs) X(netifedit) X(devices) X(devnodes) X(pcis)
#define PTYPE_DECL(t) extern const struct ptype type_##t;
PTYPE_LIST(PTYPE_DECL)
#undef PTYPE_DECL

#endif
