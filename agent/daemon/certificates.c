/* SPDX-License-Identifier: Apache-2.0 */
/*
 * certificates.c - what the kubelet API shows of itself, and whom it believes: read at the start, and again when the files
 * have changed. Others replace them while we run (kubeadm, cert-manager), mostly by a rename, one file after the other.
 *
 * They are looked at (stat) when a connection arrives and when a client is judged, so no timer is needed. What cannot be
 * used is said once for each change, and what was read before stays.
 */
#include <fcntl.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "daemon_private.h"

static const char mod[] = "agent";

static int read_authorities(const char *path, char **ret, struct err *err)
{
    AUTO(buf_done) struct buf pem = BUF_INIT(LIMIT_CERTIFICATE_BYTES);

    if (file_read(AT_FDCWD, path, &pem, err) < 0)
        return err_wrap(err, "authentication.x509.clientCAFile");
    if (certificate_check_authorities(buf_str(&pem), err) < 0)
        return err_wrap(err, "authentication.x509.clientCAFile: %s", path);
    *ret = buf_take(&pem);
    return 0;
}

static int read_client_ca(struct daemon *d, struct err *err)
{
    const char *path = d->config->client_ca_file;

    if (str_empty(path))
        return 0;
    d->trust.client_ca_seen = file_stamp(path);
    return read_authorities(path, &d->trust.client_ca, err);
}

static int read_serving_certificate(struct daemon *d, struct err *err)
{
    const struct config *c = d->config;
    struct trust *t = &d->trust;
    AUTO(free) char *dir = str_empty(c->cert_dir) ? xasprintf("%s/pki", c->root_dir) : xstrdup(c->cert_dir);

    if (str_empty(c->tls_cert_file))
        return certificate_self_signed(dir, d->facts.name, (const char *const *)d->facts.ips, &t->certificate, err);
    t->cert_seen = file_stamp(c->tls_cert_file);
    t->key_seen = file_stamp(c->tls_private_key_file);
    return certificate_load(c->tls_cert_file, c->tls_private_key_file, &t->certificate, err);
}

int daemon_read_certificates(struct daemon *d, struct err *err)
{
    int r = d->config->enable_server ? read_client_ca(d, err) : 0;

    return r == 0 && d->config->enable_server ? read_serving_certificate(d, err) : r;
}

/* Whether the file is another one than last time, which is now this time. */
static bool changed(const char *path, struct file_stamp *seen)
{
    struct file_stamp now = str_empty(path) ? *seen : file_stamp(path);
    bool differs = !file_stamp_eq(&now, seen);

    *seen = now;
    return differs;
}

static void say(const char *what, const char *path, int r, const struct err *err)
{
    if (r < 0)
        log_warn(mod, "a file has changed and cannot be used; what was read before stays", "what=%s error=" LOG_Q, what,
                 LOG_QUOTE(err->msg));
    else
        log_info(mod, "a file has changed and is used from now on", "what=%s path=" LOG_Q, what, LOG_QUOTE(path));
}

static void look_at_client_ca(struct daemon *d)
{
    const char *path = d->config->client_ca_file;
    AUTO(free) char *pem = NULL;
    struct err err = ERR_INIT;

    if (!changed(path, &d->trust.client_ca_seen))
        return;
    int r = read_authorities(path, &pem, &err);
    if (r == 0)
        r = server_set_client_ca(d->server, pem, &err);
    say("clientCAFile", path, r, &err);
}

static void look_at_certificate(struct daemon *d)
{
    const struct config *c = d->config;
    struct trust *t = &d->trust;
    struct certificate fresh = { 0 };
    struct err err = ERR_INIT;
    bool cert = changed(c->tls_cert_file, &t->cert_seen), key = changed(c->tls_private_key_file, &t->key_seen);

    if (!cert && !key)
        return;
    int r = certificate_load(c->tls_cert_file, c->tls_private_key_file, &fresh, &err);
    if (r == 0)
        r = server_set_certificate(d->server, fresh.cert, fresh.key, &err);
    certificate_done(&fresh);
    say("tlsCertFile", c->tls_cert_file, r, &err);
}

void daemon_look_at_certificates(void *user)
{
    struct daemon *d = user;

    if (!d->server) /* it is being made */
        return;
    look_at_client_ca(d);
    look_at_certificate(d);
}
