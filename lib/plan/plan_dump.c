// SPDX-License-Identifier: LGPL-2.1-or-later
/* A plan in words: for messages, --dry-run and golden tests. Descriptors are told by their role. */
#include <ctype.h>
#include <string.h>

#include "base/cleanup.h"
#include "plan/dump.h"

static const char *const names[PLAN_NOPS] = {
#define STEP(name, text) #name,
#include "plan/steps.def"
#undef STEP
};

/* What cannot be shown as it is: packed descriptors, a compiled filter, a file's content. */
static bool is_opaque(enum plan_op op, int which)
{
	return (op == PLAN_CLOSE_FDS && which == 1) || (op == PLAN_SECCOMP && which == 1);
}

static void put_str(const struct plan *p, enum plan_op op, int which, struct plan_str s,
		    struct buf *out)
{
	if (!s.len)
		return;
	buf_putc(out, ' ');
	if (is_opaque(op, which)) {
		if (op == PLAN_SECCOMP)
			buf_puts(out, "<filter>");
		return;
	}
	for (uint32_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)p->strings.data[s.off + i];

		if (c == '\0')
			buf_putc(out, i + 1 < s.len ? ' ' : ';');
		else if (c == '\n')
			buf_puts(out, "\\n");
		else if (isprint(c) || c >= 0x80)
			buf_putc(out, (char)c);
		else
			buf_printf(out, "\\x%02x", c);
	}
}

int plan_step_text(const struct plan *p, size_t n, struct buf *out)
{
	const struct plan_step *s;

	if (n >= p->n)
		return -EINVAL;
	s = &p->step[n];
	buf_puts(out, names[s->op]);
	if (s->flags & PLAN_OPTIONAL)
		buf_putc(out, '?');
	put_str(p, s->op, 1, s->s1, out);
	put_str(p, s->op, 2, s->s2, out);
	put_str(p, s->op, 3, s->s3, out);
	if (s->op == PLAN_RLIMIT)
		buf_printf(out, " resource %u", s->flags >> 16);
	if (s->num)
		buf_printf(out, " 0x%llx", (unsigned long long)s->num);
	if (p->role[n])
		buf_printf(out, " <%s>", p->role[n]);
	return out->failed ? -ENOMEM : 0;
}

int plan_dump(const struct plan *p, struct buf *out)
{
	for (size_t i = 0; i < p->n; i++) {
		buf_printf(out, "%2zu ", i);
		plan_step_text(p, i, out);
		buf_putc(out, '\n');
	}
	return out->failed ? -ENOMEM : 0;
}
