/* SPDX-License-Identifier: Apache-2.0 */
#include "digest.h"

#include <assert.h>
#include <errno.h>
#include <gnutls/crypto.h>
#include <stdio.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"

static const struct algorithm {
    const char *prefix;
    size_t hex_len;
    gnutls_digest_algorithm_t id;
} algorithms[] = {
    { "sha256:", 64, GNUTLS_DIG_SHA256 },
    { "sha512:", 128, GNUTLS_DIG_SHA512 },
};

struct digest_state {
    const struct algorithm *algorithm;
    gnutls_hash_hd_t hash;
};

static const struct algorithm *algorithm_of(const char *text)
{
    for (size_t i = 0; i < ARRAY_LEN(algorithms); i++)
        if (str_has_prefix(text, algorithms[i].prefix))
            return &algorithms[i];
    return NULL;
}

int digest_check(const char *text, struct err *err)
{
    if (!text || !strchr(text, ':'))
        return err_set(err, -EINVAL, "'%.80s' is not a digest", text ? text : "");
    const struct algorithm *a = algorithm_of(text);
    if (!a)
        return err_set(err, -EOPNOTSUPP, "digest algorithm of '%.80s' is not supported", text);
    const char *hex = text + strlen(a->prefix);
    if (strlen(hex) != a->hex_len || strspn(hex, "0123456789abcdef") != a->hex_len)
        return err_set(err, -EINVAL,
                       "'%.150s' is not a digest: %zu lower-case hexadecimal digits are expected",
                       text, a->hex_len);
    return 0;
}

const char *digest_hex(const char *digest)
{
    const char *colon = strchr(digest, ':');
    return colon ? colon + 1 : digest;
}

struct digest_state *digest_new(const char *like)
{
    struct digest_state *d = NEW(struct digest_state);
    d->algorithm = like ? algorithm_of(like) : NULL;
    if (!d->algorithm)
        d->algorithm = &algorithms[0];
    if (gnutls_hash_init(&d->hash, d->algorithm->id) < 0)
        abort(); /* both algorithms are built into the library: only lack of memory ends here */
    return d;
}

struct digest_state *digest_free(struct digest_state *d)
{
    if (d) {
        gnutls_hash_deinit(d->hash, NULL);
        free(d);
    }
    return NULL;
}

void digest_add(struct digest_state *d, const void *data, size_t len)
{
    int rc = gnutls_hash(d->hash, data, len);
    assert(rc == 0);
    (void)rc;
}

void digest_text(const struct digest_state *d, char ret[DIGEST_TEXT_MAX])
{
    unsigned char raw[64];
    gnutls_hash_hd_t copy = gnutls_hash_copy(d->hash);
    if (!copy)
        abort();
    gnutls_hash_deinit(copy, raw);
    size_t prefix_len = strlen(d->algorithm->prefix);
    memcpy(ret, d->algorithm->prefix, prefix_len);
    str_hex(raw, d->algorithm->hex_len / 2, ret + prefix_len);
}

void digest_of(const char *like, const void *data, size_t len, char ret[DIGEST_TEXT_MAX])
{
    AUTO(digest_free) struct digest_state *d = digest_new(like);
    digest_add(d, data, len);
    digest_text(d, ret);
}

bool digest_matches(const char *digest, const void *data, size_t len)
{
    char actual[DIGEST_TEXT_MAX];
    digest_of(digest, data, len, actual);
    return str_eq(actual, digest);
}
