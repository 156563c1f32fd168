/* SPDX-License-Identifier: Apache-2.0 */
/* test.h - cmocka with what it wants included before it, and a whole configuration from one text. */
#pragma once

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "config/config.h"

#define KUBELET "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n"
#define OARSMAN "apiVersion: oarsman.dev/v1alpha1\nkind: OarsmanConfiguration\n"

static inline int parse(struct config *c, const char *text, const struct config_warn *warn, struct err *err)
{
    config_init(c);
    return config_parse_documents(c, "FILE", text, strlen(text), warn, err);
}
