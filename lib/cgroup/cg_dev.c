/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Device policy: the first generation's lists where the host has them, else a program. */
#include "cgroup/cg_int.h"

#include <errno.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "base/num.h"
#include "kern/cgfs.h"

enum { LIST_MAX = 32768, ANY = -1, ACCESS_ALL = 7 };

static const struct {
	char letter;
	uint8_t bit;
} accesses[] = { { 'r', 2 }, { 'w', 4 }, { 'm', 1 } };

void cg_dev_merge(struct dev_rule *r, size_t *n)
{
	size_t kept = 0;

	for (size_t i = 0; i < *n; i++) {
		size_t k = 0;

		while (k < kept && (r[k].type != r[i].type || r[k].major != r[i].major ||
				    r[k].minor != r[i].minor))
			k++;
		if (k < kept)
			r[k].access |= r[i].access;
		else
			r[kept++] = r[i];
	}
	*n = kept;
}

static void print_number(char *out, size_t size, int64_t v)
{
	if (v == ANY)
		snprintf(out, size, "*");
	else
		snprintf(out, size, "%lld", (long long)v);
}

/* As in devices.allow: "c 1:3 rwm". */
static void print_rule(const struct dev_rule *r, char *out, size_t size)
{
	char major[24], minor[24], access[8];
	size_t n = 0;

	print_number(major, sizeof(major), r->major);
	print_number(minor, sizeof(minor), r->minor);
	for (size_t i = 0; i < ARRAY_LEN(accesses); i++) {
		if (r->access & accesses[i].bit)
			access[n++] = accesses[i].letter;
	}
	access[n] = 0;
	snprintf(out, size, "%c %s:%s %s", r->type, major, minor, access);
}

static int put_rule(int fd, const char *file, const struct dev_rule *r)
{
	char text[80];

	if (r->access == 0)
		return 0;
	print_rule(r, text, sizeof(text));
	return cgfs_put(fd, file, text);
}

static int parse_number(const char *s, int64_t *ret)
{
	if (str_eq(s, "*")) {
		*ret = ANY;
		return 0;
	}
	return num_i64(s, ret);
}

/* One line of devices.list, in the grammar above. */
static int parse_rule(char *line, struct dev_rule *ret)
{
	_strv_ struct strv w = { 0 };
	struct dev_rule r = { 0 };

	if (strv_split(&w, line, " :") < 0)
		return -ENOMEM;
	if (w.n != 4 || parse_number(w.v[1], &r.major) < 0 || parse_number(w.v[2], &r.minor) < 0)
		return -EINVAL;
	r.type = w.v[0][0];
	for (size_t i = 0; i < ARRAY_LEN(accesses); i++) {
		if (strchr(w.v[3], accesses[i].letter))
			r.access |= accesses[i].bit;
	}
	*ret = r;
	return 0;
}

static uint8_t wanted(const struct dev_rule *have, const struct dev_rule *r, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (r[i].type == have->type && r[i].major == have->major &&
		    r[i].minor == have->minor)
			return r[i].access;
	}
	return 0;
}

/* Allow first, then deny what is listed and not wanted: a device that stays is never cut off. */
static int apply_lists(int fd, const struct dev_rule *r, size_t n)
{
	_free_ char *list = malloc(LIST_MAX);
	_strv_ struct strv lines = { 0 };
	int ret;

	if (!list)
		return -ENOMEM;
	ret = cgfs_get(fd, "devices.list", list, LIST_MAX);
	if (ret == 0)
		ret = strv_split(&lines, list, "\n");
	/* A new group may do everything, and then single devices cannot be taken away. */
	if (ret == 0 && lines.n == 1 && str_eq(lines.v[0], "a *:* rwm")) {
		strv_done(&lines);
		ret = cgfs_put(fd, "devices.deny", "a");
	}
	for (size_t i = 0; ret == 0 && i < n; i++)
		ret = put_rule(fd, "devices.allow", &r[i]);
	for (size_t i = 0; ret == 0 && i < lines.n; i++) {
		struct dev_rule have;

		ret = parse_rule(lines.v[i], &have);
		if (ret == 0) {
			have.access &= ~wanted(&have, r, n);
			ret = put_rule(fd, "devices.deny", &have);
		}
	}
	return ret;
}

static bool is_everything(const struct dev_rule *r, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (r[i].type == 'a' && r[i].major == ANY && r[i].minor == ANY &&
		    r[i].access == ACCESS_ALL)
			return true;
	}
	return false;
}

static int check_rules(const struct dev_rule *r, size_t n, struct vz_err *e)
{
	if (n > CG_DEV_RULES_MAX)
		return err_set(e, VZ_E_DEVICES, -E2BIG, "more than %d device rules",
			       CG_DEV_RULES_MAX);
	for (size_t i = 0; i < n; i++) {
		if (!r[i].type || !strchr("abc", r[i].type) || r[i].access > ACCESS_ALL ||
		    r[i].major < ANY || r[i].minor < ANY || r[i].major > UINT16_MAX ||
		    r[i].minor > INT32_MAX)
			return err_set(e, VZ_E_DEVICES, -EINVAL, "bad device rule %zu", i + 1);
	}
	return 0;
}

/* 'a' with numbers is "any of both kinds", which the first generation's files cannot say. */
static size_t split_any(const struct dev_rule *r, size_t n, struct dev_rule *out)
{
	size_t k = 0;

	for (size_t i = 0; i < n; i++) {
		out[k] = r[i];
		if (r[i].type == 'a') {
			out[k].type = 'b';
			out[++k] = r[i];
			out[k].type = 'c';
		}
		k++;
	}
	cg_dev_merge(out, &k);
	return k;
}

int cg_allow_dev(struct cg *cg, const struct dev_rule *r, size_t n, struct vz_err *e)
{
	_free_ struct dev_rule *rules = NULL;
	int fd, gen, ret = check_rules(r, n, e);
	bool all = is_everything(r, n);
	size_t k;

	if (ret < 0)
		return ret;
	rules = calloc(2 * n + 1, sizeof(*rules));
	if (!rules)
		return err_nomem(e);
	k = split_any(r, n, rules);
	ret = cg_ctl_fd(cg, CTL_DEVICES, &fd, &gen);
	if (ret == 0) {
		ret = all ? cgfs_put(fd, "devices.allow", "a") : apply_lists(fd, rules, k);
	} else if (ret == -EOPNOTSUPP && cg->host->unified >= 0) {
		ret = cg_fd(cg, cg->host->unified, &fd);
		if (ret == 0)
			ret = cg_devbpf_apply(fd, rules, k);
	}
	return ret == 0 ? 0 : err_sys(e, VZ_E_DEVICES, ret, "cannot set the device rules of '%s'",
				      cg->path);
}
