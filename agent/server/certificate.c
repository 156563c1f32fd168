/* SPDX-License-Identifier: Apache-2.0 */
#include "server/certificate.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/effect.h"
#include "base/err.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"

enum { YEAR_S = 365 * 24 * 3600, RENEW_BEFORE_S = 30 * 24 * 3600 };

void certificate_done(struct certificate *c)
{
    if (c->key)
        explicit_bzero(c->key, strlen(c->key));
    free(c->cert);
    free(c->key);
    *c = (struct certificate){ 0 };
}

static int read_text(const char *path, char **ret, struct err *err)
{
    AUTO(buf_done) struct buf text = BUF_INIT(LIMIT_CERTIFICATE_BYTES);

    int r = file_read(AT_FDCWD, path, &text, err);

    if (r < 0)
        return r;
    *ret = buf_take(&text);
    if (!*ret)
        *ret = xstrdup("");
    return 0;
}

static int check_cert(const char *pem, struct err *err)
{
    const gnutls_datum_t text = { .data = (unsigned char *)pem, .size = (unsigned)strlen(pem) };
    gnutls_x509_crt_t *list = NULL;
    unsigned len = 0;
    int r = gnutls_x509_crt_list_import2(&list, &len, &text, GNUTLS_X509_FMT_PEM, 0);

    for (unsigned i = 0; r >= 0 && i < len; i++)
        gnutls_x509_crt_deinit(list[i]);
    gnutls_free(list);
    return r < 0 ? err_set(err, -EINVAL, "no certificate in PEM form: %s", gnutls_strerror(r)) : 0;
}

static int check_key(const char *pem, struct err *err)
{
    const gnutls_datum_t text = { .data = (unsigned char *)pem, .size = (unsigned)strlen(pem) };
    gnutls_x509_privkey_t key;
    int r = gnutls_x509_privkey_init(&key);

    if (r < 0)
        return err_set(err, -ENOMEM, "%s", gnutls_strerror(r));
    r = gnutls_x509_privkey_import2(key, &text, GNUTLS_X509_FMT_PEM, NULL, 0);
    gnutls_x509_privkey_deinit(key);
    return r < 0 ? err_set(err, -EINVAL, "no private key in PEM form: %s", gnutls_strerror(r)) : 0;
}

static int check_pair(const struct certificate *c, const char *cert_path, const char *key_path, struct err *err)
{
    gnutls_certificate_credentials_t credentials;
    const gnutls_datum_t cert = { .data = (unsigned char *)c->cert, .size = (unsigned)strlen(c->cert) };
    const gnutls_datum_t key = { .data = (unsigned char *)c->key, .size = (unsigned)strlen(c->key) };

    if (check_cert(c->cert, err) < 0)
        return err_wrap(err, "%s", cert_path);
    if (check_key(c->key, err) < 0)
        return err_wrap(err, "%s", key_path);
    if (gnutls_certificate_allocate_credentials(&credentials) < 0)
        return err_set(err, -ENOMEM, "out of memory");
    int r = gnutls_certificate_set_x509_key_mem(credentials, &cert, &key, GNUTLS_X509_FMT_PEM);
    gnutls_certificate_free_credentials(credentials);
    if (r < 0)
        return err_set(err, -EINVAL, "%s does not belong to the key in %s", cert_path, key_path);
    return 0;
}

int certificate_load(const char *cert_path, const char *key_path, struct certificate *ret, struct err *err)
{
    struct certificate c = { 0 };

    if (read_text(cert_path, &c.cert, err) < 0 || read_text(key_path, &c.key, err) < 0 ||
        check_pair(&c, cert_path, key_path, err) < 0) {
        certificate_done(&c);
        return err_wrap(err, "serving certificate");
    }
    *ret = c;
    return 0;
}

int certificate_check_authorities(const char *pem, struct err *err)
{
    return check_cert(pem, err);
}

static int set_names(gnutls_x509_crt_t crt, const char *name, const char *const *addresses)
{
    int r = gnutls_x509_crt_set_dn_by_oid(crt, GNUTLS_OID_X520_COMMON_NAME, 0, name, (unsigned)strlen(name));

    if (r >= 0)
        r = gnutls_x509_crt_set_subject_alt_name(crt, GNUTLS_SAN_DNSNAME, name, (unsigned)strlen(name), GNUTLS_FSAN_SET);
    for (; r >= 0 && addresses && *addresses; addresses++) {
        unsigned char bytes[16];
        int family = strchr(*addresses, ':') ? AF_INET6 : AF_INET;
        if (inet_pton(family, *addresses, bytes) == 1)
            r = gnutls_x509_crt_set_subject_alt_name(crt, GNUTLS_SAN_IPADDRESS, bytes, family == AF_INET ? 4 : 16,
                                                     GNUTLS_FSAN_APPEND);
    }
    return r;
}

