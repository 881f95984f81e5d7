// SPDX-License-Identifier: GPL-2.0-or-later
/* Work in children: order, number at a time, deadlines, crashes, the gate, being told to end. */
#include "host/pool.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <poll.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "host/pressure.h"
#include "tap.h"

enum { HANG = 1000, CRASH, FAIL, EXIT, PATIENT };

struct seen {
	unsigned most, ends, held;
	uint32_t order[64];
	unsigned norder, last_ok;
	int cancel;
};

static int work(void *arg, struct pool_job *job, struct vz_err *e)
{
	(void)arg;
	switch (job->id) {
	case HANG:
		for (;;)
			pause();
	case CRASH:
		raise(SIGKILL);
		return 0;
	case EXIT:
		_exit(7);
	case FAIL:
		return err_set(e, VZ_E_MOUNT, -EIO, "VPS '%u': no disk", job->id);
	case PATIENT:
		poll(NULL, 0, 100);
		return 5;
	default:
		poll(NULL, 0, 20);
		return 0;
	}
}

static void step(void *arg, struct pool_job *job, unsigned going)
{
	struct seen *s = arg;

	s->most = going > s->most ? going : s->most;
	s->ends += job != NULL;
	if (job && s->norder < 64)
		s->order[s->norder++] = job->id;
	if (job && s->cancel >= 0 && write(s->cancel, "x", 1) != 1)
		abort();
}

static unsigned one_at_a_time(void *arg, unsigned going)
{
	struct seen *s = arg;

	s->held += going > 0;
	return going ? 5 : 0;
}

static struct pool_job *jobs_of(const uint32_t *ids, size_t n, unsigned timeout_ms)
{
	struct pool_job *j = calloc(n, sizeof(*j));

	for (size_t i = 0; i < n; i++)
		j[i] = (struct pool_job){ .id = ids[i], .timeout_ms = timeout_ms };
	return j;
}

TEST("all are done, never more than so many at a time")
{
	uint32_t ids[12] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 };
	struct pool_job *j = jobs_of(ids, 12, 10000);
	struct seen s = { .cancel = -1 };
	struct pool p = { .parallel = 3, .cancel_fd = -1, .run = work, .step = step, .arg = &s };

	EQ(pool_run(&p, j, 12), 0);
	EQ(s.ends, 12);
	EQ(s.most, 3);
	for (size_t i = 0; i < 12; i++)
		OK(j[i].begun && j[i].result == 0);
	free(j);
}

TEST("one at a time keeps the order")
{
	uint32_t ids[5] = { 9, 3, 7, 1, 5 };
	struct pool_job *j = jobs_of(ids, 5, 10000);
	struct seen s = { .cancel = -1 };
	struct pool p = { .parallel = 1, .cancel_fd = -1, .run = work, .step = step, .arg = &s };

	EQ(pool_run(&p, j, 5), 0);
	OK(memcmp(s.order, ids, sizeof(ids)) == 0);
	free(j);
}

TEST("one that hangs is killed at its deadline, and holds nobody up")
{
	uint32_t ids[4] = { HANG, 1, 2, 3 };
	struct pool_job *j = jobs_of(ids, 4, 400);
	struct seen s = { .cancel = -1 };
	struct pool p = { .parallel = 2, .cancel_fd = -1, .run = work, .step = step, .arg = &s };
	uint64_t begin = clock_ms();

	EQ(pool_run(&p, j, 4), 0);
	OK(clock_ms() - begin >= 400 && clock_ms() - begin < 5000);
	EQ(j[0].result, -ETIMEDOUT);
	HAS(j[0].err.text, "VPS '1000'");
	EQ(s.order[3], HANG);
	for (size_t i = 1; i < 4; i++)
		EQ(j[i].result, 0);
	free(j);
}

