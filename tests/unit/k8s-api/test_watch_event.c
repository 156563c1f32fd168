/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/limits.h"
#include "golden.h"
#include "k8s/pod.h"
#include "k8s/status.h"
#include "k8s/watch_event.h"

struct got {
    enum k8s_watch_type types[8];
    struct k8s_object *objects[8];
    size_t n;
};

static int take(void *user, enum k8s_watch_type type, struct k8s_object *object, struct err *err)
{
    struct got *got = (struct got *)user;

    (void)err;
    got->types[got->n] = type;
    got->objects[got->n++] = object;
    return 0;
}

static void drop(struct got *got)
{
    for (; got->n; got->n--)
        got->objects[got->n - 1] = k8s_object_unref(got->objects[got->n - 1]);
}

static void stream(struct buf *out)
{
    size_t len;
    AUTO(free) char *pod = golden_read("pods/medium.json", &len);

    (void)buf_printf(out, "{\"type\":\"ADDED\",\"object\":%.*s}\n", (int)len - 1, pod);
    (void)buf_puts(
        out, "{\"type\":\"MODIFIED\",\"object\":{\"kind\":\"Pod\",\"spec\":{\"new\":1}}}\n\n");
    (void)buf_puts(out, "{\"type\":\"DELETED\",\"object\":{\"metadata\":{\"name\":\"x\"}}}\n");
    (void)buf_puts(
        out, "{\"type\":\"BOOKMARK\",\"object\":{\"metadata\":{\"resourceVersion\":\"99\"}}}\n");
    (void)buf_puts(out, "{\"type\":\"ERROR\",\"object\":{\"kind\":\"Status\",\"status\":"
                        "\"Failure\",\"reason\":\"Expired\","
                        "\"code\":410}}\n");
}

static void events_come_from_pieces_of_any_size(void **state)
{
    static const size_t steps[] = { 1, 13, 4096, MIB };
    AUTO(buf_done) struct buf text = BUF_INIT(MIB);

    (void)state;
    stream(&text);
    for (size_t s = 0; s < 4; s++) {
        struct got got = { .n = 0 };
        AUTO(k8s_watch_decoder_free)
        struct k8s_watch_decoder *d = k8s_watch_decoder_new(&k8s_pod_type, take, &got);
        struct err err = ERR_INIT;

        for (size_t at = 0; at < text.len; at += steps[s])
            assert_int_equal(
                k8s_watch_decoder_feed(d, text.data + at,
                                       text.len - at < steps[s] ? text.len - at : steps[s], &err),
                0);
        assert_int_equal(got.n, 5);
        for (unsigned i = 0; i < 5; i++)
            assert_int_equal(got.types[i], K8S_WATCH_ADDED + i);
        assert_string_equal(K8S_OBJECT_AS(got.objects[0], k8s_pod)->metadata.name, "shop");
        assert_string_equal(k8s_object_unknown(got.objects[1])->items[0], "spec.new");
        assert_string_equal(k8s_object_metadata(got.objects[3])->resource_version, "99");
        assert_int_equal(K8S_OBJECT_AS(got.objects[4], k8s_status)->code, 410);
        drop(&got);
    }
}

static const struct {
    const char *text, *message;
} bad[] = {
    { "{\"type\":\"ADDED\",\"object\":{\"spec\":{\"hostIPC\":\"x\"}}}\n",
      "object.spec.hostIPC: expected boolean, got string" },
    { "{\"object\":{},\"type\":\"ADDED\"}\n", "watch event: object comes before type" },
    { "{\"type\":\"MOVED\",\"object\":{}}\n", "watch event of unknown type \"MOVED\"" },
    { "{\"type\":\"ADDED\"}\n", "object is missing" },
    { "{\"type\":\"ADDED\",\"object\":null}\n", "watch event without an object" },
    { "{\"type\":\"ADDED\",\"object\":{}\n",
      "object: not JSON at byte 27: parse error: premature EOF" },
};

static void bad_streams_are_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct got got = { .n = 0 };
        AUTO(k8s_watch_decoder_free)
        struct k8s_watch_decoder *d = k8s_watch_decoder_new(&k8s_pod_type, take, &got);
        struct err err = ERR_INIT;

        assert_int_equal(k8s_watch_decoder_feed(d, bad[i].text, strlen(bad[i].text), &err),
                         -EINVAL);
        assert_string_equal(err.msg, bad[i].message);
        assert_int_equal(got.n, 0);
    }
}

static void types_have_names(void **state)
{
    (void)state;
    assert_string_equal(k8s_watch_type_str(K8S_WATCH_BOOKMARK), "BOOKMARK");
    assert_string_equal(k8s_watch_type_str(K8S_WATCH_ERROR), "ERROR");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(events_come_from_pieces_of_any_size),
        cmocka_unit_test(bad_streams_are_refused),
        cmocka_unit_test(types_have_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
