/* SPDX-License-Identifier: Apache-2.0 */
#include "bundle/mounts.h"

#include "base/mem.h"

static size_t depth(const char *path)
{
    size_t n = 0;

    for (const char *p = path; *p; p++)
        n += *p == '/' && p[1] && p[1] != '/';
    return n;
}

const struct rt_mount **mounts_outer_first(const struct rt_container_config *config)
{
    const struct rt_mount **ret = xcalloc(config->mounts_len + 1, sizeof(*ret));

    for (size_t len = 0; len < config->mounts_len; len++) {
        const struct rt_mount *m = &config->mounts[len];
        size_t at = len;

        for (; at > 0 && depth(ret[at - 1]->container_path) > depth(m->container_path); at--)
            ret[at] = ret[at - 1];
        ret[at] = m;
    }
    return ret;
}

const char *mount_propagation_option(enum rt_mount_propagation propagation)
{
    static const char *const options[] = {
        [RT_PROPAGATION_PRIVATE] = "rprivate",
        [RT_PROPAGATION_HOST_TO_CONTAINER] = "rslave",
        [RT_PROPAGATION_BIDIRECTIONAL] = "rshared",
    };

    return options[propagation];
}

const char *mount_access_option(const struct rt_mount *m)
{
    return !m->readonly ? "rw" : m->recursive_readonly ? "rro" : "ro";
}
