/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scan_component.c - the imports and exports of a component, at its top level; what is nested in it is passed over.
 *
 * Spec: Component Model, design/mvp/Binary.md, "Import and Export Definitions"
 */
#include <errno.h>

#include "base/mem.h"
#include "scan_private.h"

enum { SECTION_IMPORT = 10, SECTION_EXPORT = 11 };
enum { CORE_MODULE = 0x11 };

/* What a name may stand for; the number is the byte in the binary. */
static const enum wasm_sort sorts[] = { WASM_SORT_MODULE, WASM_SORT_FUNCTION, WASM_SORT_VALUE, WASM_SORT_TYPE,
                                        WASM_SORT_COMPONENT, WASM_SORT_INSTANCE };

static enum wasm_sort read_sort(struct reader *r)
{
    uint8_t byte = reader_u8(r);
    if (byte >= ARRAY_LEN(sorts) || (byte == 0 && reader_u8(r) != CORE_MODULE)) {
        r->bad = true;
        return WASM_SORT_NR;
    }
    return sorts[byte];
}

/* A type, of which only the length matters: a number, but for types themselves (equal to that one, or a resource). */
static enum wasm_sort read_description(struct reader *r)
{
    enum wasm_sort sort = read_sort(r);
    if (sort == WASM_SORT_TYPE && reader_u8(r) != 0)
        return sort;
    (void)reader_u32(r);
    return sort;
}

static struct name_part read_name(struct reader *r)
{
    struct name_part name;
    if (reader_u8(r) > 1) /* 0 and, in older components, 1 before the name of an interface */
        r->bad = true;
    name.data = reader_name(r, &name.len);
    return name;
}

static int read_imports(struct scanning *s, struct reader *r)
{
    for (uint32_t n = reader_u32(r); n && !r->bad; n--) {
        struct name_part name = read_name(r);
        enum wasm_sort sort = read_description(r);
        if (r->bad)
            break;
        int rc = scan_add(s, &s->imports, NULL, name, sort);
        if (rc < 0)
            return rc;
    }
    return r->bad ? scan_malformed(s, "its imports cannot be read") : 0;
}

static int read_exports(struct scanning *s, struct reader *r)
{
    for (uint32_t n = reader_u32(r); n && !r->bad; n--) {
        struct name_part name = read_name(r);
        enum wasm_sort sort = read_sort(r);
        (void)reader_u32(r);
        uint8_t described = reader_u8(r);
        if (described)
            (void)read_description(r);
        if (r->bad || described > 1)
            return scan_malformed(s, "its exports cannot be read");
        int rc = scan_add(s, &s->exports, NULL, name, sort);
        if (rc < 0)
            return rc;
    }
    return r->bad ? scan_malformed(s, "its exports cannot be read") : 0;
}

int scan_component_section(struct scanning *s, uint8_t id, struct reader *body)
{
    switch (id) {
    case SECTION_IMPORT:
        return read_imports(s, body);
    case SECTION_EXPORT:
        return read_exports(s, body);
    default:
        return 0;
    }
}
