/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Memory has run out in a VPS: what is said about it, and who is to be killed. docs/adr/0018-out-of-memory.md */
#ifndef VZ_CT_LIMIT_OOM_H
#define VZ_CT_LIMIT_OOM_H

struct ct;
struct vz_cfg;

/* By so much the services of a systemd guest are killed sooner than their init: thousandths of the memory that
 * the VPS may have. A tenth is more than systemd takes from 128 MiB on. */
enum { OOM_SERVICES = 100 };

/*
 * The kernel kills whoever has the most pages, in thousandths of all memory, plus this figure: so a process of the
 * VPS counts with what it has above OOMGUARPAGES. Never -1000: that would be "not at all".
 */
int ct_oom_figure(const struct vz_cfg *c);

/* One line to the log if processes were killed since the last line. Never fails. With the lock, or as the one
 * whom the monitor has sent: it sends one at a time. */
void ct_oom_note(struct ct *ct);
/* The same for the monitor: returns ten seconds later, or when init ends, so that a VPS that has its processes
 * killed without end writes a line in ten seconds. */
void ct_oom_tell(struct ct *ct);

#endif
