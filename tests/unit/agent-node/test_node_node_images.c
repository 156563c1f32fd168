/* SPDX-License-Identifier: Apache-2.0 */
#include "node_images.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void the_largest_come_first_with_few_names(void **state)
{
    (void)state;
    static const char *const digests[] = { "a@sha256:1", "a@sha256:2", "a@sha256:3" };
    static const char *const tags[] = { "a:1", "a:2", "a:3" };
    static const char *const small[] = { "b:1" };
    const struct rt_image images[] = {
        { .id = "1", .repo_tags = { small, 1 }, .size_bytes = 10 },
        { .id = "2", .size_bytes = 1000 },
        { .id = "3", .repo_tags = { tags, 3 }, .repo_digests = { digests, 3 }, .size_bytes = 500 },
    };
    const struct rt_image_list list = { images, 3 };
    const struct k8s_container_image *picked;
    size_t len;
    AUTO(arena_unref) struct arena *arena = arena_new(100000);
    node_images_pick(&list, 50, arena, &picked, &len);
    assert_int_equal(len, 2);
    assert_int_equal(picked[0].size_bytes, 500);
    assert_int_equal(picked[0].names.len, 5);
    assert_string_equal(picked[0].names.items[0], "a@sha256:1");
    assert_string_equal(picked[0].names.items[4], "a:2");
    assert_string_equal(picked[1].names.items[0], "b:1");
    node_images_pick(&list, 1, arena, &picked, &len);
    assert_int_equal(len, 1);
    node_images_pick(&list, -1, arena, &picked, &len);
    assert_int_equal(len, 2);
    node_images_pick(&(struct rt_image_list){ NULL, 0 }, 50, arena, &picked, &len);
    assert_int_equal(len, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(the_largest_come_first_with_few_names) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