static int fill(gnutls_x509_crt_t crt, gnutls_x509_privkey_t key, const char *name, const char *const *addresses)
{
    int64_t now_ns = clock_wall_ns();
    time_t now_s = (time_t)(now_ns / NS_PER_S);
    unsigned char serial[8];
    int r = gnutls_x509_crt_set_version(crt, 3);

    for (size_t i = 0; i < sizeof(serial); i++) /* big-endian: a first bit would make it negative, which Go refuses */
        serial[i] = (unsigned char)((uint64_t)now_ns >> (56 - 8 * i));
    serial[0] &= 0x7f;
    if (r >= 0)
        r = gnutls_x509_crt_set_serial(crt, serial, sizeof(serial));
    if (r >= 0)
        r = gnutls_x509_crt_set_activation_time(crt, now_s - 3600);
    if (r >= 0)
        r = gnutls_x509_crt_set_expiration_time(crt, now_s + YEAR_S);
    if (r >= 0)
        r = gnutls_x509_crt_set_basic_constraints(crt, 0, -1);
    if (r >= 0)
        r = gnutls_x509_crt_set_key_usage(crt, GNUTLS_KEY_DIGITAL_SIGNATURE);
    if (r >= 0)
        r = gnutls_x509_crt_set_key_purpose_oid(crt, GNUTLS_KP_TLS_WWW_SERVER, 0);
    if (r >= 0)
        r = set_names(crt, name, addresses);
    if (r >= 0)
        r = gnutls_x509_crt_set_key(crt, key);
    if (r >= 0)
        r = gnutls_x509_crt_sign2(crt, crt, key, GNUTLS_DIG_SHA256, 0);
    return r;
}

static char *take_datum(gnutls_datum_t *d)
{
    char *text = xstrndup((const char *)d->data, d->size);

    gnutls_memset(d->data, 0, d->size);
    gnutls_free(d->data);
    return text;
}

static int make(const char *name, const char *const *addresses, struct certificate *ret, struct err *err)
{
    gnutls_x509_privkey_t key = NULL;
    gnutls_x509_crt_t crt = NULL;
    gnutls_datum_t cert_pem = { 0 }, key_pem = { 0 };
    int r = gnutls_x509_privkey_init(&key);

    if (r >= 0)
        r = gnutls_x509_crt_init(&crt);
    if (r >= 0)
        r = gnutls_x509_privkey_generate(key, GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0);
    if (r >= 0)
        r = fill(crt, key, name, addresses);
    if (r >= 0)
        r = gnutls_x509_crt_export2(crt, GNUTLS_X509_FMT_PEM, &cert_pem);
    if (r >= 0)
        r = gnutls_x509_privkey_export2(key, GNUTLS_X509_FMT_PEM, &key_pem);
    if (r >= 0)
        *ret = (struct certificate){ .cert = take_datum(&cert_pem), .key = take_datum(&key_pem) };
    gnutls_x509_crt_deinit(crt);
    gnutls_x509_privkey_deinit(key);
    return r >= 0 ? 0 : err_set(err, -EIO, "make a serving certificate: %s", gnutls_strerror(r));
}

static bool fits(gnutls_x509_crt_t crt, const char *name, const char *const *addresses)
{
    if (gnutls_x509_crt_get_expiration_time(crt) < clock_wall_ns() / NS_PER_S + RENEW_BEFORE_S ||
        !gnutls_x509_crt_check_hostname(crt, name))
        return false;
    for (; addresses && *addresses; addresses++)
        if (!gnutls_x509_crt_check_hostname(crt, *addresses))
            return false;
    return true;
}

static bool is_usable(const struct certificate *c, const char *name, const char *const *addresses)
{
    const gnutls_datum_t pem = { .data = (unsigned char *)c->cert, .size = (unsigned)strlen(c->cert) };
    gnutls_x509_crt_t crt;
    bool usable;

    if (gnutls_x509_crt_init(&crt) < 0)
        return false;
    usable = gnutls_x509_crt_import(crt, &pem, GNUTLS_X509_FMT_PEM) >= 0 && fits(crt, name, addresses);
    gnutls_x509_crt_deinit(crt);
    return usable;
}

int certificate_self_signed(const char *dir, const char *name, const char *const *addresses, struct certificate *ret,
                            struct err *err)
{
    AUTO(free) char *cert_path = xasprintf("%s/oarsman.crt", dir);
    AUTO(free) char *key_path = xasprintf("%s/oarsman.key", dir);
    struct certificate c = { 0 };

    if (certificate_load(cert_path, key_path, &c, NULL) == 0) {
        if (is_usable(&c, name, addresses)) {
            *ret = c;
            return 0;
        }
        certificate_done(&c);
    }
    if (make(name, addresses, &c, err) < 0)
        return err->code;
    effect("serving certificate");
    /* the key first: a certificate without its key would be taken for damage, the other way round it is made anew */
    if (path_mkdirs(dir, 0755, err) < 0 ||
        file_write_atomic(AT_FDCWD, key_path, c.key, strlen(c.key), 0600, FILE_SYNC, err) < 0 ||
        file_write_atomic(AT_FDCWD, cert_path, c.cert, strlen(c.cert), 0644, FILE_SYNC, err) < 0) {
        certificate_done(&c);
        return err_wrap(err, "keep the serving certificate");
    }
    *ret = c;
    return 0;
}
