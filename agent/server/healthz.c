/* SPDX-License-Identifier: Apache-2.0 */
#include "server/healthz.h"

#include <errno.h>
#include <string.h>

#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include "mhd_loop.h"

struct healthz {
    struct mhd_loop mhd;
    bool (*healthy)(void *user, const char **ret_why);
    void *user;
    uint16_t port;
};

static enum MHD_Result on_request(void *user, struct MHD_Connection *connection, const char *url, const char *method,
                                  const char *version, const char *upload, size_t *upload_size, void **con_cls)
{
    static char seen;
    struct healthz *h = user;
    const char *body = "ok";
    unsigned status = MHD_HTTP_OK;

    (void)version;
    (void)upload;
    if (!*con_cls || *upload_size) { /* the head alone is no request yet; a body is passed over */
        *con_cls = &seen;
        *upload_size = 0;
        return MHD_YES;
    }
    if (!str_eq(url, "/healthz") && !str_has_prefix(url, "/healthz/")) {
        status = MHD_HTTP_NOT_FOUND;
        body = "404 page not found\n";
    } else if (!str_eq(method, "GET") && !str_eq(method, "HEAD")) {
        status = MHD_HTTP_METHOD_NOT_ALLOWED;
        body = "405: Method Not Allowed\n";
    } else if (h->healthy && !h->healthy(h->user, &body)) {
        status = MHD_HTTP_INTERNAL_SERVER_ERROR;
        body = str_or(body, "not healthy");
    } else {
        body = "ok";
    }
    struct MHD_Response *response = MHD_create_response_from_buffer(strlen(body), (void *)body, MHD_RESPMEM_MUST_COPY);
    enum MHD_Result r = MHD_queue_response(connection, status, response);
    MHD_destroy_response(response);
    return r;
}

int healthz_new(struct loop *loop, const char *address, uint16_t port, bool (*healthy)(void *user, const char **ret_why),
                void *user, struct healthz **ret, struct err *err)
{
    AUTO(healthz_free) struct healthz *h = NEW(struct healthz);
    struct sockaddr_storage at;

    mhd_loop_init(&h->mhd, loop);
    h->healthy = healthy;
    h->user = user;
    if (mhd_address(address, port, &at, err) < 0)
        return err->code;
    errno = 0;
    h->mhd.daemon = MHD_start_daemon(MHD_USE_EPOLL | (at.ss_family == AF_INET6 ? MHD_USE_IPv6 : 0), 0, NULL, NULL, on_request, h, MHD_OPTION_SOCK_ADDR, &at,
                                     MHD_OPTION_CONNECTION_LIMIT, 64u, MHD_OPTION_CONNECTION_TIMEOUT, 10u,
                                     MHD_OPTION_END);
    if (!h->mhd.daemon)
        return err_set(err, errno ? -errno : -EIO, "cannot serve /healthz on %s port %u%s%s", address, port,
                       errno ? ": " : "", errno ? strerror(errno) : "");
    if (mhd_loop_start(&h->mhd, err) < 0)
        return err->code;
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(h->mhd.daemon, MHD_DAEMON_INFO_BIND_PORT);
    h->port = info ? info->port : port;
    *ret = TAKE_PTR(h);
    return 0;
}

struct healthz *healthz_free(struct healthz *h)
{
    if (!h)
        return NULL;
    mhd_loop_done(&h->mhd);
    free(h);
    return NULL;
}

uint16_t healthz_port(const struct healthz *h)
{
    return h->port;
}
