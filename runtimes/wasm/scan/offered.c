/* SPDX-License-Identifier: Apache-2.0 */
/*
 * offered.c - what this node offers to modules.
 *
 * The tables repeat what the running side's linker is given (WASI 0.1, WASI 0.2 and wasi:http), so that a module that
 * cannot run is refused by the name of what it lacks, before it is compiled. Versions of WASI 0.2 are compatible in
 * both directions; beyond the newest that the engine was built with, an interface may have functions that are not there.
 */
#include "offered.h"

#include <string.h>

#include "base/mem.h"
#include "base/str.h"

#define PREVIEW1 "wasi_snapshot_preview1."
#define VERSION  "0.2."
#define PATCH_MAX 12

static const char *const preview1[] = {
    "args_get",
    "args_sizes_get",
    "clock_res_get",
    "clock_time_get",
    "environ_get",
    "environ_sizes_get",
    "fd_advise",
    "fd_allocate",
    "fd_close",
    "fd_datasync",
    "fd_fdstat_get",
    "fd_fdstat_set_flags",
    "fd_fdstat_set_rights",
    "fd_filestat_get",
    "fd_filestat_set_size",
    "fd_filestat_set_times",
    "fd_pread",
    "fd_prestat_dir_name",
    "fd_prestat_get",
    "fd_pwrite",
    "fd_read",
    "fd_readdir",
    "fd_renumber",
    "fd_seek",
    "fd_sync",
    "fd_tell",
    "fd_write",
    "path_create_directory",
    "path_filestat_get",
    "path_filestat_set_times",
    "path_link",
    "path_open",
    "path_readlink",
    "path_remove_directory",
    "path_rename",
    "path_symlink",
    "path_unlink_file",
    "poll_oneoff",
    "proc_exit",
    "proc_raise",
    "random_get",
    "sched_yield",
    "sock_accept",
    "sock_recv",
    "sock_send",
    "sock_shutdown",
};

static const char *const interfaces[] = {
    "wasi:cli/environment",
    "wasi:cli/exit",
    "wasi:cli/stderr",
    "wasi:cli/stdin",
    "wasi:cli/stdout",
    "wasi:cli/terminal-input",
    "wasi:cli/terminal-output",
    "wasi:cli/terminal-stderr",
    "wasi:cli/terminal-stdin",
    "wasi:cli/terminal-stdout",
    "wasi:clocks/monotonic-clock",
    "wasi:clocks/wall-clock",
    "wasi:filesystem/preopens",
    "wasi:filesystem/types",
    "wasi:http/outgoing-handler",
    "wasi:http/types",
    "wasi:io/error",
    "wasi:io/poll",
    "wasi:io/streams",
    "wasi:random/insecure",
    "wasi:random/insecure-seed",
    "wasi:random/random",
    "wasi:sockets/instance-network",
    "wasi:sockets/ip-name-lookup",
    "wasi:sockets/network",
    "wasi:sockets/tcp",
    "wasi:sockets/tcp-create-socket",
    "wasi:sockets/udp",
    "wasi:sockets/udp-create-socket",
};

static bool is_interface(const char *name, const char *interface)
{
    size_t len = strlen(interface);
    return strncmp(name, interface, len) == 0 && name[len] == '@';
}

static bool version_offered(const char *name)
{
    const char *version = strchr(name, '@');
    uint64_t patch;
    return version && str_has_prefix(version + 1, VERSION) &&
           str_to_u64(version + 1 + strlen(VERSION), PATCH_MAX, &patch) == 0;
}

bool offered_interface(const char *name, const char *interface)
{
    return is_interface(name, interface) && version_offered(name);
}

bool offered_otherwise(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(interfaces); i++)
        if (is_interface(name, interfaces[i]))
            return true;
    return false;
}

static bool is_preview1(const char *name)
{
    if (!str_has_prefix(name, PREVIEW1))
        return false;
    for (size_t i = 0; i < ARRAY_LEN(preview1); i++)
        if (str_eq(name + strlen(PREVIEW1), preview1[i]))
            return true;
    return false;
}

bool offered_import(bool component, const struct wasm_name *import)
{
    if (!component)
        return import->sort == WASM_SORT_FUNCTION && is_preview1(import->name);
    return import->sort == WASM_SORT_INSTANCE && offered_otherwise(import->name) && version_offered(import->name);
}
