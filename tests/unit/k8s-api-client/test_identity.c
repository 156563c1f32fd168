/* SPDX-License-Identifier: Apache-2.0 */
/* test_identity.c - certificates, keys and tokens that others replace on disk while a client uses them. */
#include "identity.h"

#include <errno.h>
#include <fcntl.h>
#include <gnutls/x509.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "access.h"
#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "pki.h"

#define CONFIG(cluster, user)                                                                      \
    "{apiVersion: v1, kind: Config, clusters: [{name: c, cluster: " cluster "}], users: [{name: u, user: " user     \
    "}], contexts: [{name: x, context: {cluster: c, user: u}}], current-context: x}"
#define SERVER "server: 'https://10.0.0.1:6443'"
#define FILES CONFIG("{" SERVER ", certificate-authority: ca}", "{client-certificate: cert, client-key: key}")

static char dir[] = "/tmp/test-identity-XXXXXX";
static struct pki_pair ca, one, two;
static struct k8s_access *a;
static struct err err;

static void put(const char *name, const char *text)
{
    AUTO(free) char *path = xasprintf("%s/%s", dir, name);
    assert_int_equal(file_write_atomic(AT_FDCWD, path, text, strlen(text), 0600, 0, NULL), 0);
}

static int setup(void **state)
{
    (void)state;
    ca = pki_make(&(struct pki_opts){ .name = "ca", .is_ca = true });
    one = pki_make(&(struct pki_opts){ .name = "system:node:n1", .groups = { "system:nodes" }, .issuer = &ca });
    two = pki_make(&(struct pki_opts){ .name = "system:node:n1", .groups = { "system:nodes" }, .issuer = &ca });
    return mkdtemp(dir) ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    pki_done(&ca);
    pki_done(&one);
    pki_done(&two);
    return path_remove_tree(dir, NULL);
}

static int close_access(void **state)
{
    (void)state;
    a = k8s_access_free(a);
    err_clear(&err);
    return 0;
}

static void open_access(const char *config)
{
    put("ca", ca.cert);
    put("cert", one.cert);
    put("key", one.key);
    if (k8s_kubeconfig_parse("f", dir, config, strlen(config), NULL, &a, &err) < 0)
        fail_msg("%s", err.msg);
    assert_int_equal(access_renew(a, &err), 0);
}

static void files_that_stay_are_not_read_again(void **state)
{
    (void)state;
    open_access(FILES);
    struct http_tls *before = a->tls;
    assert_int_equal(access_renew(a, &err), 0);
    assert_ptr_equal(a->tls, before);
}

static void a_file_that_is_replaced_is_taken(void **state)
{
    (void)state;
    open_access(FILES);
    AUTO(http_tls_unref) struct http_tls *before = http_tls_ref(a->tls); /* as a request under way has it */
    AUTO(free) char *bundle = xasprintf("%s%s", ca.cert, two.cert);
    put("ca", bundle);
    assert_int_equal(access_renew(a, &err), ACCESS_RENEWED);
    assert_ptr_not_equal(a->tls, before);
    assert_int_equal(access_renew(a, &err), 0);
}

static void between_certificate_and_key_the_old_pair_stays_which_is_told_once(void **state)
{
    (void)state;
    open_access(FILES);
    struct http_tls *before = a->tls;
    put("cert", two.cert);
    assert_int_equal(access_renew(a, &err), -EINVAL);
    assert_true(str_has_prefix(err.msg, "client certificate and key: "));
    assert_int_equal(access_renew(a, &err), 0);
    assert_ptr_equal(a->tls, before);
    put("key", two.key);
    assert_int_equal(access_renew(a, &err), ACCESS_RENEWED);
}

static void a_file_that_is_gone_or_empty_changes_nothing(void **state)
{
    (void)state;
    AUTO(free) char *path = xasprintf("%s/key", dir);
    open_access(FILES);
    struct http_tls *before = a->tls;
    assert_int_equal(unlink(path), 0);
    assert_int_equal(access_renew(a, &err), -ENOENT);
    assert_int_equal(access_renew(a, &err), 0);
    put("key", "");
    assert_int_equal(access_renew(a, &err), -EINVAL);
    assert_true(str_has_suffix(err.msg, "/key is empty"));
    assert_ptr_equal(a->tls, before);
    put("key", one.key);
    assert_int_equal(access_renew(a, &err), ACCESS_RENEWED);
}

/* As the kubelet and kubeadm keep it: certificate and key in one file, named by a link that is switched. */
static void one_file_for_both_may_hang_on_a_link(void **state)
{
    (void)state;
    AUTO(free) char *first = xasprintf("%s%s", one.cert, one.key), *second = xasprintf("%s%s", two.cert, two.key);
    AUTO(free) char *link = xasprintf("%s/current", dir), *next = xasprintf("%s/next", dir);
    put("first", first);
    put("second", second);
    assert_int_equal(symlink("first", link) | symlink("second", next), 0);
    open_access(CONFIG("{" SERVER ", certificate-authority: ca}", "{client-certificate: current, client-key: current}"));
    assert_int_equal(rename(next, link), 0);
    assert_int_equal(access_renew(a, &err), ACCESS_RENEWED);
    assert_int_equal(access_renew(a, &err), 0);
}

static void what_is_given_in_place_goes_with_files_and_stays(void **state)
{
    (void)state;
    open_access(CONFIG("{" SERVER ", certificate-authority: ca}", "{token: abc}"));
    put("ca", two.cert);
    assert_int_equal(access_renew(a, &err), ACCESS_RENEWED);
    assert_string_equal(a->authorization, "Bearer abc");
    close_access(NULL);
    open_access(CONFIG("{" SERVER "}", "{token: abc}"));
    assert_null(a->identity);
}

static void a_token_file_is_followed(void **state)
{
    (void)state;
    AUTO(free) char *path = xasprintf("%s/token", dir);
    put("token", "one\n");
    open_access(CONFIG("{" SERVER "}", "{tokenFile: token, token: old}"));
    assert_string_equal(a->authorization, "Bearer one");
    put("token", "two\n");
    assert_int_equal(access_renew(a, &err), 0); /* connections need not change for it */
    assert_string_equal(a->authorization, "Bearer two");
    put("token", "t w o");
    assert_int_equal(access_renew(a, &err), -EINVAL);
    assert_true(str_has_prefix(err.msg, "tokenFile: "));
    assert_int_equal(unlink(path), 0);
    assert_int_equal(access_renew(a, &err), -ENOENT);
    assert_int_equal(access_renew(a, &err), 0);
    assert_string_equal(a->authorization, "Bearer two");
}

int main(void)
{
#define ACCESS_TEST(t) cmocka_unit_test_teardown(t, close_access)
    const struct CMUnitTest tests[] = {
        ACCESS_TEST(files_that_stay_are_not_read_again),
        ACCESS_TEST(a_file_that_is_replaced_is_taken),
        ACCESS_TEST(between_certificate_and_key_the_old_pair_stays_which_is_told_once),
        ACCESS_TEST(a_file_that_is_gone_or_empty_changes_nothing),
        ACCESS_TEST(one_file_for_both_may_hang_on_a_link),
        ACCESS_TEST(what_is_given_in_place_goes_with_files_and_stays),
        ACCESS_TEST(a_token_file_is_followed),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
