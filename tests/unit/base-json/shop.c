/* SPDX-License-Identifier: Apache-2.0 */
#include "shop.h"

JSON_TYPE(shop_port, SHOP_PORT_FIELDS);
JSON_DICT_TYPE(shop_port);
JSON_TYPE(shop_shelf, SHOP_SHELF_FIELDS);
JSON_TYPE(shop_season, SHOP_SEASON_FIELDS);
JSON_TYPE(shop, SHOP_FIELDS);
JSON_TYPE(shop_letter, SHOP_LETTER_FIELDS);
JSON_TYPE(shop_list, SHOP_LIST_FIELDS);
