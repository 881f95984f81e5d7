/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What holds for every row of the parameter table, in one loop each. */
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "param/param.h"
#include "tap.h"

/* A good value of each type, by its argument text; lists get two words where they can. */
static const struct {
	const char *arg, *text;
} samples[] = {
	{ ARG_yesno, "yes" },
	{ ARG_onboot, "auto" },
	{ ARG_stopmode, "stop" },
	{ ARG_tracking, "private" },
	{ ARG_netfilter, "stateful" },
	{ ARG_num, "5" },
	{ ARG_uid, "70000" },
	{ ARG_ioprio, "7" },
	{ ARG_percent, "150" },
	{ ARG_milli, "1.5" },
	{ ARG_meminfo, "privvmpages:3" },
	{ ARG_pages, "10:20" },
	{ ARG_kib, "100:200" },
	{ ARG_iolimit, "1048576" },
	{ ARG_text, "a b" },
	{ ARG_path, "/vz/x/$VEID" },
	{ ARG_fname, "abc" },
	{ ARG_uuid, "6b29fc40-ca47-1067-b31d-00dd010662da" },
	{ ARG_layout, "ploop:raw" },
	{ ARG_cpulist, "0-2,7" },
	{ ARG_nodelist, "0,1" },
	{ ARG_neigh, "list:eth0 eth1" },
	{ ARG_binds, "/srv/a:/mnt/a /srv/b:/b:ro,map=none" },
	{ ARG_binddel, "/mnt/a /srv/b:/b" },
	{ ARG_words, "ip_conntrack ipt_state" },
	{ ARG_dns, "inherit" },
	{ ARG_domains, "example.org" },
	{ ARG_users, "root:a b:c" },
	{ ARG_caps, "sys_time:off" },
	{ ARG_addrs, "192.0.2.1" },
	{ ARG_addrdel, "192.0.2.1" },
	{ ARG_ifnames, "eth0" },
	{ ARG_ifdel, "eth0" },
	{ ARG_netifs, "ifname=eth0,bridge=br0,mac=00:18:51:00:00:01" },
	{ ARG_devices, "c:10:200:rw" },
	{ ARG_devnodes, "net/tun:rw" },
	{ ARG_pcis, "0000:01:02.3" },
	{ ARG_pool, "gold" },
	{ ARG_rates, "eth0:1:1000" },
	{ ARG_volume, "1.5T" },
	{ ARG_doing, "throttle:10mbit" },
	{ ARG_trafficdir, "larger" },
	{ ARG_monthday, "15" },
	{ ARG_classes, "0,7" },
	{ ARG_fwsets, "web,ssh" },
};

/* FEATURES and CAPABILITY, CPUUNITS and LOG_LEVEL look alike in usage texts. */
static const char *sample(const struct param *row)
{
	if (strcmp(row->info.key, "FEATURES") == 0)
		return "nfs:on sit:off";
	if (strstr(row->info.key, "CPUUNITS"))
		return "100";
	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++)
		if (strcmp(samples[i].arg, row->info.arg) == 0)
			return samples[i].text;
	return NULL;
}

static enum vz_param id_of(const struct param *row)
{
	return (enum vz_param)(row - param_get(0));
}

TEST("every row has a sample value, and printing what was parsed gives a text that parses alike")
{
	const struct param *row = NULL;

	while ((row = param_next(row))) {
		_cfg_ struct vz_cfg *a = cfg_new();
		_cfg_ struct vz_cfg *b = cfg_new();
		_buf_ struct buf text = BUF_INIT;
		struct vz_err e = { 0 };

		if (!OK(sample(row) != NULL)) {
			printf("# %s\n", row->info.name);
			continue;
		}
		if (!EQ(cfg_set_text(a, id_of(row), sample(row), &e), 0))
			printf("# %s: %s\n", row->info.name, e.text);
		OK(cfg_has(a, id_of(row)));
		EQ(cfg_print(a, id_of(row), &text), 0);
		EQ(cfg_set_text(b, id_of(row), buf_str(&text), &e), 0);
		if (!OK(cfg_equal(a, b, id_of(row))))
			printf("# %s: '%s' became '%s'\n", row->info.name, sample(row),
			       buf_str(&text));
	}
}

TEST("every row: garbage is refused with words that name the key, and the old value stays")
{
	const struct param *row = NULL;

	while ((row = param_next(row))) {
		_cfg_ struct vz_cfg *c = cfg_new();
		_cfg_ struct vz_cfg *was = NULL;
		struct vz_err e = { 0 };

		EQ(cfg_set_text(c, id_of(row), sample(row), NULL), 0);
		EQ(cfg_copy(c, &was), 0);
		if (!OK(cfg_set_text(c, id_of(row), "\x01/..\n::,%", &e) < 0))
			printf("# %s takes garbage\n", row->info.name);
		OK(e.code != 0);
		HAS(e.text, row->info.key);
		OK(!strchr(e.text, '\n') && !strchr(e.text, 1));
		OK(cfg_equal(c, was, id_of(row)));
	}
}

