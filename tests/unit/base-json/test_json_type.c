/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/limits.h"
#include "shop.h"

static void note(void *user, const char *path, const struct json_field *f)
{
    (void)f;
    (void)buf_printf((struct buf *)user, "%s\n", path);
}

static void a_walk_names_every_field_once(void **state)
{
    AUTO(buf_done) struct buf out = BUF_INIT(64 * KIB);

    (void)state;
    json_type_walk(&shop_type, note, &out);
    assert_string_equal(
        buf_str(&out),
        "name\nowner\nopen\nsmall\nlarge\nhuge\nmaybeBool\nmaybeSmall\nmaybeLarge\nlabels\ngroups\n"
        "secret\nsecrets\nraw\nwords[]\nnumbers[]\nraws[]\ndoor\ndoor.containerPort\ndoor."
        "protocol\n"
        "window\nwindow.containerPort\nwindow.protocol\nshelves[]\nshelves[].label\nshelves[]."
        "ports[]\n"
        "shelves[].ports[].containerPort\nshelves[].ports[].protocol\nshelves[].shelves[]\n"
        "byName\nbyName{}.containerPort\nbyName{}."
        "protocol\nwinter\nsummer\ncontainerPort\nprotocol\n"
        "junk\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_walk_names_every_field_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
