/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trap.c - traps in the way that its first argument names, from within functions whose names a
 * backtrace must show.
 *
 * unreachable, divide, bounds, stack, indirect, abort; exit 9 when the trap did not come.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static volatile int zero, ten = 10;
static volatile uintptr_t far = 0xfffffff0;
typedef void (*any_fn)(void);

__attribute__((noinline)) static void trap_unreachable(void)
{
    __builtin_trap();
}

__attribute__((noinline)) static void trap_divide(void)
{
    zero = ten / zero;
}

__attribute__((noinline)) static void trap_bounds(void)
{
    *(volatile char *)far = 1;
}

/* NOLINTNEXTLINE(misc-no-recursion): that it never ends is the point */
__attribute__((noinline)) static int trap_stack_deeper(int depth)
{
    return depth < 0 ? depth : trap_stack_deeper(depth + 1) + zero;
}

__attribute__((noinline)) static void trap_stack(void)
{
    zero = trap_stack_deeper(0);
}

__attribute__((noinline)) static void trap_indirect(void)
{
    any_fn nowhere = (any_fn)far;
    nowhere();
}

static const struct {
    const char *name;
    void (*fn)(void);
} traps[] = {
    { "unreachable", trap_unreachable }, { "divide", trap_divide },
    { "bounds", trap_bounds },           { "stack", trap_stack },
    { "indirect", trap_indirect },       { "abort", abort },
};

int main(int argc, char **argv)
{
    const char *wanted = argc > 1 ? argv[1] : "unreachable";
    puts("before the trap");
    fflush(stdout);
    for (size_t i = 0; i < sizeof traps / sizeof *traps; i++)
        if (!strcmp(wanted, traps[i].name))
            traps[i].fn();
    fprintf(stderr, "no trap came of \"%s\"\n", wanted);
    return 9;
}
