/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A file system that takes every question and answers none: linux/fuse.h. */
#include "attack.h"

#include <fcntl.h>
#include <linux/fuse.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

int deaf(const char *dir)
{
	static char question[1 << 17];
	const struct fuse_in_header *in = (const void *)question;
	struct {
		struct fuse_out_header head;
		struct fuse_init_out init;
	} answer = { .head.len = sizeof(answer), .init = { .major = FUSE_KERNEL_VERSION, .minor = 31,
							   .max_write = 4096 } };
	char options[100];
	int fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);

	if (fd < 0)
		return say(NOTHING, "no fuse");
	snprintf(options, sizeof(options), "fd=%d,rootmode=40000,user_id=0,group_id=0,allow_other", fd);
	if (mount("deaf", dir, "fuse", 0, options) < 0)
		return say(NOTHING, "fuse cannot be mounted on %s", dir);
	if (daemon(0, 0) < 0)
		return OUT;
	while (read(fd, question, sizeof(question)) > 0)
		if (in->opcode == FUSE_INIT) {
			answer.head.unique = in->unique;
			if (write(fd, &answer, sizeof(answer)) < 0)
				return OUT;
		}
	return HELD;
}
