/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What single parameters take and make of it: the facts that scripts rely on. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "param/check.h"
#include "param/param.h"
#include "tap.h"

/* Set key in the syntax of files; 0 or -errno, the code in *ret_code when not NULL. */
static int set_in(struct vz_cfg *c, const char *key, const char *text, int *ret_code)
{
	struct vz_err e = { 0 };
	int r = cfg_set_text(c, (enum vz_param)param_by_key(key, strlen(key)), text, &e);

	if (ret_code)
		*ret_code = e.code;
	return r;
}

/* As the file stores it after reading it from the file; NULL when it is refused. */
static const char *stored(const char *key, const char *text)
{
	static char out[4096];
	_cfg_ struct vz_cfg *c = cfg_new();
	_buf_ struct buf b = BUF_INIT;

	if (set_in(c, key, text, NULL) < 0 ||
	    cfg_print(c, (enum vz_param)param_by_key(key, strlen(key)), &b) < 0)
		return NULL;
	(void)snprintf(out, sizeof(out), "%s", buf_str(&b));
	return out;
}

static int code_of(const char *key, const char *text)
{
	_cfg_ struct vz_cfg *c = cfg_new();
	int code = 0;

	(void)set_in(c, key, text, &code);
	return code;
}

/* An option of the command line into c. */
static int option(struct vz_cfg *c, const char *name, const char *value, int *ret_code)
{
	struct vz_err e = { 0 };
	int r = vz_cfg_set_option(c, name, value, &e);

	if (ret_code)
		*ret_code = e.code;
	return r;
}

TEST("pages: a bare number is pages, with a suffix it is a size in pages, P means pages")
{
	STR_EQ(stored("PHYSPAGES", "1000"), "1000");
	STR_EQ(stored("PHYSPAGES", "0:256M"), "0:65536");
	STR_EQ(stored("PHYSPAGES", "0:256m"), "0:65536");
	STR_EQ(stored("PHYSPAGES", "0:1P"), "0:1");
	STR_EQ(stored("PHYSPAGES", "0:4097B"), "0:2");
	STR_EQ(stored("PHYSPAGES", "0:2.5G"), "0:655360");
}

TEST("one number sets barrier and limit; equal ones are stored as one number")
{
	STR_EQ(stored("PRIVVMPAGES", "10"), "10");
	STR_EQ(stored("PRIVVMPAGES", "10:10"), "10");
	STR_EQ(stored("PRIVVMPAGES", "10:20"), "10:20");
}

TEST("unlimited: the word, its beginning, the largest long, and the largest int of old files")
{
	STR_EQ(stored("PHYSPAGES", "0:unlimited"), "0:unlimited");
	STR_EQ(stored("PHYSPAGES", "0:u"), "0:unlimited");
	STR_EQ(stored("PHYSPAGES", "0:9223372036854775807"), "0:unlimited");
	STR_EQ(stored("KMEMSIZE", "9223372036854775807"), "unlimited");
	STR_EQ(stored("NUMPROC", "2147483647:2147483647"), "unlimited");
	STR_EQ(stored("PHYSPAGES", "0:2147483647"), "0:unlimited");
	OK(stored("PHYSPAGES", "0:unlimitedx") == NULL);
	OK(stored("PHYSPAGES", "0:") == NULL);
}

TEST("num* parameters take no suffix and no fraction")
{
	STR_EQ(stored("NUMPROC", "240"), "240");
	OK(stored("NUMPROC", "1K") == NULL);
	OK(stored("NUMPROC", "1.5") == NULL);
	OK(stored("AVNUMPROC", "1K") == NULL);
}

TEST("DISKSPACE is KiB, stored soft:hard, and has no unlimited")
{
	STR_EQ(stored("DISKSPACE", "1048576"), "1048576:1048576");
	STR_EQ(stored("DISKSPACE", "2G:2.2G"), "2097152:2306867");
	STR_EQ(stored("DISKSPACE", "10M"), "10240:10240");
	OK(stored("DISKSPACE", "unlimited") == NULL);
}

