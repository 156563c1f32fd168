/* SPDX-License-Identifier: Apache-2.0 */
#include "nft_run.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

#include "base/effect.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"

enum { DEADLINE_MS = 20000 };

static void finish(struct nft_runner *r, const struct err *err)
{
    struct nft_batch *b = TAKE_PTR(r->current);
    free(b->text);
    b->text = NULL;
    if (!list_empty(&r->waiting))
        loop_defer_start(&r->next);
    b->fn(b, err && err->code ? err : NULL);
}

static void on_exit_(struct proc *p, const struct proc_exit *exit)
{
    struct nft_runner *r = container_of(p, struct nft_runner, proc);
    struct err err = ERR_INIT;
    if (exit->timed_out)
        (void)err_set(&err, -ETIMEDOUT, "%s did not end within %d s", r->program,
                      DEADLINE_MS / 1000);
    else if (exit->code !=
             0) /* the first line says what, the others show where with little arrows */
        (void)err_set(&err, -EIO, "%s: %.*s", r->program,
                      (int)strcspn(buf_str(&p->error_out), "\n"),
                      str_or(buf_str(&p->error_out), "failed without a word"));
    proc_done(p);
    finish(r, &err);
}

static void start_next(struct loop_defer *d)
{
    struct nft_runner *r = container_of(d, struct nft_runner, next);
    const char *const argv[] = { r->program, "-f", "-", NULL };
    /* one that outlived us could commit after our successor has put things right */
    struct proc_spec spec = { .path = r->program, .argv = argv, .death_signal = SIGKILL };
    struct err err = ERR_INIT;
    if (r->current || list_empty(&r->waiting))
        return;
    r->current = list_first(&r->waiting, struct nft_batch, node);
    list_remove(&r->current->node);
    struct proc_opts opts = { .deadline_ms = DEADLINE_MS,
                              .capture_error = true,
                              .input = r->current->text,
                              .input_len = strlen(r->current->text) };
    proc_init(&r->proc, r->loop, "nft", on_exit_);
    effect("nft");
    if (proc_start(&r->proc, &spec, &opts, &err) == 0)
        return;
    proc_done(&r->proc);
    finish(r, &err);
}

void nft_runner_init(struct nft_runner *r, struct loop *loop, const char *program)
{
    r->loop = loop;
    r->program = xstrdup(program);
    r->current = NULL;
    list_init(&r->waiting);
    loop_defer_init(&r->next, loop, "nft", start_next);
}

void nft_runner_done(struct nft_runner *r)
{
    loop_defer_stop(&r->next);
    free(r->program);
    r->program = NULL;
}

void nft_run(struct nft_runner *r, struct nft_batch *b, char *text, nft_batch_fn fn)
{
    b->text = text;
    b->fn = fn;
    list_push_back(&r->waiting, &b->node);
    loop_defer_start(&r->next);
}
