/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A command line, its words separated by NUL bytes, as the verbs parse theirs. */
#include <vz/cfg.h>

#include "../../vzctl/opt.h"
#include "fuzz.h"

#define MAX_WORDS 64

static const struct opt_def defs[] = {
	{ "save", OPT_FLAG, 1, 0 }, { "setmode", OPT_ARG, 2, 0 }, { "output", OPT_ARG, 3, 'o' },
	{ "all", OPT_FLAG, 4, 'a' }, { "exec", OPT_REST, 5, 0 },  { NULL, OPT_FLAG, 6, '1' },
	{ NULL, OPT_FLAG, 0, 0 },
};

static void one(int argc, char **argv, uint32_t want)
{
	struct opt_spec spec = { .defs = defs, .want = want };
	struct opt_result got = { 0 };
	struct vz_err e = { 0 };

	MUST(vz_cfg_new(&spec.cfg, NULL) == 0);
	if (opt_parse(argc, argv, &spec, &got, &e) < 0)
		MUST(e.code != 0 && e.text[0] && !strchr(e.text, '\n'));
	else
		MUST(got.nwords <= (size_t)argc);
	opt_done(&got);
	vz_cfg_free(spec.cfg);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *words[MAX_WORDS + 1], *text = fuzz_text(data, size);
	int n = 0;

	for (size_t at = 0; at < size && n < MAX_WORDS; at += strlen(text + at) + 1)
		words[n++] = text + at;
	words[n] = NULL;
	one(n, words, VZ_PF_SET);
	one(n, words, VZ_PF_CREATE);
	one(n, words, 0);
	free(text);
	return 0;
}
