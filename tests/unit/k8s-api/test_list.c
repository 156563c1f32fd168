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
#include "k8s/list.h"
#include "k8s/pod.h"

static const char *const pods[] = { "pods/small.json", "pods/medium.json", "pods/large.json" };

struct got {
    struct k8s_object *items[8];
    size_t n;
    size_t refuse_at;
};

static int take(void *user, struct k8s_object *item, struct err *err)
{
    struct got *got = (struct got *)user;

    if (got->n == got->refuse_at) {
        (void)k8s_object_unref(item);
        return err_set(err, -ECANCELED, "no more");
    }
    got->items[got->n++] = item;
    return 0;
}

static void drop(struct got *got)
{
    for (; got->n; got->n--)
        got->items[got->n - 1] = k8s_object_unref(got->items[got->n - 1]);
}

static void list_of_pods(struct buf *out)
{
    (void)buf_puts(
        out,
        "{\"kind\":\"PodList\",\"apiVersion\":\"v1\",\"metadata\":{\"resourceVersion\":\"287\","
        "\"continue\":\"abc\",\"remainingItemCount\":5},\"items\":[");
    for (size_t i = 0; i < 3; i++) {
        size_t len;
        AUTO(free) char *text = golden_read(pods[i], &len);

        (void)buf_puts(out, i ? "," : "");
        (void)buf_add(out, text, len);
    }
    (void)buf_puts(out, "]}\n");
}

static void items_come_one_by_one_from_pieces_of_any_size(void **state)
{
    static const size_t steps[] = { 1, 7, 1000, MIB };
    AUTO(buf_done) struct buf text = BUF_INIT(MIB);

    (void)state;
    list_of_pods(&text);
    for (size_t s = 0; s < 4; s++) {
        struct got got = { .refuse_at = 99 };
        AUTO(k8s_list_decoder_free)
        struct k8s_list_decoder *d = k8s_list_decoder_new(&k8s_pod_type, take, &got);
        struct k8s_list list;
        struct err err = ERR_INIT;

        for (size_t at = 0; at < text.len; at += steps[s])
            assert_int_equal(
                k8s_list_decoder_feed(d, text.data + at,
                                      text.len - at < steps[s] ? text.len - at : steps[s], &err),
                0);
        assert_int_equal(k8s_list_decoder_finish(d, &list, &err), 0);
        assert_string_equal(list.kind, "PodList");
        assert_string_equal(list.metadata.resource_version, "287");
        assert_string_equal(list.metadata.continue_, "abc");
        assert_true(list.metadata.remaining_item_count.value == 5);
        assert_int_equal(got.n, 3);
        assert_string_equal(k8s_object_metadata(got.items[2])->name, "platform");
        assert_ptr_equal(k8s_object_type(got.items[0]), &k8s_pod_type);
        drop(&got);
    }
}

static void unknown_fields_belong_to_their_item(void **state)
{
    static const char text[] =
        "{\"items\":[{\"spec\":{\"a\":1}},{\"metadata\":{\"b\":1}},{\"spec\":{\"c\":1}}]}";
    struct got got = { .refuse_at = 99 };
    AUTO(k8s_list_decoder_free)
    struct k8s_list_decoder *d = k8s_list_decoder_new(&k8s_pod_type, take, &got);
    struct err err = ERR_INIT;

    (void)state;
    assert_int_equal(k8s_list_decoder_feed(d, text, strlen(text), &err), 0);
    assert_string_equal(k8s_object_unknown(got.items[0])->items[0], "spec.a");
    assert_int_equal(k8s_object_unknown(got.items[1])->len, 0);
    assert_string_equal(k8s_object_unknown(got.items[2])->items[0], "spec.c");
    drop(&got);
}

static void errors_name_the_item_and_the_callback_can_stop(void **state)
{
    static const char bad[] = "{\"items\":[{},{\"spec\":{\"hostPID\":1}}]}";
    struct got got = { .refuse_at = 99 };
    struct k8s_list_decoder *d = k8s_list_decoder_new(&k8s_pod_type, take, &got);
    struct err err = ERR_INIT;

    (void)state;
    assert_int_equal(k8s_list_decoder_feed(d, bad, strlen(bad), &err), -EINVAL);
    assert_string_equal(err.msg, "items[1].spec.hostPID: expected boolean, got number");
    d = k8s_list_decoder_free(d);
    drop(&got);

    got.refuse_at = 0;
    d = k8s_list_decoder_new(&k8s_pod_type, take, &got);
    assert_int_equal(k8s_list_decoder_feed(d, bad, strlen(bad), &err), -ECANCELED);
    assert_string_equal(err.msg, "no more");
    d = k8s_list_decoder_free(d);
}

static void a_list_cut_off_is_an_error(void **state)
{
    struct got got = { .refuse_at = 99 };
    AUTO(k8s_list_decoder_free)
    struct k8s_list_decoder *d = k8s_list_decoder_new(&k8s_pod_type, take, &got);
    struct k8s_list list;
    struct err err = ERR_INIT;

    (void)state;
    assert_int_equal(k8s_list_decoder_feed(d, "{\"items\":[{\"kind\":", 17, &err), 0);
    assert_int_equal(k8s_list_decoder_finish(d, &list, &err), -EINVAL);
    assert_non_null(strstr(err.msg, "premature EOF"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(items_come_one_by_one_from_pieces_of_any_size),
        cmocka_unit_test(unknown_fields_belong_to_their_item),
        cmocka_unit_test(errors_name_the_item_and_the_callback_can_stop),
        cmocka_unit_test(a_list_cut_off_is_an_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
