/* SPDX-License-Identifier: Apache-2.0 */
/*
 * shop.h - types with a member of every category and kind, for the tests of the codec.
 */
#pragma once

#include "base/json.h"

#define SHOP_PORT_FIELDS(F)                                                                        \
    F(value, int32_t, container_port, "containerPort", JSON_ALWAYS)                                \
    F(value, const char *, protocol, "protocol", 0)
JSON_STRUCT(shop_port, SHOP_PORT_FIELDS);
JSON_DICT(shop_port);

#define SHOP_SHELF_FIELDS(F)                                                                       \
    F(value, const char *, label, "label", JSON_REQUIRED)                                          \
    F(objects, shop_port, ports, "ports", 0)                                                       \
    F(objects, shop_shelf, shelves, "shelves", 0)
struct shop_shelf;
JSON_STRUCT(shop_shelf, SHOP_SHELF_FIELDS);

#define SHOP_SEASON_FIELDS(F)                                                                      \
    F(value, const char *, winter, "winter", 0)                                                    \
    F(value, int64_t, summer, "summer", 0)
JSON_STRUCT(shop_season, SHOP_SEASON_FIELDS);

#define SHOP_FIELDS(F)                                                                             \
    F(value, const char *, name, "name", 0)                                                        \
    F(value, const char *, owner, "owner", JSON_ALWAYS)                                            \
    F(value, bool, open, "open", 0)                                                                \
    F(value, int32_t, small, "small", 0)                                                           \
    F(value, int64_t, large, "large", 0)                                                           \
    F(value, uint64_t, huge, "huge", 0)                                                            \
    F(value, struct opt_bool, maybe_bool, "maybeBool", 0)                                          \
    F(value, struct opt_i32, maybe_small, "maybeSmall", 0)                                         \
    F(value, struct opt_i64, maybe_large, "maybeLarge", 0)                                         \
    F(value, struct json_map, labels, "labels", 0)                                                 \
    F(value, struct json_multimap, groups, "groups", 0)                                            \
    F(value, struct json_bytes, secret, "secret", 0)                                               \
    F(value, struct json_bytes_map, secrets, "secrets", 0)                                         \
    F(value, struct json_raw, raw, "raw", 0)                                                       \
    F(values, const char *, words, "words", 0)                                                     \
    F(values, int64_t, numbers, "numbers", 0)                                                      \
    F(values, struct json_raw, raws, "raws", 0)                                                    \
    F(object, shop_port, door, "door", 0)                                                          \
    F(embed, shop_port, window, "window", 0)                                                       \
    F(objects, shop_shelf, shelves, "shelves", 0)                                                  \
    F(dict, shop_port, by_name, "byName", 0)                                                       \
    F(inline, shop_season, season, "", 0)                                                          \
    F(rare, shop_port, legacy, "", 0)                                                              \
    F(ignored, json_any, junk, "junk", 0)
JSON_STRUCT(shop, SHOP_FIELDS);

/* An envelope with a value of a type chosen by its kind, and one whose items go to a callback. */
#define SHOP_LETTER_FIELDS(F)                                                                      \
    F(value, const char *, kind, "kind", 0)                                                        \
    F(any, json_any, body, "body", 0)
JSON_STRUCT(shop_letter, SHOP_LETTER_FIELDS);

#define SHOP_LIST_FIELDS(F)                                                                        \
    F(value, const char *, version, "version", 0)                                                  \
    F(each, json_each, items, "items", 0)
JSON_STRUCT(shop_list, SHOP_LIST_FIELDS);