TEST("DISKINODES are items, suffixes multiply, stored soft:hard, no unlimited")
{
	STR_EQ(stored("DISKINODES", "131072:144179"), "131072:144179");
	STR_EQ(stored("DISKINODES", "200K"), "204800:204800");
	OK(stored("DISKINODES", "unlimited") == NULL);
}

TEST("a barrier above its limit is refused, naming the key")
{
	_cfg_ struct vz_cfg *c = cfg_new();
	struct vz_err e = { 0 };

	EQ(cfg_set_text(c, VZ_P_PHYSPAGES, "10:5", &e), -EINVAL);
	EQ(e.code, VZ_E_PARAM);
	HAS(e.text, "PHYSPAGES");
	OK(stored("DISKSPACE", "2G:1G") == NULL);
	OK(stored("PHYSPAGES", "unlimited:5") == NULL);
}

TEST("a number that is too large is refused on the command line")
{
	_cfg_ struct vz_cfg *c = cfg_new();
	int code;

	EQ(option(c, "kmemsize", "99999999999999999999", &code), -ERANGE);
	EQ(code, VZ_E_PARAM);
	EQ(option(c, "kmemsize", "99999999T", &code), -ERANGE);
	EQ(option(c, "cpuunits", "500001", &code), -ERANGE);
	EQ(option(c, "cpuunits", "7", &code), -ERANGE);
	EQ(option(c, "iolimit", "2048", &code), -ERANGE);
	EQ(code, VZ_E_PARAM);
	OK(!cfg_has(c, VZ_P_KMEMSIZE) && !cfg_has(c, VZ_P_CPUUNITS));
}

TEST("--ram and --swap are bytes rounded up to pages, and set barrier 0 and the limit")
{
	_cfg_ struct vz_cfg *c = cfg_new();

	EQ(option(c, "ram", "512M", NULL), 0);
	EQ(option(c, "swap", "1G", NULL), 0);
	EQ(c->physpages.bar, 0);
	EQ(c->physpages.lim, 131072);
	EQ(c->swappages.bar, 0);
	EQ(c->swappages.lim, 262144);
	cfg_clear(c);
	EQ(option(c, "ram", "4097", NULL), 0);
	EQ(c->physpages.lim, 2);
	cfg_clear(c);
	EQ(option(c, "ram", "unlimited", NULL), 0);
	OK(c->physpages.lim == VZ_UNLIMITED && !cfg_is_vswap(c));
	OK(option(c, "ram", "0:512M", NULL) < 0);
	OK(option(c, "ram", "-1", NULL) < 0);
}

TEST("--iolimit without suffix is MB on the command line and bytes in the file; 0 is off")
{
	_cfg_ struct vz_cfg *c = cfg_new();

	EQ(option(c, "iolimit", "10", NULL), 0);
	EQ(c->iolimit, 10485760);
	cfg_clear(c);
	EQ(option(c, "iolimit", "500K", NULL), 0);
	EQ(c->iolimit, 512000);
	cfg_clear(c);
	EQ(set_in(c, "IOLIMIT", "10485760", NULL), 0);
	EQ(c->iolimit, 10485760);
	STR_EQ(stored("IOLIMIT", "10M"), "10485760");
	STR_EQ(stored("IOLIMIT", "unlimited"), "0");
	STR_EQ(stored("IOPSLIMIT", "unlimited"), "0");
	OK(stored("IOLIMIT", "10P") == NULL);
}

TEST("--cpulimit is per cent of one CPU, N% is a share of all and at most 100%")
{
	_cfg_ struct vz_cfg *c = cfg_new();

	STR_EQ(stored("CPULIMIT", "150"), "150");
	STR_EQ(stored("CPULIMIT", "0"), "0");
	EQ(option(c, "cpulimit", "50%", NULL), 0);
	EQ(c->cpulimit, 50 * sysconf(_SC_NPROCESSORS_ONLN));
	OK(stored("CPULIMIT", "101%") == NULL);
	OK(stored("CPULIMIT", "%") == NULL);
}

