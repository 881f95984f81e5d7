/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Processes that were killed because memory ran out: how many, and how to sleep until the next one. */
#include "cgroup/cg_int.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "kern/cgfs.h"

int cg_oom_kills(struct cg *cg, uint64_t *ret)
{
	int fd, gen, r = cg_ctl_fd(cg, CTL_MEMORY, &fd, &gen);

	if (r < 0)
		return r;
	/* The first one has it since Linux 4.13. */
	return cgfs_get_key(fd, gen == 1 ? "memory.oom_control" : "memory.events", "oom_kill", ret);
}

/* cgroup.event_control(memory.txt, 10): an eventfd that counts each time the limit is reached for good. */
static int by_eventfd(int group, int *ret_fd)
{
	_fd_ int event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), control = -1;
	char text[32];
	int r;

	if (event < 0)
		return -errno;
	control = openat(group, "memory.oom_control", O_RDONLY | O_CLOEXEC);
	if (control < 0)
		return -errno;
	snprintf(text, sizeof(text), "%d %d", event, control);
	r = cgfs_put(group, "cgroup.event_control", text);
	if (r == 0)
		*ret_fd = TAKE_FD(event);
	return r;
}

/*
 * Of the group that the VPS's processes are in, not of the one that has the limit: there each time that reclaim
 * begins is an event, too, many in a second while a VPS reads more files than fit. Kills are told upwards only
 * from whom they hit, so the lower group has them alone, and what groups inside do to themselves.
 */
static int by_events_file(struct cg *cg, int *ret_fd)
{
	int ve = cg_clone_fd(cg, false);
	_fd_ int fd = -1;
	char text[512];

	if (ve < 0)
		return ve;
	fd = openat(ve, "memory.events", O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	/* One that has not been read has something to tell. */
	if (fd < 0 || read(fd, text, sizeof(text)) < 0)
		return -errno;
	*ret_fd = TAKE_FD(fd);
	return 0;
}

int cg_oom_fd(struct cg *cg, int *ret_fd)
{
	int fd, gen, r = cg_ctl_fd(cg, CTL_MEMORY, &fd, &gen);

	if (r < 0)
		return r;
	return gen == 1 ? by_eventfd(fd, ret_fd) : by_events_file(cg, ret_fd);
}
