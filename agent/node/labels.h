/* SPDX-License-Identifier: Apache-2.0 */
/* labels.h - the labels that a node gives itself. Pure. */
#pragma once

#include "base/arena.h"
#include "base/json.h"
#include "config/config.h"
#include "node/facts.h"
#include "rt/runtime.h"

#define NODE_LABEL_RUNTIME "node.oarsman.dev/runtime-"

/*
 * The compatibility profile for manifests that were written for Krustlet (wasm.krustletCompatible): they select and
 * tolerate a node by its architecture, and some by its type. What such a node is otherwise (Linux, all kinds of
 * containers) it says as ever.
 */
#define NODE_KRUSTLET_ARCH "wasm32-wasi"      /* label and taint */
#define NODE_KRUSTLET_ARCHITECTURE "wasm-wasi" /* status.nodeInfo */
#define NODE_ARCH_LABEL "kubernetes.io/arch"

/*
 * before: the object's labels as the API has them; NULL: it does not exist yet, then those of --node-labels are set, too.
 * Ours are added or corrected, handlers that are gone lose their label, everything else stays. Sorted; strings are
 * borrowed from all arguments, or in the arena.
 */
void node_labels(const struct node_facts *facts, const struct config *config, const struct rt_handler *handlers,
                 size_t handlers_len, const struct json_map *before, struct arena *arena, struct json_map *ret);
