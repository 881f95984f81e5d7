// SPDX-License-Identifier: GPL-2.0-or-later
/* CRIU's messages, logs, images and mounts, without CRIU. */
#include "../tap.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/io.h"
#include "base/path.h"
#include "cpt/cpt_int.h"
#include "cpt/pb.h"
#include "cpt/rpc.h"

TEST("what is written is read back")
{
	_buf_ struct buf b = BUF_INIT;
	struct pb_field f;
	static const uint64_t numbers[] = { 0, 1, 127, 128, 300, UINT32_MAX, UINT64_MAX };

	for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
		buf_clear(&b);
		pb_put_num(&b, 64, numbers[i]);
		pb_put_str(&b, 7, "abc");
		EQ(pb_find(b.data, b.len, 64, PB_NUM, &f), 0);
		OK(f.num == numbers[i]);
		EQ(pb_find(b.data, b.len, 7, PB_BYTES, &f), 0);
		EQ(f.len, 3);
		OK(memcmp(f.data, "abc", 3) == 0);
		EQ(pb_find(b.data, b.len, 8, PB_BYTES, &f), -ENOENT);
		EQ(pb_find(b.data, b.len, 7, PB_NUM, &f), -ENOENT);
	}
}

TEST("a cut or wrong message is refused, wherever it is cut")
{
	_buf_ struct buf b = BUF_INIT;
	struct pb_field f;
	struct pb p;
	static const unsigned char bad[][12] = {
		{ 0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f }, /* huge length */
		{ 0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff },
		{ 0x0b }, /* a group */
	};

	pb_put_num(&b, 1, 300);
	pb_put_str(&b, 2, "four");
	for (size_t cut = 1; cut < b.len; cut++) {
		int r;

		p = (struct pb){ (const unsigned char *)b.data, (const unsigned char *)b.data + cut };
		while ((r = pb_next(&p, &f)) > 0)
			;
		EQ(r, cut == 3 ? 0 : -EBADMSG);
	}
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		p = (struct pb){ bad[i], bad[i] + sizeof(bad[i]) };
		EQ(pb_next(&p, &f), -EBADMSG);
	}
}

static void say(int sock, int type, uint64_t success, const char *script, int pid, int fd)
{
	_buf_ struct buf b = BUF_INIT, in = BUF_INIT;
	char room[CMSG_SPACE(sizeof(int))] = { 0 };
	struct iovec v;
	struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1 };

	pb_put_num(&b, 1, (uint64_t)type);
	pb_put_num(&b, 2, success);
	if (script)
		pb_put_str(&in, 1, script);
	if (pid)
		pb_put_num(&in, script ? 2 : 1, (uint64_t)pid);
	if (in.len)
		pb_put_bytes(&b, script ? 5 : 4, in.data, in.len);
	v = (struct iovec){ b.data, b.len };
	if (fd >= 0) {
		struct cmsghdr *h;

		m.msg_control = room;
		m.msg_controllen = sizeof(room);
		h = CMSG_FIRSTHDR(&m);
		h->cmsg_level = SOL_SOCKET;
		h->cmsg_type = SCM_RIGHTS;
		h->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(h), &fd, sizeof(fd));
	}
	OK(sendmsg(sock, &m, 0) > 0);
}

TEST("notifications, a descriptor and the reply are understood")
{
	struct rpc_event ev = { 0 };
	int a, c;
	char got[32];

	NEED(OK(rpc_pair(&a, &c) == 0));
	say(c, 6, 1, "post-restore", 4711, -1);
	EQ(rpc_recv(a, 0, &ev), 0);
	OK(!ev.done);
	STR_EQ(ev.script, "post-restore");
	EQ(ev.pid, 4711);
	EQ(ev.fd, -1);
	say(c, 6, 1, "orphan-pts-master", 0, c);
	EQ(rpc_recv(a, 0, &ev), 0);
	OK(ev.fd >= 0);
	EQ(fcntl(ev.fd, F_GETFD), FD_CLOEXEC);
	close(ev.fd);
	say(c, 2, 1, NULL, 99, -1);
	EQ(rpc_recv(a, 0, &ev), 0);
	OK(ev.done && ev.success);
	EQ(ev.pid, 99);
	say(c, 2, 0, NULL, 0, -1);
	EQ(rpc_recv(a, 0, &ev), 0);
	OK(ev.done && !ev.success);
	EQ(rpc_answer(a, true), 0);
	EQ(recv(c, got, sizeof(got), 0), 4);
	OK(memcmp(got, "\x08\x06\x18\x01", 4) == 0);
	OK(send(c, "\x08", 1, 0) == 1);
	EQ(rpc_recv(a, 0, &ev), -EBADMSG);
	EQ(rpc_recv(a, clock_ms() + 10, &ev), -ETIMEDOUT);
	close(c);
	EQ(rpc_recv(a, 0, &ev), -EPIPE);
	close(a);
}

