/* SPDX-License-Identifier: Apache-2.0 */
#include "bundle/process.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/mem.h"
#include "base/str.h"

int process_args(const struct rt_strings *command, const struct rt_strings *args,
                 const struct rt_strings *image_entrypoint, const struct rt_strings *image_cmd, char ***ret,
                 struct err *err)
{
    bool own = command->len > 0;
    const struct rt_strings *first = own ? command : image_entrypoint;
    const struct rt_strings *second = own || args->len > 0 ? args : image_cmd;
    char **all = strv_new();

    for (size_t i = 0; i < first->len; i++)
        strv_push(&all, first->items[i]);
    for (size_t i = 0; i < second->len; i++)
        strv_push(&all, second->items[i]);
    if (strv_len(all) == 0) {
        strv_free(all);
        return err_set(err, -EINVAL, "no command specified");
    }
    *ret = all;
    return 0;
}

static void put(struct map *env, const char *name, const char *value)
{
    free(map_put(env, name, xstrdup(value)));
}

static void put_default(struct map *env, const char *name, const char *value)
{
    if (value && !map_get(env, name))
        put(env, name, value);
}

static void put_pair(struct map *env, const char *pair)
{
    const char *equals = strchr(pair, '=');
    AUTO(free) char *name = equals ? xstrndup(pair, (size_t)(equals - pair)) : xstrdup(pair);

    put(env, name, equals ? equals + 1 : "");
}

char **process_env(const struct process_env_input *in)
{
    AUTO(map_done) struct map env = MAP_INIT;
    char **list = strv_new();
    const char *name;
    void *value;

    put(&env, "PATH", PROCESS_DEFAULT_PATH);
    if (!str_empty(in->hostname))
        put(&env, "HOSTNAME", in->hostname);
    for (size_t i = 0; i < in->image->len; i++)
        put_pair(&env, in->image->items[i]);
    for (size_t i = 0; i < in->container_len; i++)
        put(&env, in->container[i].key, in->container[i].value);
    put_default(&env, "HOME", in->home);
    put_default(&env, "TERM", in->tty ? "xterm" : NULL);
    for (size_t i = 0; map_next(&env, &i, &name, &value);) {
        strv_pushf(&list, "%s=%s", name, (const char *)value);
        free(value);
    }
    return list;
}
