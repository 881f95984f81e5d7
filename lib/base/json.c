/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* jansson with strict getters and one way to print. */
#include "base/json.h"

#include <errno.h>
#include <stdio.h>

#include "base/buf.h"

int json_parse(const char *text, size_t len, json_t **ret, char *why)
{
	json_error_t je;
	json_t *j = json_loadb(text, len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &je);

	if (!j) {
		if (why)
			(void)snprintf(why, 160, "line %d: %.140s", je.line, je.text);
		return json_error_code(&je) == json_error_out_of_memory ? -ENOMEM : -EINVAL;
	}
	*ret = j;
	return 0;
}

int json_get_str(const json_t *o, const char *key, const char **ret)
{
	const json_t *v = json_object_get(o, key);

	if (!v)
		return -ENOENT;
	if (!json_is_string(v))
		return -EINVAL;
	*ret = json_string_value(v);
	return 0;
}

int json_get_u64(const json_t *o, const char *key, uint64_t *ret)
{
	const json_t *v = json_object_get(o, key);

	if (!v)
		return -ENOENT;
	if (!json_is_integer(v) || json_integer_value(v) < 0)
		return -EINVAL;
	*ret = json_integer_value(v);
	return 0;
}

static int add_text(const char *text, size_t len, void *arg)
{
	return buf_add(arg, text, len);
}

int json_print(const json_t *o, struct buf *out)
{
	if (json_dump_callback(o, add_text, out, JSON_INDENT(2) | JSON_ENCODE_ANY) < 0)
		return out->failed ? -ENOMEM : -EINVAL;
	return buf_putc(out, '\n');
}

json_t *json_whole(json_t *o, int r)
{
	if (r == 0)
		return o;
	json_decref(o);
	return NULL;
}
