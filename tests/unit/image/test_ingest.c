/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/loop.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/worker.h"
#include "digest.h"
#include "ingest.h"

struct world {
    struct loop *loop;
    char dir[64], path[128];
    bool room, finished;
    struct err err;
};

static void on_room(void *user)
{
    ((struct world *)user)->room = true;
}

static void on_finish(void *user, const struct err *err)
{
    struct world *w = user;
    w->finished = true;
    if (err)
        err_copy(&w->err, err);
}

static int set_up(void **state)
{
    struct world *w = NEW(struct world);
    (void)snprintf(w->dir, sizeof(w->dir), "/tmp/test_ingest.XXXXXX");
    assert_non_null(mkdtemp(w->dir));
    (void)snprintf(w->path, sizeof(w->path), "%s/blob", w->dir);
    assert_int_equal(loop_new(&w->loop, NULL), 0);
    *state = w;
    return 0;
}

static int tear_down(void **state)
{
    struct world *w = *state;
    worker_drain(w->loop);
    w->loop = loop_free(w->loop);
    (void)path_remove_tree(w->dir, NULL);
    free(w);
    return 0;
}

static struct ingest *start(struct world *w, const char *digest, int64_t size, uint64_t max)
{
    struct ingest *in = NULL;
    struct ingest_opts opts = {
        .loop = w->loop,
        .path = w->path,
        .digest = digest,
        .size_bytes = size,
        .max_bytes = max,
        .on_room = on_room,
        .on_finish = on_finish,
        .user = w,
    };
    assert_int_equal(ingest_new(&opts, &in, NULL), 0);
    return in;
}

static void finish(struct world *w, struct ingest *in)
{
    ingest_finish(in);
    assert_false(w->finished);
    while (!w->finished)
        (void)loop_once(w->loop, 1000);
}

static void content_is_written_and_verified(void **state)
{
    struct world *w = *state;
    size_t len = 3 * MIB + 17;
    AUTO(free) char *data = xmalloc(len);
    char digest[DIGEST_TEXT_MAX];
    for (size_t i = 0; i < len; i++)
        data[i] = (char)(i * 7 + i / 251);
    digest_of(NULL, data, len, digest);
    struct ingest *in = start(w, digest, (int64_t)len, MIB);
    for (size_t at = 0; at < len;) {
        size_t n = len - at < 65536 ? len - at : 65536;
        if (ingest_add(in, data + at, n))
            at += n;
        else
            (void)loop_once(w->loop, 1000);
    }
    finish(w, in);
    assert_int_equal(w->err.code, 0);
    in = ingest_free(in);
    struct buf back = BUF_INIT(4 * MIB);
    assert_int_equal(file_read(AT_FDCWD, w->path, &back, NULL), 0);
    assert_int_equal(back.len, len);
    assert_memory_equal(back.data, data, len);
    buf_done(&back);
}

static void wrong_content_is_refused_and_leaves_nothing(void **state)
{
    static const struct {
        const char *data;
        int64_t size;
        uint64_t max;
        const char *why;
    } cases[] = {
        { "abd", 3, 10, "unexpected digest sha256:" },
        { "ab", 3, 10, "2 bytes came instead of 3" },
        { "abcd", 3, 10, "more than 3 bytes came" },
        { "", 3, 10, "0 bytes came instead of 3" },
        { "abcdefghijk", -1, 10, "more than 10 bytes came" },
        { "abx", -1, 10, "unexpected digest sha256:" },
    };
    struct world *w = *state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char digest[DIGEST_TEXT_MAX];
        digest_of(NULL, "abc", 3, digest);
        struct ingest *in = start(w, digest, cases[i].size, cases[i].max);
        assert_true(ingest_add(in, cases[i].data, strlen(cases[i].data)));
        finish(w, in);
        if (!strstr(w->err.msg, cases[i].why))
            fail_msg("'%s': %s", cases[i].data, w->err.msg);
        in = ingest_free(in);
        assert_false(path_exists(w->path));
        w->finished = false;
        err_clear(&w->err);
    }
}

static void freeing_in_the_middle_of_a_write_leaves_nothing(void **state)
{
    struct world *w = *state;
    AUTO(free) char *data = xcalloc(1, 300 * KIB);
    struct ingest *in = start(w, NULL, -1, GIB);
    assert_true(ingest_add(in, data, 300 * KIB));
    in = ingest_free(in);
    worker_drain(w->loop);
    assert_false(w->finished);
    assert_false(path_exists(w->path));
}

static void more_than_fits_is_asked_to_wait(void **state)
{
    struct world *w = *state;
    AUTO(free) char *data = xcalloc(1, 300 * KIB);
    struct ingest *in = start(w, NULL, -1, GIB);
    assert_true(ingest_add(in, data, 300 * KIB)); /* being written */
    assert_true(ingest_add(in, data, 300 * KIB));
    assert_false(ingest_add(in, data, 300 * KIB));
    while (!w->room)
        (void)loop_once(w->loop, 1000);
    assert_int_equal(ingest_bytes(in), 600 * KIB);
    in = ingest_free(in);
}

static void a_file_that_is_there_is_not_used(void **state)
{
    struct world *w = *state;
    struct ingest *in = NULL;
    struct ingest_opts opts = {
        .loop = w->loop,
        .path = w->path,
        .size_bytes = -1,
        .max_bytes = GIB,
        .on_room = on_room,
        .on_finish = on_finish,
        .user = w,
    };
    assert_int_equal(symlink("/dev/full", w->path), 0);
    assert_int_equal(ingest_new(&opts, &in, NULL), -EEXIST);
    assert_null(in);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(content_is_written_and_verified, set_up, tear_down),
        cmocka_unit_test_setup_teardown(wrong_content_is_refused_and_leaves_nothing, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(freeing_in_the_middle_of_a_write_leaves_nothing, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(more_than_fits_is_asked_to_wait, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_file_that_is_there_is_not_used, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
