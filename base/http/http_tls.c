/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http_tls.c - certificates and keys for libcurl.
 *
 * libcurl's GnuTLS build takes certificates as files only (the *_BLOB options are for other TLS libraries), and
 * keys shall not lie on a disk: each is a memfd, named by /proc/self/fd/N.
 *
 * libcurl tells connections and TLS sessions apart by these very path strings. A number is reused after close,
 * so a path alone could match a connection that was opened with somebody else's key. Each path therefore also
 * carries a serial number that is never reused, written in binary as "./" and "/" which mean nothing to the kernel.
 */
#include <errno.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <stdio.h>
#include <sys/mman.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "http_private.h"

static char *unique_path(int fd)
{
    static uint64_t serial;
    struct buf path = BUF_INIT(512);
    buf_puts(&path, "/proc/self/fd/");
    for (uint64_t bits = ++serial; bits; bits >>= 1)
        buf_puts(&path, bits & 1 ? "./" : "/");
    buf_printf(&path, "%d", fd);
    return buf_take(&path);
}

static int keep(const char *what, const void *data, size_t len, int *ret_fd, char **ret_path, struct err *err)
{
    AUTO(close) int fd = memfd_create(what, MFD_CLOEXEC);
    if (fd < 0)
        return err_errno(err, errno, "memfd for %s", what);
    if (file_write_all(fd, data, len, err) < 0)
        return err_wrap(err, "memfd for %s", what);
    *ret_path = unique_path(fd);
    *ret_fd = TAKE_FD(fd);
    return 0;
}

static gnutls_datum_t datum(const void *data, size_t len)
{
    return (gnutls_datum_t){ .data = (unsigned char *)(uintptr_t)data, .size = (unsigned)len };
}

/* What is wrong with it is said here, where the part is known, not at the first connection. */
static int check(const struct http_tls_opts *o, struct err *err)
{
    gnutls_certificate_credentials_t cred = NULL;
    if (gnutls_certificate_allocate_credentials(&cred) < 0)
        return err_set(err, -ENOMEM, "TLS credentials");
    gnutls_datum_t ca = datum(o->ca, o->ca_len), cert = datum(o->cert, o->cert_len),
                   key = datum(o->key, o->key_len);
    int ret = 0;
    if (o->ca) {
        int n = gnutls_certificate_set_x509_trust_mem(cred, &ca, GNUTLS_X509_FMT_PEM);
        if (n <= 0)
            ret = err_set(err, -EINVAL, "certificate authority: %s",
                          n == 0 ? "no PEM certificate found" : gnutls_strerror(n));
    }
    if (ret == 0 && o->cert) {
        int n = gnutls_certificate_set_x509_key_mem(cred, &cert, &key, GNUTLS_X509_FMT_PEM);
        if (n < 0)
            ret = err_set(err, -EINVAL, "client certificate and key: %s", gnutls_strerror(n));
    }
    gnutls_certificate_free_credentials(cred);
    return ret;
}

int http_tls_new(const struct http_tls_opts *o, struct http_tls **ret_tls, struct err *err)
{
    if (!o->cert != !o->key)
        return err_set(err, -EINVAL, "client certificate and key: one without the other");
    if (check(o, err) < 0)
        return err->code;
    struct http_tls *tls = NEW(struct http_tls);
    *tls = (struct http_tls){ .refs = 1, .ca_fd = -1, .cert_fd = -1, .key_fd = -1, .insecure = o->insecure };
    tls->server_name = xstrdup(str_empty(o->server_name) ? NULL : o->server_name);
    int ret = 0;
    if (o->ca)
        ret = keep("ca", o->ca, o->ca_len, &tls->ca_fd, &tls->ca_path, err);
    if (ret == 0 && o->cert)
        ret = keep("cert", o->cert, o->cert_len, &tls->cert_fd, &tls->cert_path, err);
    if (ret == 0 && o->key)
        ret = keep("key", o->key, o->key_len, &tls->key_fd, &tls->key_path, err);
    if (ret < 0) {
        http_tls_unref(tls);
        return ret;
    }
    *ret_tls = tls;
    return 0;
}

struct http_tls *http_tls_ref(struct http_tls *tls)
{
    if (tls)
        tls->refs++;
    return tls;
}

struct http_tls *http_tls_unref(struct http_tls *tls)
{
    if (!tls || --tls->refs > 0)
        return NULL;
    cleanup_close(&tls->ca_fd);
    cleanup_close(&tls->cert_fd);
    cleanup_close(&tls->key_fd);
    free(tls->ca_path);
    free(tls->cert_path);
    free(tls->key_path);
    free(tls->server_name);
    free(tls);
    return NULL;
}

int tls_apply(const struct http_tls *tls, CURL *easy)
{
    CURLcode r = curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    if (tls && tls->ca_path) {
        r = r ? r : curl_easy_setopt(easy, CURLOPT_CAINFO, tls->ca_path);
        r = r ? r : curl_easy_setopt(easy, CURLOPT_CAPATH, NULL); /* the given ones alone */
    }
    if (tls && tls->cert_path) {
        r = r ? r : curl_easy_setopt(easy, CURLOPT_SSLCERT, tls->cert_path);
        r = r ? r : curl_easy_setopt(easy, CURLOPT_SSLKEY, tls->key_path);
    }
    if (tls && tls->insecure) {
        r = r ? r : curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 0L);
        r = r ? r : curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 0L);
    }
    return r == CURLE_OK ? 0 : -EIO;
}
