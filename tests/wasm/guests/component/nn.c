/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nn.c - a command that needs an interface which hardly any host offers.
 *
 * World: neural
 * Flags: -nostdlib -Wl,--no-entry
 */
#include "abi.h"

IMPORT("wasi:nn/graph@0.2.0-rc-2024-10-28", "backends") int32_t backends(void);

EXPORT("wasi:cli/run@" WASI "#run") int32_t run(void)
{
    return backends() == 0;
}
