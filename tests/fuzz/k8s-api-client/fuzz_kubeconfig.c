/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_kubeconfig.c - any bytes: either access to a cluster, or one line that says why not. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "k8s/kubeconfig.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct k8s_access *a = NULL;
    struct err err = ERR_INIT;
    int ret = k8s_kubeconfig_parse("f", "/nowhere", data, size, NULL, &a, &err);
    if ((ret < 0) != (a == NULL) || (ret < 0 && strncmp(err.msg, "kubeconfig", 10) != 0))
        abort();
    k8s_access_free(a);
    return 0;
}
