/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Ceilings of I/O: a line per disk, in four files or in one. What was written is read back. */
#include "cgroup/cg_int.h"

#include <errno.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "base/num.h"
#include "kern/cgfs.h"

enum { LIST_SIZE = 16384 };

/* The first generation keeps operations in 32 bits and cuts off the rest. */
#define OPS_MAX ((uint64_t)UINT32_MAX - 1)

bool cg_io_is_partial(const struct cg_host *h)
{
	int at = h->at[CTL_IO];

	/* Only the second generation knows whose the page is that the kernel writes out later. */
	return at >= 0 && h->h[at].gen == 1;
}

bool cg_io_nests(const struct cg_host *h)
{
	int at = h->at[CTL_IO];

	/* blk-throttle has each group of the first generation hang from the device itself, whatever it is in. */
	return at >= 0 && h->h[at].gen == 2;
}

/* The disk has gone, or takes no limits: no difference to whoever asked. */
static int no_such(int r)
{
	return r == -ENODEV || r == -ENXIO || r == -EINVAL ? -EOPNOTSUPP : r;
}

/* The rest of the line that begins with the disk's numbers; NULL: there is none. */
static const char *line_of(const char *text, const struct cg_disk *d)
{
	char head[32];
	int n = snprintf(head, sizeof(head), "%u:%u ", d->major, d->minor);

	for (const char *p = text; p && *p; p = strchr(p, '\n'), p += p ? 1 : 0)
		if (strncmp(p, head, (size_t)n) == 0)
			return p + n;
	return NULL;
}

static int throttle_one(int fd, const char *file, const struct cg_disk *d, uint64_t limit)
{
	char text[LIST_SIZE], number[32];
	const char *line;
	uint64_t now;
	int r;

	snprintf(text, sizeof(text), "%u:%u %llu", d->major, d->minor, (unsigned long long)limit);
	r = no_such(cgfs_put(fd, file, text));
	if (r == 0)
		r = cgfs_get(fd, file, text, sizeof(text));
	if (r < 0)
		return r;
	line = line_of(text, d);
	if (!line)
		return limit ? -EIO : 0;
	snprintf(number, sizeof(number), "%.*s", (int)strcspn(line, "\n"), line);
	return num_u64(number, &now) == 0 && now == limit ? 0 : -EIO;
}

int cg_put_throttle(int fd, const char *file, const union knob_val *v)
{
	uint64_t ops = v->io.ops > OPS_MAX ? OPS_MAX : v->io.ops;
	const struct {
		const char *file;
		uint64_t limit;
	} files[] = {
		{ file, v->io.bytes },
		{ "blkio.throttle.write_bps_device", v->io.bytes },
		{ "blkio.throttle.read_iops_device", ops },
		{ "blkio.throttle.write_iops_device", ops },
	};
	int r = 0;

	for (size_t i = 0; r == 0 && i < v->io.n; i++)
		for (size_t k = 0; r == 0 && k < ARRAY_LEN(files); k++)
			r = throttle_one(fd, files[k].file, &v->io.disk[i], files[k].limit);
	return r;
}

static void print_limit(char *out, size_t size, uint64_t limit)
{
	if (limit)
		snprintf(out, size, "%llu", (unsigned long long)limit);
	else
		snprintf(out, size, "max");
}

int cg_put_io_max(int fd, const char *file, const union knob_val *v)
{
	char bytes[24], ops[24], text[LIST_SIZE], want[160];
	int r = 0;

	print_limit(bytes, sizeof(bytes), v->io.bytes);
	print_limit(ops, sizeof(ops), v->io.ops > OPS_MAX ? OPS_MAX : v->io.ops);
	for (size_t i = 0; r == 0 && i < v->io.n; i++) {
		const struct cg_disk *d = &v->io.disk[i];
		const char *line;

		snprintf(want, sizeof(want), "rbps=%s wbps=%s riops=%s wiops=%s", bytes, bytes, ops, ops);
		snprintf(text, sizeof(text), "%u:%u %s", d->major, d->minor, want);
		r = no_such(cgfs_put(fd, file, text));
		if (r == 0)
			r = cgfs_get(fd, file, text, sizeof(text));
		if (r < 0)
			return r;
		/* A line without any limit is not shown. */
		line = line_of(text, d);
		if (line ? !str_has_prefix(line, want) : v->io.bytes || v->io.ops)
			r = -EIO;
	}
	return r;
}
