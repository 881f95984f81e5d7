/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The table of inits, and readers of what they print. */
#include "guest/service.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/str.h"
#include "guest/line.h"

#define NAME_MAX_LEN 200

bool service_name_ok(const char *name, size_t len)
{
	if (len == 0 || len > NAME_MAX_LEN || name[0] == '-' || name[0] == '.')
		return false;
	for (size_t i = 0; i < len; i++)
		if (!((name[i] >= 'a' && name[i] <= 'z') || (name[i] >= 'A' && name[i] <= 'Z') ||
		      (name[i] >= '0' && name[i] <= '9') || (name[i] && strchr("_-.@:+\\", name[i]))))
			return false;
	return true;
}

void service_table_done(struct service_table *t)
{
	for (size_t i = 0; i < t->n; i++)
		free(t->v[i].name);
	free(t->v);
	*t = (struct service_table){ .n = 0 };
}

struct service_entry *service_get(struct service_table *t, const char *name, size_t len)
{
	struct service_entry *v;

	if (!service_name_ok(name, len))
		return NULL;
	for (size_t i = 0; i < t->n; i++)
		if (strlen(t->v[i].name) == len && memcmp(t->v[i].name, name, len) == 0)
			return &t->v[i];
	if (t->n == SERVICE_MAX)
		return NULL;
	v = realloc(t->v, (t->n + 1) * sizeof(*v));
	if (!v)
		return NULL;
	t->v = v;
	v[t->n] = (struct service_entry){ .name = strndup(name, len), .enabled = -1 };
	return v[t->n].name ? &v[t->n++] : NULL;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct service_entry *)a)->name, ((const struct service_entry *)b)->name);
}

void service_sort(struct service_table *t)
{
	if (t->n)
		qsort(t->v, t->n, sizeof(*t->v), by_name);
}

int service_state(int status)
{
	return status == 0			  ? SERVICE_RUNNING :
	       status == 1 || status == 2	  ? SERVICE_FAILED :
	       status == 3			  ? SERVICE_STOPPED :
						    SERVICE_UNKNOWN;
}

/* ---- readers ---- */

/* Words of a line; a line with NUL ends there. */
static int words_of(const struct line *l, struct strv *ret)
{
	_free_ char *s = strndup(l->at, l->len);

	return s ? strv_split(ret, s, " \t\r") : -ENOMEM;
}

typedef void row_reader(const struct strv *w, struct service_table *t);

static int each_line(const struct buf *out, struct service_table *t, row_reader *fn)
{
	size_t pos = 0;
	struct line l;

	while (line_next(out, &pos, &l)) {
		_strv_ struct strv w = { 0 };

		if (words_of(&l, &w) < 0)
			return -ENOMEM;
		if (w.n)
			fn(&w, t);
	}
	return 0;
}

/* The name without ".service"; other kinds of unit are none. */
static struct service_entry *unit(struct service_table *t, const char *name)
{
	return str_has_suffix(name, ".service") ? service_get(t, name, strlen(name) - 8) : NULL;
}

/* UNIT LOAD ACTIVE SUB DESCRIPTION; a mark may stand before what failed. */
static void row_unit(const struct strv *w, struct service_table *t)
{
	size_t at = w->n && !str_has_suffix(w->v[0], ".service") ? 1 : 0;
	struct service_entry *s;

	if (w->n < at + 4 || str_eq(w->v[at + 1], "not-found"))
		return;
	s = unit(t, w->v[at]);
	if (!s)
		return;
	s->state = str_eq(w->v[at + 2], "active") || str_eq(w->v[at + 2], "reloading") ||
				   str_eq(w->v[at + 2], "activating") ?
			   SERVICE_RUNNING :
		   str_eq(w->v[at + 2], "failed") ? SERVICE_FAILED :
						    SERVICE_STOPPED;
}

static int read_units(const struct buf *out, struct service_table *t)
{
	return each_line(out, t, row_unit);
}

/* UNIT STATE [PRESET]; a template "getty@.service" is no service. */
static void row_unit_file(const struct strv *w, struct service_table *t)
{
	struct service_entry *s;

	if (w->n < 2 || strstr(w->v[0], "@."))
		return;
	s = unit(t, w->v[0]);
	if (!s)
		return;
	if (s->state == SERVICE_UNKNOWN)
		s->state = SERVICE_STOPPED;
	if (str_has_prefix(w->v[1], "enabled"))
		s->enabled = 1;
	else if (str_has_prefix(w->v[1], "disabled") || str_has_prefix(w->v[1], "masked"))
		s->enabled = 0;
}

static int read_unit_files(const struct buf *out, struct service_table *t)
{
	return each_line(out, t, row_unit_file);
}

/* "name [ started ]" */
static void row_openrc(const struct strv *w, struct service_table *t)
{
	struct service_entry *s = w->n >= 3 ? service_get(t, w->v[0], strlen(w->v[0])) : NULL;

	if (!s)
		return;
	s->enabled = 0;
	for (size_t i = 1; i < w->n; i++) {
		if (strstr(w->v[i], "started") || strstr(w->v[i], "starting"))
			s->state = SERVICE_RUNNING;
		else if (strstr(w->v[i], "crashed"))
			s->state = SERVICE_FAILED;
		else if (strstr(w->v[i], "stopped") || strstr(w->v[i], "inactive"))
			s->state = SERVICE_STOPPED;
	}
}

