/* SPDX-License-Identifier: Apache-2.0 */
/* named.c - a module with an export of its own beside the usual one, for an entry point
 * "named.wasm#run_me". */
#include <stdio.h>

__attribute__((export_name("run_me"))) void run_me(void)
{
    puts("run_me was called");
}

__attribute__((export_name("with_argument"))) int with_argument(int n)
{
    return n + 1; /* cannot be an entry point */
}

int main(void)
{
    puts("main was called");
    return 0;
}