TEST("every row: copies are equal, unset is not, merge and fill take what they should")
{
	const struct param *row = NULL;
	_cfg_ struct vz_cfg *all = cfg_new();
	_cfg_ struct vz_cfg *copy = NULL;
	_cfg_ struct vz_cfg *filled = cfg_new();

	while ((row = param_next(row)))
		EQ(cfg_set_text(all, id_of(row), sample(row), NULL), 0);
	EQ(cfg_copy(all, &copy), 0);
	EQ(cfg_set_text(filled, VZ_P_BOOTORDER, "77", NULL), 0);
	EQ(cfg_fill(filled, all), 0);
	EQ(filled->bootorder, 77);
	for (unsigned p = 0; p < VZ_NPARAMS; p++) {
		OK(cfg_equal(all, copy, p));
		OK(p == VZ_P_BOOTORDER || cfg_equal(all, filled, p));
		cfg_unset(copy, p);
		OK(!cfg_has(copy, p) && !cfg_equal(all, copy, p));
	}
	EQ(cfg_merge(filled, all), 0);
	EQ(filled->bootorder, 5);
}

TEST("every value has a JSON form, and secrets have none")
{
	const struct param *row = NULL;
	_cfg_ struct vz_cfg *c = cfg_new();
	_json_ json_t *o = NULL;

	while ((row = param_next(row)))
		EQ(cfg_set_text(c, id_of(row), sample(row), NULL), 0);
	NEED(OK((o = cfg_json(c)) != NULL));
	EQ(json_object_size(o), VZ_NPARAMS - 1);
	OK(!json_object_get(o, "userpasswd"));
	EQ(json_integer_value(json_object_get(json_object_get(o, "physpages"), "limit")), 20);
	EQ(json_is_true(json_object_get(o, "ipv6")), 1);
}

TEST("help fits 60 columns, schemas are JSON, texts are there")
{
	const struct param *row = NULL;

	while ((row = param_next(row))) {
		_json_ json_t *schema = NULL;

		if (!OK(strlen(row->info.help) <= 60 && *row->info.help))
			printf("# %s\n", row->info.name);
		EQ(json_parse(row->info.schema, strlen(row->info.schema), &schema, NULL), 0);
		OK(*row->info.arg && *row->info.group && row->info.man);
		OK(*row->info.key || row->info.flags & P_NOSAVE);
	}
}

TEST("an option says where it belongs: set, create, or both; and when it takes effect")
{
	const struct vz_option_info *o = NULL;

	while ((o = vz_option_next(o))) {
		if (!OK(o->flags & (P_SET | P_CREATE)))
			printf("# --%s\n", o->option);
		OK(o->flags & VZ_PF_SPELLING || strlen(o->help) <= 60);
		EQ(strcmp(o->group, param_get(param_of_option(o))->info.group), 0);
	}
}

TEST("keys, options and short options are unique")
{
	const struct param *a = NULL, *b;
	const struct vz_option_info *o = NULL, *q;

	while ((a = param_next(a)))
		for (b = a; (b = param_next(b));)
			OK(!*a->info.key || strcmp(a->info.key, b->info.key) != 0);
	while ((o = vz_option_next(o)))
		for (q = o; (q = vz_option_next(q));) {
			OK(strcmp(o->option, q->option) != 0);
			OK(!o->letter || o->letter != q->letter);
		}
}

TEST("every key finds its row, aliases too, and nothing else does")
{
	const struct param *row = NULL;

	while ((row = param_next(row)))
		if (*row->info.key)
			EQ(param_by_key(row->info.key, strlen(row->info.key)), id_of(row));
	EQ(param_by_key("CPUUWEIGHT", 10), VZ_P_CPUUNITS);
	EQ(param_by_key("CPUWEIGHT", 9), VZ_P_CPUUNITS);
	EQ(param_by_key("DCACHE", 6), VZ_P_DCACHESIZE);
	EQ(param_by_key("IPTENTRIES", 10), VZ_P_NUMIPTENT);
	EQ(param_by_key("", 0), -1);
	EQ(param_by_key("NUMPRO", 6), -1);
	EQ(param_by_key("NUMPROCX", 8), -1);
	EQ(param_by_key("numproc", 7), -1);
	EQ(param_by_option("ipadd"), VZ_P_IP_ADDRESS);
	EQ(param_by_option(""), -1);
}