static int read_openrc(const struct buf *out, struct service_table *t)
{
	return each_line(out, t, row_openrc);
}

/* "name | default" */
static void row_runlevel(const struct strv *w, struct service_table *t)
{
	struct service_entry *s = w->n >= 3 && str_eq(w->v[1], "|") ?
					  service_get(t, w->v[0], strlen(w->v[0])) :
					  NULL;

	if (s)
		s->enabled = 1;
}

static int read_runlevels(const struct buf *out, struct service_table *t)
{
	return each_line(out, t, row_runlevel);
}

/* One name in a line: all that there are. */
static void row_name(const struct strv *w, struct service_table *t)
{
	struct service_entry *s = service_get(t, w->v[0], strlen(w->v[0]));

	if (s)
		s->enabled = 0;
}

static int read_names(const struct buf *out, struct service_table *t)
{
	return each_line(out, t, row_name);
}

/* One name in a line: those that are started at boot. */
static void row_enabled(const struct strv *w, struct service_table *t)
{
	struct service_entry *s = service_get(t, w->v[0], strlen(w->v[0]));

	if (s)
		s->enabled = 1;
}

static int read_enabled(const struct buf *out, struct service_table *t)
{
	return each_line(out, t, row_enabled);
}

/* Files of /etc/init.d that are steps of boot and shutdown, or no scripts. */
static const char *const no_service[] = {
	"README", "*.sh", "skeleton", "functions", "rc", "rcS", "rcK", "halt", "reboot", "single", "killall",
	"killprocs", "sendsigs", "umount*", "mount*", "bootlogs", "bootmisc", "checkroot*", "checkfs*", "rc.local",
	"rmnologin", "*.dpkg-*", "*~", "netconsole", "netfs", "sandbox", "brightness", "x11-common",
};

static void row_script(const struct strv *w, struct service_table *t)
{
	for (size_t i = 0; i < ARRAY_LEN(no_service); i++)
		if (fnmatch(no_service[i], w->v[0], 0) == 0)
			return;
	row_name(w, t);
}

static int read_scripts(const struct buf *out, struct service_table *t)
{
	return each_line(out, t, row_script);
}

/* The name in ".../S20name"; NULL: it is none. */
static const char *behind_number(const char *path)
{
	const char *slash = strrchr(path, '/'), *p = slash ? slash + 1 : path;

	return p[0] == 'S' && p[1] >= '0' && p[1] <= '9' && p[2] >= '0' && p[2] <= '9' && p[3] ? p + 3 :
												  NULL;
}

/* A link of a runlevel makes enabled what is known; links to steps of boot are no news. */
static void row_link(const struct strv *w, struct service_table *t)
{
	const char *name = behind_number(w->v[0]);

	for (size_t i = 0; name && i < t->n; i++)
		if (str_eq(t->v[i].name, name))
			t->v[i].enabled = 1;
}

static int read_links(const struct buf *out, struct service_table *t)
{
	return each_line(out, t, row_link);
}

/* Files "S20name": the names keep their numbers, for it is the file that is executed. */
static void row_numbered(const struct strv *w, struct service_table *t)
{
	if (behind_number(w->v[0]))
		row_name(w, t);
}

static int read_numbered(const struct buf *out, struct service_table *t)
{
	return each_line(out, t, row_numbered);
}

static void row_executable(const struct strv *w, struct service_table *t)
{
	const char *slash = strrchr(w->v[0], '/');

	for (size_t i = 0; slash && i < t->n; i++)
		if (str_eq(t->v[i].name, slash + 1))
			t->v[i].enabled = 1;
}

static int read_executables(const struct buf *out, struct service_table *t)
{
	return each_line(out, t, row_executable);
}

/* "run: NAME: (pid ...": sv ends with 0 also for what is down. */
static int status_sv(const struct buf *out, int status)
{
	const char *s = buf_str(out);

	(void)status;
	return str_has_prefix(s, "run:") ? 0 : str_has_prefix(s, "down:") ? 3 : 4;
}

/* rc-service: 32 is crashed, 1 is unknown. */
static int status_openrc(const struct buf *out, int status)
{
	(void)out;
	return status == 32 ? 1 : status == 1 ? 4 : status;
}

/* ---- the table ---- */

