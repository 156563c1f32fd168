/* SPDX-License-Identifier: Apache-2.0 */
/* fixture.h - a pod from JSON, facts of a node, and objects as if they had been fetched. */
#pragma once

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "environment/environment.h"
#include "k8s/object.h"

extern const struct pod_facts facts;
extern struct fetched_set fetched; /* ConfigMap "cm", Secret "se", Services */

int fixture_setup(void **state);
int fixture_teardown(void **state);

/* A pod named p in namespace ns: metadata and spec are what is added to them ("\"labels\":{}," or ""). Borrowed until the
 * next call. */
const struct k8s_pod *pod_of(const char *metadata, const char *spec);
/* With one container "app" of these fields. */
const struct k8s_pod *pod_with_container(const char *container);

extern struct arena *arena;