TEST("the smaller one of CPULIMIT and CPUS counts")
{
	_cfg_ struct vz_cfg *c = cfg_new();

	EQ(cfg_cpu_percent(c), 0);
	EQ(set_in(c, "CPUS", "2", NULL), 0);
	EQ(c->cpus, 2000);
	EQ(cfg_cpu_percent(c), 200);
	EQ(set_in(c, "CPULIMIT", "150", NULL), 0);
	EQ(cfg_cpu_percent(c), 150);
	EQ(set_in(c, "CPULIMIT", "0", NULL), 0);
	EQ(cfg_cpu_percent(c), 200);
	STR_EQ(stored("CPUS", "0.25"), "0.25");
}

TEST("yes and no only in lower case, ONBOOT has three states")
{
	STR_EQ(stored("DISABLED", "yes"), "yes");
	STR_EQ(stored("ONBOOT", "auto"), "auto");
	OK(stored("DISABLED", "YES") == NULL && stored("DISABLED", "1") == NULL);
	OK(stored("DISABLED", "true") == NULL && stored("DISABLED", "auto") == NULL);
	STR_EQ(stored("BOOTORDER", "0"), "0");
	OK(stored("BOOTORDER", "-1") == NULL);
}

TEST("a repeated list option adds, a repeated scalar keeps its first value")
{
	_cfg_ struct vz_cfg *c = cfg_new();

	EQ(option(c, "ipadd", "192.0.2.1", NULL), 0);
	EQ(option(c, "ipadd", "192.0.2.2 2001:db8::1", NULL), 0);
	EQ(c->ip_address.n, 3);
	EQ(option(c, "nameserver", "192.0.2.53 192.0.2.54", NULL), 0);
	EQ(option(c, "nameserver", "inherit", NULL), 0);
	EQ(c->nameserver.n, 3);
	EQ(option(c, "userpasswd", "root:a:b", NULL), 0);
	EQ(option(c, "userpasswd", "me:x", NULL), 0);
	EQ(c->userpasswd.n, 2);
	STR_EQ(c->userpasswd.v[0], "root:a:b");
	EQ(option(c, "hostname", "one", NULL), 0);
	EQ(option(c, "hostname", "two", NULL), 0);
	STR_EQ(c->hostname, "one");
	EQ(option(c, "ram", "1G", NULL), 0);
	EQ(option(c, "physpages", "5", NULL), 0);
	EQ(c->physpages.lim, 262144);
	OK(option(c, "hostname", "bad name", NULL) < 0);
}

TEST("abbreviations work while they are unambiguous; a whole name wins")
{
	const struct vz_option_info *o = NULL;
	struct vz_err e = { 0 };

	EQ(option_find("desc", 4, P_SET, &o, &e), 0);
	STR_EQ(o->option, "description");
	EQ(option_find("userp", 5, P_SET, &o, &e), 0);
	STR_EQ(o->option, "userpasswd");
	EQ(option_find("ip", 2, P_SET, &o, &e), 1);
	EQ(param_of_option(o), VZ_P_IP_ADDRESS);
	EQ(option_find("cpus", 4, P_SET, &o, &e), 1);
	EQ(e.code, 0);
	EQ(option_find("cpu", 3, P_SET, &o, &e), -EINVAL);
	EQ(e.code, VZ_E_PARAM);
	HAS(e.text, "--cpu");
	e = (struct vz_err){ 0 };
	EQ(option_find("layout", 6, P_SET, &o, &e), -ENOENT);
	EQ(option_find("layout", 6, P_CREATE, &o, &e), 1);
	EQ(option_find("ve_layout", 9, P_CREATE, &o, &e), 1);
	EQ(option_find("", 0, P_SET, &o, &e), -ENOENT);
	EQ(option_find("nothing", 7, P_SET, &o, &e), -ENOENT);
	EQ(e.code, 0);
}

