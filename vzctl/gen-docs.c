/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Run while building: prints what is made from the tables of verbs and parameters, so that manual
 * pages and completion cannot differ from the program.
 *
 *	gen-docs commands		troff: the verbs, for vzctl(8)
 *	gen-docs codes			troff: the exit codes, for vzctl(8)
 *	gen-docs options		troff: the options of create and set, for vzctl(8)
 *	gen-docs ctid.conf | vz.conf	troff: the parameters, for ctid.conf(5) and vz.conf(5)
 *	gen-docs schema			JSON schema of the values
 *	gen-docs bash | zsh		completion of vzctl
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "cmd.h"

static const struct verb {
	const char *name;
	const struct opt_doc *docs;
	uint32_t want;
	const char *synopsis, *help;
} verbs[] = {
#define CMD(name, fn, opts, want, need, synopsis, help) { name, docs_##opts, want, synopsis, help },
#include "cmds.def"
#undef CMD
};
#define NVERBS (sizeof(verbs) / sizeof(verbs[0]))

/* Not for people: what our own programs call. */
static bool is_private(const struct verb *v)
{
	return v->name[0] == '_';
}

static void verb_words(const char *sep)
{
	for (size_t i = 0; i < NVERBS; i++)
		if (!is_private(&verbs[i]))
			(void)printf("%s%s", sep, verbs[i].name);
}

/* ---- troff ---- */

/* Text that troff takes literally. */
static void troff(const char *s)
{
	if (*s == '.' || *s == '\'')
		(void)fputs("\\&", stdout);
	for (; *s; s++)
		if (*s == '\\')
			(void)fputs("\\e", stdout);
		else if (*s == '-')
			(void)fputs("\\-", stdout);
		else
			(void)putchar(*s);
}

static const struct {
	const char *group, *title;
} sections[] = {
	{ "boot", "Identity and boot" },
	{ "files", "Files" },
	{ "guest", "Inside the VPS" },
	{ "net", "Network: routed addresses" },
	{ "veth", "Network: Ethernet devices" },
	{ "mem", "Memory" },
	{ "cpu", "Processors" },
	{ "io", "Disk bandwidth" },
	{ "disk", "Disk space" },
	{ "dev", "Devices" },
	{ "sec", "Rights" },
	{ "ubc", "Other resources" },
	{ "node", "The node" },
};
#define NSECTIONS (sizeof(sections) / sizeof(sections[0]))

static void sentence(const char *help)
{
	char first = help[0];
	char one[2] = { first >= 'a' && first <= 'z' ? (char)(first - 'a' + 'A') : first, 0 };

	troff(one);
	troff(help + 1);
	(void)puts(".");
}

/* Options of a verb that are no parameters, each with its line, indented below the verb. */
static void own_options(const struct opt_doc *d)
{
	bool any = false;

	for (; d->name; d++) {
		if (!*d->help)
			continue;
		if (!any)
			(void)puts(".RS");
		any = true;
		(void)fputs(".TP\n\\fB\\-\\-", stdout);
		troff(d->name);
		(void)fputs("\\fR", stdout);
		if (d->letter)
			(void)printf(", \\fB\\-%c\\fR", d->letter);
		if (*d->arg) {
			(void)fputs(" \\fI", stdout);
			troff(d->arg);
			(void)fputs("\\fR", stdout);
		}
		(void)putchar('\n');
		sentence(d->help);
	}
	if (any)
		(void)puts(".RE");
}

static int print_commands(void)
{
	for (size_t i = 0; i < NVERBS; i++) {
		if (is_private(&verbs[i]))
			continue;
		(void)printf(".TP\n\\fB%s\\fR ", verbs[i].name);
		troff(verbs[i].synopsis);
		(void)putchar('\n');
		sentence(verbs[i].help);
		own_options(verbs[i].docs);
	}
	return 0;
}

static int print_codes(void)
{
	static const struct {
		int exit;
		const char *text;
	} codes[] = {
#define CODE_ROW(name, exit, text) { exit, text },
		VZ_CODES(CODE_ROW)
#undef CODE_ROW
	};

	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		(void)printf(".TP\n.B %d\n", codes[i].exit);
		troff(codes[i].text);
		(void)putchar('\n');
	}
	return 0;
}

