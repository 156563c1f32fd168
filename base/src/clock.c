/* SPDX-License-Identifier: Apache-2.0 */
/* clock.c - the system's clocks and the identity of this boot. */
#include "base/clock.h"

#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"

#undef clock_gettime /* this is the file that everybody else asks */

static int64_t read_clock(clockid_t id)
{
    struct timespec ts = { .tv_sec = 0 };

    (void)clock_gettime(id, &ts); /* both clocks exist on every kernel that we run on */
    return (int64_t)ts.tv_sec * NS_PER_S + ts.tv_nsec;
}

int64_t clock_wall_ns(void)
{
    return read_clock(CLOCK_REALTIME);
}

int64_t clock_boot_ns(void)
{
    return read_clock(CLOCK_BOOTTIME);
}

int64_t clock_boot_ms(void)
{
    return clock_boot_ns() / NS_PER_MS;
}

struct now clock_now(void)
{
    return (struct now){ .wall_ns = clock_wall_ns(), .boot_ns = clock_boot_ns() };
}

static char boot_id[64] = "unknown";

static void read_boot_id(void)
{
    AUTO(close) int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
    char text[sizeof(boot_id)];
    ssize_t len = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

    if (len <= 0)
        return;
    text[len] = '\0';
    text[strcspn(text, "\n")] = '\0';
    memcpy(boot_id, text, strlen(text) + 1);
}

const char *clock_boot_id(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    (void)pthread_once(&once, read_boot_id);
    return boot_id;
}
