// SPDX-License-Identifier: GPL-2.0-or-later
/* vzsplit: a sample configuration that is one of N equal parts of the node. Exit: 0, 1. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <vz/validate.h>

#include "tool.h"

enum { EXIT_BAD = 1, MAX_PARTS = 1000000 };
enum { O_PARTS, O_NAME, O_SWAP, O_VSWAP, O_HELP };

static const struct opt_def options[] = {
	{ "number", OPT_ARG, O_PARTS, 'n' },
	{ "file", OPT_ARG, O_NAME, 'f' },
	{ "swap", OPT_ARG, O_SWAP, 's' },
	{ "vswap", OPT_ARG, O_VSWAP, 'v' },
	{ "help", OPT_FLAG, O_HELP, 'h' },
	{ NULL, OPT_FLAG, 0, 0 },
};

static const char usage_text[] =
	"Usage: vzsplit [-n NUM] [-f NAME] [-s SWAP_KB] [-v yes|no]\n"
	"  -n, --number NUM    so many VPSs; without it, it is asked for\n"
	"  -f, --file NAME     write ve-NAME.conf-sample; without it, standard output\n"
	"  -s, --swap SWAP_KB  share out so much swap; without it twice the memory each\n"
	"  -v, --vswap yes|no  memory and swap (yes), or all beancounters\n";

static bool number(const char *s, uint64_t max, uint64_t *ret)
{
	uint64_t v = 0;
	const char *p = s;

	for (; *p >= '0' && *p <= '9'; p++) {
		v = v * 10 + (uint64_t)(*p - '0');
		if (v > max)
			return false;
	}
	if (p == s || *p)
		return false;
	*ret = v;
	return true;
}

static int refuse(struct tool *t, const char *what, const char *text)
{
	out_msg(&t->out, -1, "'%s' is not %s", text, what);
	return EXIT_BAD;
}

static int read_options(struct tool *t, struct vz_split_opts *o)
{
	const char *parts = opt_value(&t->opt, O_PARTS), *swap = opt_value(&t->opt, O_SWAP);
	const char *vswap = opt_value(&t->opt, O_VSWAP);
	uint64_t n = 0, kib = 0;
	char line[32];

	if (!parts) {
		fputs("Enter the number of VPSs: ", stderr);
		fflush(stderr);
		parts = fgets(line, sizeof(line), stdin);
		line[parts ? strcspn(line, "\n") : 0] = '\0';
		parts = line;
	}
	if (!number(parts, MAX_PARTS, &n) || n == 0)
		return refuse(t, "a number of VPSs", parts);
	if (swap && !number(swap, UINT64_MAX / 10240, &kib))
		return refuse(t, "a number of KiB", swap);
	if (vswap && strcmp(vswap, "yes") != 0 && strcmp(vswap, "no") != 0)
		return refuse(t, "yes or no", vswap);
	o->parts = (unsigned)n;
	o->swap = swap ? kib * 1024 : UINT64_MAX;
	o->beancounters = vswap && vswap[0] == 'n';
	return 0;
}

static int save(struct tool *t, const char *name, const char *text)
{
	const char *dir = vz_node_dir(t->vz, "conf");
	char path[4096];
	struct vz_err e = { 0 };

	if (!*name || strchr(name, '/') || strlen(name) > 200)
		return refuse(t, "a name of a sample", name);
	(void)snprintf(path, sizeof(path), "%s/ve-%s.conf-sample", dir, name);
	if (vz_cfg_file_write(path, text, true, &e) < 0)
		return tool_fail(t, &e, EXIT_BAD);
	printf("Config %s was created\n", path);
	return 0;
}

static int run(struct tool *t)
{
	struct vz_split_opts o = { .size = sizeof(o) };
	struct vz_render_opts render = { .size = sizeof(render) };
	struct vz_cfg *cfg = NULL;
	struct vz_err e = { 0 };
	char *text = NULL;
	const char *name = opt_value(&t->opt, O_NAME);
	int r = read_options(t, &o);

	if (r)
		return r;
	r = tool_node(t, &e);
	if (r == 0)
		r = vz_cfg_new(&cfg, &e);
	if (r == 0)
		r = vz_node_split(t->vz, &o, cfg, &e);
	render.cfg = cfg;
	if (r == 0)
		r = vz_cfg_render(&render, &text, &e);
	if (r < 0)
		r = tool_fail(t, &e, EXIT_BAD);
	else if (name)
		r = save(t, name, text);
	else
		fputs(text, stdout);
	free(text);
	vz_cfg_free(cfg);
	return r;
}

int main(int argc, char **argv)
{
	static const struct tool_main m = { "vzsplit", usage_text, options, O_HELP, 0, 0,
					    "only options are understood", EXIT_BAD, run };

	return tool_run(&m, argc, argv);
}
