// SPDX-License-Identifier: GPL-2.0-or-later
/* vzwho: whom it names, over tables of figures. */
#include <stdint.h>
#include <string.h>

#include "tap.h"
#include "tools/vzwho_int.h"

enum { MOST = 8, NOBODY = 999 };

struct line {
	uint32_t id; /* 0: the node itself */
	uint64_t weight;
	uint64_t set; /* processors; 0: not known */
	double use, wait; /* of CPU */
};

struct table {
	const char *says;
	uint32_t about; /* 0: the node */
	double cpus;
	struct line v[MOST];
	size_t n;
	uint32_t culprit;
	double share; /* that the one who is named has; 0: not looked at */
};

static struct user users[MOST];

static struct who look(const struct table *t)
{
	struct who w = { .id = t->about, .least = 0.1, .cpus = t->cpus, .v = users, .n = t->n,
			 .wait = { 0.9, -1, -1, -1 } };

	memset(users, 0, sizeof(users));
	for (size_t i = 0; i < t->n; i++) {
		const struct line *l = &t->v[i];

		users[i] = (struct user){ .id = l->id, .use = { l->use }, .wait = { l->wait, -1, -1, -1 },
					  .now = { .cpu_weight = l->weight, .cpu_set = { l->set } } };
		if (l->id == t->about && t->about)
			w.about = &users[i];
	}
	who_shares(&w);
	who_judge(&w);
	return w;
}

static bool near(double a, double b)
{
	return a > b - 0.5 && a < b + 0.5;
}

#define ROWS(...) .v = { __VA_ARGS__ }, .n = sizeof((struct line[]){ __VA_ARGS__ }) / sizeof(struct line)
static const struct table tables[] = {
	{ "two on one of two processors, weights 1 to 10: who waits is not its own culprit",
	  101, 2, ROWS({ 101, 500, 1, 9, 0.9 }, { 102, 5000, 1, 90, 0.5 }, { 0, 1000, 0, 5, -1 }), 102, 90.9 },
	{ "the same without sets of processors: their shares are of both, and nobody has too much",
	  101, 2, ROWS({ 101, 500, 0, 9, 0.9 }, { 102, 5000, 0, 90, 0.5 }, { 0, 1000, 0, 20, -1 }), 102, 0 },
	{ "equal weights, and one that takes more than half",
	  101, 2, ROWS({ 101, 1000, 0, 60, 0.5 }, { 102, 1000, 0, 139, 0.1 }, { 0, 1000, 0, 1, -1 }), 102, 100 },
	{ "all have what they were sold: the neighbour that has most",
	  101, 2, ROWS({ 101, 1000, 0, 50, 0.5 }, { 102, 3000, 0, 150, 0.5 }, { 0, 1000, 0, 0, -1 }), 102, 150 },
	{ "all have the same: a neighbour, not the one that asks",
	  101, 2, ROWS({ 101, 1000, 0, 101, 0.5 }, { 102, 1000, 0, 99, 0.5 }, { 0, 1000, 0, 0, -1 }), 102, 100 },
	{ "it has most by its weight and wants more still: itself",
	  102, 2, ROWS({ 101, 1000, 0, 50, 0.5 }, { 102, 3000, 0, 150, 0.5 }, { 0, 1000, 0, 0, -1 }), 102, 150 },
	{ "alone with more processes than processors: itself",
	  101, 2, ROWS({ 101, 1000, 0, 195, 0.9 }, { 0, 1000, 0, 5, -1 }), 101, 200 },
	{ "it takes what a quiet neighbour leaves: itself, not the neighbour",
	  101, 2, ROWS({ 101, 1000, 0, 180, 0.5 }, { 102, 1000, 0, 20, 0 }, { 0, 1000, 0, 0, -1 }), 101, 100 },
	{ "a third one's processor is not in the way",
	  101, 2, ROWS({ 101, 1000, 1, 49, 0.5 }, { 102, 1000, 1, 51, 0.5 }, { 103, 100, 2, 100, 0.5 },
		       { 0, 1000, 0, 0, -1 }), 102, 50 },
	{ "the node itself can be it",
	  101, 2, ROWS({ 101, 1000, 0, 40, 0.8 }, { 102, 1000, 0, 10, 0 }, { 0, 1000, 0, 150, -1 }), 0, 66.7 },
	{ "asked for the node: who has most beyond its share",
	  0, 2, ROWS({ 101, 1000, 0, 40, 0.8 }, { 102, 500, 0, 150, 0.2 }, { 0, 1000, 0, 10, -1 }), 102, 40 },
	{ "many small ones: nobody is named who uses less than a twentieth",
	  0, 1, ROWS({ 101, 1000, 0, 0, 0.5 }, { 102, 1000, 0, 0, 0.5 }), NOBODY, 0 },
	{ "a weight beyond all: its share is the whole, and it uses that",
	  101, 1, ROWS({ 101, 8, 0, 1, 1 }, { 102, 500000, 0, 99, 0.2 }, { 0, 1000, 0, 0, -1 }), 102, 100 },
};

