/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <linux/capability.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "bundle/capability.h"

#define BIT(cap) (UINT64_C(1) << (cap))
#define LIST(...)                                                                                 \
    { ((const char *const[]){ __VA_ARGS__ }), sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(char *) }
#define NONE { NULL, 0 }
#define ALL ((UINT64_C(1) << 41) - 1)
#define DEFAULT UINT64_C(0xa80425fb)

static void wishes_become_masks(void **state)
{
    const struct {
        const char *name;
        struct rt_strings add, drop;
        uint64_t mask;
    } cases[] = {
        { "nothing said", NONE, NONE, DEFAULT },
        { "one more", LIST("NET_ADMIN"), NONE, DEFAULT | BIT(CAP_NET_ADMIN) },
        { "one less", NONE, LIST("MKNOD"), DEFAULT & ~BIT(CAP_MKNOD) },
        { "none", NONE, LIST("ALL"), 0 },
        { "none but one", LIST("CAP_CHOWN"), LIST("all"), BIT(CAP_CHOWN) },
        { "all", LIST("ALL"), NONE, ALL },
        { "all but one", LIST("ALL"), LIST("SYS_ADMIN"), ALL & ~BIT(CAP_SYS_ADMIN) },
        { "lower case", LIST("net_admin"), LIST("ALL"), BIT(CAP_NET_ADMIN) },
        { "both sides", LIST("CHOWN"), LIST("CHOWN"), DEFAULT },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        uint64_t mask = 0;

        assert_int_equal(capability_mask(&cases[i].add, &cases[i].drop, &mask, NULL), 0);
        if (mask != cases[i].mask)
            fail_msg("%s: %llx", cases[i].name, (unsigned long long)mask);
    }
}

static void an_unknown_name_is_told(void **state)
{
    const struct rt_strings wrong = LIST("CHOWN", "FLY"), none = NONE;
    struct err err = ERR_INIT;
    uint64_t mask;

    (void)state;
    assert_int_equal(capability_mask(&wrong, &none, &mask, &err), -EINVAL);
    assert_string_equal(err.msg, "unknown capability \"FLY\"");
}

static void every_capability_has_a_name(void **state)
{
    (void)state;
    for (int i = 0; i < CAPABILITY_NR; i++)
        assert_non_null(capability_name(i));
    assert_string_equal(capability_name(CAP_SYS_ADMIN), "CAP_SYS_ADMIN");
    assert_null(capability_name(CAPABILITY_NR));
    assert_null(capability_name(-1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wishes_become_masks),
        cmocka_unit_test(an_unknown_name_is_told),
        cmocka_unit_test(every_capability_has_a_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
