/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names, devices, capabilities, passwords: the options that take words. */
#include "value.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return value_try(data, size, 1u << AP_FILES | 1u << AP_DEV | 1u << AP_SEC | 1u << AP_GUEST | 1u << AP_BOOT);
}
