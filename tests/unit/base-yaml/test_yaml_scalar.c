/* SPDX-License-Identifier: Apache-2.0 */
#include "yaml_scalar.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/mem.h"

static void a_plain_word_means_what_kubernetes_tools_take_it_for(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum yaml_kind kind;
        const char *json;
    } cases[] = {
        { "", YAML_NULL, "null" },          { "~", YAML_NULL, "null" },        { "null", YAML_NULL, "null" },
        { "yes", YAML_BOOL, "true" },       { "Off", YAML_BOOL, "false" },     { "true", YAML_BOOL, "true" },
        { "tRue", YAML_STRING, "" },        { "0", YAML_INT, "0" },            { "-0", YAML_INT, "0" },
        { "42", YAML_INT, "42" },           { "+42", YAML_INT, "42" },         { "-42", YAML_INT, "-42" },
        { "0644", YAML_INT, "420" },        { "0o644", YAML_INT, "420" },      { "0x1F", YAML_INT, "31" },
        { "0b101", YAML_INT, "5" },         { "1_000", YAML_INT, "1000" },     { "0899", YAML_FLOAT, "899" },
        { "9223372036854775807", YAML_INT, "9223372036854775807" },
        { "18446744073709551615", YAML_INT, "18446744073709551615" },
        { "123456789012345678901234567890", YAML_INT, "123456789012345678901234567890" },
        { "1.5", YAML_FLOAT, "1.5" },       { "1.0", YAML_FLOAT, "1" },        { ".5", YAML_FLOAT, "0.5" },
        { "-.50", YAML_FLOAT, "-0.5" },     { "5.", YAML_FLOAT, "5" },         { "1e3", YAML_FLOAT, "1e3" },
        { "1.5E-3", YAML_FLOAT, "1.5E-3" }, { "00.5", YAML_FLOAT, "0.5" },     { "1e", YAML_STRING, "" },
        { "1.2.3", YAML_STRING, "" },       { "100m", YAML_STRING, "" },       { "1Gi", YAML_STRING, "" },
        { "10.0.0.1", YAML_STRING, "" },    { "-", YAML_STRING, "" },          { "+", YAML_STRING, "" },
        { ".", YAML_STRING, "" },           { "0x", YAML_STRING, "" },         { "0xg", YAML_STRING, "" },
        { "2026-01-02", YAML_STRING, "" },  { "v1", YAML_STRING, "" },         { ".inf", YAML_NOT_FINITE, "" },
        { "-.inf", YAML_NOT_FINITE, "" },   { ".NaN", YAML_NOT_FINITE, "" },   { "_", YAML_STRING, "" },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct buf out = BUF_INIT(256);
        enum yaml_kind kind = yaml_scalar(cases[i].text, strlen(cases[i].text), &out);
        if (kind != cases[i].kind || (kind != YAML_STRING && strcmp(buf_str(&out), cases[i].json) != 0))
            fail_msg("%s: kind %d json %s", cases[i].text, (int)kind, buf_str(&out));
        buf_done(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(a_plain_word_means_what_kubernetes_tools_take_it_for) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
