/* SPDX-License-Identifier: Apache-2.0 */
/*
 * threads.c - wants to start threads without end, by the old proposal (wasi-threads): shared
 * memory, and one import.
 *
 * Flags: -nostdlib -matomics -mbulk-memory
 * Flags: -Wl,--shared-memory,--max-memory=16777216,--export=wasi_thread_start
 */
__attribute__((import_module("wasi"), import_name("thread-spawn"))) int
thread_spawn(void *argument);

void wasi_thread_start(int thread, void *argument)
{
    (void)thread;
    (void)argument;
    for (;;)
        ;
}

void _start(void)
{
    while (thread_spawn(0) >= 0)
        ;
}
