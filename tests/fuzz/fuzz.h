/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A fuzz target is fuzz_NAME.c with one function, which must end well for any bytes. libFuzzer calls it
 * millions of times (run.sh); main.c calls it once for each file of corpus/NAME, as a plain test.
 */
#ifndef VZ_FUZZ_H
#define VZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Not assert(3), which a release build drops. */
#define MUST(cond)                                                                                 \
	do {                                                                                       \
		if (!(cond)) {                                                                     \
			fprintf(stderr, "%s:%d: must be true: %s\n", __FILE__, __LINE__, #cond);   \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

/* A string of its own allocation, so that the sanitizer sees a read behind its end. */
static inline char *fuzz_text(const uint8_t *data, size_t size)
{
	char *s = malloc(size + 1);

	MUST(s != NULL);
	memcpy(s, data, size);
	s[size] = '\0';
	return s;
}

#endif
