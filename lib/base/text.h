/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Text that others wrote: characters, and which of them a terminal must not see. */
#ifndef VZ_BASE_TEXT_H
#define VZ_BASE_TEXT_H

#include <vz/text.h> /* the functions are public ones */

#endif
