/* SPDX-License-Identifier: Apache-2.0 */
/*
 * address_pool.h - addresses that are given out, each a file in a folder on tmpfs.
 *
 * The file (named for the address, holding the owner's id) is created with O_EXCL before the
 * address is used and removed after it is not: whatever happens in between, nobody else gets the
 * address. The file "last" remembers which one was given out last. Loop thread only; each call is
 * one or two system calls on tmpfs.
 */
#pragma once

#include "address.h"
#include "base/cleanup.h"

struct address_pool;

int address_pool_new(const char *dir, struct address_pool **ret,
                     struct err *err);                          /* reads what is there */
struct address_pool *address_pool_free(struct address_pool *p); /* NULL */
DEFINE_CLEANUP(struct address_pool *, address_pool_free)
/* -ENOSPC: the range is used up; -errno. */
int address_pool_take(struct address_pool *p, const struct address_range *range, const char *owner,
                      uint32_t *ret, struct err *err);
int address_pool_release(struct address_pool *p, uint32_t address,
                         struct err *err); /* free already is fine */
/* Releases every address whose owner keep() does not want. */
int address_pool_sweep(struct address_pool *p, bool (*keep)(void *user, const char *owner),
                       void *user, struct err *err);
size_t address_pool_len(const struct address_pool *p);
