// SPDX-License-Identifier: LGPL-2.1-or-later
/* Which VPS is meant; which host ids are its own. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "base/num.h"
#include "base/path.h"
#include "base/str.h"
#include "ct/ct.h"
#include "kern/idmap.h"
#include "param/cfgfile.h"
#include "param/param.h"

/* names/<NAME> is a link to .../<ID>.conf */
static int id_of_link(const char *target, uint32_t *ret)
{
	const char *slash = strrchr(target, '/'), *base = slash ? slash + 1 : target;
	char digits[16];
	size_t n = strlen(base);

	if (n < 6 || n - 5 >= sizeof(digits) || !str_has_suffix(base, ".conf"))
		return -EINVAL;
	memcpy(digits, base, n - 5);
	digits[n - 5] = '\0';
	return num_u32(digits, ret);
}

/* No index: other programs write these files, and a UUID is rarely asked for. */
static int id_of_uuid(struct vz *vz, const char uuid[UUID_LEN + 1], uint32_t *ret)
{
	_free_ uint32_t *ids = NULL;
	size_t n = 0;
	int r = node_list(vz, &ids, &n, NULL);

	for (size_t i = 0; r == 0 && i < n; i++) {
		_free_ char *path = str_printf("%s/%u.conf", vz->confdir, ids[i]);
		struct cfgfile f = { .dirfd = AT_FDCWD, .path = path };
		_cfg_ struct vz_cfg *c = cfg_new();

		if (!path || !c)
			return -ENOMEM;
		if (cfgfile_read(&f, c, NULL) < 0 || !cfg_has(c, VZ_P_UUID) || !str_eq(c->uuid, uuid))
			continue;
		*ret = ids[i];
		return 0;
	}
	return -ENOENT;
}

int ct_resolve(struct vz *vz, const char *word, uint32_t *ret, struct vz_err *e)
{
	char target[512], uuid[UUID_LEN + 1];
	_free_ char *path = NULL;
	ssize_t n;
	uint32_t id;
	int r = num_u32(word, &id);

	if (r == -ERANGE || (r == 0 && (id == 0 || id > CT_ID_MAX)))
		return err_set(e, VZ_E_PARAM, -ERANGE, "'%.64s' is not a VPS ID: 1 to %u", word,
			       CT_ID_MAX);
	if (r == 0) {
		*ret = id;
		return 0;
	}
	if (!*word || strchr(word, '/') || word[0] == '.' || strlen(word) > 200)
		return err_set(e, VZ_E_PARAM, -EINVAL, "'%.64s' is neither a VPS ID nor a name", word);
	path = str_printf("%s/%s", vz->namesdir, word);
	if (!path)
		return err_nomem(e);
	n = readlink(path, target, sizeof(target) - 1);
	if (n > 0) {
		target[n] = '\0';
		r = id_of_link(target, &id);
	}
	if ((n <= 0 || r < 0) && uuid_normal(word, uuid) && id_of_uuid(vz, uuid, &id) == 0)
		n = 1, r = 0;
	if (n <= 0 || r < 0)
		return err_set(e, VZ_E_PARAM, -ENOENT, "there is no VPS with the name '%.64s'", word);
	*ret = id;
	return 0;
}

