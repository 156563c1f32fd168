/* SPDX-License-Identifier: Apache-2.0 */
/* Cancelling is the one thing that a caller may do to an operation, whichever backend runs it. */
#include "rt/op.h"

#include <stddef.h>

#include "rt/runtime.h"

void rt_op_cancel(struct rt_op *op)
{
    if (op && op->cancel)
        op->cancel(op);
}