TEST("the cause in a log is its first error that is one")
{
	static const char log[] =
		"(00.069192) Error (criu/util.c:1533): rlimit: Can't setup RLIMIT_NOFILE for self\n"
		"Error (criu/util.c:642): execvp(\"iptables-save\", ...) failed: No such file\n"
		"(00.2) Warn  (criu/irmap.c:105): irmap: Can't stat /x: No such file or directory\n"
		"(00.376254)      1: Error (criu/mount-v2.c:1043): mnt-v2: Can't copy\tsharing  \n"
		"(00.3) Error (criu/cr-dump.c:1681): Dump files (pid: 30642) failed with -1\n"
		"(00.378075) Error (criu/cr-dump.c:2111): Dumping FAILED.\n";
	_buf_ struct buf b = BUF_INIT;

	cpt_log_cause(log, sizeof(log) - 1, &b);
	STR_EQ(buf_str(&b), "mnt-v2: Can't copy sharing");
	buf_clear(&b);
	cpt_log_cause("", 0, &b);
	STR_EQ(buf_str(&b), "");
	cpt_log_cause("Error (x", 8, &b);
	STR_EQ(buf_str(&b), "");
}

static int never_empty(void *arg, const char *mountpoint)
{
	(void)mountpoint;
	return *(const int *)arg;
}

TEST("device mounts are declared, each host path once, odd names refused, ramfs looked into")
{
	static const char ok[] =
		"68 43 0:40 / / rw,relatime - overlay overlay rw,lowerdir=/a\n"
		"72 71 0:6 /null /dev/null rw,relatime shared:11 - devtmpfs devtmpfs rw\n"
		"82 69 0:6 /null /proc/keys rw,relatime - devtmpfs devtmpfs rw,size=1k\n"
		"83 69 0:6 /net/tun /a\\040b rw - devtmpfs devtmpfs rw\n";
	static const char colon[] = "72 71 0:6 /null /dev/a:b rw - devtmpfs devtmpfs rw\n";
	static const char ram[] = "72 71 0:6 / /run/credentials/x rw - ramfs none rw\n";
	static const char fuse[] = "1 0 0:40 / / rw - overlay o rw\n"
				   "2 1 0:41 / /sys/fs/fuse/connections rw - fusectl f rw\n"
				   "3 1 0:42 / /mnt rw - fuse.sshfs s rw\n";
	static const char overlay[] = "1 0 0:40 / / rw - overlay o rw\n"
				      "2 1 0:40 /etc /same rw - overlay o rw\n"
				      "3 1 0:41 / /other rw - overlay o rw\n";
	_buf_ struct buf opts = BUF_INIT, paths = BUF_INIT, want = BUF_INIT;
	char what[256] = "";
	int answer = -ENOTEMPTY;

	EQ(cpt_mounts_parse(ok, NULL, &opts, &paths, never_empty, &answer, what), 0);
	STR_EQ(buf_str(&paths), "/dev/null\n/dev/net/tun\n");
	pb_put_str(&want, OPT_EXTERNAL, "mnt[/dev/null]:/dev/null");
	pb_put_str(&want, OPT_EXTERNAL, "mnt[/proc/keys]:/dev/null");
	pb_put_str(&want, OPT_EXTERNAL, "mnt[/a b]:/dev/net/tun");
	EQ(opts.len, want.len);
	OK(opts.len == want.len && memcmp(opts.data, want.data, want.len) == 0);
	EQ(cpt_mounts_parse(colon, NULL, &opts, &paths, never_empty, &answer, what), -EINVAL);
	EQ(cpt_mounts_parse(ram, NULL, &opts, &paths, never_empty, &answer, what), -ENOTEMPTY);
	STR_EQ(what, "/run/credentials/x");
	answer = 0;
	EQ(cpt_mounts_parse(ram, NULL, &opts, &paths, never_empty, &answer, what), 0);
	EQ(cpt_mounts_parse(fuse, NULL, &opts, &paths, never_empty, &answer, what), -EOPNOTSUPP);
	STR_EQ(what, "/mnt");
	EQ(cpt_mounts_parse(overlay, NULL, &opts, &paths, never_empty, &answer, what), -EOPNOTSUPP);
	STR_EQ(what, "/other");
	EQ(cpt_mounts_parse("rubbish\n", NULL, &opts, &paths, never_empty, &answer, what), -EBADMSG);
}

