/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The values that parameters have, as C types: t_<type> is what a row with <type> stores, ARG_ is
 * what its value looks like in usage texts, SCHEMA_ the same as a JSON schema.
 */
#ifndef VZ_PARAM_TYPES_H
#define VZ_PARAM_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

#define VZ_UNLIMITED UINT64_MAX
#define VZ_PAGE	     4096u /* what a "page" means in files, on every machine */

struct ubc { /* barrier and limit */
	uint64_t bar, lim;
};

struct cfg_addr { /* network byte order */
	uint8_t family; /* AF_INET or AF_INET6 */
	uint8_t prefix; /* bits; 32 or 128 unless a mask was given */
	uint8_t ip[16];
};
struct addrlist {
	struct cfg_addr *v;
	size_t n;
};

struct addrdel { /* addresses to take away */
	struct addrlist list;
	bool all;
};

struct onoff { /* switches, one bit each */
	uint64_t on, off;
};

/* Bits of the FEATURES switches. Bits of CAPABILITY are the kernel's numbers. */
enum cfg_feature {
	FEAT_SYSFS,
	FEAT_NFS,
	FEAT_SIT,
	FEAT_IPIP,
	FEAT_PPP,
	FEAT_IPGRE,
	FEAT_BRIDGE,
	FEAT_NFSD,
	FEAT_NESTING, /* containers inside; gives up being suspended */
	FEAT_FUSE,
	FEAT_TUN,
	FEAT_WIREGUARD,
};
#define CFG_CAP_SETVEID	 62 /* capabilities of the historic kernel, no meaning any more */
#define CFG_CAP_VE_ADMIN 63

enum cfg_onboot { ONBOOT_NO, ONBOOT_YES, ONBOOT_AUTO };
enum cfg_stop_mode { STOP_MODE_STOP, STOP_MODE_SUSPEND };
enum cfg_netfilter { NETFILTER_DISABLED, NETFILTER_STATELESS, NETFILTER_STATEFUL, NETFILTER_FULL };

enum cfg_meminfo_mode { MEMINFO_NONE, MEMINFO_PAGES, MEMINFO_PRIVVMPAGES };
struct meminfo {
	uint64_t mode; /* enum cfg_meminfo_mode */
	uint64_t n;    /* pages, or a multiple of privvmpages */
};

#define CFG_IFNAMSIZ 16
struct netif { /* one pair of virtual Ethernet devices */
	char ifname[CFG_IFNAMSIZ];	/* inside */
	char host_ifname[CFG_IFNAMSIZ]; /* outside; "" = not given, as for all strings here */
	char bridge[CFG_IFNAMSIZ];
	uint8_t mac[6], host_mac[6];
	bool has_mac, has_host_mac;
	int8_t mac_filter; /* -1: not given, else off or on */
	char *extra;	   /* keys that only other tools know, "key=value,..."; may be NULL */
};
struct netiflist {
	struct netif *v;
	size_t n;
};

#define DEV_READ  1
#define DEV_WRITE 2
#define DEV_QUOTA 4
struct devrule { /* a device node by number */
	char kind; /* 'b' or 'c' */
	uint8_t perm;
	bool all; /* every minor */
	uint32_t major, minor;
};
struct devlist {
	struct devrule *v;
	size_t n;
};

struct devnode { /* a device node by name below /dev */
	char *name;
	uint64_t perm;
};
struct devnodelist {
	struct devnode *v;
	size_t n;
};

enum cfg_traffic_count { TRAFFIC_BOTH, TRAFFIC_IN, TRAFFIC_OUT, TRAFFIC_LARGER };
enum cfg_traffic_do { TRAFFIC_NOTIFY, TRAFFIC_STOP, TRAFFIC_THROTTLE };
struct traffic_doing {
	uint64_t what; /* enum cfg_traffic_do */
	uint64_t bits; /* a second, of TRAFFIC_THROTTLE */
};

#define SCHEMA_STR   "{\"type\":\"string\"}"
#define SCHEMA_INT   "{\"type\":\"integer\",\"minimum\":0}"
#define SCHEMA_NUM   "{\"type\":\"number\",\"minimum\":0}"
#define SCHEMA_BOOL  "{\"type\":\"boolean\"}"
#define SCHEMA_LIST  "{\"type\":\"array\",\"items\":{\"type\":\"string\"}}"
#define SCHEMA_OBJS  "{\"type\":\"array\",\"items\":{\"type\":\"object\"}}"
#define SCHEMA_ONOFF "{\"type\":\"object\",\"additionalProperties\":{\"type\":\"boolean\"}}"
#define SCHEMA_UBC                                                                                 \
	"{\"type\":\"object\",\"properties\":{\"barrier\":{\"type\":\"integer\"},"                 \
	"\"limit\":{\"type\":\"integer\"}},\"required\":[\"barrier\",\"limit\"]}"

