// SPDX-License-Identifier: Apache-2.0

package main

import "strings"

// mergeKeys are those of the lists that a node's patches merge rather than replace.
var mergeKeys = map[string]string{
	"conditions": "type", "addresses": "type", "podIPs": "ip", "hostIPs": "ip", "taints": "key",
}

// merge applies a strategic merge patch, as far as nodes send them.
func merge(to, patch object) {
	for key, value := range patch {
		if strings.HasPrefix(key, "$") {
			continue // the order of lists: nothing here depends on it
		}
		switch value := value.(type) {
		case nil:
			delete(to, key)
		case object:
			inner, ok := to[key].(object)
			if !ok {
				inner = object{}
				to[key] = inner
			}
			merge(inner, value)
		case []any:
			old, _ := to[key].([]any)
			to[key] = mergeList(key, old, value)
		default:
			to[key] = value
		}
	}
}

func mergeList(name string, old, patch []any) []any {
	key := mergeKeys[name]
	if key == "" {
		return patch
	}
	for _, item := range patch {
		item, ok := item.(object)
		if !ok {
			continue
		}
		old = mergeItem(key, old, item)
	}
	return old
}

func mergeItem(key string, old []any, item object) []any {
	for i, candidate := range old {
		there, _ := candidate.(object)
		if there == nil || there[key] != item[key] {
			continue
		}
		if item["$patch"] == "delete" {
			return append(old[:i:i], old[i+1:]...)
		}
		merge(there, item)
		return old
	}
	if item["$patch"] == "delete" {
		return old
	}
	return append(old, item)
}
