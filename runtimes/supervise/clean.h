/* SPDX-License-Identifier: Apache-2.0 */
/*
 * clean.h - takes away everything that a container is made of, whatever state its making or removal was left in.
 */
#pragma once

#include "operation.h"

/* The container is held and its first process, if it was known, has ended. next() comes with o->err. */
void clean_start(struct operation *o, operation_fn next);
/* A bundle without a record: its making had just begun, or its removal was nearly through. Blocking, for adoption. */
int clean_remains(struct rt_supervisor *s, const char *id, struct err *err);
