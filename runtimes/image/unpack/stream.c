/* SPDX-License-Identifier: Apache-2.0 */
#include "stream.h"

#include <archive_entry.h>
#include <errno.h>
#include <inttypes.h>

#include "base/err.h"

#define READ_BYTES ((size_t)65536)

static bool too_much(const struct stream *s, const char **ret_why)
{
    uint64_t compressed = (uint64_t)archive_filter_bytes(s->raw, -1);
    *ret_why = "the layer is larger than is allowed";
    if (s->bytes > s->limits.bytes)
        return true;
    *ret_why = "the layer expands beyond all measure";
    return s->bytes > s->limits.ratio_from_bytes && s->bytes / s->limits.ratio > compressed;
}

static la_ssize_t next_block(struct archive *tar, void *user, const void **ret_block)
{
    struct stream *s = user;
    const char *why = NULL;
    size_t len = 0;
    la_int64_t offset = 0;
    *ret_block = NULL;
    int rc = archive_read_data_block(s->raw, ret_block, &len, &offset);
    if (rc == ARCHIVE_EOF)
        return 0;
    if (rc < ARCHIVE_WARN) {
        archive_set_error(tar, EIO, "%s", archive_error_string(s->raw));
        return -1;
    }
    s->bytes += len;
    if (too_much(s, &why)) {
        archive_set_error(tar, E2BIG, "%s", why);
        return -1;
    }
    digest_add(s->digest, *ret_block, len);
    return (la_ssize_t)len;
}

static int open_raw(struct stream *s, int in_fd, struct err *err)
{
    struct archive_entry *entry = NULL;
    s->raw = archive_read_new();
    if (!s->raw)
        return err_set(err, -ENOMEM, "no memory for a reader");
    (void)archive_read_support_filter_gzip(s->raw);
    (void)archive_read_support_filter_zstd(s->raw);
    (void)archive_read_support_format_raw(s->raw);
    (void)archive_read_support_format_empty(s->raw);
    if (archive_read_open_fd(s->raw, in_fd, READ_BYTES) != ARCHIVE_OK)
        return err_set(err, -EIO, "layer: %s", archive_error_string(s->raw));
    int rc = archive_read_next_header(s->raw, &entry);
    if (rc == ARCHIVE_EOF)
        return err_set(err, -EINVAL, "the layer is empty");
    if (rc < ARCHIVE_WARN)
        return err_set(err, -EINVAL, "layer: %s", archive_error_string(s->raw));
    return 0;
}

int stream_open(struct stream *s, const struct unpack_request *request, struct err *err)
{
    *s = (struct stream){ .limits = request->limits, .digest = digest_new(request->digest_like) };
    int rc = open_raw(s, request->in_fd, err);
    if (rc < 0)
        return rc;
    s->tar = archive_read_new();
    if (!s->tar)
        return err_set(err, -ENOMEM, "no memory for a reader");
    (void)archive_read_support_format_tar(s->tar);
    if (archive_read_open(s->tar, s, NULL, next_block, NULL) != ARCHIVE_OK)
        return err_set(err, archive_errno(s->tar) == E2BIG ? -E2BIG : -EINVAL, "layer: %s",
                       stream_error(s));
    return 0;
}

int stream_finish(struct stream *s, char ret_digest[DIGEST_TEXT_MAX], struct err *err)
{
    const void *block;
    la_ssize_t len;
    while ((len = next_block(s->tar, s, &block)) > 0)
        ;
    if (len < 0)
        return err_set(err, archive_errno(s->tar) == E2BIG ? -E2BIG : -EIO, "layer: %s",
                       stream_error(s));
    digest_text(s->digest, ret_digest);
    return 0;
}

const char *stream_error(struct stream *s)
{
    const char *text = s->tar ? archive_error_string(s->tar) : NULL;
    return text ? text : "it cannot be read";
}

void stream_done(struct stream *s)
{
    if (s->tar)
        (void)archive_read_free(s->tar);
    if (s->raw)
        (void)archive_read_free(s->raw);
    s->digest = digest_free(s->digest);
    s->tar = s->raw = NULL;
}
