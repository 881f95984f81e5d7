// SPDX-License-Identifier: GPL-2.0-or-later
/* Build a template and show how it goes. */
#include "tmpl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <vz/template.h>

#define APT_CACHE "/var/cache/vz/apt"
#define MAX_ENV	  8

struct progress {
	const struct tmpl_build *b;
	const char *name;
	struct timespec begin;
	bool live; /* a progress line is on the terminal */
};

/* One line that is written over, on a terminal only. Not more often than the script speaks. */
static void on_line(void *arg, const char *text)
{
	struct progress *p = arg;
	struct timespec now;

	if (p->b->verbose) {
		fprintf(stderr, "%s\n", text);
		return;
	}
	if (p->b->quiet || strncmp(text, "I: ", 3) != 0 || !isatty(STDERR_FILENO))
		return;
	clock_gettime(CLOCK_MONOTONIC, &now);
	fprintf(stderr, "\r\033[K%s: %lds: %.50s", p->name, (long)(now.tv_sec - p->begin.tv_sec),
		text + 3);
	p->live = true;
}

/* What the script may see of our environment: how to reach a mirror, and where. */
static size_t pass_on(char **env, size_t max)
{
	static const char *const names[] = { "http_proxy", "https_proxy", "ftp_proxy", "no_proxy",
					     "VZ_MIRROR", "TMPDIR" };
	size_t n = 0;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]) && n + 1 < max; i++) {
		const char *v = getenv(names[i]);

		if (v && asprintf(&env[n], "%s=%s", names[i], v) >= 0)
			n++;
	}
	env[n] = NULL;
	return n;
}

const char *tmpl_cache(void)
{
	const char *cache = getenv("VZ_APT_CACHE");

	return cache ? cache : APT_CACHE;
}

bool tmpl_listed(char *const *names, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

int tmpl_build(struct vz *vz, const char *name, const struct tmpl_build *b, struct vz_err *e)
{
	char *env[MAX_ENV];
	size_t n = pass_on(env, MAX_ENV);
	struct progress p = { .b = b, .name = name };
	struct vz_template_opts o = { .size = sizeof(o), .recipes = b->recipes, .line = on_line,
				      .arg = &p, .env = (const char *const *)env,
				      .apt_cache = tmpl_cache(), .replace = b->replace };
	int r;

	clock_gettime(CLOCK_MONOTONIC, &p.begin);
	r = vz_template_build(vz, name, &o, e);
	if (p.live)
		fputs("\r\033[K", stderr);
	while (n)
		free(env[--n]);
	return r;
}
