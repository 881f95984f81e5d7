// SPDX-License-Identifier: LGPL-2.1-or-later
/* The gate before each start. The kernel renews its averages every two seconds only, and many VPSs can be
 * begun in that time: so the share of the time since the last look counts as well. */
#include "host/pressure.h"

#include <fcntl.h>
#include <stddef.h>

#include <vz/node.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "kern/psi.h"

#define LOOK_MS 250 /* not more often: a shorter time says little */

static const struct {
	const char *name;
	unsigned bar; /* percent */
} kinds[PRESSURE_KINDS] = {
	{ "cpu", VZ_PRESSURE_CPU },
	{ "io", VZ_PRESSURE_IO },
	{ "memory", VZ_PRESSURE_MEMORY },
};

void pressure_open(struct pressure *p, const char *dir)
{
	*p = (struct pressure){ 0 };
	p->dir = open(dir ? dir : "/proc/pressure", O_PATH | O_DIRECTORY | O_CLOEXEC);
}

void pressure_close(struct pressure *p)
{
	cleanup_fd(&p->dir);
}

/* What is above its bar; NULL: nothing. */
static const char *above(struct pressure *p, uint64_t now)
{
	uint64_t passed = p->looked_ms ? now - p->looked_ms : 0;
	const char *held = NULL;

	for (size_t i = 0; i < PRESSURE_KINDS; i++) {
		struct kpsi psi;
		uint64_t waited;

		if (kpsi_read(p->dir, kinds[i].name, &psi) < 0)
			continue;
		waited = psi.total_us > p->total_us[i] ? psi.total_us - p->total_us[i] : 0;
		/* us of ms: a tenth of a percent each */
		if (psi.avg10 > kinds[i].bar * 100 ||
		    (passed >= LOOK_MS && waited / passed > kinds[i].bar * 10))
			held = kinds[i].name;
		if (!p->looked_ms || passed >= LOOK_MS)
			p->total_us[i] = psi.total_us;
	}
	if (!p->looked_ms || passed >= LOOK_MS)
		p->looked_ms = now;
	return held;
}

unsigned pressure_gate(struct pressure *p, unsigned going, const char **ret_held)
{
	uint64_t now = clock_ms(), since = p->began_ms ? now - p->began_ms : UINT64_MAX;

	*ret_held = p->dir < 0 ? NULL : above(p, now);
	if (*ret_held && (going > 0 || since < VZ_PRESSURE_PACE_MS))
		return going > 0 || VZ_PRESSURE_PACE_MS - since > 500 ?
			       500 :
			       (unsigned)(VZ_PRESSURE_PACE_MS - since) + 1;
	p->began_ms = now;
	return 0;
}
