/* SPDX-License-Identifier: Apache-2.0 */
/*
 * op.h - what a backend puts at the start of each of its operations, for rt_op_cancel(). For backends alone:
 * who calls a backend sees struct rt_op as opaque.
 */
#pragma once

struct rt_op {
    /* Asks for an early end; done() still comes, later, exactly once. May be called twice. NULL: cannot be hurried. */
    void (*cancel)(struct rt_op *op);
};
