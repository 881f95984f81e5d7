/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Compile a list of refused system calls into a filter program. */
#include "kern/seccomp.h"

#include <errno.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/io.h"

enum { FILTER_MAX = 4096 * 8 }; /* BPF_MAXINSNS instructions of 8 bytes */

/* Tables that a process may choose on this machine besides the native one. Not x32, which Debian's kernels have
 * switched off (CONFIG_X86_X32_DISABLED): its calls get ENOSYS, as there. */
static const uint32_t others[] = {
#if defined(__x86_64__)
	SCMP_ARCH_X86,
#elif defined(__aarch64__)
	SCMP_ARCH_ARM,
#endif
};

static void ctx_done(scmp_filter_ctx *ctx)
{
	if (*ctx)
		seccomp_release(*ctx);
}

static int setup(scmp_filter_ctx ctx)
{
	int r = seccomp_attr_set(ctx, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_ERRNO(ENOSYS));

	/* A search tree: most calls must pass all the rules, as none of them refuses. */
	if (r == 0)
		r = seccomp_attr_set(ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	for (size_t i = 0; r == 0 && i < ARRAY_LEN(others); i++)
		r = seccomp_arch_add(ctx, others[i]);
	return r;
}

static int add(scmp_filter_ctx ctx, const struct kseccomp_rule *k)
{
	int nr = seccomp_syscall_resolve_name(k->call);
	int r;

	if (nr == __NR_SCMP_ERROR) /* newer, or of another machine, than the library */
		return 0;
	if (k->mask == 0)
		r = seccomp_rule_add_array(ctx, SCMP_ACT_ERRNO(k->error), nr, 0, NULL);
	else
		/* The second comparison is only looked at when it is counted. */
		r = seccomp_rule_add(ctx, SCMP_ACT_ERRNO(k->error), nr, k->mask2 ? 2 : 1,
				     SCMP_CMP(k->arg, SCMP_CMP_MASKED_EQ, k->mask, k->value),
				     SCMP_CMP(k->arg2, SCMP_CMP_MASKED_EQ, k->mask2, k->value2));
	return r == -EDOM ? 0 : r; /* EDOM: none of the tables has it */
}

int kseccomp_compile(const struct kseccomp_rule *rules, size_t n, struct buf *out)
{
	_cleanup_(ctx_done) scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ALLOW);
	_fd_ int fd = -1;
	int r;

	if (!ctx)
		return -ENOMEM;
	r = setup(ctx);
	for (size_t i = 0; r == 0 && i < n; i++)
		r = add(ctx, &rules[i]);
	if (r < 0)
		return r;
	/* To memory directly only from libseccomp 2.6 on. */
	fd = memfd_create("seccomp", MFD_CLOEXEC);
	if (fd < 0)
		return -errno;
	r = seccomp_export_bpf(ctx, fd);
	if (r < 0)
		return r;
	if (lseek(fd, 0, SEEK_SET) < 0)
		return -errno;
	return io_read_fd(fd, FILTER_MAX, out);
}
