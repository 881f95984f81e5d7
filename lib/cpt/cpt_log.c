// SPDX-License-Identifier: LGPL-2.1-or-later
/* One line of cause out of CRIU's log. */
#include "cpt/cpt_int.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/io.h"
#include "base/str.h"

#define CAUSE_MAX 300

/* Errors that it goes on from, and ones that only say that there was another. */
static const char *const noise[] = {
	"RLIMIT_NOFILE",   "iptables",	       "ip6tables",	    "execvp(",
	"Dumping FAILED",  "Restoring FAILED", "recv req error",    "Restorer fail",
	"kdat cache",	   "failed with -1",   "Can't wait or bad status",
};

static bool is_noise(const char *s, size_t len)
{
	for (size_t i = 0; i < ARRAY_LEN(noise); i++)
		if (memmem(s, len, noise[i], strlen(noise[i])))
			return true;
	return false;
}

/* "(00.1) 12: Error (criu/mount.c:724): mnt: words" -> "mnt: words", or NULL when it is no error. */
static const char *error_text(const char *line, size_t *len)
{
	static const char word[] = "Error (";
	const char *at = memmem(line, *len, word, sizeof(word) - 1), *end = line + *len;
	const char *text = at ? memmem(at, (size_t)(end - at), "): ", 3) : NULL;

	if (!text)
		return NULL;
	text += 3;
	*len = (size_t)(end - text);
	return text;
}

void cpt_log_cause(const char *log, size_t len, struct buf *out)
{
	const char *end = log + len, *next;

	for (const char *line = log; line < end; line = next) {
		const char *nl = memchr(line, '\n', (size_t)(end - line)), *text;
		size_t n = (size_t)((nl ? nl : end) - line);

		next = nl ? nl + 1 : end;
		if (is_noise(line, n))
			continue;
		text = error_text(line, &n);
		if (!text)
			continue;
		if (n > CAUSE_MAX)
			n = CAUSE_MAX;
		while (n && isspace((unsigned char)text[n - 1]))
			n--;
		for (size_t i = 0; i < n; i++)
			buf_putc(out, isprint((unsigned char)text[i]) ? text[i] : ' ');
		return;
	}
}

void cpt_log_cause_at(int dirfd, const char *name, struct buf *out)
{
	_buf_ struct buf log = BUF_INIT;
	int r = io_read_at(dirfd, name, CPT_LOG_MAX, &log);

	if (r == 0)
		cpt_log_cause(log.data ? log.data : "", log.len, out);
	if (out->len)
		return;
	buf_puts(out, r == -ENOENT ? "criu ended before it wrote a log" : "criu gave no reason");
}