TEST("failure comes with its words, a crash with its signal, an exit with its status")
{
	uint32_t ids[4] = { FAIL, CRASH, EXIT, PATIENT };
	struct pool_job *j = jobs_of(ids, 4, 10000);
	struct pool p = { .parallel = 9, .cancel_fd = -1, .run = work };

	EQ(pool_run(&p, j, 4), 0);
	EQ(j[0].result, -EIO);
	EQ(j[0].err.code, VZ_E_MOUNT);
	STR_EQ(j[0].err.text, "VPS '1002': no disk");
	OK(j[1].result < 0);
	HAS(j[1].err.text, "signal 9");
	OK(j[2].result < 0);
	HAS(j[2].err.text, "status 7");
	EQ(j[3].result, 5);
	free(j);
}

TEST("the gate holds back, and asks again")
{
	uint32_t ids[4] = { 1, 2, 3, 4 };
	struct pool_job *j = jobs_of(ids, 4, 10000);
	struct seen s = { .cancel = -1 };
	struct pool p = { .parallel = 4, .cancel_fd = -1, .run = work, .gate = one_at_a_time,
			  .step = step, .arg = &s };

	EQ(pool_run(&p, j, 4), 0);
	EQ(s.most, 1);
	OK(s.held > 0);
	free(j);
}

TEST("told to end, it begins no more and waits for those that go on")
{
	uint32_t ids[6] = { 1, PATIENT, 2, 3, 4, 5 };
	struct pool_job *j = jobs_of(ids, 6, 10000);
	int ends[2];
	struct seen s = { 0 };
	struct pool p = { .parallel = 2, .run = work, .step = step, .arg = &s };

	EQ(pipe(ends), 0);
	p.cancel_fd = ends[0];
	s.cancel = ends[1];
	EQ(pool_run(&p, j, 6), 0);
	EQ(j[1].result, 5);
	OK(!j[4].begun && !j[5].begun);
	close(ends[0]);
	close(ends[1]);
	free(j);
}

static void put(const char *dir, const char *name, const char *text)
{
	char path[256];
	int fd;

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		abort();
	close(fd);
}

TEST("pressure holds back while one goes on, and paces when none does")
{
	char dir[] = "/tmp/vz-psi.XXXXXX", cmd[64];
	struct pressure p;
	const char *held;

	OK(mkdtemp(dir) != NULL);
	put(dir, "cpu", "some avg10=1.50 avg60=0.00 avg300=0.00 total=100\nfull avg10=0\n");
	put(dir, "io", "some avg10=0.00 avg60=0.00 avg300=0.00 total=100\n");
	put(dir, "memory", "rubbish");
	pressure_open(&p, dir);
	EQ(pressure_gate(&p, 0, &held), 0);
	OK(held == NULL);
	EQ(pressure_gate(&p, 5, &held), 0);
	put(dir, "io", "some avg10=60.01 avg60=0.00 avg300=0.00 total=100\n");
	OK(pressure_gate(&p, 1, &held) > 0);
	STR_EQ(held, "io");
	OK(pressure_gate(&p, 0, &held) > 0);
	poll(NULL, 0, 2050);
	OK(pressure_gate(&p, 1, &held) > 0);
	EQ(pressure_gate(&p, 0, &held), 0);
	STR_EQ(held, "io");
	put(dir, "io", "some avg10=60.00 avg60=0.00 avg300=0.00 total=100\n");
	EQ(pressure_gate(&p, 1, &held), 0);
	/* The average says nothing yet, the time since the last look does. */
	poll(NULL, 0, 300);
	put(dir, "cpu", "some avg10=1.50 avg60=0.00 avg300=0.00 total=5000000\n");
	OK(pressure_gate(&p, 1, &held) > 0);
	STR_EQ(held, "cpu");
	pressure_close(&p);
	pressure_open(&p, "/nonexistent");
	EQ(pressure_gate(&p, 9, &held), 0);
	pressure_close(&p);
	(void)snprintf(cmd, sizeof(cmd), "%s/cpu", dir);
	unlink(cmd);
	(void)snprintf(cmd, sizeof(cmd), "%s/io", dir);
	unlink(cmd);
	(void)snprintf(cmd, sizeof(cmd), "%s/memory", dir);
	unlink(cmd);
	rmdir(dir);
}
