/* SPDX-License-Identifier: Apache-2.0 */
#include "outbound.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "base/json.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"

#define HOST_LIST_FIELDS(F) F(values, const char *, hosts, "hosts", JSON_REQUIRED)
JSON_STRUCT(host_list, HOST_LIST_FIELDS);
JSON_TYPE(host_list, HOST_LIST_FIELDS);

struct pattern {
    const char *host;
    size_t host_len;
    int64_t port; /* 0: any */
};

/* Where the port begins: after the last colon, unless that stands inside an IPv6 address. */
static const char *port_of(const char *text, size_t len)
{
    const char *first = memchr(text, ':', len), *last = memrchr(text, ':', len);

    return last && (first == last || last[-1] == ']') ? last : NULL;
}

static int parse_port(const char *text, size_t len, int64_t *ret)
{
    AUTO(free) char *digits = xstrndup(text, len);

    return str_to_i64(digits, 1, UINT16_MAX, ret);
}

static int split(const char *text, struct pattern *ret)
{
    const char *colon;
    size_t len;

    ret->port = 0;
    if (str_has_prefix(text, "https://")) {
        text += strlen("https://");
        ret->port = 443;
    } else if (str_has_prefix(text, "http://")) {
        text += strlen("http://");
        ret->port = 80;
    }
    len = strlen(text);
    if (ret->port && len > 0 && text[len - 1] == '/') /* "https://api.example.com/" */
        len--;
    colon = port_of(text, len);
    if (colon && parse_port(colon + 1, (size_t)(text + len - colon - 1), &ret->port) < 0)
        return -EINVAL;
    ret->host = text;
    ret->host_len = colon ? (size_t)(colon - text) : len;
    if (ret->host_len >= 2 && text[0] == '[' && text[ret->host_len - 1] == ']') {
        ret->host++;
        ret->host_len -= 2;
    }
    return ret->host_len > 0 ? 0 : -EINVAL;
}

static bool well_formed(const char *text)
{
    struct pattern p;
    size_t from;

    if (split(text, &p) < 0)
        return false;
    from = p.host[0] == '*' ? 1 : 0;
    if (from == 1 && p.host_len > 1 && p.host[1] != '.')
        return false;
    for (size_t i = from; i < p.host_len; i++)
        if (!isalnum((unsigned char)p.host[i]) && !strchr(".-_:", p.host[i]))
            return false;
    return true;
}

static int check(const struct rt_strings *all, struct err *err)
{
    for (size_t i = 0; i < all->len; i++)
        if (!well_formed(all->items[i]))
            return err_set(err, -EINVAL, "\"%s\" is no host: NAME, *.NAME or NAME:PORT is expected", all->items[i]);
    return 0;
}

static int from_json(const char *text, struct arena *arena, struct rt_strings *ret, struct err *err)
{
    AUTO(free) char *object = xasprintf("{\"hosts\":%s}", text);
    struct host_list list;

    if (json_decode(&host_list_type, object, strlen(object), NULL, arena, &list, err) < 0)
        return err->code;
    *ret = (struct rt_strings){ .items = list.hosts.items, .len = list.hosts.len };
    return 0;
}

static int from_commas(const char *text, struct arena *arena, struct rt_strings *ret, struct err *err)
{
    static const char blank[] = " \t\n";
    AUTO(strv_free) char **parts = strv_split(text, ',');
    size_t len = 0, parts_len = strv_len(parts);
    const char **items = arena_alloc(arena, (parts_len + 1) * sizeof(*items));

    for (size_t i = 0; items && i < parts_len; i++) {
        const char *at = parts[i] + strspn(parts[i], blank);
        size_t at_len = strlen(at);

        while (at_len > 0 && strchr(blank, at[at_len - 1]))
            at_len--;
        if (at_len > 0 && !(items[len++] = arena_strndup(arena, at, at_len)))
            items = NULL;
    }
    if (!items)
        return err_set(err, -E2BIG, "too many hosts");
    *ret = (struct rt_strings){ .items = items, .len = len };
    return 0;
}

/* "[" begins a list, or an address of IPv6. */
static bool is_json(const char *text)
{
    return text[0] == '[' && strchr("\"]", text[1 + strspn(text + 1, " \t\n\r")]);
}

int outbound_parse(const char *text, struct arena *arena, struct rt_strings *ret, struct err *err)
{
    const char *start = text + strspn(text, " \t\n\r");
    struct err own = ERR_INIT;
    struct rt_strings all;
    int r = is_json(start) ? from_json(start, arena, &all, &own) : from_commas(start, arena, &all, &own);

    if (r == 0)
        r = check(&all, &own);
    if (r < 0 && err)
        err_copy(err, &own);
    if (r == 0)
        *ret = all;
    return r;
}

static bool matches(const char *text, const char *host, uint16_t port)
{
    struct pattern p;
    size_t len = strlen(host);

    if (split(text, &p) < 0 || (p.port && p.port != port))
        return false;
    if (p.host[0] != '*')
        return len == p.host_len && strncasecmp(host, p.host, len) == 0;
    return p.host_len == 1 ||
           (len > p.host_len - 1 && strncasecmp(host + len - (p.host_len - 1), p.host + 1, p.host_len - 1) == 0);
}

bool outbound_allows(const struct rt_strings *patterns, const char *host, uint16_t port)
{
    for (size_t i = 0; i < patterns->len; i++)
        if (matches(patterns->items[i], host, port))
            return true;
    return false;
}
