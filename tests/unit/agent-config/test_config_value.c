/* SPDX-License-Identifier: Apache-2.0 */
#include "setting.h"

#include "test.h"

static const struct setting *by_flag(const char *flag)
{
    const struct setting *s = setting_by_flag(flag, strlen(flag));
    assert_non_null(s);
    return s;
}

static const struct setting *by_path(const char *path)
{
    for (size_t i = 0; i < settings_len; i++)
        if (str_eq(settings[i].path, path))
            return &settings[i];
    fail_msg("no setting %s", path);
    return NULL;
}

static void durations_as_go_writes_them(void **state)
{
    static const struct {
        const char *text;
        int64_t ms; /* -1: refused */
    } cases[] = {
        { "1s", 1000 },       { "1m30s", 90000 },  { "1h0m0s", 3600000 }, { "1.5s", 1500 },  { "1500ms", 1500 },
        { "2000000us", 2000 }, { "2000000µs", 2000 }, { ".5h", 1800000 },   { "1.0000000019s", 1000 }, { "2e3ms", -1 },
        { "", -1 },           { "10", -1 },        { "s", -1 },           { ".s", -1 },      { "-1s", -1 },
        { "1s ", -1 },        { "1d", -1 },        { "1s2", -1 },         { "99999999999999999999h", -1 },
        { "9999999999h", -1 }, { "25h", -1 },      { "999ms", -1 },
    };
    const struct setting *s = by_path("nodeStatusUpdateFrequency"); /* 1 s to 24 h */

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct config c = { 0 };
        struct err err = ERR_INIT;
        int r = setting_set(s, &c, cases[i].text, &err);
        if ((r == 0) != (cases[i].ms >= 0) || (r == 0 && c.status_update_ms != cases[i].ms))
            fail_msg("\"%s\": %d, %lld ms", cases[i].text, r, (long long)c.status_update_ms);
        if (r < 0) {
            AUTO(free) char *want = xasprintf("expected a duration from 1s to 24h, got \"%s\"", cases[i].text);
            assert_string_equal(err.msg, want);
        }
    }
}

static void sizes_with_and_without_suffix(void **state)
{
    static const struct {
        const char *text;
        int64_t bytes;
    } cases[] = {
        { "4096", 4096 }, { "10Mi", 10 << 20 }, { "1G", 1000000000 }, { "5k", 5000 }, { "2Ti", INT64_C(2) << 40 },
        { "", -1 },       { "1KB", -1 },        { "-5Mi", -1 },       { "Mi", -1 },   { "1 Mi", -1 },
        { "100", -1 },    { "9999999999Gi", -1 },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct config c = { 0 };
        struct err err = ERR_INIT;
        int r = setting_set(by_path("containerLogMaxSize"), &c, cases[i].text, &err);
        if ((r == 0) != (cases[i].bytes >= 0) || (r == 0 && c.log_max_bytes != cases[i].bytes))
            fail_msg("\"%s\": %d, %lld", cases[i].text, r, (long long)c.log_max_bytes);
    }
}

static void integers_have_bounds_that_are_told(void **state)
{
    static const char *const bad[] = { "0", "65536", "x", "", "1.5", "99999999999999999999", " 1" };
    struct config c = { 0 };
    struct err err = ERR_INIT;

    (void)state;
    assert_int_equal(setting_set(by_flag("port"), &c, "65535", &err), 0);
    assert_int_equal(c.port, 65535);
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        AUTO(free) char *want = xasprintf("expected an integer from 1 to 65535, got \"%s\"", bad[i]);
        assert_int_equal(setting_set(by_flag("port"), &c, bad[i], &err), -EINVAL);
        assert_string_equal(err.msg, want);
        assert_int_equal(c.port, 65535);
    }
}

static void lists_maps_and_taints_from_one_text(void **state)
{
    struct config c = { 0 };
    struct err err = ERR_INIT;

    (void)state;
    assert_int_equal(setting_set(by_flag("node-ip"), &c, "192.0.2.1,2001:db8::1", &err), 0);
    assert_int_equal(strv_len(c.node_ips), 2);
    assert_int_equal(setting_set(by_flag("node-labels"), &c, "a=b,c=d=e,,a=x", &err), 0);
    assert_int_equal(c.node_labels.len, 2);
    assert_string_equal(c.node_labels.items[0].value, "x");
    assert_string_equal(c.node_labels.items[1].value, "d=e");
    assert_int_equal(setting_set(by_flag("eviction-hard"), &c, "memory.available<1Gi,nodefs.available=5%", &err), 0);
    assert_string_equal(c.eviction_hard.items[0].key, "memory.available");
    assert_string_equal(c.eviction_hard.items[0].value, "1Gi");
    assert_int_equal(setting_set(by_flag("register-with-taints"), &c, "a=b:NoSchedule,c:NoExecute,d=:PreferNoSchedule", &err), 0);
    assert_int_equal(c.register_with_taints.len, 3);
    assert_string_equal(c.register_with_taints.items[0].key, "a");
    assert_string_equal(c.register_with_taints.items[0].value, "b");
    assert_string_equal(c.register_with_taints.items[0].effect, "NoSchedule");
    assert_string_equal(c.register_with_taints.items[1].key, "c");
    assert_string_equal(c.register_with_taints.items[1].value, "");
    assert_string_equal(c.register_with_taints.items[2].value, "");
    assert_int_equal(setting_set(by_flag("register-with-taints"), &c, "", &err), 0);
    assert_int_equal(c.register_with_taints.len, 0);
    config_done(&c);
}

static void parts_that_are_none(void **state)
{
    static const struct {
        const char *flag, *text, *message;
    } cases[] = {
        { "node-labels", "a", "expected key=value, got \"a\"" },
        { "node-labels", "=a", "expected key=value, got \"=a\"" },
        { "register-with-taints", "a=b",
          "expected key=value:Effect with NoSchedule, PreferNoSchedule or NoExecute, got \"a=b\"" },
        { "register-with-taints", "a=b:Never",
          "expected key=value:Effect with NoSchedule, PreferNoSchedule or NoExecute, got \"a=b:Never\"" },
        { "register-with-taints", ":NoSchedule",
          "expected key=value:Effect with NoSchedule, PreferNoSchedule or NoExecute, got \":NoSchedule\"" },
        { "network-mode", "host", "expected one of cni|bridge, got \"host\"" },
        { "register-node", "yes", "expected true or false, got \"yes\"" },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct config c = { 0 };
        struct err err = ERR_INIT;
        assert_int_equal(setting_set(by_flag(cases[i].flag), &c, cases[i].text, &err), -EINVAL);
        assert_string_equal(err.msg, cases[i].message);
        config_done(&c);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(durations_as_go_writes_them),
        cmocka_unit_test(sizes_with_and_without_suffix),
        cmocka_unit_test(integers_have_bounds_that_are_told),
        cmocka_unit_test(lists_maps_and_taints_from_one_text),
        cmocka_unit_test(parts_that_are_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
