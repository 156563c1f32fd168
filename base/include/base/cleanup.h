/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cleanup.h - scope-bound ownership.
 *
 *   AUTO(free) char *s = NULL;      freed when the scope ends
 *   AUTO(close) int fd = -1;        closed when the scope ends
 *   return TAKE_PTR(s);             hands over, the scope keeps NULL
 *
 * A type brings its own with DEFINE_CLEANUP(struct x *, x_free), right under the prototype of x_free().
 * Destructors accept NULL and return NULL.
 */
#pragma once

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define AUTO(name) __attribute__((cleanup(cleanup_##name)))

/* For destructors that take the object's pointer: struct x *x_free(struct x *x). */
#define DEFINE_CLEANUP(type, func)                                                                \
    static inline void cleanup_##func(type *p)                                                    \
    {                                                                                             \
        if (*p)                                                                                   \
            (void)func(*p);                                                                       \
    }
/* For embedded objects: void x_done(struct x *x). */
#define DEFINE_CLEANUP_DONE(type, func)                                                           \
    static inline void cleanup_##func(type *p)                                                    \
    {                                                                                             \
        func(p);                                                                                  \
    }

static inline void cleanup_free(void *p)
{
    free(*(void **)p);
}

static inline void cleanup_close(const int *fd)
{
    if (*fd >= 0)
        (void)close(*fd);
}

static inline void cleanup_fclose(FILE **f)
{
    if (*f)
        (void)fclose(*f);
}

static inline void cleanup_closedir(DIR **d)
{
    if (*d)
        (void)closedir(*d);
}

#define TAKE(var, empty)                                                                          \
    __extension__({                                                                               \
        __typeof__(var) taken_ = (var);                                                           \
        (var) = (empty);                                                                          \
        taken_;                                                                                   \
    })
#define TAKE_PTR(p) TAKE(p, NULL)
#define TAKE_FD(fd) TAKE(fd, -1)
