/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Join the caller's terminal to another one. */
#ifndef VZCTL_TERM_H
#define VZCTL_TERM_H

#include <stdbool.h>

struct term_link {
	int fd;		 /* a terminal's master, or a console connection */
	bool packets;	 /* a console connection: see vz_ct_console() */
	int until;	 /* pidfd whose end ends it all, or -1 */
	bool escape;	 /* ESC . detaches */
	bool shell;	 /* what reads is a shell: the end of our input is to end it */
	const char *first; /* typed before anything else, or NULL; not with packets */
};

/* Copy both ways until the other side ends. The caller's terminal is raw meanwhile and is put back in
 * any case, also when nobody reads standard output any more. 1: the user detached. -errno. */
int term_join(const struct term_link *l);

#endif
