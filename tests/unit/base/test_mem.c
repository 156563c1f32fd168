/* SPDX-License-Identifier: Apache-2.0 */
#include "base/mem.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/list.h"
#include "test.h"

static void nothing_asked_for_is_still_a_pointer(void **state)
{
    AUTO(free) void *a = xmalloc(0);
    AUTO(free) void *b = xcalloc(0, 8);

    (void)state;
    assert_non_null(a);
    assert_non_null(b);
}

static void growing_is_geometric_and_keeps_contents(void **state)
{
    AUTO(free) int *numbers = NULL;
    size_t cap = 0, changes = 0, before = 0;

    (void)state;
    for (int i = 0; i < 1000; i++) {
        numbers = (int *)xgrow(numbers, &cap, (size_t)i + 1, sizeof(*numbers));
        changes += cap != before;
        before = cap;
        numbers[i] = i;
    }
    assert_true(changes < 12);
    for (int i = 0; i < 1000; i++)
        assert_int_equal(numbers[i], i);
}

static void no_string_stays_no_string(void **state)
{
    (void)state;
    assert_null(xstrdup(NULL));
}

static void copies_end_in_nul(void **state)
{
    AUTO(free) char *part = xstrndup("container", 7);
    AUTO(free) char *text = xasprintf("%s-%d", part, 3);

    (void)state;
    assert_string_equal(part, "contain");
    assert_string_equal(text, "contain-3");
}

struct item {
    int value;
    struct list node;
};

static void a_list_keeps_order_and_survives_removal_while_walked(void **state)
{
    struct list head = LIST_INIT(head);
    struct item items[5], *it;
    int sum = 0, order = 0;

    (void)state;
    for (int i = 0; i < 5; i++) {
        items[i].value = i;
        list_init(&items[i].node);
        assert_false(list_linked(&items[i].node));
        list_push_back(&head, &items[i].node);
    }
    list_each (it, &head, struct item, node) {
        assert_int_equal(it->value, order++);
        if (it->value % 2)
            list_remove(&it->node);
    }
    list_each (it, &head, struct item, node)
        sum += it->value;
    assert_int_equal(sum, 0 + 2 + 4);
    list_remove(&items[1].node);
    list_push_front(&head, &items[1].node);
    assert_int_equal(list_first(&head, struct item, node)->value, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_asked_for_is_still_a_pointer),
        cmocka_unit_test(growing_is_geometric_and_keeps_contents),
        cmocka_unit_test(no_string_stays_no_string),
        cmocka_unit_test(copies_end_in_nul),
        cmocka_unit_test(a_list_keeps_order_and_survives_removal_while_walked),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
