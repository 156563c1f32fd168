/* SPDX-License-Identifier: Apache-2.0 */
#include "sandbox_config.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

struct copying {
    struct arena *arena;
    bool full;
};

static void *block(struct copying *c, const void *data, size_t bytes)
{
    void *copy = bytes > 0 ? arena_copy(c->arena, data, bytes) : NULL;

    c->full = c->full || (bytes > 0 && !copy);
    return copy;
}

static const char *text(struct copying *c, const char *s)
{
    return s ? block(c, s, strlen(s) + 1) : NULL;
}

static struct rt_strings strings(struct copying *c, struct rt_strings from)
{
    const char **items = block(c, from.items, from.len * sizeof(*items));

    for (size_t i = 0; items && i < from.len; i++)
        items[i] = text(c, items[i]);
    return (struct rt_strings){ items, from.len };
}

static struct json_map pairs(struct copying *c, struct rt_labels from)
{
    struct json_pair *items = block(c, from.items, from.len * sizeof(*items));

    for (size_t i = 0; items && i < from.len; i++)
        items[i] = (struct json_pair){ text(c, items[i].key), text(c, items[i].value) };
    return (struct json_map){ items, from.len };
}

struct rt_sandbox_config *sandbox_config_copy(struct arena *a, const struct rt_sandbox_config *from)
{
    struct copying c = { .arena = a };
    struct rt_sandbox_config *to = block(&c, from, sizeof(*from));
    struct rt_port_mapping *ports = block(&c, from->ports, from->ports_len * sizeof(*ports));
    struct rt_sysctl *sysctls = block(&c, from->sysctls, from->sysctls_len * sizeof(*sysctls));

    if (c.full)
        return NULL;
    for (size_t i = 0; i < from->ports_len; i++)
        ports[i].host_ip = text(&c, ports[i].host_ip);
    for (size_t i = 0; i < from->sysctls_len; i++)
        sysctls[i] = (struct rt_sysctl){ text(&c, sysctls[i].name), text(&c, sysctls[i].value) };
    to->ports = ports;
    to->sysctls = sysctls;
    to->dns_servers = strings(&c, from->dns_servers);
    to->dns_searches = strings(&c, from->dns_searches);
    to->dns_options = strings(&c, from->dns_options);
    /* The rest is in the record. */
    to->uid = to->name = to->namespace_ = to->hostname = to->log_directory = NULL;
    to->cgroup_parent = to->runtime_handler = NULL;
    to->labels = to->annotations = (struct rt_labels){ 0 };
    return c.full ? NULL : to;
}

int sandbox_config_describe(struct arena *a, const struct rt_sandbox_config *from, struct sandbox_record *r)
{
    struct copying c = { .arena = a };

    r->uid = text(&c, from->uid);
    r->name = text(&c, from->name);
    r->namespace_ = text(&c, from->namespace_);
    r->attempt = from->attempt;
    r->hostname = text(&c, from->hostname);
    r->log_directory = text(&c, from->log_directory);
    r->cgroup_parent = text(&c, from->cgroup_parent);
    r->runtime_handler = text(&c, from->runtime_handler);
    r->labels = pairs(&c, from->labels);
    r->annotations = pairs(&c, from->annotations);
    r->own_network = from->network != RT_NS_NODE;
    r->own_ipc = from->ipc != RT_NS_NODE;
    r->shared_pid = from->pid == RT_NS_POD;
    r->host_pid = from->pid == RT_NS_NODE;
    return c.full ? -E2BIG : 0;
}
