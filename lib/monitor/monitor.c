// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * vz-monitor: the one process that stays for a running VPS. It makes init from a plan (or is given one
 * that lives already), holds the console with its scrollback, reaps init, and at its end becomes the
 * command that starts the VPS again or clears up behind it. It reads no file, parses no configuration,
 * allocates nothing, and sleeps until something happens.
 *
 *   vz-monitor ID PLAN SOCK CONSOLE LISTEN CGROUP OOM OWNER -- COMMAND...
 *
 * Numbers are inherited descriptors, -1 = none. PLAN: memfd with a plan block; without it init is handed
 * over on CONSOLE (SYNC_CHILD with its pidfd). SOCK: the starting command's socket; the child keeps a
 * copy. CONSOLE: where the terminal's master arrives (SYNC_CONSOLE). LISTEN: listening SEQPACKET socket
 * for console clients. CGROUP: folder for CLONE_INTO_CGROUP. OOM: tells that processes were killed for want of memory
 * (cg_oom_fd() of the library). COMMAND gets one more word: reboot or halt, or oom, and then it is a child.
 * OWNER: the user to whom the namespaces of init belong.
 *
 * SIGTERM: end quietly with init, whoever stops the VPS clears up. SIGHUP takes that back.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <linux/securebits.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "plan/run.h"

#define SCROLLBACK  65536u
#define MAX_CLIENTS 8
#define MAX_MESSAGE 4096
#define MAX_COMMAND 16
#define REAP_WAIT_MS 8000
#define BREATH_MS   1 /* after so much of the console: who writes without end has 4 MB/s of our time */

enum { POLL_INIT, POLL_LINK, POLL_MASTER, POLL_LISTEN, POLL_OOM, POLL_CLIENTS };

static struct {
	int init;     /* pidfd */
	int pid;      /* of init, when it was handed over */
	int link;     /* CONSOLE socket, until both have arrived */
	int master;   /* the console terminal */
	int slave;    /* held open so that a console nobody reads does not hang up on us for ever */
	int listen;
	int oom;
	short oom_event;
	int teller;   /* pidfd of the command that tells of it: one at a time, the rest waits */
	uint64_t kills;
	int client[MAX_CLIENTS];
	bool breath; /* the console waits a moment */
	uint64_t seen; /* bytes that the console has printed, ever */
} m = { .init = -1, .link = -1, .master = -1, .slave = -1, .listen = -1, .oom = -1, .teller = -1 };

static char ring[SCROLLBACK];
static volatile sig_atomic_t quiet;

static void on_signal(int sig)
{
	if (sig != SIGCHLD)
		quiet = sig == SIGTERM;
}

/* A restore leaves us CRIU itself to bury. Init is looked at, but left for the end. */
static void reap_others(void)
{
	siginfo_t any, init;

	for (;;) {
		any.si_pid = init.si_pid = 0;
		if (waitid(P_ALL, 0, &any, WEXITED | WNOHANG | WNOWAIT | __WALL) < 0 || !any.si_pid)
			return;
		if (m.init >= 0)
			waitid(P_PIDFD, (id_t)m.init, &init, WEXITED | WNOHANG | WNOWAIT);
		if (any.si_pid == init.si_pid)
			return;
		waitpid(any.si_pid, NULL, __WALL);
	}
}

static long number(const char *s)
{
	long n = 0;

	if (s[0] == '-')
		return -1;
	for (; *s >= '0' && *s <= '9' && n <= UINT32_MAX; s++)
		n = n * 10 + (*s - '0');
	return *s ? -1 : n;
}

/*
 * What a user namespace uses of the kernel is counted for its owner as well, the effective user that made it
 * (user_namespaces(7); instances of inotify, bytes of message queues, locked memory, namespaces ...). With root as
 * the owner of all, one VPS could use up what all have together, and the node's services with them. The real
 * user stays root, so that RLIMIT_NPROC does not bind; the user of the file system, too, because the child opens
 * its root with it. The capabilities stay as they are.
 */
static int act_as(uint32_t owner)
{
	if (prctl(PR_SET_SECUREBITS, owner ? SECBIT_NO_SETUID_FIXUP : 0, 0, 0, 0) < 0 ||
	    syscall(SYS_setresuid, -1, owner, -1) < 0)
		return -errno;
	syscall(SYS_setfsuid, 0);
	return 0;
}

