/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The grammar is small enough to be walked by hand, one function a non-terminal: each takes a slice
 * and says yes or no. What the first component is (a host or the first part of a path on docker.io)
 * is decided by its looks, as Docker has always done: a dot, a colon, an upper-case letter or
 * "localhost" make a host.
 */
#include "rt/image_ref.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include "digest.h"

#define NAME_MAX_BYTES 255
#define TAG_MAX_BYTES  128

struct slice {
    const char *s;
    size_t len;
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_lower(char c)
{
    return c >= 'a' && c <= 'z';
}

static bool is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

static bool is_alnum(char c)
{
    return is_digit(c) || is_lower(c) || is_upper(c);
}

/* Cuts the part before the first sep off *rest. false: rest was used up before. */
static bool next_part(struct slice *rest, char sep, struct slice *ret)
{
    if (!rest->s)
        return false;
    const char *at = memchr(rest->s, sep, rest->len);
    *ret = (struct slice){ rest->s, at ? (size_t)(at - rest->s) : rest->len };
    *rest = at ? (struct slice){ at + 1, rest->len - ret->len - 1 } : (struct slice){ NULL, 0 };
    return true;
}

/* [a-z0-9]+ joined by ".", "_", "__" or any number of "-" */
static bool path_component_ok(struct slice c)
{
    size_t i = 0;
    for (;;) {
        size_t start = i;
        while (i < c.len && (is_lower(c.s[i]) || is_digit(c.s[i])))
            i++;
        if (i == start)
            return false;
        if (i == c.len)
            return true;
        size_t sep = i;
        while (i < c.len && c.s[i] == c.s[sep])
            i++;
        char kind = c.s[sep];
        size_t longest = kind == '-' ? c.len : kind == '_' ? 2 : kind == '.' ? 1 : 0;
        if (i - sep > longest)
            return false;
    }
}

static bool path_ok(struct slice path)
{
    struct slice part;
    while (next_part(&path, '/', &part))
        if (!path_component_ok(part))
            return false;
    return true;
}

static bool host_name_ok(struct slice host)
{
    struct slice part;
    while (next_part(&host, '.', &part)) {
        if (part.len == 0 || part.s[0] == '-' || part.s[part.len - 1] == '-')
            return false;
        for (size_t i = 0; i < part.len; i++)
            if (!is_alnum(part.s[i]) && part.s[i] != '-')
                return false;
    }
    return true;
}

static bool ipv6_ok(struct slice host) /* with its brackets */
{
    if (host.len < 4 || host.s[host.len - 1] != ']')
        return false;
    for (size_t i = 1; i < host.len - 1; i++)
        if (!strchr("0123456789abcdefABCDEF:", host.s[i]))
            return false;
    return true;
}

static bool domain_ok(struct slice domain)
{
    struct slice host = domain, port = { NULL, 0 };
    const char *bracket =
        domain.len && domain.s[0] == '[' ? memchr(domain.s, ']', domain.len) : NULL;
    const char *from = bracket ? bracket : domain.s;
    const char *colon = memchr(from, ':', domain.len - (size_t)(from - domain.s));
    if (colon) {
        host.len = (size_t)(colon - domain.s);
        port = (struct slice){ colon + 1, domain.len - host.len - 1 };
        if (port.len == 0)
            return false;
    }
    for (size_t i = 0; i < port.len; i++)
        if (!is_digit(port.s[i]))
            return false;
    return bracket ? ipv6_ok(host) : host_name_ok(host);
}

static bool tag_ok(struct slice tag)
{
    if (tag.len == 0 || tag.len > TAG_MAX_BYTES || tag.s[0] == '.' || tag.s[0] == '-')
        return false;
    for (size_t i = 0; i < tag.len; i++)
        if (!is_alnum(tag.s[i]) && !strchr("_.-", tag.s[i]))
            return false;
    return true;
}

static bool has_upper(struct slice s)
{
    for (size_t i = 0; i < s.len; i++)
        if (is_upper(s.s[i]))
            return true;
    return false;
}

static bool looks_like_domain(struct slice first)
{
    return memchr(first.s, '.', first.len) || memchr(first.s, ':', first.len) || has_upper(first) ||
           (first.len == 9 && memcmp(first.s, "localhost", 9) == 0);
}

static bool is_bare_id(struct slice name) /* 64 hex digits would be taken for the id of an image */
{
    if (name.len != 64)
        return false;
    for (size_t i = 0; i < name.len; i++)
        if (!is_digit(name.s[i]) && !(name.s[i] >= 'a' && name.s[i] <= 'f'))
            return false;
    return true;
}

/* Why the name is wrong; NULL when it is right. */
static const char *split_name(struct slice name, struct rt_image_ref *ret)
{
    struct slice domain = { "docker.io", 9 }, path = name;
    const char *slash = memchr(name.s, '/', name.len);
    if (is_bare_id(name))
        return "cannot specify 64-byte hexadecimal strings as a repository name";
    if (slash) {
        struct slice first = { name.s, (size_t)(slash - name.s) };
        if (looks_like_domain(first)) {
            domain = first;
            path = (struct slice){ slash + 1, name.len - first.len - 1 };
        }
    }
    if (domain.len == 15 && memcmp(domain.s, "index.docker.io", 15) == 0)
        domain = (struct slice){ "docker.io", 9 };
    bool official = domain.len == 9 && memcmp(domain.s, "docker.io", 9) == 0 && path.len &&
                    !memchr(path.s, '/', path.len);
    if (has_upper(path))
        return "repository name must be lowercase";
    if (path.len + (official ? 8 : 0) > NAME_MAX_BYTES || domain.len > NAME_MAX_BYTES)
        return "repository name must not be more than 255 characters";
    if (!domain_ok(domain) || !path_ok(path))
        return "";
    (void)snprintf(ret->domain, sizeof(ret->domain), "%.*s", (int)domain.len, domain.s);
    (void)snprintf(ret->path, sizeof(ret->path), "%s%.*s", official ? "library/" : "",
                   (int)path.len, path.s);
    return NULL;
}

static int refuse(const char *text, const char *why, struct err *err)
{
    return err_set_reason(err, -EINVAL, "InvalidImageName",
                          "couldn't parse image name \"%.*s\": invalid reference format%s%s",
                          (int)LIMIT_IMAGE_REF_BYTES, text, why[0] ? ": " : "", why);
}

int rt_image_ref_parse(const char *text, struct rt_image_ref *ret_ref, struct err *err)
{
    struct rt_image_ref ref = { .tag = "" };
    size_t len = strlen(text);
    if (len > LIMIT_IMAGE_REF_BYTES)
        return refuse(text, "it is too long", err);
    const char *at = strchr(text, '@');
    struct slice name = { text, at ? (size_t)(at - text) : len };
    if (at) {
        struct err why = ERR_INIT;
        if (digest_check(at + 1, &why) < 0)
            return refuse(text, why.msg, err);
        (void)snprintf(ref.digest, sizeof(ref.digest), "%s", at + 1);
    }
    const char *slash = memrchr(name.s, '/', name.len);
    const char *last = slash ? slash : name.s;
    const char *colon = memchr(last, ':', name.len - (size_t)(last - name.s));
    if (colon) {
        struct slice tag = { colon + 1, name.len - (size_t)(colon + 1 - name.s) };
        if (!tag_ok(tag))
            return refuse(text,
                          tag.len > TAG_MAX_BYTES ? "tag must not be more than 128 characters" : "",
                          err);
        (void)snprintf(ref.tag, sizeof(ref.tag), "%.*s", (int)tag.len, tag.s);
        name.len = (size_t)(colon - name.s);
    }
    const char *why = split_name(name, &ref);
    if (why)
        return refuse(text, why, err);
    if (!ref.tag[0] && !ref.digest[0])
        (void)snprintf(ref.tag, sizeof(ref.tag), "latest");
    *ret_ref = ref;
    return 0;
}

void rt_image_ref_name(const struct rt_image_ref *ref, char ret[RT_IMAGE_REF_TEXT_MAX])
{
    (void)snprintf(ret, RT_IMAGE_REF_TEXT_MAX, "%s/%s", ref->domain, ref->path);
}

void rt_image_ref_text(const struct rt_image_ref *ref, char ret[RT_IMAGE_REF_TEXT_MAX])
{
    bool by_digest = ref->digest[0];
    (void)snprintf(ret, RT_IMAGE_REF_TEXT_MAX, "%s/%s%s%s", ref->domain, ref->path,
                   by_digest ? "@" : ":", by_digest ? ref->digest : ref->tag);
}

/* ---- files of the node ---- */

static bool ends_in_wasm(const char *path)
{
    return str_has_suffix(path, ".wasm") || str_has_suffix(path, ".wat");
}

/* A path, or NULL. */
static const char *path_of(const char *text)
{
    if (str_has_prefix(text, "file:///"))
        return text + strlen("file://");
    if (str_has_prefix(text, "file:/"))
        return text[strlen("file:/")] == '/' ? NULL : text + strlen("file:"); /* no other host's */
    if (str_has_prefix(text, "fs/"))
        return ends_in_wasm(text) && !strpbrk(text, ":@") ? text + strlen("fs") : NULL;
    return NULL;
}

const char *rt_image_ref_local(const char *text)
{
    const char *path = path_of(text);
    if (!path || strlen(text) > LIMIT_IMAGE_REF_BYTES)
        return NULL;
    for (const char *c = path; *c; c++)
        if ((unsigned char)*c < ' ' || *c == 0x7f)
            return NULL;
    return path;
}
