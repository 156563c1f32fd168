/* SPDX-License-Identifier: Apache-2.0 */
#include "module.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"

static char *program_beside_us(const char *name)
{
    char self[PATH_MAX];
    ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);
    char *slash;

    self[len > 0 ? len : 0] = '\0';
    slash = strrchr(self, '/');
    return slash ? xasprintf("%.*s/%s", (int)(slash - self), self, name) : xstrdup(name);
}

/* The file as it is below the root, links and all, by a path that says so only as long as we hold it open. */
static int open_module(const struct bundle *b, const char *name, int *ret_fd, struct err *err)
{
    AUTO(close) int root_fd = open(str_or(b->config.root.path, ""), O_PATH | O_DIRECTORY | O_CLOEXEC);
    AUTO(free) char *path = name[0] == '/' ? xstrdup(name) : xasprintf("%s/%s", b->config.process.cwd, name);
    int r;

    if (root_fd < 0)
        return err_errno(err, errno, "root.path: %s", str_or(b->config.root.path, "absent"));
    r = path_open_beneath(root_fd, path, O_RDONLY | O_CLOEXEC, 0, ret_fd, err);
    if (r == -ENOENT && name[0] != '/') {
        err_clear(err);
        r = path_open_beneath(root_fd, name, O_RDONLY | O_CLOEXEC, 0, ret_fd, err);
    }
    return r < 0 ? err_wrap(err, "process.args[0]") : 0;
}

static int compile(struct bundle *b, const char *name, const char *cache_dir, struct wasm_module *ret, struct err *err)
{
    AUTO(free) char *helper = program_beside_us("oarsman-wasm-compile");
    AUTO(close) int fd = -1;
    char path[sizeof("/proc/self/fd/") + 11];
    const struct wasm_cache_config config = { .dir = cache_dir, .compile = helper };
    const struct wasm_cache_request request = { .path = path };

    if (open_module(b, name, &fd, err) < 0)
        return err->code;
    (void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    return wasm_cache_get_once(&config, &request, b->arena, ret, err);
}

int module_find(struct bundle *b, const char *cache_dir, const char **ret_artifact, enum wasm_kind *ret_kind,
                struct err *err)
{
    const char *first = b->config.process.args.items[0], *hash = strchr(first, '#');
    const char *name = hash ? arena_strndup(b->arena, first, (size_t)(hash - first)) : first;
    struct wasm_module module;

    if (b->artifact) {
        *ret_artifact = b->artifact;
        *ret_kind = b->kind;
        return 0;
    }
    if (compile(b, str_or(name, ""), cache_dir, &module, err) < 0)
        return err->code;
    if (hash && hash[1])
        b->function = hash + 1;
    *ret_artifact = module.path;
    *ret_kind = module.kind;
    return 0;
}
