// SPDX-License-Identifier: LGPL-2.1-or-later
/* Public entry points that answer yes or no: passwords, whether a dump could be resumed here. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include <vz/account.h>
#include <vz/vz.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "base/io.h"
#include "base/str.h"
#include "cpt/cpt.h"
#include "ct/ct.h"
#include "ct/inside/guestfiles.h"
#include "guest/user.h"
#include "param/param.h"

#define CPUINFO_MAX (4u << 20)
#define PASSWORD_MAX 512 /* as crypt(3) has it */

/* ---- passwords ---- */

static int look(const struct ct *ct, const char *user, const char *password, int64_t gid)
{
	_buf_ struct buf passwd = BUF_INIT, shadow = BUF_INIT, group = BUF_INIT;
	int r = guestfiles_read(ct, guest_tables[GUEST_SHADOW].path, &shadow), p;

	p = guestfiles_read(ct, guest_tables[GUEST_PASSWD].path, &passwd);
	if (p < 0)
		return p;
	/* Without a shadow file the hash stands in the other. */
	if (r == -ENOENT)
		r = guest_password_check(&passwd, user, password);
	else if (r == 0)
		r = guest_password_check(&shadow, user, password);
	if (r == 0 && gid >= 0) {
		(void)guestfiles_read(ct, guest_tables[GUEST_GROUP].path, &group);
		r = guest_user_in_group(&passwd, &group, user, (gid_t)gid) ? 0 : -EPERM;
	}
	return r;
}

static int with_mount(struct ct *ct, const char *user, const char *password, int64_t gid, int *ret,
		      struct vz_err *e)
{
	int r = ct_lock(ct, "reading", false, e);
	bool mounted = r < 0 || ct_is_mounted(ct);

	if (r == 0 && !mounted)
		r = ct_mount(ct, e);
	if (r == 0)
		*ret = look(ct, user, password, gid);
	if (!mounted && ct_is_mounted(ct)) {
		int u = ct_umount(ct, r < 0 ? NULL : e);

		r = r < 0 ? r : u;
	}
	lock_drop(&ct->lock);
	return r;
}

int vz_ct_check_password(struct vz_ct *handle, const char *user, const char *password, int64_t gid,
			 struct vz_err *e)
{
	struct ct *ct = (struct ct *)handle;
	int answer = -EACCES, r = 0;

	if (strlen(password) > PASSWORD_MAX)
		return err_set(e, VZ_E_PASSWD, -EACCES, "the password is too long");
	if (ct_is_mounted(ct))
		answer = look(ct, user, password, gid);
	else
		r = with_mount(ct, user, password, gid, &answer, e);
	if (r < 0 || answer == 0)
		return r;
	if (answer == -EPERM)
		return err_set(e, VZ_E_PASSWD, -EACCES, "the user is not in that group");
	/* Whoever guesses need not know whether it was the name or the password. */
	if (answer == -EACCES || answer == -ENOENT)
		return err_set(e, VZ_E_PASSWD, -EACCES, "access is not granted");
	return err_sys(e, VZ_E_PASSWD, answer, "cannot check a password of VPS '%s'", ct->idstr);
}

/* ---- dumps ---- */

int vz_criu_version(struct vz *vz, uint32_t *ret, struct vz_err *e)
{
	struct cpt_find f = { .conf = vz->cfg->criu, .private = VZ_CRIU_DIR "/criu",
			      .rundir = vz->rundir };
	_free_ char *criu = NULL;
	int r = cpt_find(&f, &criu, e);

	if (r < 0)
		return r;
	r = cpt_version(criu, ret);
	return r < 0 ? err_sys(e, VZ_E_KERNEL, r, "'%s' does not tell its version", criu) : 0;
}

/* Features that programs look for in the processor. A place in this table never changes: the bits travel
 * to other nodes. aarch64's names follow those of x86. */
static const char *const caps[64] = {
	"sse3|pni", "ssse3", "fma", "cx16", "sse4_1", "sse4_2", "movbe", "popcnt", "aes", "xsave", "avx",
	"f16c", "rdrand", "fsgsbase", "bmi1", "hle", "avx2", "bmi2", "erms", "rtm", "mpx", "avx512f",
	"avx512dq", "rdseed", "adx", "clflushopt", "clwb", "avx512cd", "sha_ni", "avx512bw", "avx512vl",
	"avx512vbmi", "pku", "gfni", "vaes", "vpclmulqdq", "avx512_vnni", "avx512_bitalg", "rdpid",
	"movdiri", "movdir64b", "fsrm", "amx_tile", "xsavec", "xgetbv1", "xsaves", "pclmulqdq", "lahf_lm",
	"abm", "sse4a", "fma4", "xop", "tbm", "rdtscp", "avx_vnni", "user_shstk",
	"fp", "asimd", "crc32", "atomics", "sha2", "sve", "sve2", "paca",
};

const char *vz_cpu_cap_name(unsigned bit)
{
	return bit < ARRAY_LEN(caps) ? caps[bit] : NULL;
}

static bool has_word(const struct strv *words, const char *names)
{
	_strv_ struct strv alt = { 0 };

	if (strv_split(&alt, names, "|") < 0)
		return false;
	for (size_t i = 0; i < alt.n; i++)
		if (strv_has(words, alt.v[i]))
			return true;
	return false;
}

int vz_cpu_caps(uint64_t *ret, struct vz_err *e)
{
	_buf_ struct buf text = BUF_INIT;
	_strv_ struct strv words = { 0 };
	const char *line;
	char *nl;
	uint64_t bits = 0;
	int r = io_read_at(AT_FDCWD, "/proc/cpuinfo", CPUINFO_MAX, &text);

	if (r < 0)
		return err_sys(e, VZ_E_SYS, r, "cannot read /proc/cpuinfo");
	line = strstr(buf_str(&text), "\nflags");
	line = line ? line : strstr(buf_str(&text), "\nFeatures");
	line = line ? strchr(line, ':') : NULL;
	if (!line)
		return err_set(e, VZ_E_KERNEL, -ENOTSUP, "/proc/cpuinfo does not list what the CPU can");
	nl = strchr(line, '\n');
	if (nl)
		*nl = '\0';
	if (strv_split(&words, line + 1, " \t") < 0)
		return err_nomem(e);
	for (size_t i = 0; i < ARRAY_LEN(caps); i++)
		if (caps[i] && has_word(&words, caps[i]))
			bits |= UINT64_C(1) << i;
	*ret = bits;
	return 0;
}
