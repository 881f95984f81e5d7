// SPDX-License-Identifier: GPL-2.0-or-later
/* What every small tool begins and ends with. */
#include "tool.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int tool_begin(struct tool *t, const char *name, int argc, char **argv, const struct opt_def *defs,
	       int usage_code)
{
	struct opt_spec spec = { .defs = defs };
	struct vz_err e = { 0 };

	*t = (struct tool){ .out = { .tool = name } };
	out_begin();
	if (opt_parse(argc > 0 ? argc - 1 : 0, argv + 1, &spec, &t->opt, &e) == 0)
		return 0;
	return tool_fail(t, &e, usage_code);
}

int tool_node(struct tool *t, struct vz_err *e)
{
	struct vz_open_opts o = { .size = sizeof(o), .conf = getenv("VZ_CONF"), .log = out_sink,
				  .log_arg = &t->out };

	if (o.conf && !*o.conf)
		o.conf = NULL;
	return vz_open(&t->vz, &o, e);
}

int tool_fail(struct tool *t, const struct vz_err *e, int code)
{
	out_msg(&t->out, -1, "%s", e->code ? e->text : "out of memory");
	return code;
}

struct vz_ct *tool_ct(struct tool *t, const char *word)
{
	struct vz_ct *ct = NULL;
	struct vz_err e = { 0 };

	if (vz_ct_find(t->vz, word, 0, &ct, &e) < 0)
		tool_fail(t, &e, 0);
	return ct;
}

int tool_end(struct tool *t, int r, int bad_output)
{
	vz_close(t->vz);
	t->vz = NULL;
	opt_done(&t->opt);
	return out_end(t->out.tool, r, bad_output);
}

int tool_run(const struct tool_main *m, int argc, char **argv)
{
	struct tool t;
	int r = tool_begin(&t, m->name, argc, argv, m->options, m->bad);

	if (r == 0 && opt_has(&t.opt, m->help)) {
		fputs(m->usage, stdout);
	} else if (r == 0 && (t.opt.nwords < m->least || t.opt.nwords > m->most)) {
		out_msg(&t.out, -1, "%s", m->words);
		r = m->bad;
	} else if (r == 0) {
		r = m->run(&t);
	}
	return tool_end(&t, r, m->bad);
}

int tool_milli(const char *s, uint64_t least, uint64_t most, uint64_t *ret)
{
	uint64_t v = 0, digit = 100;
	const char *p = s;

	for (; *p >= '0' && *p <= '9' && v <= most; p++)
		v = v * 10 + (uint64_t)(*p - '0') * 1000;
	if (*p == '.' && p > s && p[1])
		for (p++; *p >= '0' && *p <= '9'; p++, digit /= 10)
			v += digit * (uint64_t)(*p - '0');
	if (p == s || *p || v < least || v > most)
		return -EINVAL;
	*ret = v;
	return 0;
}
