// SPDX-License-Identifier: LGPL-2.1-or-later
/* Which version a CRIU is, asked over its own protocol. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "cpt/cpt.h"
#include "cpt/pb.h"
#include "cpt/rpc.h"

#define ANSWER_MS  5000
#define ANSWER_MAX 1024

/* From CRIU's images/rpc.proto, as in rpc.h. */
enum { RPC_VERSION = 10, RESP_VERSION = 10 };
enum { VERSION_MAJOR = 1, VERSION_MINOR = 2, VERSION_SUBLEVEL = 4 };

static uint64_t number(const struct pb_field *message, uint32_t id)
{
	struct pb_field f;

	return pb_find(message->data, message->len, id, PB_NUM, &f) == 0 ? f.num : 0;
}

static int ask(int sock, uint32_t *ret)
{
	_buf_ struct buf opts = BUF_INIT;
	struct pollfd p = { .fd = sock, .events = POLLIN };
	unsigned char data[ANSWER_MAX];
	struct pb_field v;
	ssize_t n;
	int r;

	pb_put_num(&opts, OPT_IMAGES_DIR_FD, 0); /* every request has to have one */
	r = rpc_request(sock, RPC_VERSION, &opts);
	if (r < 0)
		return r;
	do
		r = poll(&p, 1, ANSWER_MS);
	while (r < 0 && errno == EINTR);
	if (r <= 0)
		return r == 0 ? -ETIMEDOUT : -errno;
	n = recv(sock, data, sizeof(data), 0);
	if (n <= 0)
		return n == 0 ? -EPIPE : -errno;
	if (pb_find(data, (size_t)n, RESP_VERSION, PB_BYTES, &v) < 0)
		return -EBADMSG;
	*ret = (uint32_t)(number(&v, VERSION_MAJOR) * 10000 + number(&v, VERSION_MINOR) * 100 +
			  number(&v, VERSION_SUBLEVEL));
	return *ret ? 0 : -EBADMSG;
}

int cpt_version(const char *criu, uint32_t *ret)
{
	_fd_ int sock = -1;
	uint32_t version = 0;
	pid_t worker;
	int other, r = rpc_pair(&sock, &other);

	if (r < 0)
		return r;
	r = rpc_spawn(criu, other, -1, &worker);
	close(other);
	if (r < 0)
		return r;
	r = ask(sock, &version);
	if (r < 0)
		kill(worker, SIGKILL);
	cleanup_fd(&sock); /* it ends when nobody is there any more */
	while (waitpid(worker, NULL, 0) < 0 && errno == EINTR)
		;
	if (r == 0)
		*ret = version;
	return r;
}
