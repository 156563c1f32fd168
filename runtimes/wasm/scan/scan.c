/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include "scan_private.h"

static const uint8_t magic[4] = { 0x00, 0x61, 0x73, 0x6d }, elf[4] = { 0x7f, 0x45, 0x4c, 0x46 };
static const uint8_t core_version[4] = { 1, 0, 0, 0 }, component_version[4] = { 0x0d, 0, 1, 0 };

enum wasm_format wasm_format(const void *data, size_t len)
{
    const uint8_t *bytes = data;
    if (len >= sizeof(elf) && memcmp(bytes, elf, sizeof(elf)) == 0)
        return WASM_FORMAT_ELF;
    if (len < WASM_FORMAT_BYTES || memcmp(bytes, magic, sizeof(magic)) != 0)
        return WASM_FORMAT_OTHER;
    if (memcmp(bytes + 4, core_version, 4) == 0)
        return WASM_FORMAT_MODULE;
    return memcmp(bytes + 4, component_version, 4) == 0 ? WASM_FORMAT_COMPONENT : WASM_FORMAT_OTHER;
}

static int refuse_format(const uint8_t *data, size_t len, struct err *err)
{
    char shown[3 * WASM_FORMAT_BYTES + 1] = "";
    if (wasm_format(data, len) == WASM_FORMAT_ELF)
        return err_set(err, -EOPNOTSUPP,
                       "compiled code (an ELF file) instead of a WebAssembly module: only what this node has "
                       "compiled itself is run");
    if (len == 0)
        return err_set(err, -EINVAL, "not a WebAssembly module: it is empty");
    for (size_t i = 0; i < len && i < WASM_FORMAT_BYTES; i++)
        (void)snprintf(shown + strlen(shown), 4, i ? " %02x" : "%02x", data[i]);
    if (len >= WASM_FORMAT_BYTES && memcmp(data, magic, sizeof(magic)) == 0)
        return err_set(err, -EOPNOTSUPP, "a WebAssembly module of a version that is not known: it starts with %s",
                       shown);
    return err_set(err, -EINVAL, "not a WebAssembly module: it starts with %s", shown);
}

int scan_malformed(struct scanning *s, const char *what)
{
    return err_set(s->err, -EINVAL, "malformed WebAssembly module: %s", what);
}

/* Names are bytes of a stranger's: what a terminal or a C string would take amiss becomes '?'. */
static void copy_visible(char *to, struct name_part from)
{
    for (size_t i = 0; i < from.len; i++) {
        unsigned char c = (unsigned char)from.data[i];
        to[i] = (char)(c < ' ' || c == 0x7f ? '?' : c);
    }
}

static int grow(struct scanning *s, struct name_list *list)
{
    size_t cap = list->cap ? 2 * list->cap : 16;
    struct wasm_name *items = arena_alloc(s->arena, cap * sizeof(*items));
    if (!items)
        return -E2BIG;
    if (list->len)
        memcpy(items, list->items, list->len * sizeof(*items));
    list->items = items;
    list->cap = cap;
    return 0;
}

int scan_add(struct scanning *s, struct name_list *list, const struct name_part *module, struct name_part name,
             enum wasm_sort sort)
{
    size_t front = module ? module->len + 1 : 0, bytes = front + name.len;
    if (list->len >= list->max)
        return err_set(s->err, -E2BIG, "module has more than %zu %s", list->max, list->what);
    if (bytes > LIMIT_WASM_NAME_BYTES)
        return err_set(s->err, -E2BIG, "module has a name of more than %llu bytes among its %s", LIMIT_WASM_NAME_BYTES,
                       list->what);
    s->name_bytes += bytes;
    if (s->name_bytes > LIMIT_WASM_NAMES_BYTES)
        return err_set(s->err, -E2BIG, "module has imports and exports whose names are more than %llu bytes",
                       LIMIT_WASM_NAMES_BYTES);
    char *text = arena_alloc(s->arena, bytes + 1);
    if (!text || (list->len == list->cap && grow(s, list) < 0))
        return err_set(s->err, -E2BIG, "no room for the module's %s", list->what);
    if (module) {
        copy_visible(text, *module);
        text[module->len] = '.';
    }
    copy_visible(text + front, name);
    list->items[list->len++] = (struct wasm_name){ .name = text, .sort = sort };
    return 0;
}

static int sections(struct scanning *s, struct reader *r, bool component)
{
    while (reader_more(r)) {
        uint8_t id = reader_u8(r);
        struct reader body = reader_slice(r, reader_u32(r));
        if (r->bad)
            break;
        int rc = component ? scan_component_section(s, id, &body) : scan_core_section(s, id, &body);
        if (rc == SCAN_ENOUGH)
            return 0;
        if (rc < 0)
            return rc;
    }
    return r->bad ? scan_malformed(s, "a section reaches beyond its end") : 0;
}

int wasm_scan(const void *data, size_t len, struct arena *arena, struct wasm_scan *ret, struct err *err)
{
    enum wasm_format format = wasm_format(data, len);
    if (format != WASM_FORMAT_MODULE && format != WASM_FORMAT_COMPONENT)
        return refuse_format(data, len, err);
    const uint8_t *bytes = data;
    struct reader r = { .at = bytes + WASM_FORMAT_BYTES, .end = bytes + len };
    struct scanning s = {
        .arena = arena,
        .imports = { .what = "imports", .max = LIMIT_WASM_IMPORTS },
        .exports = { .what = "exports", .max = LIMIT_WASM_EXPORTS },
        .err = err,
    };
    int rc = sections(&s, &r, format == WASM_FORMAT_COMPONENT);
    if (rc < 0)
        return rc;
    *ret = (struct wasm_scan){
        .component = format == WASM_FORMAT_COMPONENT,
        .imports = { s.imports.items, s.imports.len },
        .exports = { s.exports.items, s.exports.len },
        .memory_min_bytes = s.memory_min_bytes,
    };
    return 0;
}
