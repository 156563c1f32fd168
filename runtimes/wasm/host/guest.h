/* SPDX-License-Identifier: Apache-2.0 */
/*
 * guest.h - the process of a container: from its birth in "create" to the guest's exit code.
 *
 * In stages, each of which gives up what the next does not need (see README): it joins its group and namespaces and
 * loads the compiled code while it still sees the node; then its own view of the files, its user, no capabilities; there
 * it waits to be started; then the system call filter, and the guest's first instruction.
 */
#pragma once

#include "bundle.h"
#include "group.h"
#include "namespaces.h"

struct guest_plan { /* all borrowed; descriptors are the process's own */
    const struct bundle *bundle;
    const char *artifact;
    enum wasm_kind kind;
    int talk_fd;  /* socket to "create": "R" ready, or text: why not; it answers "K": keep on, I have written you down */
    int start_fd; /* fifo: one byte starts the guest */
    struct namespaces namespaces;
    int tty_fd;                 /* terminal to be; -1: standard streams as they are */
    struct group group;
};

/* Does not return. */
_Noreturn void guest_main(const struct guest_plan *plan);
