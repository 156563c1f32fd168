/* SPDX-License-Identifier: Apache-2.0 */
/* After a start: what is recorded and does not live is taken back; what is shared is put right. */
#include <errno.h>

#include "base/mem.h"
#include "base/str.h"
#include "network_internal.h"

/* What was attached since the start is nobody's remains. */
static bool is_dead(const struct net_op *op, const char *sandbox_id)
{
    if (!network_record_is_old(op->n->records, sandbox_id))
        return false;
    for (size_t i = 0; i < op->live.len; i++)
        if (str_eq(op->live.items[i], sandbox_id))
            return false;
    return true;
}

static void one_gone(void *user, const struct err *err, const void *result)
{
    struct net_op *op = user;
    (void)result;
    if (err && !op->err.code)
        err_copy(&op->err, err);
    if (--op->pending == 0)
        net_op_finish(op, &op->err, NULL);
}

static void mended(struct net_op *op, const struct err *err)
{
    struct rt_network *n = op->n;
    struct rt_call call = { .done = one_gone, .user = op };
    const struct network_record *r;
    if (err)
        err_copy(&op->err, err);
    op->pending = 1;
    for (size_t i = 0; (r = network_record_next(n->records, &i));)
        if (is_dead(op, r->sandbox_id)) {
            op->pending++;
            (void)net_op_start(net_op_new(n, NET_DETACH, r->sandbox_id, &call));
        }
    one_gone(op, NULL, NULL);
}

void net_sweep_run(struct net_op *op)
{
    struct rt_network *n = op->n;
    const struct network_mode *shares = NULL;
    const struct network_record *r;
    for (size_t i = 0; (r = network_record_next(n->records, &i));) {
        const struct network_mode *mode = network_mode_named(r->mode);
        if (!mode->mend)
            continue;
        shares = mode;
        if (n->bridge.has_range && is_dead(op, r->sandbox_id))
            (void)map_put(&n->leaving, r->sandbox_id, n); /* not in the table that is made now */
    }
    if (shares)
        shares->mend(op, mended);
    else
        mended(op, NULL);
}
