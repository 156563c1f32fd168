/* SPDX-License-Identifier: Apache-2.0 */
/*
 * library.c - a component that is no program: it exports one function of its own.
 *
 * World: library
 * Flags: -nostdlib -Wl,--no-entry
 */
#include "abi.h"

EXPORT("run-me") void run_me(void)
{
}
