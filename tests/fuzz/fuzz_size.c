/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sizes, numbers and lists of them: --ram, --diskspace, --cpulimit, --iolimit, --cpumask. */
#include "value.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return value_try(data, size, 1u << AP_CPU | 1u << AP_IO | 1u << AP_MEM | 1u << AP_UBC | 1u << AP_DISK);
}
