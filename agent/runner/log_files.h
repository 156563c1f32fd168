/* SPDX-License-Identifier: Apache-2.0 */
/*
 * log_files.h - rotating a container's log on the disk. Private to runner/.
 */
#pragma once

#include <stdint.h>

struct err;

/*
 * PATH becomes PATH.YYYYMMDD-HHMMSS, the one rotated before is compressed (.gz), and beyond max_files (PATH
 * itself included), or max_files times max_bytes, the oldest go. Blocking. 0: PATH is free, its writer has to open it anew; -EAGAIN: it is not
 * larger than max_bytes. Killed in between, the next rotation compresses and removes what this one left.
 */
int log_files_rotate(const char *path, int64_t max_bytes, int64_t max_files, struct err *err);
