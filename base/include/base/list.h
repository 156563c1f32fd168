/* SPDX-License-Identifier: Apache-2.0 */
/*
 * list.h - intrusive doubly linked list. A node not in a list points to itself.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/mem.h"

struct list {
    struct list *prev;
    struct list *next;
};

#define LIST_INIT(name) { &(name), &(name) }

static inline void list_init(struct list *l)
{
    l->prev = l->next = l;
}

static inline bool list_empty(const struct list *l)
{
    return l->next == l;
}

static inline bool list_linked(const struct list *l)
{
    return l->next && l->next != l;
}

static inline void list_insert_(struct list *node, struct list *prev, struct list *next)
{
    node->prev = prev;
    node->next = next;
    prev->next = node;
    next->prev = node;
}

static inline void list_push_back(struct list *head, struct list *node)
{
    list_insert_(node, head->prev, head);
}

static inline void list_push_front(struct list *head, struct list *node)
{
    list_insert_(node, head, head->next);
}

static inline void list_remove(struct list *node) /* safe on a node that is in no list */
{
    if (!node->next)
        return;
    node->prev->next = node->next;
    node->next->prev = node->prev;
    list_init(node);
}

#define list_entry(node, type, member) container_of(node, type, member)
#define list_first(head, type, member)                                                            \
    (list_empty(head) ? NULL : list_entry((head)->next, type, member))
/* The body may remove and free it, but no other node. */
#define list_each(it, head, type, member)                                                         \
    for (struct list *n_##it = (head)->next, *x_##it = n_##it->next;                              \
         n_##it != (head) && ((it) = list_entry(n_##it, type, member), true);                     \
         n_##it = x_##it, x_##it = n_##it->next)