static int range_fd(struct vz *vz, struct vz_err *e)
{
	int fd = open(vz->idsdir, O_RDONLY | O_DIRECTORY | O_CLOEXEC), r;

	if (fd < 0 && errno == ENOENT) {
		r = path_mkdirs(vz->idsdir, 0755);
		if (r < 0)
			return err_sys(e, VZ_E_MKDIR, r, "cannot make '%s'", vz->idsdir);
		fd = open(vz->idsdir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	}
	if (fd < 0 && errno == ENOTDIR)
		return err_sys(e, VZ_E_MKDIR, -errno, "cannot make '%s'", vz->idsdir);
	return fd < 0 ? err_sys(e, VZ_E_SYS, -errno, "cannot open '%s'", vz->idsdir) : fd;
}

static bool range_is_ours(int dir, const struct ct *ct, uint32_t base)
{
	char name[16], target[16];
	ssize_t n;

	snprintf(name, sizeof(name), "%u", base);
	n = readlinkat(dir, name, target, sizeof(target) - 1);
	if (n <= 0)
		return false;
	target[n] = '\0';
	return str_eq(target, ct->idstr);
}

/* A file that somebody wrote anew has forgotten the range; the folder has not. */
static uint32_t range_search(int dir, const struct ct *ct)
{
	int copy = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_dir_ DIR *d = copy < 0 ? NULL : fdopendir(copy);
	struct dirent *de;
	uint32_t base;

	while (d && (de = readdir(d)))
		if (num_u32(de->d_name, &base) == 0 && range_is_ours(dir, ct, base))
			return base;
	return 0;
}

/* symlink(2) is the allocation: it is atomic, and a range that is taken says EEXIST. */
static int range_claim(int dir, const struct ct *ct, uint32_t base)
{
	char name[16];

	snprintf(name, sizeof(name), "%u", base);
	if (symlinkat(ct->idstr, dir, name) == 0)
		return 0;
	if (errno != EEXIST)
		return -errno;
	return range_is_ours(dir, ct, base) ? 0 : -EEXIST;
}

int ct_range_take(struct ct *ct, bool exact, struct vz_err *e)
{
	_fd_ int dir = range_fd(ct->vz, e);
	uint32_t asked = cfg_has(ct->own, VZ_P_LOCAL_UID) ? (uint32_t)ct->own->local_uid : 0;
	int r = 0;

	if (dir < 0)
		return dir;
	if (asked && asked % KIDMAP_COUNT == 0 && asked <= UINT32_MAX - KIDMAP_COUNT)
		r = range_claim(dir, ct, asked);
	else if (asked)
		r = -EINVAL;
	if (asked && r == 0) {
		ct->base = asked;
		return 0;
	}
	if (asked && exact)
		return err_sys(e, VZ_E_PARAM, r, "VPS '%s' cannot have the ids from %u", ct->idstr,
			       asked);
	/* Old files have one LOCAL_UID for all VPSs: no reason not to start, and none to share. */
	if (asked)
		log_msg(&ct->vz->log, 1, "VPS %s: LOCAL_UID %u is not free for it alone", ct->idstr,
			asked);
	r = 0;
	for (uint32_t i = 0; !ct->base && i < NODE_ID_SLOTS; i++) {
		uint32_t base = ct->vz->first_id + (ct->id + i) % NODE_ID_SLOTS * KIDMAP_COUNT;

		r = range_claim(dir, ct, base);
		if (r == 0)
			ct->base = base;
		else if (r != -EEXIST)
			return err_sys(e, r == -ENOSPC ? VZ_E_NO_SPACE : VZ_E_SYS, r,
				       "cannot note ids in '%s'", ct->vz->idsdir);
		/* Only when our first choice is somebody else's may an older one be noted elsewhere. */
		else if (i == 0)
			ct->base = range_search(dir, ct);
	}
	if (!ct->base)
		return err_set(e, VZ_E_NORES, -ENOSPC, "all %u id ranges of the node are taken",
			       NODE_ID_SLOTS);
	return 0;
}

int ct_range_drop(struct ct *ct, struct vz_err *e)
{
	_fd_ int dir = range_fd(ct->vz, e);
	uint32_t base = ct->base;
	char name[16];

	if (dir < 0)
		return dir;
	if (!base)
		base = range_search(dir, ct);
	snprintf(name, sizeof(name), "%u", base);
	if (base && range_is_ours(dir, ct, base) && unlinkat(dir, name, 0) < 0 && errno != ENOENT)
		return err_sys(e, VZ_E_SYS, -errno, "cannot free ids in '%s'", ct->vz->idsdir);
	ct->base = 0;
	return 0;
}