static void put_record(struct buf *b, const struct buf *rec)
{
	uint32_t len = (uint32_t)rec->len;

	buf_add(b, &len, sizeof(len));
	buf_add(b, rec->data, rec->len);
}

static void put_file(struct buf *image, uint32_t id, uint64_t flags)
{
	_buf_ struct buf reg = BUF_INIT, rec = BUF_INIT;

	pb_put_num(&reg, 1, id);
	pb_put_num(&reg, 2, flags);
	pb_put_num(&rec, 1, 1);
	pb_put_bytes(&rec, 3, reg.data, reg.len);
	put_record(image, &rec);
}

static void save(int dir, const char *name, const struct buf *b)
{
	int fd = openat(dir, name, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	OK(fd >= 0 && write(fd, b->data, b->len) == (ssize_t)b->len);
	close(fd);
}

TEST("a program's record loses O_PATH, others and the size of the image stay")
{
	_buf_ struct buf files = BUF_INIT, mm = BUF_INIT, rec = BUF_INIT;
	char dir[] = "/tmp/test_cpt.XXXXXX", got[256];
	size_t differ = 0, at = 0;
	int fd, d;

	NEED(OK(mkdtemp(dir) != NULL));
	d = open(dir, O_RDONLY | O_DIRECTORY);
	buf_add(&files, "12345678", 8);
	put_file(&files, 7, O_PATH | O_CLOEXEC);
	put_file(&files, 8, O_PATH | O_CLOEXEC);
	put_file(&files, 9, O_RDWR);
	save(d, "files.img", &files);
	buf_add(&mm, "12345678", 8);
	pb_put_num(&rec, 12, 7);
	put_record(&mm, &rec);
	save(d, "mm-1.img", &mm);
	EQ(cpt_image_fix(d), 0);
	fd = openat(d, "files.img", O_RDONLY);
	EQ(read(fd, got, sizeof(got)), (ssize_t)files.len);
	close(fd);
	for (size_t i = 0; i < files.len; i++)
		if (got[i] != files.data[i]) {
			differ++;
			at = i;
		}
	/* O_PATH is bit 21, the lowest of the number's fourth byte; more bits are in the same byte. */
	EQ(differ, 1);
	EQ((unsigned char)(got[at] ^ files.data[at]), 1);
	OK(at < files.len / 2);
	save(d, "mm-2.img", &files);
	buf_clear(&files);
	buf_puts(&files, "12345678\xff\xff\xff\xff");
	save(d, "mm-2.img", &files);
	EQ(cpt_image_fix(d), -EBADMSG);
	close(d);
	path_remove_tree_at(AT_FDCWD, dir);
}

static void knob(const char *dir, const char *group, const char *file, const char *value)
{
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir, group);
	mkdir(path, 0755);
	snprintf(path, sizeof(path), "%s/%s/%s", dir, group, file);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	OK(fd >= 0 && write(fd, value, strlen(value)) == (ssize_t)strlen(value));
	close(fd);
}

static void knob_is(const char *dir, const char *path, const char *want)
{
	_buf_ struct buf b = BUF_INIT;
	char p[256];

	snprintf(p, sizeof(p), "%s/%s", dir, path);
	EQ(io_read_at(AT_FDCWD, p, 4096, &b), 0);
	STR_EQ(buf_str(&b), want);
}