TEST("addresses: masks of both forms, IPv6, 0.0.0.0 is ignored, nonsense is refused with IP")
{
	STR_EQ(stored("IP_ADDRESS", "192.0.2.1/24 192.0.2.2/255.255.0.0 2001:DB8:0::1/64"),
	       "192.0.2.1/24 192.0.2.2/16 2001:db8::1/64");
	STR_EQ(stored("IP_ADDRESS", "192.0.2.1/32"), "192.0.2.1");
	STR_EQ(stored("IP_ADDRESS", "0.0.0.0"), "");
	STR_EQ(stored("IP_ADDRESS", ":: 192.0.2.1"), "192.0.2.1");
	EQ(code_of("IP_ADDRESS", "192.0.2.256"), VZ_E_IP);
	EQ(code_of("IP_ADDRESS", "192.0.2.1/33"), VZ_E_IP);
	EQ(code_of("IP_ADDRESS", "192.0.2.1/255.0.255.0"), VZ_E_IP);
	EQ(code_of("IP_ADDRESS", "2001:db8::1/129"), VZ_E_IP);
	EQ(code_of("IP_ADDRESS", "2001:db8::1%eth0"), VZ_E_IP);
	EQ(code_of("IP_ADDRESS", "127.0.0.1"), VZ_E_IP);
	EQ(code_of("IP_ADDRESS", "224.0.0.1"), VZ_E_IP);
	EQ(code_of("IP_ADDRESS", "fe80::1"), VZ_E_IP);
	EQ(code_of("IP_ADDRESS", "host.example.org"), VZ_E_IP);
}

TEST("kinds of failure are those of the contract")
{
	EQ(code_of("HOSTNAME", "a b"), VZ_E_HOSTNAME);
	EQ(code_of("NAMESERVER", "a b"), VZ_E_NAMESERVER);
	EQ(code_of("SEARCHDOMAIN", "a/b"), VZ_E_SEARCHDOMAIN);
	EQ(code_of("NAME", "a/b"), VZ_E_NAME);
	EQ(code_of("IOPRIO", "8"), VZ_E_IO);
	EQ(code_of("DEVICES", "b:7:0:rw"), VZ_E_DEVICES);
	EQ(code_of("DEVNODES", "../sda:rw"), VZ_E_DEVICES);
	EQ(code_of("NETDEV", "venet0"), VZ_E_NETDEV);
	EQ(code_of("NETDEV", "lo"), VZ_E_NETDEV);
	EQ(code_of("VE_LAYOUT", "zfs"), VZ_E_LAYOUT);
	EQ(code_of("NUMPROC", "x"), VZ_E_PARAM);
	EQ(code_of("LOCAL_UID", "0"), VZ_E_PARAM);
}

TEST("names: letters, digits, blanks and -+_. but no number, no path, no option; empty removes")
{
	STR_EQ(stored("NAME", "my vps-1+a_b.c"), "my vps-1+a_b.c");
	STR_EQ(stored("NAME", ""), "");
	OK(stored("NAME", "101") == NULL && stored("NAME", "..") == NULL);
	OK(stored("NAME", "-x") == NULL && stored("NAME", "a:b") == NULL);
}

TEST("capabilities are read in any case and stored in upper case with blanks between")
{
	STR_EQ(stored("CAPABILITY", "net_admin:on,SYS_TIME:off"), "NET_ADMIN:on SYS_TIME:off");
	STR_EQ(stored("CAPABILITY", "ve_admin:on setveid:off"), "SETVEID:off VE_ADMIN:on");
	STR_EQ(stored("FEATURES", "sit:on,nfs:on"), "nfs:on sit:on");
	OK(stored("CAPABILITY", "net_admin") == NULL && stored("CAPABILITY", "x:on") == NULL);
}

TEST("capability bits are the kernel's numbers")
{
	_cfg_ struct vz_cfg *c = cfg_new();

	EQ(set_in(c, "CAPABILITY", "chown:on net_admin:on sys_time:on checkpoint_restore:on", NULL),
	   0);
	OK(c->capability.on == (1ull << 0 | 1ull << 12 | 1ull << 25 | 1ull << 40));
}

