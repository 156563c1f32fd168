/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json_write.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

static_assert(LIMIT_JSON_DEPTH <= 64, "json_writer.objects has one bit for each level");

static bool in_object(const struct json_writer *w)
{
    return w->depth > 0 && (w->objects >> (w->depth - 1) & 1);
}

static void before_value(struct json_writer *w)
{
    assert(!in_object(w) || w->after_key);
    if (w->comma && !w->after_key)
        (void)buf_putc(w->out, ',');
    w->comma = true;
    w->after_key = false;
}

static void begin(struct json_writer *w, char bracket)
{
    before_value(w);
    assert(w->depth < LIMIT_JSON_DEPTH);
    w->objects &= ~(UINT64_C(1) << w->depth);
    w->objects |= (uint64_t)(bracket == '{') << w->depth;
    w->depth++;
    w->comma = false;
    (void)buf_putc(w->out, bracket);
}

void json_write_object(struct json_writer *w)
{
    begin(w, '{');
}

void json_write_array(struct json_writer *w)
{
    begin(w, '[');
}

void json_write_end(struct json_writer *w)
{
    assert(w->depth > 0 && !w->after_key);
    (void)buf_putc(w->out, in_object(w) ? '}' : ']');
    w->depth--;
    w->comma = true;
}

/* How many bytes of s are one UTF-8 character; 0: none (truncated, overlong, a surrogate, too
 * large). */
static size_t utf8_length(const unsigned char *s, size_t len)
{
    size_t n = s[0] < 0x80   ? 1
               : s[0] < 0xC2 ? 0
               : s[0] < 0xE0 ? 2
               : s[0] < 0xF0 ? 3
               : s[0] < 0xF5 ? 4
                             : 0;

    if (n == 0 || n > len)
        return 0;
    for (size_t i = 1; i < n; i++)
        if ((s[i] & 0xC0) != 0x80)
            return 0;
    if ((s[0] == 0xE0 && s[1] < 0xA0) || (s[0] == 0xED && s[1] > 0x9F) ||
        (s[0] == 0xF0 && s[1] < 0x90) || (s[0] == 0xF4 && s[1] > 0x8F))
        return 0;
    return n;
}

static void add_escape(struct buf *out, unsigned char c)
{
    static const char letters[0x20] = {
        ['\b'] = 'b', ['\f'] = 'f', ['\n'] = 'n', ['\r'] = 'r', ['\t'] = 't',
    };

    if (c == '"' || c == '\\')
        (void)buf_printf(out, "\\%c", c);
    else if (letters[c])
        (void)buf_printf(out, "\\%c", letters[c]);
    else
        (void)buf_printf(out, "\\u%04x", c);
}

static void add_quoted(struct buf *out, const char *s, size_t len)
{
    const unsigned char *u = (const unsigned char *)s;
    size_t start = 0, i = 0;

    (void)buf_putc(out, '"');
    while (i < len) {
        size_t n = u[i] >= 0x20 && u[i] != '"' && u[i] != '\\' ? utf8_length(u + i, len - i) : 0;

        if (n) {
            i += n;
            continue;
        }
        (void)buf_add(out, s + start, i - start);
        if (u[i] < 0x80)
            add_escape(out, u[i]);
        else
            (void)buf_puts(out, "\xEF\xBF\xBD"); /* U+FFFD */
        start = ++i;
    }
    (void)buf_add(out, s + start, len - start);
    (void)buf_putc(out, '"');
}

void json_write_key_n(struct json_writer *w, const char *key, size_t len)
{
    assert(in_object(w) && !w->after_key);
    if (w->comma)
        (void)buf_putc(w->out, ',');
    add_quoted(w->out, key, len);
    (void)buf_putc(w->out, ':');
    w->after_key = true;
}

void json_write_key(struct json_writer *w, const char *key)
{
    json_write_key_n(w, key, strlen(key));
}

void json_write_string_n(struct json_writer *w, const char *s, size_t len)
{
    before_value(w);
    add_quoted(w->out, s, len);
}

void json_write_string(struct json_writer *w, const char *s)
{
    if (s)
        json_write_string_n(w, s, strlen(s));
    else
        json_write_null(w);
}

void json_write_raw(struct json_writer *w, const char *text, size_t len)
{
    before_value(w);
    (void)buf_add(w->out, text, len);
}

void json_write_int(struct json_writer *w, int64_t value)
{
    char text[24];

    json_write_raw(w, text, (size_t)snprintf(text, sizeof(text), "%" PRId64, value));
}

void json_write_uint(struct json_writer *w, uint64_t value)
{
    char text[24];

    json_write_raw(w, text, (size_t)snprintf(text, sizeof(text), "%" PRIu64, value));
}

void json_write_bool(struct json_writer *w, bool value)
{
    json_write_raw(w, value ? "true" : "false", value ? 4 : 5);
}

void json_write_null(struct json_writer *w)
{
    json_write_raw(w, "null", 4);
}

void json_write_base64(struct json_writer *w, const void *data, size_t len)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const unsigned char *u = (const unsigned char *)data;

    before_value(w);
    (void)buf_putc(w->out, '"');
    for (size_t i = 0; i < len; i += 3) {
        unsigned v = (unsigned)u[i] << 16 | (i + 1 < len ? (unsigned)u[i + 1] << 8 : 0) |
                     (i + 2 < len ? u[i + 2] : 0);
        char text[4] = { digits[v >> 18], digits[v >> 12 & 63],
                         i + 1 < len ? digits[v >> 6 & 63] : '=',
                         i + 2 < len ? digits[v & 63] : '=' };

        (void)buf_add(w->out, text, sizeof(text));
    }
    (void)buf_putc(w->out, '"');
}

void json_write_key_string(struct json_writer *w, const char *key, const char *s)
{
    json_write_key(w, key);
    json_write_string(w, s);
}

void json_write_key_int(struct json_writer *w, const char *key, int64_t value)
{
    json_write_key(w, key);
    json_write_int(w, value);
}

void json_write_key_bool(struct json_writer *w, const char *key, bool value)
{
    json_write_key(w, key);
    json_write_bool(w, value);
}

void json_write_key_object(struct json_writer *w, const char *key)
{
    json_write_key(w, key);
    json_write_object(w);
}

void json_write_key_array(struct json_writer *w, const char *key)
{
    json_write_key(w, key);
    json_write_array(w);
}
