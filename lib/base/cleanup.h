/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Owners clean up after themselves: a variable marked _fd_, _free_ ... is released when it leaves
 * its scope; TAKE_FD and TAKE_PTR hand it to somebody else.
 */
#ifndef VZ_BASE_CLEANUP_H
#define VZ_BASE_CLEANUP_H

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

/* All keep errno, so that "return -errno" after a failed call stays right. */
static inline void cleanup_fd(int *fd)
{
	int saved = errno;

	if (*fd >= 0)
		close(*fd);
	*fd = -1;
	errno = saved;
}

static inline void cleanup_free(void *p)
{
	int saved = errno;

	free(*(void **)p);
	errno = saved;
}

static inline void cleanup_dir(DIR **d)
{
	int saved = errno;

	if (*d)
		closedir(*d);
	errno = saved;
}

#define _cleanup_(f) __attribute__((cleanup(f)))
#define _fd_	     _cleanup_(cleanup_fd)
#define _free_	     _cleanup_(cleanup_free)
#define _dir_	     _cleanup_(cleanup_dir)

#define TAKE_FD(fd)                                                                                \
	({                                                                                         \
		int *take_fd_ = &(fd);                                                             \
		int take_val_ = *take_fd_;                                                         \
		*take_fd_ = -1;                                                                    \
		take_val_;                                                                         \
	})
#define TAKE_PTR(p)                                                                                \
	({                                                                                         \
		__typeof__(p) *take_ptr_ = &(p);                                                   \
		__typeof__(p) take_val_ = *take_ptr_;                                              \
		*take_ptr_ = NULL;                                                                 \
		take_val_;                                                                         \
	})

#endif
