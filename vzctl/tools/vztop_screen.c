// SPDX-License-Identifier: GPL-2.0-or-later
/* vztop on a screen. */
#include "vztop_int.h"

#include <ctype.h>
#include <errno.h>
#include <langinfo.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <ncurses.h>

#include <vz/text.h>

enum { HEAD = 3, STEP = 40, LINE = 1024, PROMPT_MAX = 64, BAR = 10 };

struct row {
	struct top_ct *ct;
	const struct top_proc *proc; /* NULL: the VPS itself */
};

struct screen {
	struct top *t;
	double delay, next; /* seconds; when the next round begins */
	struct row *rows;
	size_t n, size, top; /* first one shown */
	size_t cursor;
	uint32_t at_ct; /* what the cursor stands on, whatever moves */
	pid_t at_pid;
	bool utf8, help, over, typed_something;
	char message[512];
	/* A line that is being typed; what for; for which process. */
	enum { PROMPT_NONE, PROMPT_FILTER, PROMPT_DELAY, PROMPT_SIGNAL } prompt;
	char typed[PROMPT_MAX];
	struct vz_proc victim;
	uint32_t victim_ct;
};

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* ---- what is to be seen ---- */

static void add_row(struct screen *s, struct top_ct *ct, const struct top_proc *proc)
{
	if (s->n == s->size) {
		size_t size = s->size ? s->size * 2 : 256;
		struct row *v = reallocarray(s->rows, size, sizeof(*v));

		if (!v)
			return;
		s->rows = v;
		s->size = size;
	}
	s->rows[s->n++] = (struct row){ ct, proc };
}

static void make_rows(struct screen *s)
{
	size_t same_ct = SIZE_MAX, same = SIZE_MAX;

	s->n = 0;
	for (size_t i = 0; i < s->t->n; i++) {
		struct top_ct *c = s->t->ct[i];

		if (!c->matches)
			continue;
		add_row(s, c, NULL);
		for (size_t k = 0; c->open && k < c->nprocs; k++)
			add_row(s, c, &c->procs[k]);
	}
	for (size_t i = 0; i < s->n; i++) {
		if (s->rows[i].ct->id != s->at_ct)
			continue;
		if (!s->rows[i].proc)
			same_ct = i;
		if (s->rows[i].proc ? s->rows[i].proc->p.pid == s->at_pid : !s->at_pid)
			same = i;
	}
	same = same != SIZE_MAX ? same : same_ct;
	s->cursor = same != SIZE_MAX ? same : s->cursor < s->n ? s->cursor : s->n ? s->n - 1 : 0;
}

static void move_to(struct screen *s, size_t row)
{
	s->cursor = row < s->n ? row : s->n ? s->n - 1 : 0;
	s->at_ct = s->n ? s->rows[s->cursor].ct->id : 0;
	s->at_pid = s->n && s->rows[s->cursor].proc ? s->rows[s->cursor].proc->p.pid : 0;
}

/* ---- drawing ---- */

/* Names and command lines come tame from the library; a terminal of another kind gets ASCII. */
static void put(const struct screen *s, int y, int x, const char *text)
{
	char line[LINE];
	size_t n = 0;

	for (const char *p = text; *p && n + 5 < sizeof(line);) {
		const char *from = p;
		int32_t c = vz_utf8_next(&p);

		if (c < 0 || vz_utf8_is_control(c) || (c >= 0x80 && !s->utf8)) {
			line[n++] = '?';
			continue;
		}
		memcpy(line + n, from, (size_t)(p - from));
		n += (size_t)(p - from);
	}
	line[n] = '\0';
	if (x < COLS)
		mvaddnstr(y, x, line, -1);
}

/* The last looks at its CPU, each one column: an eighth of a cell for an eighth of the highest. */
static void bar(const struct screen *s, const struct top_ct *c, char *out, size_t size)
{
	static const char *const blocks[] = { " ", "\u2581", "\u2582", "\u2583", "\u2584", "\u2585", "\u2586", "\u2587",
					      "\u2588" };
	static const char plain[] = " .:-=+*#@";
	float most = 100;

	*out = '\0';
	for (int i = TOP_HISTORY - BAR; i < TOP_HISTORY; i++)
		most = c->history[i] > most ? c->history[i] : most;
	for (int i = TOP_HISTORY - BAR; i < TOP_HISTORY; i++) {
		int level = (int)(c->history[i] * 8 / most + 0.5f);
		size_t len = strlen(out);

		level = level == 0 && c->history[i] > 0.5f ? 1 : level > 8 ? 8 : level;
		if (s->utf8)
			snprintf(out + len, size - len, "%s", blocks[level]);
		else
			snprintf(out + len, size - len, "%c", plain[level]);
	}
}