TEST("devices and device nodes are stored as they are written")
{
	STR_EQ(stored("DEVICES", "c:10:200:rw b:8:all:r"), "c:10:200:rw b:8:all:r");
	STR_EQ(stored("DEVICES", "c:108:0:none"), "c:108:0:none");
	STR_EQ(stored("DEVNODES", "net/tun:rw "), "net/tun:rw");
	OK(stored("DEVICES", "c:10:200") == NULL && stored("DEVICES", "x:1:1:r") == NULL);
	OK(stored("DEVNODES", "/dev/sda:r") == NULL && stored("DEVNODES", "a:x") == NULL);
	STR_EQ(stored("PCI", "1:2.3 0:0a:1F.7"), "0000:01:02.3 0000:0a:1f.7");
}

TEST("NETIF keeps all its keys, those of other tools too; --netif_add is positional")
{
	_cfg_ struct vz_cfg *c = cfg_new();

	STR_EQ(stored("NETIF",
		      "ifname=eth0,bridge=vmbr0,mac=00:18:51:aa:bb:cc,host_ifname=veth101.0,"
		      "host_mac=00:18:51:00:00:01,mac_filter=off;ifname=eth1,gw=192.0.2.1"),
	       "ifname=eth0,bridge=vmbr0,mac=00:18:51:AA:BB:CC,host_ifname=veth101.0,"
	       "host_mac=00:18:51:00:00:01,mac_filter=off;ifname=eth1,gw=192.0.2.1");
	EQ(option(c, "netif_add", "eth0,,v0,,br0", NULL), 0);
	EQ(option(c, "netif_add", "eth1,00:18:51:00:00:02", NULL), 0);
	EQ(c->netif.n, 2);
	STR_EQ(c->netif.v[0].host_ifname, "v0");
	STR_EQ(c->netif.v[0].bridge, "br0");
	OK(!c->netif.v[0].has_mac && c->netif.v[1].has_mac);
	OK(option(c, "netif_add", "eth2,1", NULL) < 0);
	OK(option(c, "netif_add", "eth2,,,,,", NULL) < 0);
	OK(option(c, "netif_add", "averyverylongname", NULL) < 0);
	OK(stored("NETIF", "bridge=br0") == NULL);
	OK(stored("NETIF", "ifname=eth0,mac=01:00:00:00:00:00") == NULL);
}

TEST("--mac and its like need --ifname before them")
{
	_cfg_ struct vz_cfg *c = cfg_new();
	int code;

	OK(option(c, "mac", "00:18:51:00:00:01", &code) < 0);
	EQ(code, VZ_E_SYNTAX);
	EQ(option(c, "ifname", "eth0", NULL), 0);
	EQ(option(c, "mac", "00:18:51:00:00:01", NULL), 0);
	EQ(option(c, "ifname", "eth1", NULL), 0);
	EQ(option(c, "bridge", "br0", NULL), 0);
	EQ(option(c, "ifname", "eth0", NULL), 0);
	EQ(option(c, "mac_filter", "off", NULL), 0);
	EQ(c->netif_edit.n, 2);
	STR_EQ(c->netif_edit.v[1].ifname, "eth0");
	EQ(c->netif_edit.v[1].mac_filter, 0);
	EQ(c->netif_edit.v[0].mac_filter, -1);
}

TEST("a refused password is not repeated in the message")
{
	_cfg_ struct vz_cfg *c = cfg_new();
	struct vz_err e = { 0 };

	OK(vz_cfg_set_option(c, "userpasswd", "hunter2", &e) < 0);
	OK(!strstr(e.text, "hunter2"));
}

/* ---- changes ---- */

/* conf (file syntax, blank-free key=value words) changed by options: the new stored text of key. */
static void load(struct vz_cfg *c, const char *key, const char *text)
{
	EQ(set_in(c, key, text, NULL), 0);
}

