/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a neighbour feels: how long its fork, its fsync and its ping take, the 99th of a hundred. */
#include "attack.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static bool do_fork(void)
{
	pid_t p = fork();

	if (p == 0)
		_exit(0);
	return p > 0 && waitpid(p, NULL, 0) == p;
}

static bool do_fsync(void)
{
	static int fd = -1;
	static char block[4096];

	if (fd < 0)
		fd = open("/root/probe", O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	block[0]++;
	return pwrite(fd, block, sizeof(block), 0) == sizeof(block) && fsync(fd) == 0;
}

static struct sockaddr_in peer;

static bool do_ping(void)
{
	struct icmphdr h = { .type = ICMP_ECHO }, back;
	struct timeval patience = { .tv_sec = 2 };
	static int fd = -1;

	if (fd < 0) {
		fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, IPPROTO_ICMP);
		setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	}
	return sendto(fd, &h, sizeof(h), 0, (struct sockaddr *)&peer, sizeof(peer)) > 0 &&
	       recv(fd, &back, sizeof(back), 0) > 0;
}

static int by_time(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

int probe(const char *address, unsigned int tries)
{
	static bool (*const what[])(void) = { do_fork, do_fsync, do_ping };
	uint64_t *took[3];
	unsigned int failed = 0;

	peer.sin_family = AF_INET;
	inet_pton(AF_INET, address, &peer.sin_addr);
	for (int k = 0; k < 3; k++)
		took[k] = calloc(tries, sizeof(uint64_t));
	for (unsigned int i = 0; i < tries; i++)
		for (int k = 0; k < 3; k++) {
			uint64_t begin = now();

			failed += !what[k]();
			took[k][i] = now() - begin;
			usleep(1000);
		}
	for (int k = 0; k < 3; k++) {
		qsort(took[k], tries, sizeof(uint64_t), by_time);
		printf("%llu ", (unsigned long long)took[k][(tries * 99 - 1) / 100]);
	}
	printf("%u\n", failed);
	return failed > 0;
}
