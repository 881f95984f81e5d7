// SPDX-License-Identifier: GPL-2.0-or-later
/* register, unregister, reinstall; and words of later OpenVZ releases that have no counterpart. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"

static const struct {
	const char *verb, *text;
} no_such[] = {
	{ "unset", "there is no unset; give the value anew with set, or take its line out of the file" },
	{ "execaction", "there is no execaction; start and set run the distribution's scripts" },
	{ "monitor", "there is no monitor; vzlist tells what VPSs do" },
	{ "setrate", "there is no setrate; rates are set with set" },
};

int cmd_no_such(struct cli *c, struct vz_err *e)
{
	(void)e;
	for (size_t i = 0; i < sizeof(no_such) / sizeof(no_such[0]); i++)
		if (strcmp(no_such[i].verb, c->verb) == 0)
			return cmd_refuse(c, VZ_E_SYNTAX, no_such[i].text);
	return cmd_refuse(c, VZ_E_SYNTAX, "there is no such command");
}