static const char *changed_to(struct vz_cfg *conf, struct vz_cfg *change, const char *key)
{
	static char out[4096];
	_buf_ struct buf b = BUF_INIT;
	struct pset set;

	if (cfg_change(conf, change, &set, NULL) < 0 ||
	    cfg_print(conf, (enum vz_param)param_by_key(key, strlen(key)), &b) < 0)
		return NULL;
	(void)snprintf(out, sizeof(out), "%s", buf_str(&b));
	return out;
}

TEST("--ipdel happens before --ipadd: all and an address replace; a new mask replaces the old one")
{
	_cfg_ struct vz_cfg *conf = cfg_new();
	_cfg_ struct vz_cfg *change = cfg_new();

	load(conf, "IP_ADDRESS", "192.0.2.1 192.0.2.2");
	EQ(option(change, "ipadd", "192.0.2.3", NULL), 0);
	STR_EQ(changed_to(conf, change, "IP_ADDRESS"), "192.0.2.1 192.0.2.2 192.0.2.3");
	cfg_clear(change);
	EQ(option(change, "ipadd", "192.0.2.1/24", NULL), 0);
	EQ(option(change, "ipdel", "192.0.2.2", NULL), 0);
	STR_EQ(changed_to(conf, change, "IP_ADDRESS"), "192.0.2.1/24 192.0.2.3");
	cfg_clear(change);
	EQ(option(change, "ipadd", "192.0.2.9", NULL), 0);
	EQ(option(change, "ipdel", "all", NULL), 0);
	STR_EQ(changed_to(conf, change, "IP_ADDRESS"), "192.0.2.9");
}

TEST("--nameserver replaces the list, capabilities and devices are merged")
{
	_cfg_ struct vz_cfg *conf = cfg_new();
	_cfg_ struct vz_cfg *change = cfg_new();

	load(conf, "NAMESERVER", "192.0.2.1");
	load(conf, "CAPABILITY", "NET_ADMIN:off SYS_TIME:on");
	load(conf, "DEVICES", "c:1:1:r");
	EQ(option(change, "nameserver", "inherit", NULL), 0);
	EQ(option(change, "capability", "net_admin:on", NULL), 0);
	EQ(option(change, "devices", "c:1:1:rw", NULL), 0);
	EQ(option(change, "devices", "c:1:2:r", NULL), 0);
	STR_EQ(changed_to(conf, change, "NAMESERVER"), "inherit");
	STR_EQ(changed_to(conf, change, "CAPABILITY"), "NET_ADMIN:on SYS_TIME:on");
	STR_EQ(changed_to(conf, change, "DEVICES"), "c:1:1:rw c:1:2:r");
}

TEST("what changed is told exactly, and nothing that is never stored goes over")
{
	_cfg_ struct vz_cfg *conf = cfg_new();
	_cfg_ struct vz_cfg *change = cfg_new();
	struct pset set;

	load(conf, "ONBOOT", "yes");
	load(conf, "NUMPROC", "5");
	EQ(option(change, "onboot", "yes", NULL), 0);
	EQ(option(change, "numproc", "6", NULL), 0);
	EQ(option(change, "userpasswd", "a:b", NULL), 0);
	EQ(cfg_change(conf, change, &set, NULL), 0);
	OK(!pset_has(&set, VZ_P_ONBOOT) && pset_has(&set, VZ_P_NUMPROC));
	OK(!pset_has(&set, VZ_P_USERPASSWD) && !cfg_has(conf, VZ_P_USERPASSWD));
}

TEST("an empty --name takes the name away; editing an unknown device changes nothing")
{
	_cfg_ struct vz_cfg *conf = cfg_new();
	_cfg_ struct vz_cfg *change = cfg_new();
	struct pset set;
	struct vz_err e = { 0 };

	load(conf, "NAME", "old");
	load(conf, "NETIF", "ifname=eth0");
	EQ(option(change, "name", "", NULL), 0);
	EQ(option(change, "ifname", "eth9", NULL), 0);
	OK(cfg_change(conf, change, &set, &e) < 0);
	HAS(e.text, "eth9");
	STR_EQ(conf->name, "old");
	cfg_clear(change);
	EQ(option(change, "name", "", NULL), 0);
	EQ(option(change, "ifname", "eth0", NULL), 0);
	EQ(option(change, "bridge", "br1", NULL), 0);
	STR_EQ(changed_to(conf, change, "NETIF"), "ifname=eth0,bridge=br1");
	OK(!cfg_has(conf, VZ_P_NAME));
}

