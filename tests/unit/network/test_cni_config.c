/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/limits.h"
#include "base/mem.h"
#include "cni_config.h"

static const struct {
    const char *name, *text;
    int result;
    const char *message; /* or what was found: name/version/types */
} cases[] = {
    { "a list",
      "{\"cniVersion\":\"1.0.0\",\"name\":\"n\",\"plugins\":[{\"type\":\"a\"},{\"type\":\"b\","
      "\"capabilities\":"
      "{\"portMappings\":true,\"bandwidth\":true}}]}",
      0, "n/1.0.0/a,b+ports" },
    { "a single plugin",
      " {\"cniVersion\":\"0.3.1\",\"name\":\"n\",\"type\":\"a\",\"ipam\":{\"x\":[1,{}]}} ", 0,
      "n/0.3.1/a" },
    { "the highest of several versions",
      "{\"cniVersion\":\"0.3.1\",\"cniVersions\":[\"0.4.0\",\"1.1.0\",\"2.0.0\",\"1.0.0\"],"
      "\"name\":\"n\",\"type\":\"a\"}",
      0, "n/1.1.0/a" },
    { "an old version", "{\"cniVersion\":\"0.2.0\",\"name\":\"n\",\"type\":\"a\"}", -ENOTSUP,
      "cniVersion \"0.2.0\" is not supported (0.3.0 to 1.1.0 are)" },
    { "no version", "{\"name\":\"n\",\"type\":\"a\"}", -ENOTSUP,
      "cniVersion \"\" is not supported" },
    { "no name", "{\"cniVersion\":\"1.0.0\",\"type\":\"a\"}", -EINVAL, "name" },
    { "an empty name", "{\"cniVersion\":\"1.0.0\",\"name\":\"\",\"type\":\"a\"}", -EINVAL,
      "name: must not be empty" },
    { "no plugins", "{\"cniVersion\":\"1.0.0\",\"name\":\"n\",\"plugins\":[]}", -EINVAL,
      "plugins: between 1 and 64" },
    { "neither", "{\"cniVersion\":\"1.0.0\",\"name\":\"n\"}", -EINVAL,
      "plugins: between 1 and 64" },
    { "a plugin without a type",
      "{\"cniVersion\":\"1.0.0\",\"name\":\"n\",\"plugins\":[{\"type\":\"a\"},{}]}", -EINVAL,
      "plugins[1]: " },
    { "a program elsewhere",
      "{\"cniVersion\":\"1.0.0\",\"name\":\"n\",\"plugins\":[{\"type\":\"../../bin/sh\"}]}",
      -EINVAL, "plugins[0]: type \"../../bin/sh\" is not the name of a program" },
    { "a number for a type", "{\"cniVersion\":\"1.0.0\",\"name\":\"n\",\"plugins\":[{\"type\":7}]}",
      -EINVAL, "type" },
    { "not JSON", "{\"cniVersion\":", -EINVAL, "" },
    { "a list instead of an object", "[]", -EINVAL, "" },
    { "nothing", "", -EINVAL, "" },
};

static char *text_of(const struct cni_config *c)
{
    struct buf b = BUF_INIT(4096);
    (void)buf_printf(&b, "%s/%s/", c->name, c->version);
    for (size_t i = 0; i < c->plugins_len; i++)
        (void)buf_printf(&b, "%s%s%s", i > 0 ? "," : "", c->plugins[i].type,
                         c->plugins[i].port_mappings ? "+ports" : "");
    return buf_take(&b);
}

static void configurations_are_read_or_refused_with_the_place(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        AUTO(arena_unref) struct arena *arena = arena_new(1 << 20);
        struct cni_config c;
        struct err err = ERR_INIT;
        int r = cni_config_parse(cases[i].text, strlen(cases[i].text), arena, &c, &err);
        print_message("    %s: %s\n", cases[i].name, err.msg);
        assert_int_equal(r, cases[i].result);
        if (r < 0) {
            assert_non_null(strstr(err.msg, cases[i].message));
            continue;
        }
        AUTO(free) char *found = text_of(&c);
        assert_string_equal(found, cases[i].message);
    }
}

static void what_was_read_can_be_read_again(void **state)
{
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        AUTO(arena_unref) struct arena *arena = arena_new(1 << 20);
        struct cni_config c, again;
        assert_int_equal(cni_config_parse(cases[i].text, strlen(cases[i].text), arena, &c, NULL),
                         0);
        assert_int_equal(cni_config_parse(c.text.text, c.text.len, arena, &again, NULL), 0);
        AUTO(free) char *found = text_of(&again);
        assert_string_equal(found, cases[i].message);
        assert_string_equal(c.plugins[0].config.text, again.plugins[0].config.text);
    }
}

static void too_many_plugins_are_refused(void **state)
{
    AUTO(buf_done) struct buf b = BUF_INIT(1 << 20);
    AUTO(arena_unref) struct arena *arena = arena_new(1 << 20);
    struct cni_config c;
    (void)state;
    (void)buf_puts(&b, "{\"cniVersion\":\"1.0.0\",\"name\":\"n\",\"plugins\":[{\"type\":\"a\"}");
    for (int i = 0; i < LIMIT_CNI_PLUGINS; i++)
        (void)buf_puts(&b, ",{\"type\":\"a\"}");
    (void)buf_puts(&b, "]}");
    assert_int_equal(cni_config_parse(buf_str(&b), b.len, arena, &c, NULL), -EINVAL);
}

static void versions_have_an_order(void **state)
{
    (void)state;
    assert_true(cni_version_compare("0.3.1", "0.4.0") < 0);
    assert_true(cni_version_compare("1.0.0", "1.0.0") == 0);
    assert_true(cni_version_compare("1.1.0", "0.4.0") > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(configurations_are_read_or_refused_with_the_place),
        cmocka_unit_test(what_was_read_can_be_read_again),
        cmocka_unit_test(too_many_plugins_are_refused),
        cmocka_unit_test(versions_have_an_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
