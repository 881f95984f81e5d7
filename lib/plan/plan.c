// SPDX-License-Identifier: LGPL-2.1-or-later
/* Collect steps and strings, then lay them out as one block of memory. */
#include "plan/plan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "base/str.h"
#include "plan/dump.h"

#define PLAN_MAX_STEPS 1024
#define PLAN_MAX_FDS   128

struct plan *plan_new(void)
{
	struct plan *p = calloc(1, sizeof(*p));

	if (p)
		p->sock = -1;
	return p;
}

void plan_free(struct plan *p)
{
	if (!p)
		return;
	buf_done(&p->strings);
	free(p->step);
	free(p->role);
	free(p);
}

size_t plan_count(const struct plan *p)
{
	return p->n;
}

bool plan_has(const struct plan *p, enum plan_op op)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->step[i].op == op)
			return true;
	return false;
}

static struct plan_str add_str(struct plan *p, const char *s, size_t len)
{
	struct plan_str r = { 0, 0 };

	if (!s)
		s = "";
	if (!len)
		len = strlen(s);
	r.off = (uint32_t)p->strings.len;
	r.len = (uint32_t)len;
	if (buf_add(&p->strings, s, len) < 0 || buf_putc(&p->strings, '\0') < 0)
		p->error = -ENOMEM;
	return r;
}

void plan_add(struct plan *p, enum plan_op op, const struct plan_arg *a)
{
	struct plan_step *s;

	if (p->error)
		return;
	if (p->n == p->size) {
		size_t size = p->size ? p->size * 2 : 64;
		struct plan_step *step;
		const char **role;

		if (size > PLAN_MAX_STEPS) {
			p->error = -E2BIG;
			return;
		}
		step = reallocarray(p->step, size, sizeof(*step));
		if (step)
			p->step = step;
		role = reallocarray(p->role, size, sizeof(*role));
		if (role)
			p->role = role;
		if (!step || !role) {
			p->error = -ENOMEM;
			return;
		}
		p->size = size;
	}
	s = &p->step[p->n];
	*s = (struct plan_step){ .op = (uint16_t)op, .flags = a->flags, .num = a->num,
				 .fd = a->role ? a->fd : -1 };
	s->s1 = add_str(p, a->s1, a->s1_len);
	s->s2 = add_str(p, a->s2, a->s2_len);
	s->s3 = add_str(p, a->s3, a->s3_len);
	p->role[p->n++] = a->role;
}

void plan_socket(struct plan *p, int fd)
{
	p->sock = fd;
}

static int pack_words(const struct strv *l, struct buf *out)
{
	for (size_t i = 0; i < l->n; i++)
		buf_add(out, l->v[i], strlen(l->v[i]) + 1);
	return out->failed ? -ENOMEM : 0;
}

void plan_exec(struct plan *p, const char *path, const struct strv *argv, const struct strv *env,
	       uint32_t flags)
{
	_buf_ struct buf a = BUF_INIT, v = BUF_INIT;

	if (pack_words(argv, &a) < 0 || pack_words(env, &v) < 0) {
		p->error = -ENOMEM;
		return;
	}
	PLAN(p, EXEC, .s1 = path, .s2 = buf_str(&a), .s2_len = a.len, .s3 = buf_str(&v),
	     .s3_len = v.len, .flags = flags);
}

static int cmp_int(const void *a, const void *b)
{
	int x = *(const int *)a, y = *(const int *)b;

	return (x > y) - (x < y);
}

/* The descriptors that steps behind the first CLOSE_FDS name, ascending, each once. */
static size_t kept_fds(const struct plan *p, int *fds)
{
	size_t n = 0, out = 0;

	if (p->sock >= 0)
		fds[n++] = p->sock;
	for (size_t i = 0; i < p->n && n < PLAN_MAX_FDS; i++)
		if (p->step[i].fd >= 0)
			fds[n++] = p->step[i].fd;
	for (int std = 0; p->keep_stdio && std < 3 && n < PLAN_MAX_FDS; std++)
		fds[n++] = std;
	qsort(fds, n, sizeof(*fds), cmp_int);
	for (size_t i = 0; i < n; i++)
		if (!out || fds[out - 1] != fds[i])
			fds[out++] = fds[i];
	return out;
}

void plan_keep_stdio(struct plan *p)
{
	p->keep_stdio = true;
}

int plan_end(struct plan *p, struct buf *out, struct vz_err *e)
{
	int fds[PLAN_MAX_FDS];
	size_t nfds = kept_fds(p, fds), head = sizeof(struct plan_block) + p->n * sizeof(*p->step);
	struct plan_block b = { .magic = PLAN_MAGIC, .nsteps = (uint32_t)p->n, .sock = p->sock };

	if (!p->error && (p->n == 0 || (p->step[p->n - 1].op != PLAN_EXEC &&
					p->step[p->n - 1].op != PLAN_EXIT)))
		p->error = -EINVAL;
	for (size_t i = 0; !p->error && i < p->n; i++)
		if (p->step[i].op == PLAN_CLOSE_FDS)
			p->step[i].s1 = add_str(p, (char *)fds, nfds * sizeof(*fds));
	if (p->error)
		return err_sys(e, VZ_E_SYS, p->error, "cannot build the child's plan");
	b.size = (uint32_t)(head + p->strings.len);
	buf_clear(out);
	buf_add(out, &b, sizeof(b));
	for (size_t i = 0; i < p->n; i++) {
		struct plan_step s = p->step[i];

		s.s1.off += (uint32_t)head;
		s.s2.off += (uint32_t)head;
		s.s3.off += (uint32_t)head;
		buf_add(out, &s, sizeof(s));
	}
	buf_add(out, p->strings.data, p->strings.len);
	return out->failed ? err_nomem(e) : 0;
}
