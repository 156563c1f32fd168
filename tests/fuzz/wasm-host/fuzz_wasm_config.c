/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_wasm_config.c - config.json of a bundle. Whatever comes: it is refused in words, or it is what the program may
 * go by without asking again (bundle.h says what). The first byte is how much room there is.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include "bundle.h"
#include "mount_wish.h"
#include "outbound.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool fact)
{
    if (!fact)
        abort();
}

static void check_process(const struct oci_process *p)
{
    must(p->args.len > 0 && p->args.items[0] && p->cwd[0] == '/');
    for (size_t i = 0; i < p->env.len; i++)
        must(strchr(p->env.items[i], '=') != NULL);
    must(p->user.uid >= 0 && p->user.uid < UINT32_MAX && p->user.gid >= 0 && p->user.gid < UINT32_MAX);
    for (size_t i = 0; i < p->user.additional_gids.len; i++)
        must(p->user.additional_gids.items[i] >= 0 && p->user.additional_gids.items[i] < UINT32_MAX);
    must(!p->oom_score_adj.has || (p->oom_score_adj.value >= -1000 && p->oom_score_adj.value <= 1000));
}

static void check_mounts(const struct bundle *b)
{
    for (size_t i = 0; i < b->config.mounts.len; i++) {
        const struct oci_mount *m = &b->config.mounts.items[i];
        struct mount_wish w;
        struct err err = ERR_INIT;

        must(m->destination[0] == '/' && !str_eq(m->destination, "/"));
        if (mount_wish_of(m, &w, &err) < 0)
            must(err.code < 0 && strstr(err.msg, "mount ") != NULL);
        else
            must(w.kind != MOUNT_BIND || !str_empty(m->source));
    }
}

static void check_hosts(const struct bundle *b)
{
    static const char *const hosts[] = { "example.com", "::1", "127.0.0.1" };

    must(b->hosts_limited || b->allowed_hosts.len == 0);
    for (size_t i = 0; i < ARRAY_LEN(hosts); i++) {
        bool named = false;

        for (size_t k = 0; k < b->allowed_hosts.len; k++)
            named |= strchr(b->allowed_hosts.items[k], '*') || strcasestr(b->allowed_hosts.items[k], hosts[i]);
        must(named || !outbound_allows(&b->allowed_hosts, hosts[i], 443));
    }
}

static void check_linux(const struct bundle *b)
{
    const struct oci_linux *l = &b->config.linux_;

    for (size_t i = 0; i < l->sysctl.len; i++)
        must(bundle_namespace(b, "network") && str_has_prefix(l->sysctl.items[i].key, "net.") &&
             !strchr(l->sysctl.items[i].key, '/'));
    must(!bundle_namespace(b, "user"));
    must(!b->config.root.path || b->config.root.path[0] == '/');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO(arena_unref) struct arena *arena = arena_new(size > 0 && data[0] < 128 ? (size_t)data[0] * 64 : 16 * MIB);
    struct bundle b;
    struct err err = ERR_INIT;

    if (size == 0)
        return 0;
    if (bundle_decode((const char *)data + 1, size - 1, "/bundle", arena, &b, &err) < 0) {
        must(err.code < 0 && str_has_prefix(err.msg, "config.json"));
        return 0;
    }
    check_process(&b.config.process);
    check_mounts(&b);
    check_hosts(&b);
    check_linux(&b);
    return 0;
}
