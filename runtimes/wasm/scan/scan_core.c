/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scan_core.c - the three sections of a core module that say what it needs and gives.
 *
 * Of a type only its length matters here. Spec: WebAssembly Core Specification, "Binary Format", "Modules"; memories
 * with 64-bit addresses and with pages of another size as in the proposals of these names.
 */
#include <errno.h>

#include "base/mem.h"
#include "scan_private.h"

enum { SECTION_IMPORT = 2, SECTION_MEMORY = 5, SECTION_EXPORT = 7 };
enum { LIMITS_MAX = 1, LIMITS_64 = 4, LIMITS_PAGE_SIZE = 8, LIMITS_KNOWN = 15 };
#define PAGE_SIZE_LOG2 16

static uint64_t shifted(uint64_t value, uint32_t bits)
{
    return bits >= 64 || (value << bits) >> bits != value ? UINT64_MAX : value << bits;
}

static uint64_t read_limits_bytes(struct reader *r) /* of the smallest size, for a memory */
{
    uint8_t flags = reader_u8(r);
    uint32_t page_log2 = PAGE_SIZE_LOG2;
    if (flags & ~LIMITS_KNOWN)
        r->bad = true;
    uint64_t min = flags & LIMITS_64 ? reader_u64(r) : reader_u32(r);
    if (flags & LIMITS_MAX)
        (void)(flags & LIMITS_64 ? reader_u64(r) : reader_u32(r));
    if (flags & LIMITS_PAGE_SIZE)
        page_log2 = reader_u32(r);
    return shifted(min, page_log2);
}

static void read_memory(struct scanning *s, struct reader *r)
{
    uint64_t bytes = read_limits_bytes(r), sum = s->memory_min_bytes + bytes;
    s->memory_min_bytes = sum < bytes ? UINT64_MAX : sum;
}

static void read_value_type(struct reader *r)
{
    uint8_t byte = reader_u8(r);
    if (byte == 0x63 || byte == 0x64) /* (ref null? heap type): a signed number, whose length is all that counts */
        for (unsigned n = 0; n < 5 && reader_u8(r) & 0x80; n++)
            ;
}

static void read_import_type(struct scanning *s, struct reader *r, uint8_t kind)
{
    switch (kind) {
    case 0: /* a function: its type */
        (void)reader_u32(r);
        break;
    case 1:
        read_value_type(r);
        (void)read_limits_bytes(r);
        break;
    case 2:
        read_memory(s, r);
        break;
    case 3: /* a global: and whether it can change */
        read_value_type(r);
        (void)reader_u8(r);
        break;
    case 4: /* a tag: an attribute and a type */
        (void)reader_u8(r);
        (void)reader_u32(r);
        break;
    default:
        r->bad = true;
        break;
    }
}

static const enum wasm_sort sorts[] = { WASM_SORT_FUNCTION, WASM_SORT_TABLE, WASM_SORT_MEMORY, WASM_SORT_GLOBAL,
                                        WASM_SORT_TAG };

static int read_imports(struct scanning *s, struct reader *r)
{
    for (uint32_t n = reader_u32(r); n && !r->bad; n--) {
        struct name_part module, name;
        module.data = reader_name(r, &module.len);
        name.data = reader_name(r, &name.len);
        uint8_t kind = reader_u8(r);
        read_import_type(s, r, kind);
        if (r->bad)
            break;
        int rc = scan_add(s, &s->imports, &module, name, sorts[kind]);
        if (rc < 0)
            return rc;
    }
    return r->bad ? scan_malformed(s, "its imports cannot be read") : 0;
}

static int read_memories(struct scanning *s, struct reader *r)
{
    for (uint32_t n = reader_u32(r); n && !r->bad; n--)
        read_memory(s, r);
    return r->bad ? scan_malformed(s, "its memories cannot be read") : 0;
}

static int read_exports(struct scanning *s, struct reader *r)
{
    for (uint32_t n = reader_u32(r); n && !r->bad; n--) {
        struct name_part name;
        name.data = reader_name(r, &name.len);
        uint8_t kind = reader_u8(r);
        (void)reader_u32(r);
        if (kind >= ARRAY_LEN(sorts))
            r->bad = true;
        if (r->bad)
            break;
        int rc = scan_add(s, &s->exports, NULL, name, sorts[kind]);
        if (rc < 0)
            return rc;
    }
    return r->bad ? scan_malformed(s, "its exports cannot be read") : SCAN_ENOUGH;
}

int scan_core_section(struct scanning *s, uint8_t id, struct reader *body)
{
    switch (id) {
    case SECTION_IMPORT:
        return read_imports(s, body);
    case SECTION_MEMORY:
        return read_memories(s, body);
    case SECTION_EXPORT: /* sections stand in the order of their numbers: what follows is code */
        return read_exports(s, body);
    default:
        return 0;
    }
}
