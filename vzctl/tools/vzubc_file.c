// SPDX-License-Identifier: GPL-2.0-or-later
/* vzubc: the classic table of beancounters as text, both ways. */
#include "vzubc_int.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <vz/text.h>

enum { SHEETS_MAX = 65536, LINE_SIZE = 512 };

/* Kernels of old had more rows than there are resources; scripts that count lines know that. */
static const struct {
	unsigned behind, n;
} dummies[] = { { VZ_UBC_SHMPAGES, 1 }, { VZ_UBC_NUMFILE, 3 } };

void raw_begin(FILE *out)
{
	fprintf(out, "Version: 2.5\n%10s  %-12s %20s %20s %20s %20s %20s\n", "uid", "resource", "held", "maxheld",
		"barrier", "limit", "failcnt");
}

/* That table has no word for "not known". */
static uint64_t number(uint64_t v)
{
	return v == VZ_UBC_UNKNOWN ? 0 : v;
}

void raw_print(FILE *out, const struct sheet *s)
{
	for (unsigned i = 0; i < VZ_NUBC; i++) {
		const struct vz_ubc *u = &s->row[i];
		char id[16] = "";

		if (i == 0)
			snprintf(id, sizeof(id), "%u:", s->id);
		fprintf(out, "%10s  %-12s %20" PRIu64 " %20" PRIu64 " %20" PRIu64 " %20" PRIu64 " %20" PRIu64 "\n", id,
			u->name, number(u->held), number(u->maxheld), number(u->barrier), number(u->limit),
			number(u->failcnt));
		for (size_t k = 0; k < sizeof(dummies) / sizeof(dummies[0]); k++)
			for (unsigned n = 0; dummies[k].behind == i && n < dummies[k].n; n++)
				fprintf(out, "%10s  %-12s %20d %20d %20d %20d %20d\n", "", "dummy", 0, 0, 0, 0, 0);
	}
}

static int fail(const char *path, unsigned line, const char *what)
{
	char shown[200];

	vz_text_tame(path, shown, sizeof(shown));
	if (line)
		fprintf(stderr, "vzubc: '%s' line %u: %s\n", shown, line, what);
	else
		fprintf(stderr, "vzubc: '%s': %s\n", shown, what);
	return -1;
}

struct reader {
	const char *path;
	unsigned line;
	struct sheet *v;
	size_t n;
};

static int new_sheet(struct reader *r, uint32_t id)
{
	struct sheet *v = r->n < SHEETS_MAX ? reallocarray(r->v, r->n + 1, sizeof(*v)) : NULL;

	if (!v)
		return fail(r->path, r->line, "too many tables");
	r->v = v;
	v += r->n++;
	*v = (struct sheet){ .id = id };
	return 0;
}

static int add_row(struct reader *r, const char *name, const uint64_t num[5])
{
	struct sheet *s = &r->v[r->n - 1];
	struct vz_ubc all[] = {
#define UBC_NAME(id, word, unit) { .name = #word },
		VZ_UBCS(UBC_NAME)
#undef UBC_NAME
	};

	for (unsigned i = 0; i < VZ_NUBC; i++) {
		if (strcmp(all[i].name, name) != 0)
			continue;
		s->has[i] = true;
		s->row[i] = (struct vz_ubc){ all[i].name, num[0], num[1], num[2], num[3], num[4] };
	}
	return 0; /* what is not known here is none of ours */
}

/* "  101:  kmemsize  1 2 3 4 5", or without the number. */
static int take_line(struct reader *r, char *line)
{
	const char *p = line;
	char name[32];
	uint64_t num[5], id;
	size_t len;

	if (strlen(line) == LINE_SIZE - 1)
		return fail(r->path, r->line, "too long");
	if (strstr(line, "Version:") || strstr(line, "resource") || strspn(line, " \t\n") == strlen(line))
		return 0;
	if (vz_scan_u64(&p, &id) && *p == ':' && id <= UINT32_MAX) {
		if (new_sheet(r, (uint32_t)id) < 0)
			return -1;
		p++;
	} else {
		p = line;
	}
	p += strspn(p, " \t");
	len = strcspn(p, " \t\n");
	snprintf(name, sizeof(name), "%.*s", (int)(len < sizeof(name) ? len : 0), p);
	p += len;
	for (size_t i = 0; i < 5; i++)
		if (!vz_scan_u64(&p, &num[i]))
			return fail(r->path, r->line, "this is no row of beancounters");
	if (!r->n && new_sheet(r, 0) < 0) /* /proc/bc/resources names nobody */
		return -1;
	return add_row(r, name, num);
}

int raw_read(const char *path, struct sheet **ret, size_t *ret_n)
{
	struct reader r = { .path = path };
	FILE *f = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
	char line[LINE_SIZE];
	int status = 0;

	if (!f)
		return fail(path, 0, strerror(errno));
	while (status == 0 && fgets(line, sizeof(line), f)) {
		r.line++;
		status = take_line(&r, line);
	}
	if (status == 0 && ferror(f))
		status = fail(path, 0, strerror(errno));
	if (f != stdin)
		fclose(f);
	if (status < 0) {
		free(r.v);
		return -1;
	}
	*ret = r.v;
	*ret_n = r.n;
	return 0;
}

static int put_all(int fd, const char *text, size_t len)
{
	while (len) {
		ssize_t n = write(fd, text, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		text += n;
		len -= (size_t)n;
	}
	return 0;
}

int put_file(int dirfd, const char *name, const char *text, size_t len, unsigned mode)
{
	char temp[4096];
	int fd, r;

	if ((size_t)snprintf(temp, sizeof(temp), "%s.new", name) >= sizeof(temp))
		return fail(name, 0, strerror(ENAMETOOLONG));
	unlinkat(dirfd, temp, 0);
	/* A name that somebody left there is not followed. */
	fd = openat(dirfd, temp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
	if (fd < 0)
		return fail(temp, 0, strerror(errno));
	r = put_all(fd, text, len);
	if (close(fd) < 0 || r < 0 || renameat(dirfd, temp, dirfd, name) < 0) {
		r = fail(name, 0, strerror(errno));
		unlinkat(dirfd, temp, 0);
	}
	return r;
}

int raw_publish(const char *path, const struct sheet *s, size_t n)
{
	char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);
	int r = -1;

	if (!f)
		return fail(path, 0, strerror(errno));
	raw_begin(f);
	for (size_t i = 0; i < n; i++)
		raw_print(f, &s[i]);
	if (fclose(f) == 0 && text)
		r = put_file(AT_FDCWD, path, text, len, 0644);
	else
		fail(path, 0, strerror(ENOMEM));
	free(text);
	return r;
}
