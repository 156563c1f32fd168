/* SPDX-License-Identifier: Apache-2.0 */
/*
 * host_address.h - the address that others reach this machine by.
 */
#pragma once

/* ret[0]: the source address of the default route, else of any interface but loopback, else 127.0.0.1; caller
 * frees. ret[1]: NULL. */
void host_address(char *ret[2]);
