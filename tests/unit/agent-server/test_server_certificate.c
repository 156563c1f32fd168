/* SPDX-License-Identifier: Apache-2.0 */
#include "server/certificate.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>
#include <gnutls/x509.h>

#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "pki.h"

static char dir[32];

static int setup(void **state)
{
    (void)state;
    strcpy(dir, "/tmp/certificate-XXXXXX");
    return mkdtemp(dir) ? 0 : -1;
}
static int teardown(void **state)
{
    (void)state;
    return path_remove_tree(dir, NULL);
}

static const char *const addresses[] = { "192.0.2.7", "2001:db8::7", NULL };

static gnutls_x509_crt_t parse(const struct certificate *c)
{
    gnutls_datum_t pem = { (unsigned char *)c->cert, (unsigned)strlen(c->cert) };
    gnutls_x509_crt_t crt;

    assert_true(gnutls_x509_crt_init(&crt) >= 0);
    assert_true(gnutls_x509_crt_import(crt, &pem, GNUTLS_X509_FMT_PEM) >= 0);
    return crt;
}

static void made_when_there_is_none_and_kept_afterwards(void **state)
{
    AUTO(free) char *pki = xasprintf("%s/pki", dir);
    AUTO(free) char *key = xasprintf("%s/pki/oarsman.key", dir);
    struct certificate a = { 0 }, b = { 0 };
    struct err err = ERR_INIT;
    struct stat st;

    (void)state;
    assert_int_equal(certificate_self_signed(pki, "node-1", addresses, &a, &err), 0);
    assert_int_equal(certificate_self_signed(pki, "node-1", addresses, &b, &err), 0);
    assert_string_equal(a.cert, b.cert);
    assert_string_equal(a.key, b.key);
    assert_int_equal(stat(key, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    certificate_done(&a);
    certificate_done(&b);
}

static void names_addresses_and_a_positive_serial_number(void **state)
{
    AUTO(free) char *pki = xasprintf("%s/pki", dir);

    (void)state;
    for (int i = 0; i < 8; i++) {
        struct certificate c = { 0 };
        struct err err = ERR_INIT;
        unsigned char serial[32];
        size_t len = sizeof(serial);
        AUTO(free) char *name = xasprintf("node-%d", i);
        assert_int_equal(certificate_self_signed(pki, name, addresses, &c, &err), 0);
        gnutls_x509_crt_t crt = parse(&c);
        assert_true(gnutls_x509_crt_check_hostname(crt, name));
        assert_true(gnutls_x509_crt_check_hostname(crt, "192.0.2.7"));
        assert_true(gnutls_x509_crt_check_hostname(crt, "2001:db8::7"));
        assert_true(gnutls_x509_crt_get_serial(crt, serial, &len) >= 0);
        assert_true(serial[0] < 0x80);
        gnutls_x509_crt_deinit(crt);
        certificate_done(&c);
    }
}

static void made_anew_for_another_name_or_address(void **state)
{
    static const char *const other[] = { "192.0.2.8", NULL };
    struct certificate a = { 0 }, b = { 0 }, c = { 0 };
    struct err err = ERR_INIT;

    (void)state;
    assert_int_equal(certificate_self_signed(dir, "node-1", addresses, &a, &err), 0);
    assert_int_equal(certificate_self_signed(dir, "node-1", other, &b, &err), 0);
    assert_string_not_equal(a.cert, b.cert);
    assert_int_equal(certificate_self_signed(dir, "node-2", other, &c, &err), 0);
    assert_string_not_equal(b.cert, c.cert);
    certificate_done(&a);
    certificate_done(&b);
    certificate_done(&c);
}

static void damage_is_repaired(void **state)
{
    AUTO(free) char *path = xasprintf("%s/oarsman.crt", dir);
    struct certificate a = { 0 }, b = { 0 };
    struct err err = ERR_INIT;

    (void)state;
    assert_int_equal(certificate_self_signed(dir, "n", NULL, &a, &err), 0);
    assert_int_equal(file_write_atomic(-100, path, "half", 4, 0644, 0, &err), 0);
    assert_int_equal(certificate_self_signed(dir, "n", NULL, &b, &err), 0);
    assert_true(str_has_prefix(b.cert, "-----BEGIN CERTIFICATE"));
    certificate_done(&a);
    certificate_done(&b);
}

static void given_files_are_checked(void **state)
{
    AUTO(free) char *cert = xasprintf("%s/c.pem", dir), *key = xasprintf("%s/k.pem", dir);
    struct pki_pair a = pki_make(&(struct pki_opts){ .name = "a" }), b = pki_make(&(struct pki_opts){ .name = "b" });
    struct certificate c = { 0 };
    struct err err = ERR_INIT;

    (void)state;
    AUTO(free) char *absent = xasprintf("serving certificate: read %s: No such file or directory", cert);
    assert_int_equal(certificate_load(cert, key, &c, &err), -ENOENT);
    assert_string_equal(err.msg, absent);
    assert_int_equal(file_write_atomic(-100, cert, a.cert, strlen(a.cert), 0644, 0, &err), 0);
    assert_int_equal(file_write_atomic(-100, key, b.key, strlen(b.key), 0600, 0, &err), 0);
    AUTO(free) char *apart = xasprintf("serving certificate: %s does not belong to the key in %s", cert, key);
    assert_true(certificate_load(cert, key, &c, &err) < 0);
    assert_string_equal(err.msg, apart);
    AUTO(free) char *no_key = xasprintf("serving certificate: %s: no private key in PEM form: ", key);
    assert_int_equal(file_write_atomic(-100, key, "x", 1, 0600, 0, &err), 0);
    assert_true(certificate_load(cert, key, &c, &err) < 0);
    assert_true(str_has_prefix(err.msg, no_key));
    assert_int_equal(file_write_atomic(-100, key, a.key, strlen(a.key), 0600, 0, &err), 0);
    assert_int_equal(certificate_load(cert, key, &c, &err), 0);
    assert_string_equal(c.key, a.key);
    certificate_done(&c);
    pki_done(&a);
    pki_done(&b);
}

int main(void)
{
#define IN_DIR(t) cmocka_unit_test_setup_teardown(t, setup, teardown)
    const struct CMUnitTest tests[] = {
        IN_DIR(made_when_there_is_none_and_kept_afterwards),
        IN_DIR(names_addresses_and_a_positive_serial_number),
        IN_DIR(made_anew_for_another_name_or_address),
        IN_DIR(damage_is_repaired),
        IN_DIR(given_files_are_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
