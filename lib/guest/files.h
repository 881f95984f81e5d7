/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The text of the few files that we keep inside a VPS. Pure functions: old text in, new text out,
 * no I/O. The old text is hostile: any bytes, any length up to GUEST_FILE_MAX. Silent: -errno; out
 * must be empty and is undefined after a failure.
 */
#ifndef VZ_GUEST_FILES_H
#define VZ_GUEST_FILES_H

#include <stdbool.h>
#include <stddef.h>

struct buf;
struct strv;

/* A larger file is -E2BIG; also the limit to read one with. */
#define GUEST_FILE_MAX ((size_t)4 << 20)

/* Letters, digits, '-', '_' and dots between labels; at most 64 bytes, as the kernel has it. */
bool guest_hostname_ok(const char *name);

/* /etc/hostname. -EINVAL for a bad name. */
int guest_hostname(const char *name, struct buf *out);

/*
 * /etc/hosts: one line of ours, known by the comment at its end, gives the name the first address
 * of the VPS, or 127.0.1.1 when first_ip is NULL. All other lines stay as they are, byte by byte.
 * old: NULL when there is no file; then, and when it is empty, the lines for localhost are added.
 * hostname: NULL takes our line away. Applied to its own output it changes nothing.
 * -EINVAL for a bad name or address.
 */
int guest_hosts(const struct buf *old, const char *hostname, const char *first_ip,
		struct buf *out);

/* /etc/resolv.conf, whole; out stays empty when both lists are. -EINVAL for what is not an address
 * (IPv4, IPv6) or a domain name. */
int guest_resolv(const struct strv *nameservers, const struct strv *searchdomains,
		 struct buf *out);

#endif