static void draw_ct(const struct screen *s, int y, const struct top_ct *c)
{
	char line[LINE], spark[BAR * 4 + 1];
	int x;

	top_line(c, line, sizeof(line));
	put(s, y, 0, line);
	x = (int)strlen(line) + 1;
	bar(s, c, spark, sizeof(spark));
	put(s, y, x, spark);
	put(s, y, x + BAR + 1, c->open ? "- " : "+ ");
	put(s, y, x + BAR + 3, c->name);
}

static void draw_proc(const struct screen *s, int y, const struct top_proc *p)
{
	char line[LINE], cpu[16] = "-", rss[16], inside[16] = "-";

	if (p->cpu >= 0)
		snprintf(cpu, sizeof(cpu), "%.1f", p->cpu);
	if (p->p.vpid)
		snprintf(inside, sizeof(inside), "%d", p->p.vpid);
	top_size((double)p->p.rss, rss, sizeof(rss));
	snprintf(line, sizeof(line), "%10d %6s %5s  %c %6s %-8.16s %.500s", p->p.pid, cpu, rss, p->p.state,
		 inside, p->p.user, p->p.args ? p->p.args : p->p.comm);
	put(s, y, 0, line);
}

static void draw_help(const struct screen *s)
{
	static const char *const lines[] = {
		"Keys",
		"",
		"  up down PgUp PgDn Home End   move",
		"  Enter, space                 processes of a VPS, and away again",
		"  k                            send a signal to a process",
		"  /                            only VPSs with this in their number or name",
		"  d                            seconds between two rounds",
		"  r                            sort the other way round",
		"  h                            this help, and away again",
		"  q                            end",
		"",
		"Sort by: N number  a name  c CPU  m memory  w swap  i I/O  n network  p processes  x failures",
		"         C M I pressure on CPU, memory, I/O",
		"",
		"IO-R IO-W NETIN NETOUT are bytes a second; pCPU pMEM pIO the share of time in which something",
		"waited; FAIL what was refused since vztop began; the bar is the history of CPU.",
	};

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		put(s, (int)i + HEAD, 2, lines[i]);
}

static void draw_foot(const struct screen *s)
{
	static const char *const prompts[] = {
		[PROMPT_FILTER] = "filter: ", [PROMPT_DELAY] = "seconds: ", [PROMPT_SIGNAL] = "signal [15]: ",
	};
	char line[LINE];

	attron(A_REVERSE);
	move(LINES - 1, 0);
	clrtoeol();
	mvhline(LINES - 1, 0, ' ', COLS);
	if (s->prompt == PROMPT_SIGNAL)
		snprintf(line, sizeof(line), "to process %d (%s) of VPS %u, %s%s", s->victim.pid, s->victim.comm,
			 s->victim_ct, prompts[s->prompt], s->typed);
	else if (s->prompt)
		snprintf(line, sizeof(line), "%s%s", prompts[s->prompt], s->typed);
	else if (s->message[0])
		snprintf(line, sizeof(line), "%s", s->message);
	else
		snprintf(line, sizeof(line), "h help  q quit  Enter processes  k kill  / filter  by %s%s%s%s", s->t->by->key,
			 s->t->reverse ? " reversed" : "", s->t->filter[0] ? ", only: " : "", s->t->filter);
	put(s, LINES - 1, 0, line);
	attroff(A_REVERSE);
}

static void draw(struct screen *s)
{
	size_t room = LINES > HEAD + 1 ? (size_t)(LINES - HEAD - 1) : 1;
	char a[LINE], b[LINE];

	erase();
	top_node_lines(s->t, a, b, sizeof(a));
	put(s, 0, 0, a);
	put(s, 1, 0, b);
	attron(A_BOLD);
	top_header(a, sizeof(a));
	a[strlen(a) - 4] = '\0';
	put(s, 2, 0, a);
	put(s, 2, (int)strlen(a), "CPU-HIST.   NAME");
	attroff(A_BOLD);
	if (s->cursor < s->top)
		s->top = s->cursor;
	if (s->cursor >= s->top + room)
		s->top = s->cursor - room + 1;
	for (size_t i = 0; !s->help && i < room && s->top + i < s->n; i++) {
		const struct row *r = &s->rows[s->top + i];

		if (s->top + i == s->cursor)
			attron(A_REVERSE);
		if (r->proc)
			draw_proc(s, (int)i + HEAD, r->proc);
		else
			draw_ct(s, (int)i + HEAD, r->ct);
		attroff(A_REVERSE);
	}
	if (s->help)
		draw_help(s);
	draw_foot(s);
	move(LINES - 1, COLS - 1);
	refresh();
}

