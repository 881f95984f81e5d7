/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Which VPSs ran when the node went down: one empty file for each in STATE/vzreboot, by its ID. And, from
 * that and ONBOOT, which to start.
 */
#ifndef VZ_CT_REBOOT_H
#define VZ_CT_REBOOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct vz;
struct vz_err;

struct reboot_row {
	uint32_t id;
	uint64_t order; /* BOOTORDER; 0 is less than 1 and more than unset */
	bool has_order;
	bool running, mounted;
	unsigned stop_timeout_s;
};

struct reboot_list {
	struct reboot_row *v;
	size_t n;
};
#define _reboot_ __attribute__((cleanup(reboot_done)))
void reboot_done(struct reboot_list *l);

/* Write down those that run (durable when it returns). What is in the folder already is replaced, unless
 * that comes from a going down that was not followed by a coming up: then it is added to. */
int reboot_note(struct vz *vz, const struct reboot_list *l, struct vz_err *e);
/* The VPS need not be started any more on behalf of the list. */
void reboot_forget(struct vz *vz, uint32_t id);
/* From now on another reboot_note() replaces. */
void reboot_came_up(struct vz *vz);

/* Those to start, the first one first. *ret_bad counts files of VPSs that cannot be read. */
int reboot_wanted(struct vz *vz, struct reboot_list *ret, unsigned *ret_bad, struct vz_err *e);
/* Those that run or are mounted, the last one to start first. */
int reboot_present(struct vz *vz, struct reboot_list *ret, unsigned *ret_bad, struct vz_err *e);

#endif
