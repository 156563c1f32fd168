/* SPDX-License-Identifier: Apache-2.0 */
#include "signal_name.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/str.h"

static int parse_realtime(const char *name, int *ret)
{
    int64_t offset = 0;
    bool from_max = strncasecmp(name, "RTMAX", 5) == 0;
    const char *rest = name + 5;

    if (!from_max && strncasecmp(name, "RTMIN", 5) != 0)
        return -EINVAL;
    if (*rest && *rest != (from_max ? '-' : '+'))
        return -EINVAL;
    if (*rest && str_to_i64(rest + 1, 0, SIGRTMAX - SIGRTMIN, &offset) < 0)
        return -EINVAL;
    *ret = from_max ? SIGRTMAX - (int)offset : SIGRTMIN + (int)offset;
    return 0;
}

int signal_name_parse(const char *name, int *ret_signal)
{
    int64_t number;

    if (str_to_i64(name, 1, SIGRTMAX, &number) == 0) {
        *ret_signal = (int)number;
        return 0;
    }
    if (strncasecmp(name, "SIG", 3) == 0)
        name += 3;
    for (int i = 1; i < NSIG; i++) {
        const char *known = sigabbrev_np(i);

        if (known && strcasecmp(known, name) == 0) {
            *ret_signal = i;
            return 0;
        }
    }
    return parse_realtime(name, ret_signal);
}

int signal_name_print(int signum, char ret[SIGNAL_NAME_BYTES])
{
    const char *known = sigabbrev_np(signum);
    int n = -1;

    if (known)
        n = snprintf(ret, SIGNAL_NAME_BYTES, "SIG%s", known);
    else if (signum == SIGRTMIN || signum == SIGRTMAX)
        n = snprintf(ret, SIGNAL_NAME_BYTES, "%s", signum == SIGRTMIN ? "SIGRTMIN" : "SIGRTMAX");
    else if (signum > SIGRTMIN && signum <= SIGRTMIN + 15)
        n = snprintf(ret, SIGNAL_NAME_BYTES, "SIGRTMIN+%d", signum - SIGRTMIN);
    else if (signum > SIGRTMIN && signum < SIGRTMAX)
        n = snprintf(ret, SIGNAL_NAME_BYTES, "SIGRTMAX-%d", SIGRTMAX - signum);
    return n > 0 && n < SIGNAL_NAME_BYTES ? 0 : -EINVAL;
}
