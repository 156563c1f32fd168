/* SPDX-License-Identifier: Apache-2.0 */
#include "content.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "tree.h"

#define CASE(bytes, content) { bytes, sizeof(bytes) - 1, content }

static void the_first_bytes_say_what_it_is(void **state)
{
    static const struct {
        const char *bytes;
        size_t len;
        enum content content;
    } cases[] = {
        CASE(MODULE, CONTENT_MODULE),
        CASE(COMPONENT, CONTENT_MODULE),
        CASE("\0asm", CONTENT_MODULE),
        CASE("\0as", CONTENT_OTHER),
        CASE("\0asx\1\0\0\0", CONTENT_OTHER),
        CASE(ELF, CONTENT_ELF),
        CASE("\177EL", CONTENT_OTHER),
        CASE("#!/bin/sh\n", CONTENT_SCRIPT),
        CASE("#", CONTENT_OTHER),
        CASE("(module)", CONTENT_TEXT),
        CASE(" \n\t(component", CONTENT_TEXT),
        CASE(";; a comment\n(module)", CONTENT_TEXT),
        CASE("(; another ;)(module)", CONTENT_TEXT),
        CASE("(modul", CONTENT_OTHER),
        CASE("(func)", CONTENT_OTHER),
        CASE("", CONTENT_OTHER),
        CASE("    ", CONTENT_OTHER),
        CASE("\037\213\010", CONTENT_OTHER), /* gzip */
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        if (content_of(cases[i].bytes, cases[i].len) != cases[i].content)
            fail_msg("case %zu: '%s'", i, cases[i].bytes);
}

static void a_file_is_read_from_its_beginning_and_no_further(void **state)
{
    int ends[2];
    char rest;
    enum content content;
    static const char text[CONTENT_BYTES + 1] = MODULE;
    (void)state;
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    assert_int_equal(write(ends[1], text, 5), 5); /* it comes in pieces, too */
    assert_int_equal(write(ends[1], text + 5, sizeof(text) - 5), (int)sizeof(text) - 5);
    assert_int_equal(content_read(ends[0], &content, NULL), 0);
    assert_int_equal(content, CONTENT_MODULE);
    assert_int_equal(read(ends[0], &rest, 1), 1);
    (void)close(ends[1]);
    assert_int_equal(content_read(ends[0], &content, NULL), 0);
    assert_int_equal(content, CONTENT_OTHER);
    (void)close(ends[0]);
    assert_true(content_read(ends[0], &content, NULL) < 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_bytes_say_what_it_is),
        cmocka_unit_test(a_file_is_read_from_its_beginning_and_no_further),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
