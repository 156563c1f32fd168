/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pod_list.h - the pods of this node as a PodList, their status as this node sees it: for /pods and `oarsman ps`.
 */
#pragma once

#include "base/buf.h"

struct pods;

int pod_list_encode(const struct pods *pods, struct buf *out); /* appends; -E2BIG */