TEST("groups of the VPS and their settings are kept, those of its root are not, fresh values are not")
{
	char a[] = "/tmp/test_cpt.XXXXXX", b[] = "/tmp/test_cpt.XXXXXX", want[256];
	_buf_ struct buf text = BUF_INIT;
	unsigned int u = getuid(), g = getgid();
	int fa, fb;

	NEED(OK(mkdtemp(a) && mkdtemp(b)));
	knob(a, "", "cgroup.subtree_control", "pids\n");
	knob(a, "", "memory.max", "1\n");
	knob(a, "s", "memory.max", "4096\n");
	knob(a, "s", "pids.max", "max\n");
	knob(a, "s/t", "cpu.weight", "7\n");
	knob(a, "s/new\nline", "cpu.weight", "8\n");
	fa = open(a, O_RDONLY | O_DIRECTORY);
	EQ(cpt_groups_save(fa, &text), 0);
	snprintf(want, sizeof(want),
		 ".\tcgroup.subtree_control\tpids\n./s\t@\t%u %u %u %u\n./s\tmemory.max\t4096\n"
		 "./s/t\t@\t%u %u %u %u\n./s/t\tcpu.weight\t7\n",
		 u, g, u, g, u, g, u, g);
	STR_EQ(buf_str(&text), want);
	knob(b, "", "cgroup.subtree_control", "");
	knob(b, "", "memory.max", "");
	knob(b, "s", "memory.max", "");
	fb = open(b, O_RDONLY | O_DIRECTORY);
	EQ(cpt_groups_load(fb, buf_str(&text)), 0);
	knob_is(b, "cgroup.subtree_control", "+pids");
	knob_is(b, "memory.max", "");
	knob_is(b, "s/memory.max", "4096");
	EQ(faccessat(fb, "s/t", F_OK, 0), 0);
	/* Never out of the tree. */
	EQ(cpt_groups_load(fb, "../../etc\tpids.max\t1\n"), 0);
	EQ(cpt_groups_load(fb, "./../../x\t@\t0 0 0 0\n"), 0);
	EQ(faccessat(fb, "x", F_OK, 0), 0);
	EQ(cpt_groups_load(fb, "./q\t@\t0 0 0\n"), -EBADMSG);
	EQ(cpt_groups_load(fb, "rubbish"), -EBADMSG);
	close(fa);
	close(fb);
	path_remove_tree_at(AT_FDCWD, a);
	path_remove_tree_at(AT_FDCWD, b);
}

static void script(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0755);

	OK(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
}

TEST("without a criu that fits there is one line with each reason")
{
	char dir[] = "/tmp/test_cpt.XXXXXX", path[64], *found = NULL;
	struct vz_err e = { 0 };
	struct cpt_find f = { .rundir = dir, .conf = path };

	NEED(OK(mkdtemp(dir) != NULL));
	snprintf(path, sizeof(path), "%s/criu", dir);
	EQ(cpt_find(&f, &found, &e), -ENOENT);
	EQ(e.code, VZ_E_KERNEL);
	HAS(e.text, "no criu fits this kernel");
	HAS(e.text, "No such file");
	snprintf(path, sizeof(path), "%s/bad", dir);
	script(path, "#!/bin/sh\necho 'Error (criu/vdso.c:1): vdso: Unexpected rt vDSO area'\nexit 1\n");
	e = (struct vz_err){ 0 };
	EQ(cpt_find(&f, &found, &e), -ENOENT);
	HAS(e.text, "vdso: Unexpected rt vDSO area");
	OK(found == NULL);
	path_remove_tree_at(AT_FDCWD, dir);
}

TEST("a folder is a dump only when it is complete; dropping takes what lies beside it, too")
{
	char dir[] = "/tmp/test_cpt.XXXXXX", dump[64], path[96], *note = NULL;
	_buf_ struct buf b = BUF_INIT;
	int d;

	NEED(OK(mkdtemp(dir) != NULL));
	snprintf(dump, sizeof(dump), "%s/Dump.1", dir);
	OK(!cpt_exists(dump));
	EQ(cpt_drop(dump), 0);
	OK(mkdir(dump, 0700) == 0);
	OK(!cpt_exists(dump));
	d = open(dump, O_RDONLY | O_DIRECTORY);
	buf_puts(&b, "x");
	save(d, "inventory.img", &b);
	OK(cpt_exists(dump));
	EQ(cpt_note(dump, &note), -ENOENT);
	save(d, CPT_NOTE, &b);
	EQ(cpt_note(dump, &note), 0);
	STR_EQ(note, "x");
	free(note);
	close(d);
	snprintf(path, sizeof(path), "%s.fail", dump);
	OK(mkdir(path, 0700) == 0);
	EQ(cpt_drop(dump), 0);
	OK(rmdir(dir) == 0);
}

/* ---- another place for the control groups ---- */

static void put_member(struct buf *set, const char *name, const char *path, uint64_t prefix)
{
	_buf_ struct buf m = BUF_INIT;

	pb_put_str(&m, 1, name);
	pb_put_str(&m, 2, path);
	if (prefix)
		pb_put_num(&m, 3, prefix);
	pb_put_bytes(set, 2, m.data, m.len);
}

