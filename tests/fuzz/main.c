/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Run one fuzz target over its corpus: each file is one test of TAP. */
#include <dirent.h>
#include <errno.h>

#include "fuzz.h"

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int visible(const struct dirent *d)
{
	return d->d_name[0] != '.';
}

static uint8_t *slurp(const char *path, size_t *ret_size)
{
	FILE *f = fopen(path, "re");
	uint8_t *all = malloc(1 << 21);

	MUST(f != NULL && all != NULL);
	*ret_size = fread(all, 1, 1 << 21, f);
	fclose(f);
	return all;
}

int main(void)
{
	const char *top = getenv("top_srcdir"), *name = program_invocation_short_name;
	struct dirent **found;
	char dir[1024], path[2048];
	int n;

	if (strncmp(name, "lt-", 3) == 0)
		name += 3;
	(void)snprintf(dir, sizeof(dir), "%s/tests/fuzz/corpus/%s", top ? top : ".",
		       name + strlen("fuzz_"));
	n = scandir(dir, &found, visible, by_name);
	if (n <= 0) {
		printf("not ok 1 - there is a corpus in %s\n1..1\n", dir);
		return 1;
	}
	(void)setvbuf(stdout, NULL, _IOLBF, 0);
	for (int i = 0; i < n; i++) {
		size_t size;
		uint8_t *data;

		(void)snprintf(path, sizeof(path), "%s/%s", dir, found[i]->d_name);
		data = slurp(path, &size);
		/* Exactly as long as it is, so that a read behind its end is seen. */
		data = realloc(data, size ? size : 1);
		LLVMFuzzerTestOneInput(data, size);
		printf("ok %d - %s survives %s\n", i + 1, name, found[i]->d_name);
		free(data);
		free(found[i]);
	}
	free(found);
	printf("1..%d\n", n);
	return 0;
}