/* ---- keys ---- */

/* "TERM", "sigterm", "15"; "" is TERM. 0: unknown. */
static int signal_of(const char *word)
{
	int v = 0;

	if (!*word)
		return SIGTERM;
	if (strncasecmp(word, "SIG", 3) == 0)
		word += 3;
	for (int i = 1; i < 32; i++)
		if (sigabbrev_np(i) && strcasecmp(sigabbrev_np(i), word) == 0)
			return i;
	for (; isdigit((unsigned char)*word) && v < 100; word++)
		v = v * 10 + (*word - '0');
	return *word || v > 64 ? 0 : v;
}

static void send_signal(struct screen *s)
{
	int sig = signal_of(s->typed);
	struct vz_err e = { 0 };

	if (!sig)
		snprintf(s->message, sizeof(s->message), "there is no signal '%s'", s->typed);
	else if (vz_proc_signal(&s->victim, sig, &e) < 0)
		snprintf(s->message, sizeof(s->message), "%s", e.text);
	else
		snprintf(s->message, sizeof(s->message), "signal %d was sent to process %d", sig, s->victim.pid);
	s->next = now() + 0.2;
}

static void take_delay(struct screen *s)
{
	double v = 0, digit = 1;
	const char *p = s->typed;

	for (; isdigit((unsigned char)*p); p++)
		v = v * 10 + (*p - '0');
	if (*p == '.')
		for (p++; isdigit((unsigned char)*p); p++)
			v += (digit /= 10) * (*p - '0');
	if (*p || v < 0.1 || v > 86400) {
		snprintf(s->message, sizeof(s->message), "between 0.1 and 86400 seconds");
		return;
	}
	s->delay = v;
	s->next = now() + v;
}

static void prompt_end(struct screen *s)
{
	switch (s->prompt) {
	case PROMPT_FILTER:
		snprintf(s->t->filter, sizeof(s->t->filter), "%s", s->typed);
		top_match(s->t);
		break;
	case PROMPT_DELAY:
		take_delay(s);
		break;
	case PROMPT_SIGNAL:
		send_signal(s);
		break;
	case PROMPT_NONE:
	default:
		break;
	}
	s->prompt = PROMPT_NONE;
}

static void prompt_key(struct screen *s, int key)
{
	size_t len = strlen(s->typed);

	if (key == '\n' || key == '\r' || key == KEY_ENTER)
		prompt_end(s);
	else if (key == 27 || key == 3)
		s->prompt = PROMPT_NONE;
	else if ((key == KEY_BACKSPACE || key == 127 || key == 8) && len)
		s->typed[len - 1] = '\0';
	else if (key >= ' ' && key < 127 && len + 1 < sizeof(s->typed)) {
		s->typed[len] = (char)key;
		s->typed[len + 1] = '\0';
	}
}

static void prompt_begin(struct screen *s, int what)
{
	s->typed[0] = '\0';
	if (what == PROMPT_SIGNAL) {
		const struct row *r = s->n ? &s->rows[s->cursor] : NULL;

		if (!r || !r->proc) {
			snprintf(s->message, sizeof(s->message), "choose a process: Enter on a VPS shows them");
			return;
		}
		s->victim = r->proc->p;
		s->victim.args = NULL;
		s->victim_ct = r->ct->id;
	}
	s->prompt = what;
}

static void toggle(struct screen *s)
{
	struct top_ct *c = s->n ? s->rows[s->cursor].ct : NULL;

	if (!c)
		return;
	c->open = !c->open;
	if (c->open)
		top_read_procs(s->t, c);
	s->at_pid = 0;
	make_rows(s);
	move_to(s, s->cursor);
}

