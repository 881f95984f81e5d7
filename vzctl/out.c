// SPDX-License-Identifier: GPL-2.0-or-later
/* One line to the terminal and one to the log; a log that cannot be written is no reason to fail. */
#include "out.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static void to_file(struct out *o, const char *text)
{
	char line[1024], when[40], ct[24] = "";
	time_t now = time(NULL);
	struct tm tm;
	int fd, n;

	if (!o->logfile)
		return;
	fd = open(o->logfile, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (fd < 0)
		return;
	localtime_r(&now, &tm);
	strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%S%z", &tm);
	if (o->id)
		snprintf(ct, sizeof(ct), "CT %u : ", o->id);
	n = snprintf(line, sizeof(line), "%s %s : %s%s\n", when, o->tool, ct, text);
	if (n >= (int)sizeof(line))
		n = sizeof(line) - 1;
	/* One write: lines of several commands do not mix. */
	if (write(fd, line, (size_t)n) < 0)
		o->logfile = NULL;
	close(fd);
}

/* A message is one line that does nothing to a terminal, whatever a user typed or a file had in it. */
static void tame(const char *text, char *out, size_t size)
{
	size_t i;

	for (i = 0; i + 1 < size && text[i]; i++)
		out[i] = (unsigned char)text[i] < ' ' || text[i] == 0x7f ? '?' : text[i];
	out[i] = '\0';
}

void out_sink(void *arg, int level, const char *raw)
{
	struct out *o = arg;
	char text[900];

	tame(raw, text, sizeof(text));
	if (level <= o->log_level)
		to_file(o, text);
	if (o->quiet || level > o->verbose)
		return;
	if (level < 0)
		fprintf(stderr, "%s: %s\n", o->tool, text);
	else
		printf("%s\n", text);
	fflush(level < 0 ? stderr : stdout);
}

void out_msg(struct out *o, int level, const char *fmt, ...)
{
	char text[900];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	out_sink(o, level, text);
}

void out_begin(void)
{
	for (int fd = 0; fd <= 2; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDONLY | O_NOCTTY) < 0)
			return;
}

int out_end(const char *tool, int r, int bad)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return r;
	if (r == 0)
		fprintf(stderr, "%s: cannot write the output: %s\n", tool, strerror(errno));
	return r == 0 ? bad : r;
}
