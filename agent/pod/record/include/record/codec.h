/* SPDX-License-Identifier: Apache-2.0 */
/*
 * codec.h - a pod's record as JSON: the durable part of struct pod_record, nothing of what lives with the process.
 */
#pragma once

#include "base/buf.h"
#include "base/err.h"
#include "decide/record.h"

/* Appends. The same record gives the same text. -E2BIG. */
int pod_record_encode(const struct pod_record *r, struct buf *out);
/* caller owns. -EINVAL; -EPROTO: written by a newer agent ("record format 2 is newer than 1, …"). */
int pod_record_decode(const char *text, size_t len, struct pod_record **ret, struct err *err);