/* When it takes effect, and how well. */
static void remarks(uint32_t flags)
{
	if (flags & VZ_PF_LIST && !(flags & VZ_PF_NODE))
		(void)puts("May be given several times.");
	if (flags & VZ_PF_RESTART)
		(void)puts("Takes effect at the next start.");
	if (flags & VZ_PF_FIXED)
		(void)puts("Refused while the VPS is running.");
	if (flags & VZ_PF_NEEDSAVE && flags & VZ_PF_SET)
		(void)puts("With set it needs \\fB\\-\\-save\\fR.");
	if (flags & VZ_PF_APPROX)
		(void)puts("Approximated on this kernel.");
	if (flags & VZ_PF_STORED)
		(void)puts("Accepted and stored, but not enforced on this kernel.");
}

/* Other spellings belong to the main option of a parameter, not to a further one like --ram. */
static bool is_main(const struct vz_option_info *o)
{
	const struct vz_param_info *p = NULL;

	while ((p = vz_param_next(p)))
		if (*p->key && strcmp(p->key, o->key) == 0)
			return strcmp(p->option, o->option) == 0;
	return false;
}

static void spellings(const struct vz_option_info *of)
{
	const struct vz_option_info *o = NULL;
	const char *sep = "Other spellings: ";

	while (is_main(of) && (o = vz_option_next(o)))
		if (o->flags & VZ_PF_SPELLING && strcmp(o->key, of->key) == 0) {
			(void)printf("%s\\fB\\-\\-", sep);
			troff(o->option);
			(void)fputs("\\fR", stdout);
			sep = ", ";
		}
	if (*sep == ',')
		(void)puts(".");
}

static void option_entry(const struct vz_option_info *o)
{
	(void)fputs(".TP\n\\fB\\-\\-", stdout);
	troff(o->option);
	(void)fputs("\\fR", stdout);
	if (o->letter)
		(void)printf(", \\fB\\-%c\\fR", o->letter);
	if (o->arg) {
		(void)fputs(" \\fI", stdout);
		troff(o->arg);
		(void)fputs("\\fR", stdout);
	}
	(void)putchar('\n');
	sentence(o->help);
	if (*o->man) {
		troff(o->man);
		(void)putchar('\n');
	}
	remarks(o->flags);
	spellings(o);
	if (o->flags & VZ_PF_CREATE)
		(void)printf("For %s.\n", o->flags & VZ_PF_SET ? "\\fBcreate\\fR and \\fBset\\fR"
							       : "\\fBcreate\\fR");
}

static int print_options(void)
{
	for (size_t i = 0; i < NSECTIONS; i++) {
		const struct vz_option_info *o = NULL;
		bool any = false;

		while ((o = vz_option_next(o))) {
			if (strcmp(o->group, sections[i].group) != 0 || o->flags & VZ_PF_SPELLING)
				continue;
			if (!any)
				(void)printf(".SS %s\n", sections[i].title);
			any = true;
			option_entry(o);
		}
	}
	return 0;
}

static void param_entry(const struct vz_param_info *p)
{
	(void)fputs(".TP\n\\fB", stdout);
	troff(p->key);
	(void)fputs("\\fR=\"\\fI", stdout);
	troff(p->arg);
	(void)puts("\\fR\"");
	sentence(p->help);
	if (*p->man) {
		troff(p->man);
		(void)putchar('\n');
	}
	remarks(p->flags & ~(VZ_PF_LIST | VZ_PF_NEEDSAVE | VZ_PF_FIXED));
	if (*p->option) {
		(void)fputs("Option \\fB\\-\\-", stdout);
		troff(p->option);
		(void)puts("\\fR of \\fBvzctl\\fR(8).");
	}
}

/* Is it one of those that vz.conf is for? Every other one may stand there as a default. */
static int print_params(bool node)
{
	for (size_t i = 0; i < NSECTIONS; i++) {
		const struct vz_param_info *p = NULL;
		bool any = false;

		while ((p = vz_param_next(p))) {
			if (!*p->key || strcmp(p->group, sections[i].group) != 0 ||
			    !(p->flags & VZ_PF_NODE) == node)
				continue;
			if (!any)
				(void)printf(".SS %s\n", sections[i].title);
			any = true;
			param_entry(p);
		}
	}
	return 0;
}

