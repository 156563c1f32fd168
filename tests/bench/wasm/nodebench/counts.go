// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"
)

// counts are requests by method and kind, to say what a pod costs in requests.
type counts struct {
	mutex  sync.Mutex
	byKind map[string]int
}

func (c *counts) add(method string, p place) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if c.byKind == nil {
		c.byKind = map[string]int{}
	}
	c.byKind[strings.TrimSpace(method+" "+path.Base(p.collection)+" "+p.part)]++
}

// take says how many there were of each, and forgets them.
func (c *counts) take() string {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	var words []string
	for _, kind := range slices.Sorted(maps.Keys(c.byKind)) {
		words = append(words, fmt.Sprintf("%d %s", c.byKind[kind], kind))
	}
	c.byKind = nil
	return strings.Join(words, ", ")
}
