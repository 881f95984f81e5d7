// SPDX-License-Identifier: GPL-2.0-or-later
/* vzwho: what the figures mean. Reads nothing but them, so that tables of figures test it. */
#include "vzwho_int.h"

/* A tenth of a CPU is what wants more. */
static bool wants_cpu(const struct user *u)
{
	return u->use[R_CPU] >= 10 || u->wait[R_CPU] > 0.1;
}

static bool may_use(const struct user *u, unsigned cpu)
{
	bool any = false;

	for (size_t i = 0; i < VZ_CPU_WORDS; i++)
		any = any || u->now.cpu_set[i];
	return !any || u->now.cpu_set[cpu / 64] >> cpu % 64 & 1;
}

static unsigned cpus_of(const struct who *w)
{
	return w->cpus < 1 ? 1 : w->cpus > 64 * VZ_CPU_WORDS ? 64 * VZ_CPU_WORDS : (unsigned)w->cpus;
}

/* Its weight on each of the CPUs that it may use: the kernel gives each a part, by where the load is. */
static double weight_on(const struct who *w, const struct user *u, unsigned cpu)
{
	unsigned n = 0;

	if (!may_use(u, cpu))
		return 0;
	for (unsigned i = 0; i < cpus_of(w); i++)
		n += may_use(u, i);
	return (double)u->now.cpu_weight / n;
}

/*
 * What weights give, CPU by CPU, among those that want them there: a VPS that is bound to one CPU has no share of
 * the others. One that wants nothing is told what it would have.
 */
void who_shares(struct who *w)
{
	for (size_t i = 0; i < w->n; i++)
		w->v[i].share = 0;
	for (unsigned cpu = 0; cpu < cpus_of(w); cpu++) {
		double sum = 0;

		for (size_t i = 0; i < w->n; i++)
			if (wants_cpu(&w->v[i]))
				sum += weight_on(w, &w->v[i], cpu);
		for (size_t i = 0; i < w->n; i++) {
			double own = weight_on(w, &w->v[i], cpu);
			double all = wants_cpu(&w->v[i]) ? sum : sum + own;

			w->v[i].share += all > 0 ? own / all * 100 : 0;
		}
	}
}

/* Only who may run where it may can keep it waiting. */
static bool is_in_its_way(const struct who *w, const struct user *u)
{
	if (!w->about || u == w->about)
		return true;
	for (unsigned cpu = 0; cpu < cpus_of(w); cpu++)
		if (may_use(u, cpu) && may_use(w->about, cpu))
			return true;
	return false;
}

/* How much more than its share it uses; what is within the error of measurement is nothing. */
static double too_much(const struct user *u)
{
	double over = u->use[R_CPU] - u->share;

	return over > 2 && over > u->share / 20 ? over : 0;
}

/*
 * Who uses most beyond its share. Where nobody does, all have what was sold to them and it was sold too often: then
 * it is who uses most. The one that waits is it only by a clear lead, as it is the neighbour that is asked for.
 */
static const struct user *cpu_culprit(const struct who *w, double least)
{
	const struct user *over = NULL, *most = NULL;

	for (size_t i = 0; i < w->n; i++) {
		const struct user *u = &w->v[i];

		if (u == w->about || u->use[R_CPU] <= least || !is_in_its_way(w, u))
			continue;
		if (too_much(u) > (over ? too_much(over) : 0))
			over = u;
		if (!most || u->use[R_CPU] > most->use[R_CPU])
			most = u;
	}
	if (w->about && w->about->use[R_CPU] > least) {
		if (too_much(w->about) > (over ? too_much(over) : 0))
			over = w->about;
		if (!most || w->about->use[R_CPU] > 1.1 * most->use[R_CPU])
			most = w->about;
	}
	return over ? over : most;
}

static const struct user *most_of(const struct who *w, enum resource what, double least)
{
	const struct user *most = NULL;

	for (size_t i = 0; i < w->n; i++)
		if (w->v[i].use[what] > (most ? most->use[what] : least))
			most = &w->v[i];
	return most;
}

static void find_culprit(const struct who *w, struct verdict *d)
{
	double all = 0;

	for (size_t i = 0; i < w->n; i++)
		all += w->v[i].use[d->what];
	/* A twentieth of all is not worth a word. Of other resources there are no shares that all agree on. */
	d->culprit = d->what == R_CPU ? cpu_culprit(w, all / 20) : most_of(w, d->what, all / 20);
	if (d->culprit)
		d->of_all = d->culprit->use[d->what] / all;
}

/* Held back by what it was sold, though others leave room. */
static bool is_own_limit(const struct user *u, enum resource what)
{
	if (what == R_CPU)
		return u->now.cpu_limit && (u->use[R_CPU] > 0.9 * (double)u->now.cpu_limit ||
					    u->throttled > u->wait[R_CPU] / 2);
	return what == R_MEMORY && u->fails > 0 && u->now.mem_max != UINT64_MAX &&
	       u->use[R_MEMORY] > 0.9 * (double)u->now.mem_max;
}

void who_judge(struct who *w)
{
	const double *wait = w->about ? w->about->wait : w->wait;
	struct verdict d = { .wait = -1 };

	for (enum resource r = 0; r < NRESOURCES; r++) {
		if (wait[r] <= d.wait)
			continue;
		d.what = r;
		d.wait = wait[r];
	}
	d.pressure = d.wait >= w->least;
	d.own_limit = d.pressure && w->about && is_own_limit(w->about, d.what);
	if (d.own_limit)
		d.culprit = w->about;
	else if (d.pressure)
		find_culprit(w, &d);
	w->verdict = d;
}
