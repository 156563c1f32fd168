// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"
)

// object is JSON.
type object = map[string]any

// change is a line of a watch.
type change struct {
	version int
	path    string
	text    []byte
}

// store holds objects by their path below the API's root, and tells watchers of changes in order.
type store struct {
	mutex   sync.Mutex
	objects map[string]object
	version int
	watches map[*watch]bool
}

// watch is a client that follows a collection.
type watch struct {
	prefix  string
	pending chan change
}

// watchBacklog is what a watch may be behind; one that is further behind is cut off.
const watchBacklog = 65536

func newStore() *store {
	return &store{objects: map[string]object{}, version: 1, watches: map[*watch]bool{}}
}

func metadata(o object) object {
	m, _ := o["metadata"].(object)
	if m == nil {
		m = object{}
		o["metadata"] = m
	}
	return m
}

// tell is called with the mutex held.
func (s *store) tell(kind, path string, o object) {
	inner, err := json.Marshal(o)
	if err != nil {
		panic(err) // it came from JSON
	}
	text := fmt.Appendf(nil, `{"type":%q,"object":%s}`+"\n", kind, inner) // in the order of the real one
	for w := range s.watches {
		if !strings.HasPrefix(path, w.prefix) {
			continue
		}
		select {
		case w.pending <- change{s.version, path, text}:
		default:
			delete(s.watches, w)
			close(w.pending)
		}
	}
}

// put creates or replaces an object; the answer is a copy of its text.
func (s *store) put(path string, o object) []byte {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.putLocked(path, o)
}

func (s *store) putLocked(path string, o object) []byte {
	old, there := s.objects[path]
	s.version++
	m := metadata(o)
	m["resourceVersion"] = strconv.Itoa(s.version)
	if there {
		m["uid"], m["creationTimestamp"] = metadata(old)["uid"], metadata(old)["creationTimestamp"]
	} else {
		m["uid"] = newUID(s.version)
		m["creationTimestamp"] = time.Now().UTC().Format(time.RFC3339)
	}
	s.objects[path] = o
	if there {
		s.tell("MODIFIED", path, o)
	} else {
		s.tell("ADDED", path, o)
	}
	text, _ := json.Marshal(o)
	return text
}

// change lets f work on a copy of an object. Nil: there is none.
func (s *store) change(path string, f func(object)) []byte {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	old, there := s.objects[path]
	if !there {
		return nil
	}
	o := clone(old).(object)
	f(o)
	return s.putLocked(path, o)
}

func (s *store) get(path string) []byte {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	o, there := s.objects[path]
	if !there {
		return nil
	}
	text, _ := json.Marshal(o)
	return text
}

func (s *store) remove(path string) bool {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	o, there := s.objects[path]
	if !there {
		return false
	}
	delete(s.objects, path)
	s.version++
	o = clone(o).(object)
	metadata(o)["resourceVersion"] = strconv.Itoa(s.version)
	s.tell("DELETED", path, o)
	return true
}

// list answers with everything below a path.
func (s *store) list(prefix, kind, apiVersion string) []byte {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	items := []object{}
	for path, o := range s.objects {
		if strings.HasPrefix(path, prefix) {
			items = append(items, o)
		}
	}
	text, _ := json.Marshal(object{"kind": kind, "apiVersion": apiVersion, "items": items,
		"metadata": object{"resourceVersion": strconv.Itoa(s.version)}})
	return text
}

// follow begins a watch of what is below a path, from now on.
func (s *store) follow(prefix string) *watch {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	w := &watch{prefix, make(chan change, watchBacklog)}
	s.watches[w] = true
	return w
}

func (s *store) unfollow(w *watch) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	delete(s.watches, w)
}

func newUID(n int) string {
	text := strconv.Itoa(n)
	return "00000000-0000-4000-8000-" + strings.Repeat("0", 12-len(text)) + text
}

// clone copies JSON deeply.
func clone(v any) any {
	switch v := v.(type) {
	case object:
		c := make(object, len(v))
		for key, value := range v {
			c[key] = clone(value)
		}
		return c
	case []any:
		c := make([]any, len(v))
		for i, value := range v {
			c[i] = clone(value)
		}
		return c
	}
	return v
}
