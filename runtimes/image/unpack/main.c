/* SPDX-License-Identifier: Apache-2.0 */
/*
 * oarsman-unpack - the program that reads layers, so that no other has to.
 *
 *   oarsman-unpack [--max-bytes N] [--max-entries N] [--digest sha256|sha512] [BELOW…] <layer
 * >result
 *
 * It fills the current directory. BELOW are directories of the layers below, the nearest first. One
 * JSON object on stdout when all went well; one line on stderr and exit code 1 when not. Paths in
 * "opaque" have every byte outside printable ASCII, and "%", as %XX: file names are bytes and JSON
 * has only characters.
 */
#include <errno.h>
#include <inttypes.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include "confine.h"
#include "unpack.h"

static void print_path(const char *path)
{
    for (; *path; path++) {
        unsigned char c = (unsigned char)*path;
        bool plain = c > ' ' && c < 0x7f && c != '%' && c != '"' && c != '\\';
        (void)printf(plain ? "%c" : "%%%02X", c);
    }
}

static int print_result(const struct unpack_result *r)
{
    (void)printf("{\"diffID\":\"%s\",\"bytes\":%" PRIu64 ",\"entries\":%" PRIu64
                 ",\"devicesSkipped\":%" PRIu64 ",\"xattrsSkipped\":%" PRIu64 ",\"opaque\":[",
                 r->diff_id, r->bytes, r->entries, r->devices_skipped, r->xattrs_skipped);
    for (size_t at = 0; at < r->opaque.len; at += strlen(r->opaque.data + at) + 1) {
        (void)printf("%s\"", at ? "," : "");
        print_path(r->opaque.data + at);
        (void)printf("\"");
    }
    (void)printf("]}\n");
    return fflush(stdout) == 0 ? 0 : -EIO;
}

struct arguments {
    struct unpack_request request;
    const char *const *below;
    size_t below_len;
};

static int set_option(struct arguments *a, const char *name, const char *value, struct err *err)
{
    struct {
        const char *name;
        uint64_t *number;
    } numbers[] = { { "--max-bytes", &a->request.limits.bytes },
                    { "--max-entries", &a->request.limits.entries } };
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
        if (str_eq(name, numbers[i].name))
            return str_to_u64(value, UINT64_MAX, numbers[i].number) < 0
                       ? err_set(err, -EINVAL, "%s: '%s' is not a number", name, value)
                       : 0;
    if (!str_eq(name, "--digest"))
        return err_set(err, -EINVAL, "no such option: %s", name);
    if (!str_eq(value, "sha256") && !str_eq(value, "sha512"))
        return err_set(err, -EINVAL, "--digest: '%s' is neither sha256 nor sha512", value);
    a->request.digest_like = str_eq(value, "sha512") ? "sha512:" : "sha256:";
    return 0;
}

static int parse(struct arguments *a, char **argv, struct err *err)
{
    char **arg = argv + 1;
    for (; *arg && (*arg)[0] == '-'; arg += 2) {
        if (!arg[1])
            return err_set(err, -EINVAL, "%s needs a value", *arg);
        int rc = set_option(a, arg[0], arg[1], err);
        if (rc < 0)
            return rc;
    }
    a->below = (const char *const *)arg;
    a->below_len = strv_len(arg);
    return a->below_len > LIMIT_IMAGE_LAYERS ? err_set(err, -E2BIG, "too many layers below") : 0;
}

static int run(char **argv, struct err *err)
{
    struct arguments a = { .request = { .in_fd = 0, .limits = unpack_limits_default } };
    struct unpack_result result;
    int below_fds[LIMIT_IMAGE_LAYERS];
    char cwd[LIMIT_PATH_BYTES];
    int rc = parse(&a, argv, err);
    if (rc < 0)
        return rc;
    /* libarchive turns names from UTF-8 into the locale's characters: this one leaves them as they
     * are. */
    (void)setlocale(LC_CTYPE, "C.UTF-8");
    if (!getcwd(cwd, sizeof(cwd)))
        return err_errno(err, errno, "the current directory");
    rc = confine(cwd, a.below, a.below_len, &a.request.root_fd, below_fds, err);
    if (rc < 0)
        return rc;
    a.request.parent_fds = below_fds;
    a.request.parents_len = a.below_len;
    rc = unpack_layer(&a.request, &result, err);
    if (rc < 0)
        return rc;
    rc = print_result(&result);
    buf_done(&result.opaque);
    return rc < 0 ? err_set(err, rc, "writing the result failed") : 0;
}

int main(int argc, char **argv)
{
    struct err err = ERR_INIT;
    (void)argc;
    if (run(argv, &err) == 0)
        return 0;
    (void)fprintf(stderr, "%s\n", err.msg);
    return 1;
}
