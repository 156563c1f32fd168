/* SPDX-License-Identifier: Apache-2.0 */
/* unknown.c - needs a function that no host offers. */
__attribute__((import_module("env"), import_name("foo"))) int foo(void);

int main(void)
{
    return foo();
}