/* The child shares nothing with us but the descriptors that its plan keeps. */
static int make_init(int plan, int sock, int cgroup, uint32_t owner)
{
	struct clone_args a = {
		.flags = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC |
			 CLONE_NEWUTS | CLONE_PIDFD,
		.pidfd = (uint64_t)(uintptr_t)&m.init,
		.exit_signal = SIGCHLD,
	};
	struct stat st;
	const struct plan_block *p;
	long pid;
	int r;

	if (fstat(plan, &st) < 0)
		return -errno;
	p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, plan, 0);
	if (p == MAP_FAILED)
		return -errno;
	if (cgroup >= 0) {
		a.flags |= CLONE_INTO_CGROUP;
		a.cgroup = (uint64_t)cgroup;
	}
	r = act_as(owner);
	if (r < 0)
		return r;
	pid = syscall(SYS_clone3, &a, sizeof(a));
	if (pid == 0)
		plan_run(p);
	r = pid < 0 ? -errno : 0;
	if (act_as(0) < 0 || r < 0)
		return r < 0 ? r : -EPERM;
	munmap((void *)(uintptr_t)p, (size_t)st.st_size);
	return sync_send(sock, SYNC_CHILD, (int32_t)pid, 0, m.init);
}

static void drop_client(int i)
{
	close(m.client[i]);
	m.client[i] = -1;
}

