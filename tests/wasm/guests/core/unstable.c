/* SPDX-License-Identifier: Apache-2.0 */
/*
 * unstable.c - a module from before WASI had a number: it imports wasi_unstable.
 *
 * Flags: -nostdlib
 */
struct text {
    const char *at;
    unsigned long len;
};
__attribute__((import_module("wasi_unstable"), import_name("fd_write"))) int
fd_write(int fd, const struct text *texts, int n, unsigned long *ret);

void _start(void)
{
    static const struct text text = { "old, and still here\n", 20 };
    unsigned long written;
    if (fd_write(1, &text, 1, &written))
        __builtin_trap();
}