TEST("the culprit of waiting for CPU, table by table")
{
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		const struct table *t = &tables[i];
		struct who w = look(t);
		const struct user *c = w.verdict.culprit;

		if (!OK(w.verdict.pressure) || !EQ(c ? c->id : (uint32_t)NOBODY, t->culprit) ||
		    (t->share > 0 && !OK(near(c->share, t->share))))
			printf("# %s: share %.1f\n", t->says, c ? c->share : -1);
	}
}

TEST("shares of those that want CPUs are all there is, whatever they are bound to")
{
	const struct table t = { "", 101, 4, ROWS({ 101, 1000, 3, 50, 0.5 }, { 102, 2500, 14, 200, 0.5 },
						  { 103, 8, 15, 10, 0.5 }, { 104, 700, 8, 80, 0.5 },
						  { 105, 1000, 15, 0, 0 }), 0, 0 };
	struct who w = look(&t);
	double sum = 0;

	for (size_t i = 0; i < w.n - 1; i++)
		sum += w.v[i].share;
	OK(near(sum, 400));
	/* Who wants nothing is told what it would have. */
	OK(w.v[4].share > 1 && w.v[4].share < 400);
}

TEST("its own limit is nobody else's doing")
{
	struct table t = { "", 101, 2, ROWS({ 101, 1000, 0, 10, 0.9 }, { 102, 1000, 0, 180, 0.9 }), 0, 0 };
	struct who w = look(&t);

	EQ(w.verdict.culprit->id, 102);
	w.v[0].now.cpu_limit = 10;
	who_judge(&w);
	OK(w.verdict.own_limit);
	EQ(w.verdict.culprit->id, 101);
	/* Far from it, and not held back. */
	w.v[0].now.cpu_limit = 100;
	who_judge(&w);
	OK(!w.verdict.own_limit);
	EQ(w.verdict.culprit->id, 102);
}

TEST("of I/O it is who does most, be it the one that waits")
{
	struct table t = { "", 101, 2, ROWS({ 101, 1000, 0, 1, 0 }, { 102, 1000, 0, 1, 0 }), 0, 0 };
	struct who w = look(&t);

	w.v[0].wait[R_IO] = 0.7;
	w.v[0].use[R_IO] = 5e6;
	w.v[1].use[R_IO] = 9e6;
	who_judge(&w);
	EQ(w.verdict.what, R_IO);
	EQ(w.verdict.culprit->id, 102);
	w.v[0].use[R_IO] = 2e7;
	who_judge(&w);
	EQ(w.verdict.culprit->id, 101);
	w.v[0].use[R_IO] = w.v[1].use[R_IO] = 0;
	who_judge(&w);
	OK(!w.verdict.culprit);
}

TEST("nothing that waits is no pressure, and nobody is named")
{
	struct table t = { "", 101, 2, ROWS({ 101, 1000, 0, 100, 0.05 }, { 102, 1000, 0, 100, 0 }), 0, 0 };
	struct who w = look(&t);

	OK(!w.verdict.pressure);
	OK(!w.verdict.culprit);
}
