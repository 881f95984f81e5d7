/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Text that others wrote, on its way to a terminal or a file. Nothing here fails or allocates. */
#ifndef VZ_TEXT_H
#define VZ_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The next character of the NUL-terminated *s, which moves on; -1 for a byte that is no UTF-8. */
int32_t vz_utf8_next(const char **s);
/* Does it move the cursor, change the terminal, or turn the order of the text around? */
bool vz_utf8_is_control(int32_t c);
/*
 * Copy a string so that printing it is harmless: what is a control character or no UTF-8 becomes a question
 * mark. Cut between characters when it does not fit into size bytes, NUL included. Returns the number of
 * characters, which are about as many columns.
 */
size_t vz_text_tame(const char *s, char *out, size_t size);

/* Blanks and tabs, then an unsigned decimal number; *s moves behind it. false, and *s stays: there is none, or it is
 * too large. */
bool vz_scan_u64(const char **s, uint64_t *ret);
/* The same with words passed over first. */
bool vz_scan_skip_u64(const char **s, unsigned words, uint64_t *ret);
/* The number behind the first `key` in a text. */
bool vz_scan_key(const char *text, const char *key, uint64_t *ret);

#ifdef __cplusplus
}
#endif

#endif
