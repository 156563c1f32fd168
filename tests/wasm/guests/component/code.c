/* SPDX-License-Identifier: Apache-2.0 */
/*
 * code.c - a command that is a component from the start, and ends in one of the ways that
 * components have: code N, with that code; failure, with an error's result; return-failure, by
 * returning one; else with success.
 *
 * World: command
 * Flags: -mexec-model=reactor
 */
#include <stdlib.h>
#include <string.h>

#include "abi.h"

static int is(struct text text, const char *word)
{
    return text.len == strlen(word) && !memcmp(text.at, word, text.len);
}

static int number(struct text text)
{
    int n = 0;
    for (uint32_t i = 0; i < text.len && text.at[i] >= '0' && text.at[i] <= '9'; i++)
        n = n * 10 + (text.at[i] - '0');
    return n;
}

EXPORT("wasi:cli/run@" WASI "#run") int32_t run(void)
{
    static const char words[] = "ending\n";
    struct read_result written;
    struct list arguments;
    int32_t out = get_stdout();
    stream_write(out, words, sizeof words - 1, &written);
    output_drop(out);
    get_arguments(&arguments);
    if (arguments.len > 2 && is(arguments.at[1], "code"))
        exit_with_code(number(arguments.at[2]));
    if (arguments.len > 1 && is(arguments.at[1], "failure"))
        exit_with_result(1);
    return arguments.len > 1 && is(arguments.at[1], "return-failure");
}