static int print_ctid(void)
{
	return print_params(false);
}

static int print_node(void)
{
	return print_params(true);
}

/* ---- JSON schema ---- */

/* The texts of the table have quotes and backslashes at most. */
static void json_text(const char *s)
{
	(void)putchar('"');
	for (; *s; s++) {
		if (*s == '"' || *s == '\\')
			(void)putchar('\\');
		(void)putchar(*s);
	}
	(void)putchar('"');
}

static int print_schema(void)
{
	const struct vz_param_info *p = NULL;
	const char *sep = "";

	(void)puts("{\n\"$schema\": \"https://json-schema.org/draft/2020-12/schema\",\n"
		   "\"title\": \"Parameters of a VPS\",\n\"type\": \"object\",\n\"properties\": {");
	while ((p = vz_param_next(p))) {
		if (p->flags & VZ_PF_SECRET)
			continue;
		/* The description goes first into the object of the type. */
		(void)printf("%s\"%s\": {\"description\": ", sep, p->name);
		json_text(p->help);
		(void)printf(", %s", p->schema + 1);
		sep = ",\n";
	}
	(void)puts("\n}\n}");
	return 0;
}

/* ---- completion ---- */

static void option_words(const struct verb *v)
{
	const struct vz_option_info *o = NULL;
	const char *sep = "";

	for (const struct opt_doc *d = v->docs; d->name; d++)
		if (*d->help) {
			(void)printf("%s--%s", sep, d->name);
			sep = " ";
		}
	while ((o = vz_option_next(o)))
		if (o->flags & v->want && !(o->flags & VZ_PF_SPELLING)) {
			(void)printf("%s--%s", sep, o->option);
			sep = " ";
		}
}

/* "yes|no" is a choice of words; anything in capitals is not. */
static bool is_choice(const char *arg)
{
	if (!arg || !strchr(arg, '|'))
		return false;
	for (; *arg; arg++)
		if (*arg != '|' && !(*arg >= 'a' && *arg <= 'z'))
			return false;
	return true;
}

static void choice_words(const char *arg)
{
	for (; *arg; arg++)
		(void)putchar(*arg == '|' ? ' ' : *arg);
}

static int print_bash(void)
{
	const struct vz_option_info *o = NULL;

	(void)puts("# Completion of vzctl for bash. Made from the program's own tables.\n"
		   "_vzctl() {\n"
		   "\tlocal cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n"
		   "\tlocal i=1 verb\n"
		   "\twhile ((i < COMP_CWORD)) && [[ ${COMP_WORDS[i]} == --* ]]; do ((i++)); done\n"
		   "\tverb=${COMP_WORDS[i]}\n"
		   "\tif ((COMP_CWORD == i)); then");
	(void)fputs("\t\tmapfile -t COMPREPLY < <(compgen -W \"--quiet --verbose --help --version",
		    stdout);
	verb_words(" ");
	(void)puts("\" -- \"$cur\")\n\t\treturn\n\tfi\n"
		   "\tif ((COMP_CWORD == i + 1)); then\n"
		   "\t\tmapfile -t COMPREPLY < <(compgen -W \"$(vzlist -aHo ctid 2>/dev/null)\" "
		   "-- \"$cur\")\n\t\treturn\n\tfi\n\tcase $prev in");
	while ((o = vz_option_next(o)))
		if (is_choice(o->arg)) {
			(void)printf("\t--%s) mapfile -t COMPREPLY < <(compgen -W \"", o->option);
			choice_words(o->arg);
			(void)puts("\" -- \"$cur\"); return ;;");
		}
	for (size_t i = 0; i < NVERBS; i++)
		for (const struct opt_doc *d = verbs[i].docs; d->name; d++)
			if (is_choice(d->arg) && *d->help) {
				(void)printf("\t--%s) mapfile -t COMPREPLY < <(compgen -W \"", d->name);
				choice_words(d->arg);
				(void)puts("\" -- \"$cur\"); return ;;");
			}
	(void)puts("\tesac\n\tcase $verb in");
	for (size_t i = 0; i < NVERBS; i++) {
		if (is_private(&verbs[i]))
			continue;
		(void)printf("\t%s) mapfile -t COMPREPLY < <(compgen -W \"", verbs[i].name);
		option_words(&verbs[i]);
		(void)puts("\" -- \"$cur\") ;;");
	}
	(void)puts("\tesac\n}\ncomplete -o default -F _vzctl vzctl");
	return 0;
}

