/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>
#include <gnutls/x509.h>

#include "base/mem.h"
#include "pki.h"

static gnutls_datum_t datum(const char *text)
{
    return (gnutls_datum_t){ .data = (unsigned char *)text, .size = (unsigned)strlen(text) };
}

static char *take(gnutls_datum_t *d)
{
    char *text = xstrndup((const char *)d->data, d->size);
    gnutls_free(d->data);
    return text;
}

static void sign(gnutls_x509_crt_t crt, gnutls_x509_privkey_t key, const struct pki_pair *issuer)
{
    gnutls_x509_crt_t ca = crt;
    gnutls_x509_privkey_t ca_key = key;

    if (issuer) {
        gnutls_datum_t cert_pem = datum(issuer->cert), key_pem = datum(issuer->key);
        assert_true(gnutls_x509_crt_init(&ca) >= 0 && gnutls_x509_privkey_init(&ca_key) >= 0);
        assert_true(gnutls_x509_crt_import(ca, &cert_pem, GNUTLS_X509_FMT_PEM) >= 0);
        assert_true(gnutls_x509_privkey_import(ca_key, &key_pem, GNUTLS_X509_FMT_PEM) >= 0);
    }
    assert_true(gnutls_x509_crt_sign2(crt, ca, ca_key, GNUTLS_DIG_SHA256, 0) >= 0);
    if (issuer) {
        gnutls_x509_crt_deinit(ca);
        gnutls_x509_privkey_deinit(ca_key);
    }
}

struct pki_pair pki_make(const struct pki_opts *o)
{
    static unsigned char serial;
    gnutls_x509_crt_t crt = NULL;
    gnutls_x509_privkey_t key = NULL;
    gnutls_datum_t cert_pem, key_pem;
    time_t now_s = time(NULL);

    serial++;
    assert_true(gnutls_x509_crt_init(&crt) >= 0 && gnutls_x509_privkey_init(&key) >= 0);
    assert_true(gnutls_x509_privkey_generate(key, GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0) >= 0);
    assert_true(gnutls_x509_crt_set_version(crt, 3) >= 0 && gnutls_x509_crt_set_serial(crt, &serial, 1) >= 0);
    assert_true(gnutls_x509_crt_set_activation_time(crt, now_s + o->from_s - 60) >= 0);
    assert_true(gnutls_x509_crt_set_expiration_time(crt, now_s + (o->until_s ? o->until_s : 3600)) >= 0);
    assert_true(gnutls_x509_crt_set_basic_constraints(crt, o->is_ca, -1) >= 0);
    assert_true(gnutls_x509_crt_set_dn_by_oid(crt, GNUTLS_OID_X520_COMMON_NAME, 0, o->name, (unsigned)strlen(o->name)) >= 0);
    for (size_t i = 0; i < ARRAY_LEN(o->groups) && o->groups[i]; i++)
        assert_true(gnutls_x509_crt_set_dn_by_oid(crt, GNUTLS_OID_X520_ORGANIZATION_NAME, 0, o->groups[i],
                                                  (unsigned)strlen(o->groups[i])) >= 0);
    assert_true(gnutls_x509_crt_set_key_usage(crt, o->is_ca ? GNUTLS_KEY_KEY_CERT_SIGN : GNUTLS_KEY_DIGITAL_SIGNATURE) >= 0);
    if (o->purpose)
        assert_true(gnutls_x509_crt_set_key_purpose_oid(crt, o->purpose, 0) >= 0);
    assert_true(gnutls_x509_crt_set_key(crt, key) >= 0);
    sign(crt, key, o->issuer);
    assert_true(gnutls_x509_crt_export2(crt, GNUTLS_X509_FMT_PEM, &cert_pem) >= 0);
    assert_true(gnutls_x509_privkey_export2(key, GNUTLS_X509_FMT_PEM, &key_pem) >= 0);
    gnutls_x509_crt_deinit(crt);
    gnutls_x509_privkey_deinit(key);
    return (struct pki_pair){ .cert = take(&cert_pem), .key = take(&key_pem) };
}

void pki_done(struct pki_pair *p)
{
    free(p->cert);
    free(p->key);
}
