/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Calls that this project does not use: they overflow, hide errors, or keep static state.
 * Forced into every file by the build (-include), after the system headers it must not break.
 */
#ifndef VZ_BASE_BANNED_H
#define VZ_BASE_BANNED_H

#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#undef basename
#pragma GCC poison strcpy strcat sprintf vsprintf strtok atoi atol atoll basename mktemp tmpnam gets
#pragma GCC poison system popen

#endif
