// SPDX-License-Identifier: LGPL-2.1-or-later
/* UTF-8, and what of it plays with a terminal; numbers in text. */
#include "base/text.h"

#include <string.h>

#include "base/cleanup.h"

/* RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF. */
int32_t vz_utf8_next(const char **s)
{
	static const int32_t least[] = { 0, 0x80, 0x800, 0x10000 };
	const unsigned char *p = (const unsigned char *)*s;
	int more = p[0] >= 0xf0 ? 3 : p[0] >= 0xe0 ? 2 : 1;
	int32_t c;

	++*s;
	if (p[0] < 0x80)
		return p[0];
	if (p[0] < 0xc2 || p[0] > 0xf4)
		return -1;
	c = p[0] & (0x3f >> more);
	for (int i = 1; i <= more; i++) {
		if ((p[i] & 0xc0) != 0x80) /* the NUL at the end is none, too */
			return -1;
		c = c << 6 | (p[i] & 0x3f);
	}
	if (c < least[more] || (c >= 0xd800 && c <= 0xdfff) || c > 0x10ffff)
		return -1;
	*s += more;
	return c;
}

bool vz_utf8_is_control(int32_t c)
{
	static const struct {
		int32_t from, to;
	} ranges[] = {
		{ 0, 0x1f },	       { 0x7f, 0x9f },	   { 0xad, 0xad },     { 0x61c, 0x61c },
		{ 0x180e, 0x180e },    { 0x200b, 0x200f }, { 0x2028, 0x202e }, { 0x2060, 0x206f },
		{ 0xfeff, 0xfeff },    { 0xfff9, 0xfffb }, { 0xe0000, 0xe0fff },
	};

	for (size_t i = 0; i < ARRAY_LEN(ranges); i++)
		if (c >= ranges[i].from && c <= ranges[i].to)
			return true;
	return false;
}

size_t vz_text_tame(const char *s, char *out, size_t size)
{
	size_t n = 0, len = 0;

	if (!size)
		return 0;
	while (*s) {
		const char *from = s;
		int32_t c = vz_utf8_next(&s);
		bool bad = c < 0 || vz_utf8_is_control(c);
		size_t need = bad ? 1 : (size_t)(s - from);

		if (len + need >= size)
			break;
		if (bad)
			out[len] = '?';
		else
			memcpy(out + len, from, need);
		len += need;
		n++;
	}
	out[len] = '\0';
	return n;
}

bool vz_scan_u64(const char **s, uint64_t *ret)
{
	const char *p = *s + strspn(*s, " \t");
	uint64_t v = 0;

	if (*p < '0' || *p > '9')
		return false;
	for (; *p >= '0' && *p <= '9'; p++)
		if (__builtin_mul_overflow(v, 10, &v) || __builtin_add_overflow(v, (uint64_t)(*p - '0'), &v))
			return false;
	*s = p;
	*ret = v;
	return true;
}

bool vz_scan_skip_u64(const char **s, unsigned words, uint64_t *ret)
{
	const char *p = *s;

	for (; words; words--) {
		p += strspn(p, " \t");
		p += strcspn(p, " \t\n");
	}
	if (!vz_scan_u64(&p, ret))
		return false;
	*s = p;
	return true;
}

bool vz_scan_key(const char *text, const char *key, uint64_t *ret)
{
	const char *p = strstr(text, key);

	if (!p)
		return false;
	p += strlen(key);
	return vz_scan_u64(&p, ret);
}
