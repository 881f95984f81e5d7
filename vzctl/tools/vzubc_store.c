// SPDX-License-Identifier: GPL-2.0-or-later
/* vzubc: what a run remembers for the next, in a folder of its own: in one that others may write to, a name that
 * can be told beforehand is a trap. */
#include "vzubc_int.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <vz/text.h>

static int fail(const char *what, const char *why)
{
	char shown[200];

	vz_text_tame(what, shown, sizeof(shown));
	fprintf(stderr, "vzubc: '%s': %s\n", shown, why);
	return -1;
}

/* One level, and for the default one above it. */
static int make(const char *dir)
{
	char parent[4096];
	char *slash;

	if (mkdir(dir, 0700) == 0 || errno == EEXIST)
		return 0;
	if (errno != ENOENT || (size_t)snprintf(parent, sizeof(parent), "%s", dir) >= sizeof(parent))
		return -1;
	slash = strrchr(parent, '/');
	if (!slash || slash == parent)
		return -1;
	*slash = '\0';
	if (mkdir(parent, 0755) < 0 && errno != EEXIST)
		return -1;
	return mkdir(dir, 0700);
}

int store_open(const char *dir)
{
	struct stat st;
	int fd;

	if (make(dir) < 0)
		return fail(dir, strerror(errno));
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return fail(dir, strerror(errno));
	if (fstat(fd, &st) == 0 && st.st_uid == geteuid() && !(st.st_mode & 022))
		return fd;
	close(fd);
	return fail(dir, "others may write to this folder");
}

static void name_of(enum store_kind kind, uint32_t id, char *out, size_t size)
{
	snprintf(out, size, "%u.%s", id, kind == STORE_RELATIVE ? "failcnt" : "held");
}

/* Lines "name number"; false: nothing is remembered. */
static bool load(int dirfd, const char *name, uint64_t v[VZ_NUBC], const struct sheet *s)
{
	int fd = openat(dirfd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	FILE *f = fd < 0 ? NULL : fdopen(fd, "r");
	char line[128];

	if (!f) {
		if (fd >= 0)
			close(fd);
		return false;
	}
	for (unsigned lines = 0; lines < 256 && fgets(line, sizeof(line), f); lines++) {
		size_t len = strcspn(line, " ");
		const char *p = line + len;

		for (unsigned i = 0; i < VZ_NUBC; i++)
			if (s->row[i].name && strlen(s->row[i].name) == len &&
			    memcmp(line, s->row[i].name, len) == 0)
				(void)vz_scan_u64(&p, &v[i]);
	}
	fclose(f);
	return true;
}

static int save(int dirfd, enum store_kind kind, const struct sheet *s, const uint64_t v[VZ_NUBC])
{
	char name[32], *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);
	int r = -1;

	if (!f)
		return fail("memory", strerror(errno));
	name_of(kind, s->id, name, sizeof(name));
	for (unsigned i = 0; i < VZ_NUBC; i++)
		if (s->row[i].name && v[i] != VZ_UBC_UNKNOWN)
			fprintf(f, "%s %" PRIu64 "\n", s->row[i].name, v[i]);
	if (fclose(f) == 0 && text)
		r = put_file(dirfd, name, text, len, 0600);
	free(text);
	return r;
}

static int apply_relative(int dirfd, struct sheet *s)
{
	uint64_t v[VZ_NUBC];
	char name[32];

	for (unsigned i = 0; i < VZ_NUBC; i++)
		v[i] = s->row[i].failcnt;
	name_of(STORE_RELATIVE, s->id, name, sizeof(name));
	if (!load(dirfd, name, v, s) && save(dirfd, STORE_RELATIVE, s, v) < 0)
		return -1;
	for (unsigned i = 0; i < VZ_NUBC; i++) {
		uint64_t *f = &s->row[i].failcnt;

		if (*f != VZ_UBC_UNKNOWN)
			*f = *f > v[i] ? *f - v[i] : 0;
	}
	return 0;
}

static int apply_incremental(int dirfd, struct sheet *s)
{
	uint64_t was[VZ_NUBC], now[VZ_NUBC];
	char name[32];

	for (unsigned i = 0; i < VZ_NUBC; i++)
		was[i] = now[i] = s->row[i].held;
	name_of(STORE_INCREMENTAL, s->id, name, sizeof(name));
	(void)load(dirfd, name, was, s);
	for (unsigned i = 0; i < VZ_NUBC; i++)
		s->grown[i] = now[i] == VZ_UBC_UNKNOWN ? 0 : (int64_t)(now[i] - was[i]);
	s->has_grown = true;
	return save(dirfd, STORE_INCREMENTAL, s, now);
}

int store_apply(int dirfd, enum store_kind kind, struct sheet *s)
{
	return kind == STORE_RELATIVE ? apply_relative(dirfd, s) : apply_incremental(dirfd, s);
}

int store_clear(int dirfd, enum store_kind kind, uint32_t id)
{
	char name[32];

	name_of(kind, id, name, sizeof(name));
	if (unlinkat(dirfd, name, 0) < 0 && errno != ENOENT)
		return fail(name, strerror(errno));
	return 0;
}
