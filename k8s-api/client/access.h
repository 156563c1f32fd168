/* SPDX-License-Identifier: Apache-2.0 */
/* access.h - credentials in use. Private to the client. */
#pragma once

#include "k8s/kubeconfig.h"

struct err;

int access_read_token(struct k8s_access *a, struct err *err);
/* The header's value, from a token file not older than a few seconds; borrowed until the next call; NULL: none. */
const char *access_authorization(struct k8s_access *a);
void access_doubt_token(struct k8s_access *a); /* the server did not take it: the file is read again at once */
