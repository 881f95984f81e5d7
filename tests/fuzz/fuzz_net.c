/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Addresses, name servers, interfaces: --ipadd, --netif_add and their like. */
#include "value.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return value_try(data, size, 1u << AP_NET | 1u << AP_VETH);
}
