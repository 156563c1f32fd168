/* SPDX-License-Identifier: Apache-2.0 */
/*
 * termination.h - the last words of a container. Pure.
 * Spec: kubernetes.io, "Determine the Reason for Pod Failure".
 */
#pragma once

struct arena;

enum {
    TERMINATION_FILE_BYTES = 4096, /* of terminationMessagePath */
    TERMINATION_LOG_BYTES = 2048,  /* of the log, for FallbackToLogsOnError */
    TERMINATION_LOG_LINES = 80,
};

/* The text of log lines in CRI form ("TIME stdout F text"), its last 2048 bytes, in the arena. A first line that
 * was cut off is left out. */
const char *termination_from_log(const char *log, struct arena *arena);
