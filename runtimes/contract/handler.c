/* SPDX-License-Identifier: Apache-2.0 */
#include "rt/runtime.h"

#include "base/str.h"

bool rt_handlers_have(const struct rt_handler *handlers, size_t len, const char *handler)
{
    for (size_t i = 0; i < len; i++)
        if (str_eq(handlers[i].name, handler))
            return true;
    return false;
}