/* type_num.c */
typedef int t_yesno;
#define ARG_yesno    "yes|no"
#define SCHEMA_yesno SCHEMA_BOOL
typedef int t_onboot;
#define ARG_onboot    "yes|no|auto"
#define SCHEMA_onboot "{\"enum\":[\"yes\",\"no\",\"auto\"]}"
enum cfg_stopmode { STOPMODE_STOP, STOPMODE_SUSPEND };
typedef int t_stopmode;
#define ARG_stopmode	"suspend|stop"
#define SCHEMA_stopmode "{\"enum\":[\"suspend\",\"stop\"]}"
enum cfg_tracking { TRACKING_NO, TRACKING_PRIVATE, TRACKING_YES };
typedef int t_tracking;
#define ARG_tracking	"yes|no|private"
#define SCHEMA_tracking "{\"enum\":[\"yes\",\"no\",\"private\"]}"
typedef int t_netfilter;
#define ARG_netfilter	 "disabled|stateless|stateful|full"
#define SCHEMA_netfilter "{\"enum\":[\"disabled\",\"stateless\",\"stateful\",\"full\"]}"
typedef int t_level;
#define ARG_level    "N"
#define SCHEMA_level "{\"type\":\"integer\"}"
typedef uint64_t t_num;
#define ARG_num	   "N"
#define SCHEMA_num SCHEMA_INT
typedef uint64_t t_uid;
#define ARG_uid	   "ID"
#define SCHEMA_uid SCHEMA_INT
typedef uint64_t t_weight;
#define ARG_weight    "N"
#define SCHEMA_weight "{\"type\":\"integer\",\"minimum\":8,\"maximum\":500000}"
typedef uint64_t t_percent; /* of one CPU */
#define ARG_percent    "N[%]"
#define SCHEMA_percent SCHEMA_INT
typedef uint64_t t_milli; /* thousandths */
#define ARG_milli    "N[.N]"
#define SCHEMA_milli SCHEMA_NUM
typedef uint64_t t_ioprio;
#define ARG_ioprio    "0-7"
#define SCHEMA_ioprio "{\"type\":\"integer\",\"minimum\":0,\"maximum\":7}"
typedef struct meminfo t_meminfo;
#define ARG_meminfo    "none|pages:N|privvmpages:N"
#define SCHEMA_meminfo SCHEMA_STR

typedef int t_trafficdir;
#define ARG_trafficdir	  "both|in|out|larger"
#define SCHEMA_trafficdir "{\"enum\":[\"both\",\"in\",\"out\",\"larger\"]}"
typedef uint64_t t_monthday;
#define ARG_monthday	"1-28"
#define SCHEMA_monthday "{\"type\":\"integer\",\"minimum\":1,\"maximum\":28}"

/* type_traffic.c */
typedef uint64_t t_volume; /* bytes; 0: none */
#define ARG_volume    "N[K|M|G|T]"
#define SCHEMA_volume SCHEMA_INT
typedef struct traffic_doing t_doing;
#define ARG_doing    "notify|stop|throttle:RATE"
#define SCHEMA_doing SCHEMA_STR

/* type_size.c */
typedef struct ubc t_pages; /* pages */
#define ARG_pages    "N[:N]"
#define SCHEMA_pages SCHEMA_UBC
typedef struct ubc t_bytes; /* bytes */
#define ARG_bytes    "N[:N]"
#define SCHEMA_bytes SCHEMA_UBC
typedef struct ubc t_items;
#define ARG_items    "N[:N]"
#define SCHEMA_items SCHEMA_UBC
typedef struct ubc t_kib; /* KiB: soft and hard */
#define ARG_kib	   "SOFT[:HARD]"
#define SCHEMA_kib SCHEMA_UBC
typedef struct ubc t_inodes; /* soft and hard */
#define ARG_inodes    "SOFT[:HARD]"
#define SCHEMA_inodes SCHEMA_UBC
typedef uint64_t t_iolimit; /* bytes a second, 0: no limit */
#define ARG_iolimit    "N[B|K|M|G]"
#define SCHEMA_iolimit SCHEMA_INT
typedef uint64_t t_iops; /* 0: no limit */
#define ARG_iops    "N"
#define SCHEMA_iops SCHEMA_INT