TEST("defaults parse, and fill only what is not set")
{
	_cfg_ struct vz_cfg *c = cfg_new();

	EQ(cfg_set_text(c, VZ_P_RUNDIR, "/tmp/run", NULL), 0);
	EQ(cfg_defaults(c), 0);
	STR_EQ(c->rundir, "/tmp/run");
	STR_EQ(c->ve_cgroup_slice, "vz");
	EQ(c->local_uid, 1879048192);
	EQ(c->stop_timeout, 120);
	EQ(c->ipv6, 1);
	OK(!cfg_has(c, VZ_P_VE_PRIVATE) && !cfg_has(c, VZ_P_TEMPLATE));
}

TEST("all the names of the 4.x files are known")
{
	const char *word = /* one blank behind each */
		"KMEMSIZE LOCKEDPAGES PRIVVMPAGES SHMPAGES NUMPROC PHYSPAGES VMGUARPAGES "
		"OOMGUARPAGES NUMTCPSOCK NUMFLOCK NUMPTY NUMSIGINFO TCPSNDBUF TCPRCVBUF "
		"OTHERSOCKBUF DGRAMRCVBUF NUMOTHERSOCK NUMFILE DCACHESIZE NUMIPTENT "
		"AVNUMPROC SWAPPAGES DCACHE IPTENTRIES VM_OVERCOMMIT MEMINFO CPUUNITS "
		"CPUUWEIGHT CPUWEIGHT CPULIMIT CPUS CPUMASK NODEMASK IOPRIO IOLIMIT "
		"IOPSLIMIT DISK_QUOTA DISKSPACE DISKINODES QUOTATIME QUOTAUGIDLIMIT VE_ROOT "
		"VE_PRIVATE VE_LAYOUT MOUNT_OPTS OSTEMPLATE ORIGIN_SAMPLE CONFIGFILE "
		"TEMPLATE DEF_OSTEMPLATE IP_ADDRESS NETDEV NETIF VETH HOSTNAME NAMESERVER "
		"SEARCHDOMAIN IPV6 ONBOOT BOOTORDER DISABLED NAME DESCRIPTION STOP_TIMEOUT "
		"VEID CAPABILITY FEATURES IPTABLES NETFILTER LOCAL_UID LOCAL_GID DEVICES "
		"DEVNODES PCI VIRTUOZZO VE0CPUUNITS VZFASTBOOT NEIGHBOUR_DEVS "
		"ERROR_ON_ARPFAIL VZWDOG IPTABLES_MODULES IP6TABLES CONFIG_CUSTOMIZED "
		"VE_STOP_MODE SKIP_SYSCTL_SETUP SKIP_ARPDETECT VE_PARALLEL LOCKDIR DUMPDIR "
		"LOGGING LOGFILE LOG_LEVEL VERBOSE MODULES_DISABLED VE_ROUTE_SRC_DEV "
		"FORCE_ROUTE RUNDIR CONFDIR VE_CGROUP_SLICE CRIU ";

	while (*word) {
		size_t len = strcspn(word, " ");

		if (!OK(param_by_key(word, len) >= 0))
			printf("# %.*s\n", (int)len, word);
		word += len + 1;
	}
}

TEST("no value of any kind survives hostile text with more than a refusal")
{
	static char huge[70000];
	static const char *const texts[] = {
		"", " ", "-1", "+1", "99999999999999999999999", "1e9", "0x10", "1.", ".5", "1K2",
		"10:", ":10", "10:20:30", "unlimitedx", "\xff\xfe", "\xc3\xa9t\xc3\xa9", "a\nb",
		"\"", "\\", "'", "$(reboot)", "`id`", ";", ",,,", ":::", "/", "..", "all",
		"none", "%", "100%%", "%s%n", huge,
	};
	const struct param *row = NULL;

	memset(huge, '9', sizeof(huge) - 1);
	while ((row = param_next(row)))
		for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
			_cfg_ struct vz_cfg *c = cfg_new();
			_cfg_ struct vz_cfg *d = cfg_new();
			_buf_ struct buf text = BUF_INIT;
			struct vz_err e = { 0 };
			int r = cfg_set_text(c, id_of(row), texts[i], &e);

			OK((r < 0) == (e.code != 0));
			if (r < 0)
				continue;
			/* What is taken must not become something else by being stored. */
			EQ(cfg_print(c, id_of(row), &text), 0);
			OK(!strchr(buf_str(&text), '\n'));
			if (!text.len)
				continue;
			EQ(cfg_set_text(d, id_of(row), buf_str(&text), NULL), 0);
			if (!OK(cfg_equal(c, d, id_of(row))))
				printf("# %s: '%.40s'\n", row->info.name, texts[i]);
		}
}
