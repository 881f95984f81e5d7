// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * vzservice: services inside a VPS, whatever its init is. Exit: what the service manager said; for status by the
 * LSB (0 runs, 3 does not, 4 unknown); else the codes of vzctl(8), 8 where such a code could be taken for a status.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <vz/service.h>

#include "json.h"
#include "tool.h"

enum { O_JSON, O_QUIET, O_HELP };

static const struct opt_def options[] = {
	{ "json", OPT_FLAG, O_JSON, 'j' },
	{ "quiet", OPT_FLAG, O_QUIET, 'q' },
	{ "help", OPT_FLAG, O_HELP, 'h' },
	{ NULL, OPT_FLAG, 0, 0 },
};

static const char *const verbs[VZ_SERVICE_NVERBS] = {
#define VERB_WORD(id, word) [VZ_SERVICE_##id] = word,
	VZ_SERVICE_VERBS(VERB_WORD)
#undef VERB_WORD
};

static const char usage_text[] =
	"Usage: vzservice ID|NAME list [-j]\n"
	"       vzservice ID|NAME status|start|stop|restart|reload|enable|disable SERVICE\n"
	"  -j, --json   list: JSON\n"
	"  -q, --quiet  do not show what the service manager prints\n";

struct listing {
	struct json out;
	bool json, any;
};

static const char *boot_word(int enabled)
{
	return enabled < 0 ? "-" : enabled ? "enabled" : "disabled";
}

static void on_service(void *arg, const struct vz_service *s)
{
	struct listing *l = arg;

	if (!l->json) {
		if (!l->any)
			printf("%-32s %-8s %s\n", "SERVICE", "STATE", "BOOT");
		l->any = true;
		printf("%-32s %-8s %s\n", s->name, s->state, boot_word(s->enabled));
		return;
	}
	jw_open(&l->out, NULL, '{');
	jw_str(&l->out, "name", s->name);
	jw_str(&l->out, "state", s->state);
	if (s->enabled < 0)
		jw_str(&l->out, "enabled", NULL);
	else
		jw_bool(&l->out, "enabled", s->enabled);
	jw_close(&l->out);
}

static int list(struct tool *t, struct vz_ct *ct)
{
	struct listing l = { .json = opt_has(&t->opt, O_JSON) };
	struct vz_err e = { 0 };
	int r;

	if (l.json)
		jw_open(&l.out, NULL, '[');
	r = vz_service_list(ct, on_service, &l, &e);
	if (r == 0 && l.json)
		jw_print(&l.out, stdout);
	jw_done(&l.out);
	return r < 0 ? tool_fail(t, &e, vz_code_exit(e.code)) : 0;
}

/* It comes out of a VPS: what could steer a terminal is left out. */
static void show(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text >= 0x20 || *text == '\n' || *text == '\t')
			if (*text != 0x7f)
				putchar(*text);
}

static int work(struct tool *t, struct vz_ct *ct, enum vz_service_verb verb)
{
	struct vz_err e = { 0 };
	char *output = NULL;
	int status = 0;

	if (vz_service_do(ct, verb, t->opt.words[2], &output, &status, &e) < 0) {
		int code = vz_code_exit(e.code);

		/* Nobody must read "it does not run" where it was not asked. */
		return tool_fail(t, &e, code <= 7 ? vz_code_exit(VZ_E_EXEC) : code);
	}
	if (!opt_has(&t->opt, O_QUIET))
		show(output);
	free(output);
	return status;
}

static int find_verb(const char *word)
{
	for (int i = 0; i < VZ_SERVICE_NVERBS; i++)
		if (strcmp(verbs[i], word) == 0)
			return i;
	return -1;
}

static int run(struct tool *t)
{
	const char *word = t->opt.words[1];
	bool lists = strcmp(word, "list") == 0;
	int verb = find_verb(word), r;
	struct vz_err e = { 0 };
	struct vz_ct *ct = NULL;

	if (verb < 0 && !lists) {
		out_msg(&t->out, -1, "'%s' is not a command", word);
		return vz_code_exit(VZ_E_SYNTAX);
	}
	if (t->opt.nwords != (lists ? 2 : 3)) {
		out_msg(&t->out, -1, lists ? "list takes no service" : "exactly one service is needed");
		return vz_code_exit(VZ_E_SYNTAX);
	}
	r = tool_node(t, &e);
	if (r == 0)
		r = vz_ct_find(t->vz, t->opt.words[0], 0, &ct, &e);
	if (r < 0)
		return tool_fail(t, &e, vz_code_exit(e.code));
	r = lists ? list(t, ct) : work(t, ct, (enum vz_service_verb)verb);
	vz_ct_free(ct);
	return r;
}

int main(int argc, char **argv)
{
	static const struct tool_main m = { "vzservice", usage_text, options, O_HELP, 2, 3,
					    "a VPS, a command and a service are needed", 20, run };

	return tool_run(&m, argc, argv);
}
