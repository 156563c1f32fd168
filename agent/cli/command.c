/* SPDX-License-Identifier: Apache-2.0 */
/* command.c - what commands with flags and names in any order share. */
#include "command.h"

#include <string.h>

#include "base/str.h"
#include "config/config.h"

void command_split(int argc, char **argv, int first, char ***flags, char ***names)
{
    for (int i = first; i < argc; i++) {
        bool is_flag = str_has_prefix(argv[i], "--");
        strv_push(is_flag ? flags : names, argv[i]);
        if (is_flag && !strchr(argv[i], '=') && i + 1 < argc && config_flag_takes_value(argv[i]))
            strv_push(flags, argv[++i]);
    }
}