/* type_text.c; all own their string, which is never NULL once the parameter is set */
typedef char *t_text; /* one line */
#define ARG_text    "TEXT"
#define SCHEMA_text SCHEMA_STR
typedef char *t_path; /* absolute; $VEID is not expanded yet */
#define ARG_path    "PATH"
#define SCHEMA_path SCHEMA_STR
typedef char *t_fname; /* one component of a path */
#define ARG_fname    "NAME"
#define SCHEMA_fname SCHEMA_STR
typedef char *t_ctname; /* name of a VPS; "" takes it away */
#define ARG_ctname    "NAME"
#define SCHEMA_ctname SCHEMA_STR
typedef char *t_pool; /* name of a pool; "" takes the VPS out of it */
#define ARG_pool    "POOL"
#define SCHEMA_pool SCHEMA_STR
typedef char *t_hostname;
#define ARG_hostname	"NAME"
#define SCHEMA_hostname SCHEMA_STR
typedef char *t_uuid; /* lower case, with dashes, without braces */
#define ARG_uuid    "UUID"
#define SCHEMA_uuid SCHEMA_STR
typedef char *t_layout;
#define ARG_layout    "LAYOUT[:MODE]"
#define SCHEMA_layout SCHEMA_STR
typedef char *t_cpulist;
#define ARG_cpulist    "LIST|all|auto"
#define SCHEMA_cpulist SCHEMA_STR
typedef char *t_nodelist;
#define ARG_nodelist	"LIST|all"
#define SCHEMA_nodelist SCHEMA_STR
typedef char *t_neigh;
#define ARG_neigh    "all|detect|list:DEV..."
#define SCHEMA_neigh SCHEMA_STR
typedef char *t_slice; /* relative path of a control group */
#define ARG_slice    "NAME"
#define SCHEMA_slice SCHEMA_STR

/* type_bind.c */
#define CFG_BINDS_MAX 24
#define CFG_BIND_PATH 512
enum cfg_bind_flag { CFG_BIND_RO = 1, CFG_BIND_NOEXEC = 2, CFG_BIND_SUID = 4, CFG_BIND_NOMAP = 8 };
struct cfg_bind { /* one entry, taken apart by cfg_bind() */
	char src[CFG_BIND_PATH], dst[CFG_BIND_PATH];
	unsigned int flags;
};
typedef struct strv t_binds;
#define ARG_binds    "SRC:DST[:OPTION[,...]]"
#define SCHEMA_binds SCHEMA_LIST
typedef struct strv t_binddel;
#define ARG_binddel    "DST|SRC:DST|all"
#define SCHEMA_binddel SCHEMA_LIST

/* type_list.c */
typedef struct strv t_words;
#define ARG_words    "WORD..."
#define SCHEMA_words SCHEMA_LIST

typedef struct strv t_fwsets;
#define ARG_fwsets    "SET[,SET...]|none"
#define SCHEMA_fwsets SCHEMA_LIST
typedef struct strv t_rates;
#define ARG_rates    "DEV:CLASS:KBITS..."
#define SCHEMA_rates SCHEMA_LIST
typedef struct strv t_classes;
#define ARG_classes    "CLASS..."
#define SCHEMA_classes SCHEMA_LIST
typedef struct strv t_dns;
#define ARG_dns	   "ADDR|inherit"
#define SCHEMA_dns SCHEMA_LIST
typedef struct strv t_domains;
#define ARG_domains    "NAME|inherit"
#define SCHEMA_domains SCHEMA_LIST
typedef struct strv t_users;
#define ARG_users    "USER:PASSWORD"
#define SCHEMA_users SCHEMA_LIST
typedef struct onoff t_caps;
#define ARG_caps    "NAME:on|off[,...]"
#define SCHEMA_caps SCHEMA_ONOFF
typedef struct onoff t_features;
#define ARG_features	"NAME:on|off[,...]"
#define SCHEMA_features SCHEMA_ONOFF

/* type_net.c */
typedef struct addrlist t_addrs;
#define ARG_addrs    "ADDR[/MASK]"
#define SCHEMA_addrs SCHEMA_LIST
typedef struct addrdel t_addrdel;
#define ARG_addrdel    "ADDR|all"
#define SCHEMA_addrdel SCHEMA_LIST
typedef struct strv t_ifnames;
#define ARG_ifnames    "DEV"
#define SCHEMA_ifnames SCHEMA_LIST
typedef struct strv t_ifdel;
#define ARG_ifdel    "DEV|all"
#define SCHEMA_ifdel SCHEMA_LIST

/* type_netif.c */
typedef struct netiflist t_netifs;
#define ARG_netifs    "DEV[,MAC[,HOST_DEV[,HOST_MAC[,BRIDGE]]]][,KEY=VALUE]..."
#define SCHEMA_netifs SCHEMA_OBJS
typedef struct netiflist t_netifedit;
#define ARG_netifedit	 "DEV"
#define SCHEMA_netifedit SCHEMA_OBJS

/* type_dev.c */
typedef struct devlist t_devices;
#define ARG_devices    "b|c:MAJOR:MINOR|all:[r][w][q]|none"
#define SCHEMA_devices SCHEMA_LIST
typedef struct devnodelist t_devnodes;
#define ARG_devnodes	"NAME:[r][w][q]|none"
#define SCHEMA_devnodes SCHEMA_LIST
typedef struct strv t_pcis;
#define ARG_pcis    "[DOMAIN:]BUS:SLOT.FUNC"
#define SCHEMA_pcis SCHEMA_LIST

#endif
