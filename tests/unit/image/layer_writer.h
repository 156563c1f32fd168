/* SPDX-License-Identifier: Apache-2.0 */
/* layer_writer.h - layers for tests, as a string: one entry a line, "KIND PATH [VALUE]", owned by
 * whoever runs the test. d dir | f file content | l link target | h hardlink target | p pipe | c
 * device | b device */
#pragma once

/* A descriptor at the start of the archive; filter: "none", "gzip", "zstd". */
int layer_write(const char *entries, const char *filter);
