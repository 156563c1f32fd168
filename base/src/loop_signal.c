/* SPDX-License-Identifier: Apache-2.0 */
/* loop_signal.c - signals of the process. Few and rare, so each gets a libuv handle and gives it
 * back. */
#include <stdlib.h>

#include "base/mem.h"
#include "loop_impl.h"

struct signal_impl {
    uv_signal_t uv;
    struct loop_signal *owner;
};

static void on_signal(uv_signal_t *uv, int signum)
{
    struct loop_signal *s = container_of(uv, struct signal_impl, uv)->owner;
    struct loop *loop;
    uint64_t entered_ns;

    if (!s)
        return;
    loop = s->loop;
    entered_ns = loop_enter();
    s->fn(s, signum);
    loop_leave(loop, "signal", entered_ns);
}

static void on_closed(uv_handle_t *handle)
{
    free(container_of((uv_signal_t *)handle, struct signal_impl, uv));
}

static void close_impl(struct signal_impl *impl)
{
    impl->owner = NULL;
    uv_close((uv_handle_t *)&impl->uv, on_closed);
}

int loop_signal_start(struct loop_signal *s, struct loop *loop, int signum, loop_signal_fn fn)
{
    struct signal_impl *impl = NEW(struct signal_impl);
    int r;

    r = uv_signal_init(&loop->uv, &impl->uv);
    if (r < 0) {
        free(impl);
        return r;
    }
    impl->owner = s;
    *s = (struct loop_signal){ .loop = loop, .fn = fn, .impl = impl };
    r = uv_signal_start(&impl->uv, on_signal, signum);
    if (r < 0)
        loop_signal_stop(s);
    return r;
}

void loop_signal_stop(struct loop_signal *s)
{
    struct signal_impl *impl = (struct signal_impl *)s->impl;

    if (!impl)
        return;
    s->impl = NULL;
    close_impl(impl);
}