static void move_key(struct screen *s, int key)
{
	size_t page = LINES > HEAD + 2 ? (size_t)(LINES - HEAD - 2) : 1;

	switch (key) {
	case KEY_UP:
		move_to(s, s->cursor ? s->cursor - 1 : 0);
		break;
	case KEY_DOWN:
		move_to(s, s->cursor + 1);
		break;
	case KEY_PPAGE:
		move_to(s, s->cursor > page ? s->cursor - page : 0);
		break;
	case KEY_NPAGE:
		move_to(s, s->cursor + page);
		break;
	case KEY_HOME:
		move_to(s, 0);
		break;
	case KEY_END:
		move_to(s, s->n);
		break;
	default:
		break;
	}
}

static void sort_key(struct screen *s, int key)
{
	const struct top_column *c = key > 0 && key < 127 ? top_column(NULL, (char)key) : NULL;

	if (!c)
		return;
	s->t->by = c;
	top_sort(s->t);
}

static void press(struct screen *s, int key)
{
	s->message[0] = '\0';
	switch (key) {
	case 'q':
	case 3: /* the terminal is in raw mode */
		s->over = true;
		break;
	case 'h':
	case '?':
	case KEY_F(1):
		s->help = !s->help;
		break;
	case '\n':
	case '\r':
	case KEY_ENTER:
	case ' ':
		toggle(s);
		break;
	case 'k':
		prompt_begin(s, PROMPT_SIGNAL);
		break;
	case '/':
		prompt_begin(s, PROMPT_FILTER);
		break;
	case 'd':
		prompt_begin(s, PROMPT_DELAY);
		break;
	case 'r':
		s->t->reverse = !s->t->reverse;
		top_sort(s->t);
		break;
	default:
		move_key(s, key);
		sort_key(s, key);
	}
}

/* All that has been typed. false: the terminal has gone. */
static bool keys(struct screen *s, int wait_ms)
{
	struct pollfd p = { .fd = 0, .events = POLLIN };
	int key;

	if (poll(&p, 1, wait_ms) < 0 && errno != EINTR)
		return false;
	if (p.revents & (POLLHUP | POLLERR | POLLNVAL))
		return false;
	while ((key = getch()) != ERR) {
		s->typed_something = true;
		if (s->prompt)
			prompt_key(s, key);
		else
			press(s, key);
		make_rows(s);
	}
	return true;
}

static int loop(struct screen *s)
{
	struct vz_err e = { 0 };

	while (!s->over) {
		double left = s->next - now();

		if (top_is_busy(s->t)) {
			int r = top_step(s->t, STEP);

			if (r < 0)
				return 1;
			/* The second one soon: a rate takes two. */
			if (r == 0)
				s->next = now() + (s->t->rounds == 1 && s->delay > 0.5 ? 0.5 : s->delay);
			make_rows(s); /* what they point to may have gone */
		} else if (left <= 0 && top_begin(s->t, &e) < 0) {
			snprintf(s->message, sizeof(s->message), "%s", e.text);
			e = (struct vz_err){ 0 };
			s->next = now() + s->delay;
		}
		if (!top_is_busy(s->t) || s->typed_something)
			draw(s);
		s->typed_something = false;
		left = s->next - now();
		if (!keys(s, top_is_busy(s->t) || left <= 0 ? 0 : (int)(left * 1000) + 1))
			return 0;
	}
	return 0;
}

static const struct {
	const char *text;
	int key;
} cursor_keys[] = {
	{ "\033[A", KEY_UP },   { "\033[B", KEY_DOWN }, { "\033OA", KEY_UP },
	{ "\033OB", KEY_DOWN }, { "\033[H", KEY_HOME }, { "\033[F", KEY_END },
};

int top_screen(struct top *t, double delay)
{
	struct screen s = { .t = t, .delay = delay };
	SCREEN *term = newterm(NULL, stdout, stdin);
	int r;

	if (!term) {
		fputs("vztop: this terminal is not known (TERM); -b needs none\n", stderr);
		return 1;
	}
	s.utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
	raw();
	noecho();
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	/* Terminals that do not heed keypad mode. */
	for (size_t i = 0; i < sizeof(cursor_keys) / sizeof(cursor_keys[0]); i++)
		define_key(cursor_keys[i].text, cursor_keys[i].key);
	set_escdelay(50);
	curs_set(0);
	s.next = now();
	r = loop(&s);
	endwin();
	delscreen(term);
	free(s.rows);
	return r;
}
