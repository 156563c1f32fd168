/* SPDX-License-Identifier: Apache-2.0 */
#include "binary.h"

#include <string.h>

#include "base/limits.h"

void binary_init(struct binary *b, bool component)
{
    static const char core[] = "\0asm\1\0\0", comp[] = "\0asm\x0d\0\1";
    buf_init(&b->bytes, 16 * MIB);
    buf_init(&b->body, 16 * MIB);
    (void)buf_add(&b->bytes, component ? comp : core, 8);
}

void binary_done(struct binary *b)
{
    buf_done(&b->bytes);
    buf_done(&b->body);
}

static void leb(struct buf *to, uint64_t value)
{
    while (value >= 0x80) {
        (void)buf_putc(to, (char)(value | 0x80));
        value >>= 7;
    }
    (void)buf_putc(to, (char)value);
}

void binary_begin(struct binary *b, uint8_t id)
{
    b->id = id;
    buf_clear(&b->body);
}

void binary_end(struct binary *b)
{
    (void)buf_putc(&b->bytes, (char)b->id);
    leb(&b->bytes, b->body.len);
    if (b->body.len)
        (void)buf_add(&b->bytes, b->body.data, b->body.len);
}

void binary_byte(struct binary *b, uint8_t byte)
{
    (void)buf_putc(&b->body, (char)byte);
}

void binary_u32(struct binary *b, uint64_t value)
{
    leb(&b->body, value);
}

void binary_name(struct binary *b, const char *name)
{
    leb(&b->body, strlen(name));
    (void)buf_puts(&b->body, name);
}

void binary_core_import(struct binary *b, const char *module, const char *name)
{
    binary_begin(b, 2);
    binary_u32(b, 1);
    binary_name(b, module);
    binary_name(b, name);
    binary_byte(b, 0);
    binary_u32(b, 0);
    binary_end(b);
}

void binary_core_export(struct binary *b, const char *name, uint8_t kind)
{
    binary_begin(b, 7);
    binary_u32(b, 1);
    binary_name(b, name);
    binary_byte(b, kind);
    binary_u32(b, 0);
    binary_end(b);
}

static void named(struct binary *b, uint8_t id, const char *name, uint8_t sort)
{
    binary_begin(b, id);
    binary_u32(b, 1);
    binary_byte(b, 0);
    binary_name(b, name);
    binary_byte(b, sort);
    if (sort == 0)
        binary_byte(b, 0x11);
}

void binary_import(struct binary *b, const char *name, uint8_t sort)
{
    named(b, 10, name, sort);
    if (sort == 3)
        binary_byte(b, 1); /* a resource: no index */
    else
        binary_u32(b, 7);
    binary_end(b);
}

void binary_export(struct binary *b, const char *name, uint8_t sort)
{
    named(b, 11, name, sort);
    binary_u32(b, 3);
    binary_byte(b, 0); /* without a description */
    binary_end(b);
}