#define RUNIT(dir)                                                                                 \
	{                                                                                          \
		.name = "runit", .probe = { "test", "-d", dir, "-a", "-d", "/etc/sv" },            \
		.list = { { { "ls", "-1", "/etc/sv/" }, read_names },                              \
			  { { "ls", "-1", dir "/" }, read_enabled } },                             \
		.verb = {                                                                          \
			[VZ_SERVICE_STATUS] = { { "sv", "status", dir "/%" } },                    \
			[VZ_SERVICE_START] = { { "sv", "start", dir "/%" } },                      \
			[VZ_SERVICE_STOP] = { { "sv", "stop", dir "/%" } },                        \
			[VZ_SERVICE_RESTART] = { { "sv", "restart", dir "/%" } },                  \
			[VZ_SERVICE_RELOAD] = { { "sv", "reload", dir "/%" } },                    \
			[VZ_SERVICE_ENABLE] = { { "ln", "-sfn", "/etc/sv/%", dir } },              \
			[VZ_SERVICE_DISABLE] = { { "rm", "-f", dir "/%" } },                       \
		},                                                                                 \
		.each = true, .status = status_sv,                                                 \
	}

#define SCRIPT(word) { { "/etc/init.d/%", word } }
#define SCRIPT_VERBS                                                                               \
	[VZ_SERVICE_STATUS] = SCRIPT("status"), [VZ_SERVICE_START] = SCRIPT("start"),              \
	[VZ_SERVICE_STOP] = SCRIPT("stop"), [VZ_SERVICE_RESTART] = SCRIPT("restart"),              \
	[VZ_SERVICE_RELOAD] = SCRIPT("reload")

static const struct service_init inits[] = {
	{
		.name = "systemd", .probe = { "test", "-d", "/run/systemd/system" },
		.list = { { { "systemctl", "list-units", "--type=service", "--all", "--full", "--plain",
			      "--no-legend", "--no-pager" }, read_units },
			  { { "systemctl", "list-unit-files", "--type=service", "--full", "--no-legend",
			      "--no-pager" }, read_unit_files } },
		.verb = {
			[VZ_SERVICE_STATUS] = { { "systemctl", "--no-pager", "--lines=0", "status", "--", "%" } },
			[VZ_SERVICE_START] = { { "systemctl", "--no-ask-password", "start", "--", "%" } },
			[VZ_SERVICE_STOP] = { { "systemctl", "--no-ask-password", "stop", "--", "%" } },
			[VZ_SERVICE_RESTART] = { { "systemctl", "--no-ask-password", "restart", "--", "%" } },
			[VZ_SERVICE_RELOAD] = { { "systemctl", "--no-ask-password", "reload", "--", "%" } },
			[VZ_SERVICE_ENABLE] = { { "systemctl", "enable", "--", "%" } },
			[VZ_SERVICE_DISABLE] = { { "systemctl", "disable", "--", "%" } },
		},
	},
	{
		.name = "openrc", .probe = { "test", "-d", "/run/openrc" },
		.list = { { { "rc-status", "--nocolor", "--servicelist" }, read_openrc },
			  { { "rc-update", "show" }, read_runlevels } },
		.verb = {
			[VZ_SERVICE_STATUS] = { { "rc-service", "--nocolor", "%", "status" } },
			[VZ_SERVICE_START] = { { "rc-service", "--nocolor", "%", "start" } },
			[VZ_SERVICE_STOP] = { { "rc-service", "--nocolor", "%", "stop" } },
			[VZ_SERVICE_RESTART] = { { "rc-service", "--nocolor", "%", "restart" } },
			[VZ_SERVICE_RELOAD] = { { "rc-service", "--nocolor", "%", "reload" } },
			[VZ_SERVICE_ENABLE] = { { "rc-update", "add", "%", "default" } },
			[VZ_SERVICE_DISABLE] = { { "rc-update", "del", "%", "default" } },
		},
		.status = status_openrc,
	},
	RUNIT("/etc/service"),
	RUNIT("/var/service"),
	{
		.name = "sysvinit",
		.probe = { "test", "-d", "/etc/rc2.d", "-o", "-d", "/etc/rc.d/rc3.d" },
		.list = { { { "ls", "-1", "/etc/init.d/" }, read_scripts },
			  { { "sh", "-c", "ls -d /etc/rc[S2345].d/S* /etc/rc.d/rc[2345].d/S* 2> /dev/null" },
			    read_links } },
		.verb = {
			SCRIPT_VERBS,
			[VZ_SERVICE_ENABLE] = { { "update-rc.d", "%", "enable" }, { "chkconfig", "%", "on" } },
			[VZ_SERVICE_DISABLE] = { { "update-rc.d", "%", "disable" }, { "chkconfig", "%", "off" } },
		},
		.each = true,
	},
	{
		.name = "busybox",
		.list = { { { "sh", "-c", "ls -1 /etc/init.d/ 2> /dev/null" }, read_numbered },
			  { { "sh", "-c", "for f in /etc/init.d/S*; do [ -x \"$f\" ] && echo \"$f\"; done" },
			    read_executables } },
		.verb = {
			SCRIPT_VERBS,
			[VZ_SERVICE_ENABLE] = { { "chmod", "+x", "/etc/init.d/%" } },
			[VZ_SERVICE_DISABLE] = { { "chmod", "-x", "/etc/init.d/%" } },
		},
		.each = true, .numbered = true,
	},
};

const struct service_init *service_next(const struct service_init *prev)
{
	const struct service_init *i = prev ? prev + 1 : inits;

	return i < inits + ARRAY_LEN(inits) ? i : NULL;
}
