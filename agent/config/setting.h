/* SPDX-License-Identifier: Apache-2.0 */
/*
 * setting.h - one row of the table of settings, and how text becomes a value. Private to config/.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/config.h"

enum setting_kind {
    SETTING_STRING,   /* char * */
    SETTING_BOOL,     /* bool */
    SETTING_INT,      /* int64_t */
    SETTING_DURATION, /* int64_t, milliseconds, from "1m30s" */
    SETTING_BYTES,    /* int64_t, from a quantity such as "10Mi" */
    SETTING_STRINGS,  /* char **; a flag takes them separated by commas */
    SETTING_MAP,      /* struct config_map; a flag takes k=v,k=v */
    SETTING_TAINTS,   /* struct config_taints; a flag takes key[=value]:Effect,… */
    SETTING_KIND_NR,
};

enum setting_document { DOC_NONE, DOC_KUBELET, DOC_OARSMAN };

struct setting {
    const char *flag;            /* without dashes; NULL: none */
    enum setting_document document;
    const char *path;            /* "authentication.x509.clientCAFile"; NULL: flag only */
    enum setting_kind kind;
    size_t offset;               /* in struct config */
    const char *fallback;        /* default, as text; NULL: unset, empty or zero */
    int64_t min, max;            /* of numbers, in the value's unit */
    const char *choices;         /* "a|b"; NULL: any */
    bool explicit_zero;          /* 0 or "" in a KubeletConfiguration is meant; else it cannot be told from "not set",
                                    and tools write it for the default */
    const char *help;
};

extern const struct setting settings[];
extern const size_t settings_len;

const struct setting *setting_by_flag(const char *flag, size_t len);
const char *setting_kind_name(enum setting_kind kind); /* for people: "an integer" */

/* Replaces the value in c. err says only what was expected and got: the caller puts the place in front. */
int setting_set(const struct setting *s, struct config *c, const char *text, struct err *err);
/* Adds to a list, map or taints; of others it replaces the value. */
int setting_append(const struct setting *s, struct config *c, const char *text, struct err *err);
bool setting_is_zero(const struct setting *s, const char *text); /* "", 0, 0s; false of lists. Pure */
/* Parts of a value, as a document gives them: appends to a list, a map, or one member of the index-th taint. */
int setting_add_item(const struct setting *s, struct config *c, const char *text, struct err *err);
int setting_add_pair(const struct setting *s, struct config *c, const char *key, const char *text, struct err *err);
int setting_add_taint_member(const struct setting *s, struct config *c, size_t index, const char *member,
                             const char *text, struct err *err);
void setting_reset(const struct setting *s, struct config *c); /* to empty */

/* What KubeletConfiguration has and we do not honour. NULL: not in the table. */
struct unsupported {
    const char *path;     /* a prefix: the field and all below it */
    const char *harmless; /* "a|b": values that ask for nothing we lack; "*": all of them */
    bool refuse;          /* else a warning */
    const char *reason;
};
const struct unsupported *unsupported_find(const char *path);
bool unsupported_below(const char *path); /* is there a row below it? */
