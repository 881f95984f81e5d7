/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * TAP in C. One test program is one .c file that includes this header, once:
 *
 *	TEST("what must be true")
 *	{
 *		EQ(num_u32("7x", &v), -EINVAL);
 *	}
 *
 * Each TEST is one line of TAP; a failed check says what it saw and lets the test go on, NEED ends
 * it. A word on the command line runs only the tests whose sentence has it. No test run = failure.
 */
#ifndef VZ_TAP_H
#define VZ_TAP_H

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct tap_case {
	const char *says;
	void (*run)(void);
	int line;
};

static struct tap_case tap_cases[400];
static int tap_ncases, tap_failed; /* tap_failed: checks failed in the test that runs now */
static const char *tap_skipped;

static inline void tap_add(const char *says, void (*run)(void), int line)
{
	if (tap_ncases == (int)(sizeof(tap_cases) / sizeof(tap_cases[0])))
		abort();
	tap_cases[tap_ncases++] = (struct tap_case){ says, run, line };
}

#define TEST(says)	  TEST_AT(says, __LINE__)
#define TEST_AT(says, at) TEST_NAMED(says, at)
#define TEST_NAMED(says, at)                                                                       \
	static void tap_test_##at(void);                                                           \
	__attribute__((constructor)) static void tap_enter_##at(void)                              \
	{                                                                                          \
		tap_add(says, tap_test_##at, at);                                                  \
	}                                                                                          \
	static void tap_test_##at(void)

/* Each is an expression, true when the check holds; TAP_BAD is a check that does not. */
#define TAP_BAD(...) tap_bad(__FILE__, __LINE__, __VA_ARGS__)
#define OK(cond)   ((cond) ? 1 : TAP_BAD("not true: %s", #cond))
#define EQ(a, b)   tap_eq(__FILE__, __LINE__, #a, (long long)(a), (long long)(b))
#define STR_EQ(a, b) tap_str(__FILE__, __LINE__, #a, a, b, 0)
#define HAS(a, part) tap_str(__FILE__, __LINE__, #a, a, part, 1)

/* End this test: when the check fails, or with a reason why it cannot be run here. */
#define NEED(check)                                                                                \
	do {                                                                                       \
		if (!(check))                                                                      \
			return;                                                                    \
	} while (0)
#define SKIP(reason)                                                                               \
	do {                                                                                       \
		tap_skipped = (reason);                                                            \
		return;                                                                            \
	} while (0)

__attribute__((format(printf, 3, 4))) static inline int tap_bad(const char *file, int line,
								 const char *fmt, ...)
{
	va_list ap;

	tap_failed++;
	printf("# %s:%d: ", file, line);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
	return 0;
}

static inline int tap_eq(const char *file, int line, const char *what, long long a, long long b)
{
	if (a == b)
		return 1;
	tap_failed++;
	printf("# %s:%d: %s is %lld, not %lld\n", file, line, what, a, b);
	return 0;
}

static inline int tap_str(const char *file, int line, const char *what, const char *a,
			  const char *b, int part)
{
	if (a && b && (part ? strstr(a, b) != NULL : strcmp(a, b) == 0))
		return 1;
	tap_failed++;
	printf("# %s:%d: %s %s:\n", file, line, what, part ? "lacks the text" : "differs");
	/* A value of many lines must stay a TAP comment. */
	for (int i = 0; i < 2; i++) {
		const char *s = i ? b : a;

		printf("#   %s: ", i ? "want" : "have");
		for (; s && *s; s++) {
			putchar(*s);
			if (*s == '\n')
				printf("#         ");
		}
		puts(s ? "" : "(null)");
	}
	return 0;
}

static inline int tap_by_line(const void *a, const void *b)
{
	return ((const struct tap_case *)a)->line - ((const struct tap_case *)b)->line;
}

int main(int argc, char **argv)
{
	int run = 0, bad = 0;

	(void)setvbuf(stdout, NULL, _IOLBF, 0); /* a forked child must not print our lines again */
	qsort(tap_cases, (size_t)tap_ncases, sizeof(tap_cases[0]), tap_by_line);
	for (int i = 0; i < tap_ncases; i++) {
		if (argc > 1 && !strstr(tap_cases[i].says, argv[1]))
			continue;
		tap_failed = 0;
		tap_skipped = NULL;
		tap_cases[i].run();
		bad += tap_failed > 0;
		printf("%s %d - %s%s%s\n", tap_failed ? "not ok" : "ok", ++run, tap_cases[i].says,
		       tap_skipped ? " # SKIP " : "", tap_skipped ? tap_skipped : "");
	}
	printf("1..%d\n", run);
	if (run == 0)
		puts("# no test was run");
	return run == 0 || bad > 0;
}

#endif
