/* SPDX-License-Identifier: Apache-2.0 */
/*
 * key.h - the name of an entry: of everything that its compiled code depends on.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct err;

#define KEY_BYTES 65 /* 64 hexadecimal digits and the end */

/* Pure. */
void key_of(const char *identity, const char *engine, const char *cpu, char ret[KEY_BYTES]);
bool key_is(const char *text, size_t len); /* does it look like one? */

/* What the first processor can do, as a digest: the lines of /proc/cpuinfo that list features. Pure. */
void key_cpu(const char *cpuinfo, char ret[KEY_BYTES]);
int key_cpu_read(char ret[KEY_BYTES], struct err *err); /* of this machine */
