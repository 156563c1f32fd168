/* SPDX-License-Identifier: Apache-2.0 */
#include "settings.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/mem.h"
#include "base/proc.h"
#include "base/str.h"

#define VERSION_DEADLINE_MS 10000
#define VERSION_BYTES       256

static int ask_engine(const char *compile, char **ret, struct err *err)
{
    AUTO(buf_done) struct buf out = BUF_INIT(VERSION_BYTES);
    const char *argv[] = { compile, "--version", NULL };
    struct proc_spec spec = { .path = compile, .argv = argv };
    struct proc_exit exit;
    int rc = proc_run(&spec, VERSION_DEADLINE_MS, &out, NULL, &exit, err);
    if (rc < 0)
        return rc;
    size_t len = strcspn(buf_str(&out), "\n");
    if (exit.code != 0 || len == 0 || len + 1 != out.len)
        return err_set(err, -EIO, "%s --version: no answer (exit code %d)", compile, exit.code);
    *ret = xstrndup(buf_str(&out), len);
    return 0;
}

int settings_init(struct cache_settings *s, const struct wasm_cache_config *config, struct err *err)
{
    char cpu[KEY_BYTES], *engine = NULL;
    int rc = key_cpu_read(cpu, err);
    if (rc == 0)
        rc = ask_engine(config->compile, &engine, err);
    if (rc < 0)
        return rc;
    *s = (struct cache_settings){
        .dir = xstrdup(config->dir),
        .compile = xstrdup(config->compile),
        .cgroup = xstrdup(str_or(config->cgroup, "/oarsman-compile")),
        .cgroups = config->cgroups,
        .memory_max_bytes = config->memory_max_bytes ? config->memory_max_bytes : LIMIT_WASM_COMPILE_BYTES,
        .deadline_ms = config->deadline_ms ? config->deadline_ms : LIMIT_WASM_COMPILE_MS,
        .text_format = config->text_format,
        .engine = engine,
    };
    memcpy(s->cpu, cpu, sizeof(cpu));
    return 0;
}

void settings_done(struct cache_settings *s)
{
    free(s->dir);
    free(s->compile);
    free(s->cgroup);
    free(s->engine);
    *s = (struct cache_settings){ .dir = NULL };
}
