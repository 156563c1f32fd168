/* SPDX-License-Identifier: Apache-2.0 */
#include "platform.h"

#include <stdlib.h>
#include <sys/utsname.h>

#include "base/mem.h"
#include "base/str.h"

const struct rt_platform rt_platforms_wasm[RT_PLATFORMS_WASM_NR] = {
    { "wasi", "wasm", NULL },
    { "wasi", "wasm32", NULL },
    { "wasip2", "wasm", NULL },
    { "wasip1", "wasm", NULL },
};

bool rt_platform_is_wasm(const char *os, const char *architecture)
{
    for (size_t i = 0; i < RT_PLATFORMS_WASM_NR; i++)
        if (str_eq(os, rt_platforms_wasm[i].os) ||
            str_eq(architecture, rt_platforms_wasm[i].architecture))
            return true;
    return false;
}

static const char *architecture(void)
{
    static const struct {
        const char *machine, *name;
    } names[] = {
        { "x86_64", "amd64" }, { "aarch64", "arm64" },   { "armv7l", "arm" },
        { "armv6l", "arm" },   { "riscv64", "riscv64" }, { "ppc64le", "ppc64le" },
        { "s390x", "s390x" },  { "i686", "386" },
    };
    static struct utsname u;
    (void)uname(&u);
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (str_eq(u.machine, names[i].machine))
            return names[i].name;
    return u.machine;
}

struct rt_platform rt_platform_native(void)
{
    return (struct rt_platform){ "linux", architecture(), NULL };
}

static const char *text(struct arena *arena, const char *s)
{
    return arena_strdup(arena, s);
}

struct platform_order platform_order_of(const struct rt_platform *platforms, size_t len,
                                        bool wasm_first, struct arena *arena)
{
    struct rt_platform *items = arena_alloc(arena, (len ? len : 1) * sizeof(*items));
    size_t n = 0;
    if (!items)
        abort(); /* a handful, from the agent */
    for (int round = 0; round < 2; round++)
        for (size_t i = 0; i < len; i++) {
            const struct rt_platform *p = &platforms[i];
            bool wasm = rt_platform_is_wasm(p->os, p->architecture);
            bool now = wasm_first ? wasm == (round == 0) : round == 0;
            if (now)
                items[n++] = (struct rt_platform){ text(arena, p->os), text(arena, p->architecture),
                                                   text(arena, p->variant) };
        }
    return (struct platform_order){ items, n };
}
