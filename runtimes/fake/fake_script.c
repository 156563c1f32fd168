/* SPDX-License-Identifier: Apache-2.0 */
/* Scripts: who behaves how. A script of one container wins over the script of its image. */
#include "base/str.h"
#include "fake_internal.h"

void *fake_script_entry_free(struct fake_script_entry *e)
{
    for (size_t i = 0; e && i < ARRAY_LEN(e->strings); i++)
        free(e->strings[i]);
    free(e);
    return NULL;
}

static struct fake_script_entry *entry_new(const struct rt_fake_script *script)
{
    struct fake_script_entry *e = NEW(struct fake_script_entry);
    e->script = *script;
    const char **const fields[] = {
        &e->script.pull_reason,   &e->script.pull_message,    &e->script.username,
        &e->script.artifact_type, &e->script.failure_message, &e->script.exec_output,
    };
    _Static_assert(ARRAY_LEN(fields) == ARRAY_LEN(((struct fake_script_entry *)0)->strings),
                   "each string of a script is copied");
    for (size_t i = 0; i < ARRAY_LEN(fields); i++)
        *fields[i] = e->strings[i] = xstrdup(*fields[i]);
    return e;
}

/* A container keeps pointing to the entry it was created with: an entry is changed in place, never
 * freed. */
static void put(struct map *m, const char *key, const struct rt_fake_script *script)
{
    struct fake_script_entry *fresh = entry_new(script), *old = map_get(m, key);
    if (!old) {
        (void)map_put(m, key, fresh);
        return;
    }
    struct fake_script_entry swap = *old;
    *old = *fresh;
    *fresh = swap;
    (void)fake_script_entry_free(fresh);
}

void rt_fake_script(struct rt_fake *f, const char *image, const struct rt_fake_script *script)
{
    put(&f->scripts, image, script);
    if (script->present)
        fake_image_put(f, image, script);
}

void rt_fake_script_container(struct rt_fake *f, const char *name,
                              const struct rt_fake_script *script)
{
    put(&f->container_scripts, name, script);
}

struct fake_script_entry *fake_script_image(struct rt_fake *f, const char *image)
{
    return map_get(&f->scripts, image);
}

struct fake_script_entry *fake_script_container(struct rt_fake *f, const struct fake_sandbox *s,
                                                const char *container, const char *image)
{
    AUTO(free)
    char *name =
        xasprintf("%s/%s/%s", str_or(s->view.namespace_, ""), str_or(s->view.name, ""), container);
    struct fake_script_entry *e = map_get(&f->container_scripts, name);
    return e ? e : fake_script_image(f, image);
}

bool fake_script_fails(int failures, int *tries)
{
    return failures < 0 || (*tries)++ < failures;
}
