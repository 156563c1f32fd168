/* SPDX-License-Identifier: Apache-2.0 */
#include "input.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <wasmtime.h>

#include "base/err.h"
#include "base/limits.h"
#include "compile.h"
#include "rt/wasm_scan.h"

#define PIECE_BYTES ((size_t)1 * MIB)

int input_read(int fd, struct buf *ret, struct err *err)
{
    for (;;) {
        size_t left = ret->max_bytes - ret->len, want = left < PIECE_BYTES ? left : PIECE_BYTES;
        char *room = want ? buf_reserve(ret, want) : NULL;
        char beyond;
        if (want && !room)
            return err_set(err, -ENOMEM, "no memory for the module");
        ssize_t n = room ? read(fd, room, want) : read(fd, &beyond, 1);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return err_errno(err, errno, "reading the module");
        if (n == 0)
            return 0;
        if (!room)
            return err_set(err, -E2BIG, "module is larger than %llu MiB", LIMIT_WASM_MODULE_BYTES / MIB);
        buf_commit(ret, (size_t)n);
    }
}

static bool looks_like_text(const struct buf *module)
{
    size_t at = 0;
    while (at < module->len && strchr(" \t\r\n", module->data[at]) && module->data[at])
        at++;
    return at < module->len && (module->data[at] == '(' || module->data[at] == ';');
}

int input_from_text(struct buf *module, bool text_allowed, struct err *err)
{
    wasm_byte_vec_t binary;
    if (wasm_format(module->data, module->len) != WASM_FORMAT_OTHER || !looks_like_text(module))
        return 0;
    if (!text_allowed)
        return err_set(err, -EOPNOTSUPP, "module is in text format (.wat), which this node does not take: it is to be "
                                         "translated to a binary (.wasm)");
    wasmtime_error_t *error = wasmtime_wat2wasm(module->data, module->len, &binary);
    if (error)
        return compile_error(error, "the module's text", err);
    buf_clear(module);
    int rc = buf_add(module, binary.data, binary.size);
    wasm_byte_vec_delete(&binary);
    return rc < 0 ? err_set(err, rc, "no room for the module's binary") : 0;
}
