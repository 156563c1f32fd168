/* SPDX-License-Identifier: Apache-2.0 */
#include "module.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/proc.h"
#include "base/str.h"

#define COMPILE_DEADLINE_MS (LIMIT_WASM_COMPILE_MS + 10000) /* it keeps its own before */

static char *program_beside_us(const char *name)
{
    char self[PATH_MAX];
    ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);
    char *slash;

    self[len > 0 ? len : 0] = '\0';
    slash = strrchr(self, '/');
    return slash ? xasprintf("%.*s/%s", (int)(slash - self), self, name) : xstrdup(name);
}

static int check_file(int fd, const char *name, struct err *err)
{
    struct stat st;

    if (fstat(fd, &st) < 0)
        return err_errno(err, errno, "%s", name);
    return S_ISREG(st.st_mode) ? 0 : err_set(err, -EINVAL, "%s is not a file", name);
}

/* The file as it is below the root, links and all. What is none (a pipe, a device) is not waited for. */
static int open_module(const struct bundle *b, const char *name, int *ret_fd, struct err *err)
{
    AUTO(close) int root_fd = open(str_or(b->config.root.path, ""), O_PATH | O_DIRECTORY | O_CLOEXEC);
    AUTO(free) char *path = name[0] == '/' ? xstrdup(name) : xasprintf("%s/%s", b->config.process.cwd, name);
    int r;

    if (root_fd < 0)
        return err_errno(err, errno, "root.path: %s", str_or(b->config.root.path, "absent"));
    r = path_open_beneath(root_fd, path, O_RDONLY | O_NONBLOCK | O_CLOEXEC, 0, ret_fd, err);
    if (r == -ENOENT && name[0] != '/') {
        err_clear(err);
        r = path_open_beneath(root_fd, name, O_RDONLY | O_NONBLOCK | O_CLOEXEC, 0, ret_fd, err);
    }
    if (r == 0)
        r = check_file(*ret_fd, name, err);
    return r < 0 ? err_wrap(err, "process.args[0]") : 0;
}

#define COMPILED_FIELDS(F)                                                                         \
    F(value, const char *, path, "path", JSON_REQUIRED)                                            \
    F(value, const char *, kind, "kind", JSON_REQUIRED)
JSON_STRUCT(compiled, COMPILED_FIELDS);
JSON_TYPE(compiled, COMPILED_FIELDS);

static int ask_compiler(const char *cache_dir, const char *path, struct buf *ret, struct err *err)
{
    AUTO(free) char *program = program_beside_us("oarsman");
    AUTO(buf_done) struct buf said = BUF_INIT(LIMIT_PROC_CAPTURE_BYTES);
    const char *argv[] = { "oarsman", "wasm", "compile", "--cache", cache_dir, path, NULL };
    const struct proc_spec spec = { .path = program, .argv = argv, .death_signal = SIGKILL };
    struct proc_exit end;
    int r = proc_run(&spec, COMPILE_DEADLINE_MS, ret, &said, &end, err);

    if (r < 0)
        return r;
    if (end.code != 0)
        return err_set(err, -EIO, "%.*s", (int)strcspn(buf_str(&said), "\n"), buf_str(&said));
    return 0;
}

static int compile(struct bundle *b, const char *name, const char *cache_dir, struct compiled *ret, struct err *err)
{
    AUTO(buf_done) struct buf answer = BUF_INIT(LIMIT_WASM_DESCRIPTION_BYTES);
    AUTO(close) int fd = -1;
    char path[64];

    if (open_module(b, name, &fd, err) < 0)
        return err->code;
    (void)snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)getpid(), fd);
    if (ask_compiler(cache_dir, path, &answer, err) < 0)
        return err->code;
    return json_decode(&compiled_type, buf_str(&answer), answer.len, NULL, b->arena, ret, err);
}

int module_find(struct bundle *b, const char *cache_dir, const char **ret_artifact, enum wasm_kind *ret_kind,
                struct err *err)
{
    const char *first = b->config.process.args.items[0], *hash = strchr(first, '#');
    const char *name = hash ? arena_strndup(b->arena, first, (size_t)(hash - first)) : first;
    struct compiled module;

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
    return wasm_kind_parse(module.kind, ret_kind) < 0 ? err_set(err, -EINVAL, "\"%s\" is no kind of module", module.kind) : 0;
}