/* ---- rules ---- */

TEST("VSwap: PHYSPAGES has a limit; without SWAPPAGES there is no swap; the rest follows")
{
	_cfg_ struct vz_cfg *c = cfg_new();
	uint64_t ram, swap;

	load(c, "PHYSPAGES", "0:unlimited");
	load(c, "PRIVVMPAGES", "65536:69632");
	OK(!cfg_is_vswap(c));
	cfg_memory(c, &ram, &swap);
	EQ(ram, 69632);
	EQ(swap, 0);
	cfg_clear(c);
	load(c, "PHYSPAGES", "0:100");
	cfg_memory(c, &ram, &swap);
	EQ(ram, 100);
	EQ(swap, 0);
	load(c, "SWAPPAGES", "0:200");
	load(c, "VM_OVERCOMMIT", "1.5");
	cfg_derive(c);
	EQ(c->lockedpages.lim, 100);
	EQ(c->vmguarpages.bar, 300);
	EQ(c->oomguarpages.bar, 100);
	EQ(c->privvmpages.lim, 450);
	cfg_memory(c, &ram, &swap);
	EQ(ram, 100);
	EQ(swap, 200);
}

TEST("nothing set: no limit of memory")
{
	_cfg_ struct vz_cfg *c = cfg_new();
	uint64_t ram, swap;

	cfg_memory(c, &ram, &swap);
	OK(ram == VZ_UNLIMITED && swap == VZ_UNLIMITED);
}

TEST("--nodemask needs --cpumask, --cpumask auto needs --nodemask: bad syntax")
{
	_cfg_ struct vz_cfg *c = cfg_new();
	struct vz_err e = { 0 };

	EQ(option(c, "nodemask", "0", NULL), 0);
	OK(cfg_check_change(c, &e) < 0);
	EQ(e.code, VZ_E_SYNTAX);
	EQ(option(c, "cpumask", "auto", NULL), 0);
	EQ(cfg_check_change(c, &e), 0);
	cfg_unset(c, VZ_P_NODEMASK);
	OK(cfg_check_change(c, &e) < 0);
	STR_EQ(stored("CPUMASK", "0-2,7"), "0-2,7");
	OK(stored("CPUMASK", "2-0") == NULL && stored("CPUMASK", "0,,1") == NULL);
	OK(stored("NODEMASK", "auto") == NULL && stored("CPUMASK", "9999") == NULL);
}

TEST("IPv6 addresses are dropped unless IPV6 is yes; NETFILTER of vz.conf is ignored")
{
	_cfg_ struct vz_cfg *c = cfg_new();

	load(c, "IP_ADDRESS", "192.0.2.1 2001:db8::1");
	load(c, "IPV6", "yes");
	EQ(cfg_drop_ipv6(c), 0);
	load(c, "IPV6", "no");
	EQ(cfg_drop_ipv6(c), 1);
	EQ(c->ip_address.n, 1);
	load(c, "NETFILTER", "full");
	EQ(cfg_clean_node(c, NULL), 1);
	OK(!cfg_has(c, VZ_P_NETFILTER));
}

TEST("a list that grows beyond its limit is refused, and says so")
{
	_cfg_ struct vz_cfg *c = cfg_new();
	struct vz_err e = { 0 };
	char text[40];
	int r = 0;

	for (int i = 0; i < 1000 && r == 0; i++) {
		(void)snprintf(text, sizeof(text), "c:10:%d:rw", i);
		r = vz_cfg_set_option(c, "devices", text, &e);
	}
	EQ(r, -E2BIG);
	EQ(e.code, VZ_E_PARAM);
	HAS(e.text, "too many values for devices");
	EQ(c->devices.n, 256);
}
