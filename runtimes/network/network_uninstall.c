/* SPDX-License-Identifier: Apache-2.0 */
/* What the bridge mode shares between pods goes, when no pod needs it any more. */
#include <errno.h>

#include "base/effect.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/proc.h"
#include "netlink.h"
#include "network_internal.h"

enum { NFT_DEADLINE_MS = 5000 };

/* Declaring a table first makes deleting it succeed also when it was not there. */
static int delete_table(const struct rt_network *n, struct err *err)
{
    AUTO(free)
    char *text =
        xasprintf("table inet %s { }; delete table inet %s", n->bridge.table, n->bridge.table);
    const char *const argv[] = { n->bridge.nft.program, text, NULL };
    const struct proc_spec spec = { .path = n->bridge.nft.program, .argv = argv };
    AUTO(buf_done) struct buf said = BUF_INIT(LIMIT_PROC_CAPTURE_BYTES);
    struct proc_exit exit;

    effect("nft delete table");
    if (proc_run(&spec, NFT_DEADLINE_MS, NULL, &said, &exit, err) < 0)
        return err->code;
    return exit.code == 0 ? 0 : err_set(err, -EIO, "nft: %s", buf_str(&said));
}

int rt_network_uninstall(struct rt_network *n, struct err *err)
{
    AUTO(netlink_close) struct netlink *nl = NULL;
    size_t i = 0;

    if (network_record_next(n->records, &i))
        return err_set(err, -EBUSY, "pods are attached to the network");
    if (!n->bridge.link_ready && !n->bridge.nft_ready)
        return 0; /* never needed by this process, or by the one before: there is nothing of ours */
    if (delete_table(n, err) < 0 || netlink_open(&nl, err) < 0)
        return err->code;
    n->bridge.link_ready = n->bridge.nft_ready = false;
    effect("delete bridge");
    return netlink_delete_link(nl, n->bridge.name, err);
}
