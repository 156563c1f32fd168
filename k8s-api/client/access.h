/* SPDX-License-Identifier: Apache-2.0 */
/* access.h - credentials in use. Private to the client. */
#pragma once

#include "k8s/kubeconfig.h"

struct err;

enum { ACCESS_RENEWED = 1 };
/*
 * access_renew() - read anew the files behind the credentials that have changed. For the moment before a request: it costs
 * a stat(2) a file, so no timer is needed.
 *
 * 0: nothing new for connections (a token may be); ACCESS_RENEWED: access->tls is another one; < 0: a file has changed and
 * cannot be used, what was read before stays. That is told once for each change. err must not be NULL.
 */
int access_renew(struct k8s_access *a, struct err *err);