/* A text inside single quotes of zsh, and inside brackets of _arguments. */
static void zsh_text(const char *s)
{
	for (; *s; s++) {
		if (*s == '\'')
			(void)fputs("'\\'", stdout); /* and the quote itself follows */
		if (*s == '[' || *s == ']' || *s == ':')
			(void)putchar('\\');
		(void)putchar(*s);
	}
}

static void zsh_option(const char *name, const char *arg, const char *help, bool list)
{
	(void)printf(" \\\n\t\t'%s--%s%s[", list ? "*" : "", name, arg ? "=" : "");
	zsh_text(help);
	(void)fputs("]", stdout);
	if (arg) {
		(void)putchar(':');
		zsh_text(arg);
		(void)putchar(':');
	}
	if (is_choice(arg)) {
		(void)putchar('(');
		choice_words(arg);
		(void)putchar(')');
	}
	(void)putchar('\'');
}

static void zsh_options(const struct verb *v)
{
	const struct vz_option_info *o = NULL;

	for (const struct opt_doc *d = v->docs; d->name; d++)
		if (*d->help)
			zsh_option(d->name, *d->arg ? d->arg : NULL, d->help, false);
	while ((o = vz_option_next(o)))
		if (o->flags & v->want && !(o->flags & VZ_PF_SPELLING))
			zsh_option(o->option, o->arg, o->help, o->flags & VZ_PF_LIST);
	(void)putchar('\n');
}

static int print_zsh(void)
{
	(void)puts("#compdef vzctl\n"
		   "# Completion of vzctl for zsh. Made from the program's own tables.\n"
		   "_vzctl_ids() {\n"
		   "\tlocal -a ids\n"
		   "\tids=(${=\"$(vzlist -aHo ctid 2>/dev/null)\"})\n"
		   "\tcompadd -a ids\n}\n_vzctl() {\n\tlocal verb=${words[2]}");
	(void)fputs("\tif ((CURRENT == 2)); then\n\t\tcompadd", stdout);
	verb_words(" ");
	(void)puts("\n\t\treturn\n\tfi\n"
		   "\tif ((CURRENT == 3)); then\n\t\t_vzctl_ids\n\t\treturn\n\tfi\n"
		   "\tshift 2 words\n\t((CURRENT -= 2))\n\tcase $verb in");
	for (size_t i = 0; i < NVERBS; i++) {
		if (is_private(&verbs[i]))
			continue;
		(void)printf("\t%s)\n\t\t_arguments '*:file:_files'", verbs[i].name);
		zsh_options(&verbs[i]);
		(void)puts("\t\t;;");
	}
	(void)puts("\t*)\n\t\t_files\n\t\t;;\n\tesac\n}\n_vzctl \"$@\"");
	return 0;
}

static const struct {
	const char *what;
	int (*print)(void);
} outputs[] = {
	{ "commands", print_commands }, { "codes", print_codes },   { "options", print_options },
	{ "ctid.conf", print_ctid },	{ "vz.conf", print_node }, { "schema", print_schema },
	{ "bash", print_bash },		{ "zsh", print_zsh },
};

int main(int argc, char **argv)
{
	for (size_t i = 0; i < sizeof(outputs) / sizeof(outputs[0]); i++) {
		if (argc != 2 || strcmp(argv[1], outputs[i].what) != 0)
			continue;
		/* A half-written page must not be installed. */
		return outputs[i].print() != 0 || fflush(stdout) != 0;
	}
	(void)fputs("usage: gen-docs", stderr);
	for (size_t i = 0; i < sizeof(outputs) / sizeof(outputs[0]); i++)
		(void)fprintf(stderr, "%s%s", i ? "|" : " ", outputs[i].what);
	(void)fputc('\n', stderr);
	return 2;
}
