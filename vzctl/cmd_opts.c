// SPDX-License-Identifier: GPL-2.0-or-later
/* The tables of opts.def: what the parser needs, and what usage texts and manual need. */
#include "cmd.h"

#define OPTS(t)				  const struct opt_def opts_##t[] = {
#define OPT(name, kind, id, letter, arg, help) { name, kind, id, letter },
#define END_OPTS(t)			  { NULL, OPT_FLAG, 0, 0 } };
#include "opts.def"

#define OPTS(t)				  const struct opt_doc docs_##t[] = {
#define OPT(name, kind, id, letter, arg, help) { name, arg, help, letter },
#define END_OPTS(t)			  { NULL, NULL, NULL, 0 } };
#include "opts.def"
