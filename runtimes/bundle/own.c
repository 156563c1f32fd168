/* SPDX-License-Identifier: Apache-2.0 */
#include "bundle/own.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "base/file.h"
#include "base/str.h"
#include "bundle/capability.h"

#define OOM_SCORE_ADJ_MIN (-1000)

static int read_oom_score_adj(int *ret, struct err *err)
{
    AUTO(buf_done) struct buf text = BUF_INIT(32);
    int64_t value;
    int r = file_read(AT_FDCWD, "/proc/self/oom_score_adj", &text, err);

    if (r < 0)
        return r;
    while (text.len > 0 && text.data[text.len - 1] == '\n')
        text.data[--text.len] = '\0';
    if (str_to_i64(buf_str(&text), OOM_SCORE_ADJ_MIN, 1000, &value) < 0)
        return err_set(err, -EINVAL, "/proc/self/oom_score_adj: \"%s\"", buf_str(&text));
    *ret = (int)value;
    return 0;
}

int own_power_read(struct own_power *ret, struct err *err)
{
    struct own_power own = { 0 };
    struct rlimit nofile;
    int r = read_oom_score_adj(&own.oom_score_adj, err);

    if (r < 0)
        return r;
    for (int i = 0; i < CAPABILITY_NR; i++)
        if (prctl(PR_CAPBSET_READ, i, 0, 0, 0) == 1)
            own.capabilities |= UINT64_C(1) << i;
    if (own.capabilities & (UINT64_C(1) << CAP_SYS_RESOURCE))
        own.oom_score_adj = OOM_SCORE_ADJ_MIN;
    if (getrlimit(RLIMIT_NOFILE, &nofile) < 0)
        return err_errno(err, errno, "getrlimit");
    own.nofile_hard = nofile.rlim_max;
    *ret = own;
    return 0;
}

uint64_t own_clamp_capabilities(const struct own_power *own, uint64_t wanted, unsigned *cuts)
{
    if (wanted & ~own->capabilities)
        *cuts |= OWN_CUT_CAPABILITIES;
    return wanted & own->capabilities;
}

int own_clamp_oom_score_adj(const struct own_power *own, int wanted, unsigned *cuts)
{
    if (wanted >= own->oom_score_adj)
        return wanted;
    *cuts |= OWN_CUT_OOM_SCORE_ADJ;
    return own->oom_score_adj;
}

const char *own_cut_text(enum own_cut cut)
{
    switch (cut) {
    case OWN_CUT_CAPABILITIES:
        return "containers get only the capabilities in the bounding set of this process, which is not complete";
    case OWN_CUT_OOM_SCORE_ADJ:
        return "without CAP_SYS_RESOURCE a container's oom_score_adj cannot be lower than that of this process";
    }
    return "";
}
