/* SPDX-License-Identifier: Apache-2.0 */
#include "cni_result.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"

enum { MESSAGE_BYTES = 600 };

#define CNI_INTERFACE_FIELDS(F) F(value, const char *, sandbox, "sandbox", 0)
JSON_STRUCT(cni_interface, CNI_INTERFACE_FIELDS);
JSON_TYPE(cni_interface, CNI_INTERFACE_FIELDS);

#define CNI_IP_FIELDS(F)                                                                           \
    F(value, const char *, address, "address", JSON_REQUIRED)                                      \
    F(value, struct opt_i32, interface, "interface", 0)
JSON_STRUCT(cni_ip, CNI_IP_FIELDS);
JSON_TYPE(cni_ip, CNI_IP_FIELDS);

#define CNI_RESULT_FIELDS(F)                                                                       \
    F(objects, cni_interface, interfaces, "interfaces", 0)                                         \
    F(objects, cni_ip, ips, "ips", 0)
JSON_STRUCT(cni_result, CNI_RESULT_FIELDS);
JSON_TYPE(cni_result, CNI_RESULT_FIELDS);

#define CNI_ERROR_FIELDS(F)                                                                        \
    F(value, int64_t, code, "code", 0)                                                             \
    F(value, const char *, msg, "msg", 0)                                                          \
    F(value, const char *, details, "details", 0)
JSON_STRUCT(cni_error, CNI_ERROR_FIELDS);
JSON_TYPE(cni_error, CNI_ERROR_FIELDS);

static bool is_address(const char *text)
{
    struct in6_addr any;
    return inet_pton(AF_INET, text, &any) == 1 || inet_pton(AF_INET6, text, &any) == 1;
}

/* An address of an interface that stays on the node (a bridge's) is not the pod's. */
static bool is_inside(const struct cni_result *result, const struct cni_ip *ip)
{
    int32_t i = ip->interface.value;
    if (!ip->interface.has)
        return true;
    return i >= 0 && (size_t)i < result->interfaces.len &&
           !str_empty(result->interfaces.items[i].sandbox);
}

int cni_result_addresses(const char *text, size_t len, struct arena *arena, struct rt_strings *ret,
                         struct err *err)
{
    struct json_decode_opts opts = { .max_bytes = LIMIT_CNI_RESULT_BYTES };
    struct cni_result result;
    int r = json_decode(&cni_result_type, text, len, &opts, arena, &result, err);
    if (r < 0)
        return err_wrap(err, "CNI result");
    const char **items = arena_alloc(arena, (result.ips.len + 1) * sizeof(*items));
    size_t n = 0;
    for (size_t i = 0; items && i < result.ips.len; i++) {
        const struct cni_ip *ip = &result.ips.items[i];
        char *address = arena_strndup(arena, ip->address, strcspn(ip->address, "/"));
        if (!address || !is_address(address))
            return err_set(err, -EINVAL,
                           "CNI result: ips[%zu].address: \"%.64s\" is not an address", i,
                           ip->address);
        if (is_inside(&result, ip))
            items[n++] = address;
    }
    if (n == 0)
        return err_set(err, -EINVAL, "CNI result: no address for the pod in it");
    *ret = (struct rt_strings){ items, n };
    return 0;
}

static int first_line(const char *text)
{
    size_t len = strcspn(text, "\n");
    return len < MESSAGE_BYTES ? (int)len : MESSAGE_BYTES;
}

void cni_result_error(const char *out, size_t out_len, const char *error_out, int exit_code,
                      struct err *ret)
{
    struct arena *arena = arena_new(4 * LIMIT_CNI_RESULT_BYTES);
    struct cni_error e;
    if (json_decode(&cni_error_type, out, out_len, NULL, arena, &e, NULL) == 0 && !str_empty(e.msg))
        (void)err_set(ret, -EIO, "%.*s%s%.*s", MESSAGE_BYTES, e.msg,
                      str_empty(e.details) ? "" : "; ", MESSAGE_BYTES / 2, str_or(e.details, ""));
    else if (!str_empty(error_out))
        (void)err_set(ret, -EIO, "exit code %d: %.*s", exit_code, first_line(error_out), error_out);
    else
        (void)err_set(ret, -EIO, "exit code %d without a message", exit_code);
    arena_unref(arena);
}
