// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * What vz-monitor has instead of a C library: its start and the system calls that it and the plan
 * interpreter make. A static libc costs each VPS half a megabyte of pages and each start more time than
 * all that the monitor does (its start-up asks for the processor's features, and under a hypervisor every
 * answer is a trap). One thread, no allocation, so errno is a plain variable.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

int main(int argc, char **argv);
void crt_begin(long *sp) __attribute__((noreturn, used));
void crt_restore(void);

static int error;
static char **env;

/* _start: the stack holds argc, argv, NULL, environment. crt_restore: what a handler returns to. */
#if defined(__x86_64__)
__asm__(".globl _start\n_start:\n\txor %ebp, %ebp\n\tmov %rsp, %rdi\n\tand $-16, %rsp\n\tcall crt_begin\n"
	".globl crt_restore\ncrt_restore:\n\tmov $15, %eax\n\tsyscall\n");

static long call(long n, long a, long b, long c, long d, long e, long f)
{
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	register long r9 __asm__("r9") = f;
	long r;

	__asm__ volatile("syscall" : "=a"(r) : "a"(n), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return r;
}
#elif defined(__aarch64__)
__asm__(".globl _start\n_start:\n\tmov x29, #0\n\tmov x30, #0\n\tmov x0, sp\n\tbl crt_begin\n"
	".globl crt_restore\ncrt_restore:\n\tmov x8, #139\n\tsvc #0\n");

static long call(long n, long a, long b, long c, long d, long e, long f)
{
	register long x8 __asm__("x8") = n;
	register long x0 __asm__("x0") = a;
	register long x1 __asm__("x1") = b;
	register long x2 __asm__("x2") = c;
	register long x3 __asm__("x3") = d;
	register long x4 __asm__("x4") = e;
	register long x5 __asm__("x5") = f;

	__asm__ volatile("svc #0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5) : "memory");
	return x0;
}
#else
#error "vz-monitor: this processor's system call is not known here"
#endif

static long done(long r)
{
	if (r < 0 && r > -4096) {
		error = (int)-r;
		return -1;
	}
	return r;
}

#define L(x) ((long)(intptr_t)(x))
#define CALL(n, a, b, c, d, e, f) done(call(SYS_##n, L(a), L(b), L(c), L(d), L(e), L(f)))

int *__errno_location(void)
{
	return &error;
}

/* The compiler calls these by itself. */
void *memcpy(void *restrict to, const void *restrict from, size_t n)
{
	char *t = to;
	const char *f = from;

	while (n--)
		*t++ = *f++;
	return to;
}

void *memset(void *p, int c, size_t n)
{
	char *b = p;

	while (n--)
		*b++ = (char)c;
	return p;
}

size_t strlen(const char *s)
{
	size_t n = 0;

	while (s[n])
		n++;
	return n;
}

int strcmp(const char *a, const char *b)
{
	for (; *a && *a == *b; a++)
		b++;
	return (unsigned char)*a - (unsigned char)*b;
}

char *strncpy(char *restrict to, const char *restrict from, size_t n)
{
	size_t i = 0;

	for (; i < n && from[i]; i++)
		to[i] = from[i];
	for (; i < n; i++)
		to[i] = '\0';
	return to;
}

void _exit(int status)
{
	for (;;)
		call(SYS_exit_group, status, 0, 0, 0, 0, 0);
}

void crt_begin(long *sp)
{
	char **argv = (char **)(sp + 1);

	env = argv + sp[0] + 1;
	_exit(main((int)sp[0], argv));
}

long syscall(long n, ...)
{
	long a[6];
	va_list ap;

	va_start(ap, n);
	for (int i = 0; i < 6; i++)
		a[i] = va_arg(ap, long);
	va_end(ap);
	return done(call(n, a[0], a[1], a[2], a[3], a[4], a[5]));
}

int open(const char *path, int flags, ...)
{
	va_list ap;
	int mode;

	va_start(ap, flags);
	mode = va_arg(ap, int);
	va_end(ap);
	return (int)CALL(openat, AT_FDCWD, path, flags, mode, 0, 0);
}

int fcntl(int fd, int cmd, ...)
{
	va_list ap;
	long arg;

	va_start(ap, cmd);
	arg = va_arg(ap, long);
	va_end(ap);
	return (int)CALL(fcntl, fd, cmd, arg, 0, 0, 0);
}

int ioctl(int fd, unsigned long cmd, ...)
{
	va_list ap;
	long arg;

	va_start(ap, cmd);
	arg = va_arg(ap, long);
	va_end(ap);
	return (int)CALL(ioctl, fd, cmd, arg, 0, 0, 0);
}

int prctl(int what, ...)
{
	va_list ap;
	long a[4];

	va_start(ap, what);
	for (int i = 0; i < 4; i++)
		a[i] = va_arg(ap, long);
	va_end(ap);
	return (int)CALL(prctl, what, a[0], a[1], a[2], a[3], 0);
}

/* The kernel's structure, which is not the library's. */
struct action {
	void *handler;
	unsigned long flags;
	void (*restorer)(void);
	uint64_t mask;
};

int sigaction(int sig, const struct sigaction *new, struct sigaction *old)
{
	struct action a = { .handler = (void *)new->sa_handler, .restorer = crt_restore,
			    .flags = (unsigned long)new->sa_flags | 0x04000000 };

	(void)old;
	return (int)CALL(rt_sigaction, sig, &a, 0, sizeof(a.mask), 0, 0);
}

void (*signal(int sig, void (*handler)(int)))(int)
{
	struct sigaction a = { .sa_handler = handler, .sa_flags = SA_RESTART };

	sigaction(sig, &a, NULL);
	return NULL;
}

int poll(struct pollfd *p, nfds_t n, int ms)
{
	struct timespec t = { ms / 1000, ms % 1000 * 1000000L };

	return (int)CALL(ppoll, p, n, ms < 0 ? NULL : &t, NULL, 0, 0);
}

#define CALL1(type, name, A, n)	    type name(A a) { return (type)CALL(n, a, 0, 0, 0, 0, 0); }
#define CALL2(type, name, A, B, n)  type name(A a, B b) { return (type)CALL(n, a, b, 0, 0, 0, 0); }
#define CALL3(type, name, A, B, C, n)                                                              \
	type name(A a, B b, C c) { return (type)CALL(n, a, b, c, 0, 0, 0); }

CALL1(int, chdir, const char *, chdir)
CALL1(int, chroot, const char *, chroot)
CALL1(int, close, int, close)
CALL1(int, fchdir, int, fchdir)
CALL1(int, unshare, int, unshare)
CALL1(mode_t, umask, mode_t, umask)
CALL2(int, fchmod, int, mode_t, fchmod)
CALL2(int, setns, int, int, setns)
CALL2(int, sethostname, const char *, size_t, sethostname)
CALL2(int, umount2, const char *, int, umount2)
CALL2(int, munmap, void *, size_t, munmap)
CALL3(int, fchown, int, uid_t, gid_t, fchown)
CALL3(ssize_t, read, int, void *, size_t, read)
CALL3(ssize_t, write, int, const void *, size_t, write)
CALL3(ssize_t, recvmsg, int, struct msghdr *, int, recvmsg)
CALL3(ssize_t, sendmsg, int, const struct msghdr *, int, sendmsg)

pid_t setsid(void)
{
	return (pid_t)CALL(setsid, 0, 0, 0, 0, 0, 0);
}

int accept4(int fd, struct sockaddr *restrict a, socklen_t *restrict len, int flags)
{
	return (int)CALL(accept4, fd, a, len, flags, 0, 0);
}

ssize_t recv(int fd, void *buf, size_t len, int flags)
{
	return CALL(recvfrom, fd, buf, len, flags, 0, 0);
}

ssize_t send(int fd, const void *buf, size_t len, int flags)
{
	return CALL(sendto, fd, buf, len, flags, 0, 0);
}

int dup2(int from, int to)
{
	/* dup3() refuses what dup2() says yes to. */
	return from == to ? fcntl(from, F_GETFD) < 0 ? -1 : to : (int)CALL(dup3, from, to, 0, 0, 0, 0);
}

int fstat(int fd, struct stat *st)
{
	return (int)CALL(newfstatat, fd, "", st, AT_EMPTY_PATH, 0, 0);
}

int lstat(const char *restrict path, struct stat *restrict st)
{
	return (int)CALL(newfstatat, AT_FDCWD, path, st, AT_SYMLINK_NOFOLLOW, 0, 0);
}

int lchown(const char *path, uid_t uid, gid_t gid)
{
	return (int)CALL(fchownat, AT_FDCWD, path, uid, gid, AT_SYMLINK_NOFOLLOW, 0);
}

int mkdir(const char *path, mode_t mode)
{
	return (int)CALL(mkdirat, AT_FDCWD, path, mode, 0, 0, 0);
}

int rename(const char *from, const char *to)
{
	return (int)CALL(renameat2, AT_FDCWD, from, AT_FDCWD, to, 0, 0);
}

int symlink(const char *text, const char *path)
{
	return (int)CALL(symlinkat, text, AT_FDCWD, path, 0, 0, 0);
}

int unlink(const char *path)
{
	return (int)CALL(unlinkat, AT_FDCWD, path, 0, 0, 0, 0);
}

int mount(const char *from, const char *to, const char *type, unsigned long flags, const void *data)
{
	return (int)CALL(mount, from, to, type, flags, data, 0);
}

void *mmap(void *at, size_t len, int prot, int flags, int fd, off_t off)
{
	return (void *)(intptr_t)CALL(mmap, at, len, prot, flags, fd, off);
}

pid_t waitpid(pid_t pid, int *status, int options)
{
	return (pid_t)CALL(wait4, pid, status, options, 0, 0, 0);
}

int waitid(idtype_t type, id_t id, siginfo_t *si, int options)
{
	return (int)CALL(waitid, type, id, si, options, 0, 0);
}

int execv(const char *path, char *const argv[])
{
	return (int)CALL(execve, path, argv, env, 0, 0, 0);
}