static void put_folder(struct buf *ctl, const char *path, const char *child)
{
	_buf_ struct buf d = BUF_INIT, c = BUF_INIT;

	pb_put_str(&c, 1, child);
	pb_put_str(&d, 1, path);
	pb_put_bytes(&d, 2, c.data, c.len);
	pb_put_bytes(ctl, 2, d.data, d.len);
}

/* As CRIU writes it: one set with three memberships, one controller with two folders. */
static void make_groups(struct buf *out, const char *pool, const char *more)
{
	_buf_ struct buf set = BUF_INIT, ctl = BUF_INIT, rec = BUF_INIT;
	char path[3][200];
	uint32_t len;

	snprintf(path[0], sizeof(path[0]), "/vz%s/101/ve/system.slice/101%s", pool, more);
	snprintf(path[1], sizeof(path[1]), "/vz%s/101", pool);
	snprintf(path[2], sizeof(path[2]), "vz%s/101/ve/101b", pool);
	pb_put_num(&set, 1, 300);
	put_member(&set, "", path[0], strlen("/vz/101/ve") + strlen(pool));
	put_member(&set, "memory", path[1], strlen(path[1]));
	put_member(&set, "other", "/elsewhere/101", 0);
	pb_put_str(&ctl, 1, "");
	put_folder(&ctl, path[2], "vz/101");
	put_folder(&ctl, path[0] + 1, "x");
	pb_put_num(&ctl, 3, 1);
	pb_put_bytes(&rec, 1, set.data, set.len);
	pb_put_bytes(&rec, 2, ctl.data, ctl.len);
	len = (uint32_t)rec.len;
	buf_add(out, "MAGICMAG", 8);
	buf_add(out, &len, sizeof(len));
	buf_add(out, rec.data, rec.len);
}

TEST("the groups of a dump are renamed, the VPS's own and no others, with the length of the root it sees")
{
	static const char *const pools[] = { "", "/pool.gold", "/pool.gold/pool.web", "/pool.101" };

	for (size_t from = 0; from < ARRAY_LEN(pools); from++)
		for (size_t to = 0; to < ARRAY_LEN(pools); to++) {
			_buf_ struct buf was = BUF_INIT, want = BUF_INIT, have = BUF_INIT;
			char group[64];

			make_groups(&was, pools[from], "/deep");
			make_groups(&want, pools[to], "/deep");
			snprintf(group, sizeof(group), "vz%s/101", pools[to]);
			EQ(cpt_regroup_image(was.data, was.len, "vz", group, &have), 0);
			EQ(have.len, want.len);
			OK(have.len == want.len && memcmp(have.data, want.data, want.len) == 0);
		}
}

TEST("a damaged image of groups is refused, wherever it is cut")
{
	_buf_ struct buf was = BUF_INIT;

	make_groups(&was, "/pool.gold", "");
	for (size_t cut = 0; cut < was.len; cut++) {
		_buf_ struct buf have = BUF_INIT;

		EQ(cpt_regroup_image(was.data, cut, "vz", "vz/101", &have), -EBADMSG);
	}
}

TEST("the file of the groups is replaced only when something changes")
{
	char dir[] = "/tmp/test_cpt.XXXXXX", path[64];
	_buf_ struct buf was = BUF_INIT, have = BUF_INIT;
	struct stat one, two;
	_fd_ int fd = -1;

	OK(mkdtemp(dir));
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	EQ(cpt_regroup(fd, "vz", "vz/101"), -ENOENT);
	make_groups(&was, "", "");
	snprintf(path, sizeof(path), "%s/cgroup.img", dir);
	EQ(io_replace_at(fd, "cgroup.img", was.data, was.len, 0644), 0);
	EQ(stat(path, &one), 0);
	EQ(cpt_regroup(fd, "vz", "vz/101"), 0);
	EQ(stat(path, &two), 0);
	OK(one.st_ino == two.st_ino);
	EQ(cpt_regroup(fd, "vz", "vz/pool.gold/101"), 0);
	EQ(cpt_regroup(fd, "vz", "vz/101"), 0);
	EQ(io_read_at(fd, "cgroup.img", 4096, &have), 0);
	OK(have.len == was.len && memcmp(have.data, was.data, was.len) == 0);
	EQ(path_remove_tree_at(AT_FDCWD, dir), 0);
}