static void tell_client(int i, const char *data, size_t len)
{
	/* One that does not read is not waited for. */
	if (send(m.client[i], data, len, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 && errno != EAGAIN)
		drop_client(i);
}

static void replay(int i)
{
	uint64_t at = m.seen > SCROLLBACK ? m.seen - SCROLLBACK : 0;

	while (at < m.seen && m.client[i] >= 0) {
		size_t off = at % SCROLLBACK, n = SCROLLBACK - off;

		if (n > m.seen - at)
			n = m.seen - at;
		if (n > MAX_MESSAGE)
			n = MAX_MESSAGE;
		tell_client(i, ring + off, n);
		at += n;
	}
}

static void accept_client(void)
{
	int fd = accept4(m.listen, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	for (int i = 0; fd >= 0 && i < MAX_CLIENTS; i++)
		if (m.client[i] < 0) {
			m.client[i] = fd;
			replay(i);
			return;
		}
	if (fd >= 0)
		close(fd);
}

/* 'D' data to type, 'W' struct winsize; anything else ends the client. */
static void read_client(int i)
{
	char b[MAX_MESSAGE + 1];
	struct winsize w;
	ssize_t n = recv(m.client[i], b, sizeof(b), MSG_DONTWAIT | MSG_TRUNC);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n > 1 && n <= (ssize_t)sizeof(b) && b[0] == 'D' && m.master >= 0) {
		/* A terminal that takes no more loses what is typed, as one would. */
		if (write(m.master, b + 1, (size_t)n - 1) >= 0 || errno == EAGAIN)
			return;
	} else if (n == (ssize_t)sizeof(w) + 1 && b[0] == 'W' && m.master >= 0) {
		memcpy(&w, b + 1, sizeof(w));
		ioctl(m.master, TIOCSWINSZ, &w);
		return;
	}
	drop_client(i);
}

static void read_console(void)
{
	char b[MAX_MESSAGE];
	ssize_t n = read(m.master, b, sizeof(b));

	if (n <= 0) {
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		/* getty's vhangup(2) takes our end of the slave as well: open it anew. */
		close(m.slave);
		m.slave = ioctl(m.master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
		if (m.slave < 0) {
			close(m.master);
			m.master = -1;
		}
		return;
	}
	m.breath = n == sizeof(b);
	for (ssize_t i = 0; i < n; i++)
		ring[m.seen++ % SCROLLBACK] = b[i];
	for (int i = 0; i < MAX_CLIENTS; i++)
		if (m.client[i] >= 0)
			tell_client(i, b, (size_t)n);
}

static void read_link(void)
{
	struct sync_msg msg;
	int fd = -1, r = sync_recv(m.link, 0, &msg, &fd);

	if (r == 0 && fd >= 0 && msg.kind == SYNC_CHILD && m.init < 0) {
		m.init = fd;
		m.pid = msg.a;
		return;
	}
	if (r == 0 && fd >= 0 && msg.kind == SYNC_CONSOLE && m.master < 0) {
		m.master = fd;
		fcntl(fd, F_SETFL, O_RDWR | O_NONBLOCK);
		m.slave = ioctl(fd, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
		return;
	}
	if (fd >= 0)
		close(fd);
	if (r == -ETIMEDOUT)
		return;
	close(m.link);
	m.link = -1;
}

/* The last field of /proc/PID/stat, which is there until somebody has reaped it. -1: it is not. */
static int zombie_status(void)
{
	char path[32] = "/proc/", digits[12], text[1024];
	int fd, n = 0, at = 6, status = 0;
	ssize_t len;

	for (int p = m.pid; p > 0; p /= 10)
		digits[n++] = (char)('0' + p % 10);
	while (n)
		path[at++] = digits[--n];
	memcpy(path + at, "/stat", sizeof("/stat"));
	fd = open(path, O_RDONLY | O_CLOEXEC);
	len = fd < 0 ? -1 : read(fd, text, sizeof(text));
	close(fd);
	while (len > 0 && (text[len - 1] < '0' || text[len - 1] > '9'))
		len--;
	if (len <= 0)
		return -1;
	for (ssize_t i = len; i > 0 && text[i - 1] >= '0' && text[i - 1] <= '9'; i--)
		at = (int)i;
	for (ssize_t i = at - 1; i < len; i++)
		status = status * 10 + (text[i] - '0');
	return status;
}

/* How init ended. One that is not our child is asked by its entry in /proc, and when that is gone by its
 * pidfd (Linux 6.15). */
static bool asked_for_reboot(void)
{
	struct {
		uint64_t mask, cgroupid;
		uint32_t pid, tgid, ppid, ids[8];
		int32_t exit_code;
		char room[64];
	} info = { .mask = 1u << 3 };
	siginfo_t si = { 0 };
	int status;

	if (waitid(P_PIDFD, (id_t)m.init, &si, WEXITED) == 0)
		return si.si_code != CLD_EXITED && si.si_status == SIGHUP;
	status = zombie_status();
	if (status >= 0)
		return WIFSIGNALED(status) && WTERMSIG(status) == SIGHUP;
	/* Told only once it is reaped. */
	poll(&(struct pollfd){ .fd = m.init }, 1, REAP_WAIT_MS);
	if (ioctl(m.init, _IOWR(0xFF, 11, info), &info) == 0 && info.mask & (1u << 3))
		return WIFSIGNALED(info.exit_code) && WTERMSIG(info.exit_code) == SIGHUP;
	return false;
}

/* The number in the line "oom_kill NUMBER". */
static uint64_t kills_in(const char *text, ssize_t len)
{
	static const char key[] = "oom_kill ";
	uint64_t n = 0;
	ssize_t i = 0, k = 0;

	for (; i < len && key[k]; i++)
		k = text[i] == key[k] ? k + 1 : text[i] == key[0];
	for (; i < len && text[i] >= '0' && text[i] <= '9'; i++)
		n = n * 10 + (uint64_t)(text[i] - '0');
	return n;
}

/* A file of events has others, too; an eventfd has only this one. */
static bool was_killed(void)
{
	char text[512];
	uint64_t n;
	ssize_t len;

	syscall(SYS_lseek, m.oom, 0L, SEEK_SET);
	len = read(m.oom, text, sizeof(text));
	if (len <= 0) { /* the group has gone */
		if (len == 0 || errno != EAGAIN) {
			close(m.oom);
			m.oom = -1;
		}
		return false;
	}
	if (m.oom_event == POLLIN)
		return true;
	n = kills_in(text, len);
	if (n == m.kills)
		return false;
	m.kills = n;
	return true;
}

static void tell_oom(char **command, int n)
{
	struct clone_args a = { .flags = CLONE_PIDFD, .pidfd = (uint64_t)(uintptr_t)&m.teller,
				.exit_signal = SIGCHLD };
	siginfo_t si;

	if (m.teller >= 0) {
		waitid(P_PIDFD, (id_t)m.teller, &si, WEXITED | WNOHANG);
		close(m.teller);
		m.teller = -1;
		return;
	}
	if (!was_killed() || syscall(SYS_clone3, &a, sizeof(a)) != 0)
		return;
	command[n] = (char *)(uintptr_t)"oom";
	command[n + 1] = NULL;
	syscall(SYS_close_range, 3u, ~0u, 0);
	execv(command[0], command);
	_exit(127);
}

/* Until init has ended, or could not be had. */
static void watch(char **command, int n)
{
	struct pollfd p[POLL_CLIENTS + MAX_CLIENTS];

	for (;;) {
		p[POLL_INIT] = (struct pollfd){ .fd = m.init, .events = POLLIN };
		p[POLL_LINK] = (struct pollfd){ .fd = m.link, .events = POLLIN };
		p[POLL_MASTER] = (struct pollfd){ .fd = m.breath ? -1 : m.master, .events = POLLIN };
		p[POLL_LISTEN] = (struct pollfd){ .fd = m.listen, .events = POLLIN };
		p[POLL_OOM] = m.teller >= 0 ? (struct pollfd){ .fd = m.teller, .events = POLLIN } :
					      (struct pollfd){ .fd = m.oom, .events = m.oom_event };
		for (int i = 0; i < MAX_CLIENTS; i++)
			p[POLL_CLIENTS + i] =
				(struct pollfd){ .fd = m.client[i], .events = POLLIN };
		if (poll(p, POLL_CLIENTS + MAX_CLIENTS, m.breath ? BREATH_MS : -1) < 0) {
			reap_others();
			continue;
		}
		m.breath = false;
		if (p[POLL_LINK].revents)
			read_link();
		if (p[POLL_MASTER].revents)
			read_console();
		if (p[POLL_LISTEN].revents)
			accept_client();
		for (int i = 0; i < MAX_CLIENTS; i++)
			if (p[POLL_CLIENTS + i].revents && m.client[i] >= 0)
				read_client(i);
		if (m.init >= 0 && p[POLL_INIT].revents)
			return;
		if (p[POLL_OOM].revents)
			tell_oom(command, n);
		if (m.init < 0 && m.link < 0)
			_exit(1);
	}
}

static void set_up(const char *id)
{
	struct sigaction sa = { .sa_handler = on_signal };
	char name[16] = "vz-";

	sigaction(SIGTERM, &sa, NULL);
	sigaction(SIGHUP, &sa, NULL);
	sigaction(SIGCHLD, &sa, NULL);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGINT, SIG_IGN);
	signal(SIGQUIT, SIG_IGN);
	setsid();
	/* Lock the name that `ps` shows to the VPS: "vz-101". */
	strncpy(name + 3, id, sizeof(name) - 4);
	prctl(PR_SET_NAME, name, 0, 0, 0);
	for (int i = 0; i < MAX_CLIENTS; i++)
		m.client[i] = -1;
}

static void take_oom(int fd)
{
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return;
	m.oom = fd;
	m.oom_event = S_ISREG(st.st_mode) ? POLLPRI : POLLIN;
}

static void keep_ours(void)
{
	int fds[] = { m.init, m.link, m.listen, m.oom };
	const int n = (int)(sizeof(fds) / sizeof(fds[0]));
	unsigned int from = 3;

	for (int left = n; left; left--) {
		int least = -1;

		for (int i = 0; i < n; i++)
			if (fds[i] >= (int)from && (least < 0 || fds[i] < least))
				least = fds[i];
		if (least < 0)
			break;
		if ((unsigned int)least > from)
			syscall(SYS_close_range, from, (unsigned int)least - 1, 0);
		from = (unsigned int)least + 1;
	}
	syscall(SYS_close_range, from, ~0u, 0);
}

int main(int argc, char **argv)
{
	char *command[MAX_COMMAND + 2];
	int plan, n = 0;

	if (argc < 11 || strcmp(argv[9], "--") != 0)
		return 2;
	set_up(argv[1]);
	plan = (int)number(argv[2]);
	m.link = (int)number(argv[4]);
	m.listen = (int)number(argv[5]);
	take_oom((int)number(argv[7]));
	for (int i = 10; i < argc && n < MAX_COMMAND; i++)
		command[n++] = argv[i];
	if (plan >= 0 && make_init(plan, (int)number(argv[3]), (int)number(argv[6]),
				   (uint32_t)number(argv[8])) < 0)
		return 1;
	/* The plan names descriptors that only the child needs: keep what the loop polls. */
	keep_ours();
	watch(command, n);
	command[n] = asked_for_reboot() ? "reboot" : "halt";
	command[n + 1] = NULL;
	if (quiet)
		return 0;
	syscall(SYS_close_range, 3u, ~0u, 0);
	execv(command[0], command);
	return 1;
}
