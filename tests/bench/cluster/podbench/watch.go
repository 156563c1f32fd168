// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"time"
)

// state is a moment in a pod's life that a watcher can see.
type state int

const (
	bound state = iota
	running
	ready
	ended
	gone
	states
)

func (s state) String() string { return [...]string{"bound", "running", "ready", "ended", "gone"}[s] }

// moments says when each state was first seen.
type moments [states]time.Time

// event is one line of a watch.
type event struct {
	Type   string
	Object pod
}

// watcher remembers when it saw what of one run's pods.
type watcher struct {
	mutex   sync.Mutex
	changed *sync.Cond
	seen    map[string]*moments
	last    map[string]pod
	failed  error
	hook    func(event, time.Time) // sees every event, if there is one
	onEnd   func(error)            // is told that nothing more will be seen, if it is there
}

// watch begins to follow the pods of one run, over a connection of its own.
func (a *api) watch(run string, hook func(event, time.Time), onEnd func(error)) (*watcher, error) {
	w := &watcher{seen: map[string]*moments{}, last: map[string]pod{}, hook: hook, onEnd: onEnd}
	w.changed = sync.NewCond(&w.mutex)
	selector := "?labelSelector=" + url.QueryEscape("podbench="+run)
	var list struct {
		Metadata struct{ ResourceVersion string }
	}
	if err := a.do("GET", podsPath+selector, nil, &list); err != nil {
		return nil, err
	}
	client := a.connection()
	answer, err := client.Get(a.server + podsPath + selector + "&watch=1&timeoutSeconds=3600&resourceVersion=" +
		list.Metadata.ResourceVersion)
	if err != nil {
		return nil, err
	}
	if answer.StatusCode != http.StatusOK {
		answer.Body.Close()
		return nil, fmt.Errorf("watch: %s", answer.Status)
	}
	go w.follow(json.NewDecoder(answer.Body))
	return w, nil
}

func (w *watcher) follow(stream *json.Decoder) {
	for {
		var e event
		err := stream.Decode(&e)
		now := time.Now()
		if err == nil && w.hook != nil {
			w.hook(e, now)
		}
		w.mutex.Lock()
		if err != nil {
			w.failed = fmt.Errorf("the watch ended: %w", err)
		} else {
			w.note(e, now)
		}
		w.mutex.Unlock()
		w.changed.Broadcast()
		if err != nil {
			if w.onEnd != nil {
				w.onEnd(w.failed)
			}
			return
		}
	}
}

func (w *watcher) note(e event, now time.Time) {
	name := e.Object.Metadata.Name
	m := w.seen[name]
	if m == nil {
		m = &moments{}
		w.seen[name] = m
	}
	w.last[name] = e.Object
	mark := func(s state, is bool) {
		if is && m[s].IsZero() {
			m[s] = now
		}
	}
	mark(gone, e.Type == "DELETED")
	if e.Type == "DELETED" {
		return
	}
	mark(bound, e.Object.Spec.NodeName != "")
	mark(running, e.Object.Status.Phase == "Running")
	mark(ended, e.Object.Status.Phase == "Succeeded" || e.Object.Status.Phase == "Failed")
	mark(ready, e.Object.condition("Ready") == "True")
}

// address is the pod's, once it has one.
func (w *watcher) address(name string) string {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	return w.last[name].Status.PodIP
}

// wait returns when the pod was first seen in that state.
func (w *watcher) wait(name string, s state, patience time.Duration) (time.Time, error) {
	deadline := time.Now().Add(patience)
	alarm := time.AfterFunc(patience+time.Millisecond, w.changed.Broadcast)
	defer alarm.Stop()
	w.mutex.Lock()
	defer w.mutex.Unlock()
	for {
		if m := w.seen[name]; m != nil && !m[s].IsZero() {
			return m[s], nil
		}
		if w.failed != nil {
			return time.Time{}, w.failed
		}
		if time.Now().After(deadline) {
			last := w.last[name]
			return time.Time{}, fmt.Errorf("pod %s is not %s after %v: %s", name, s, patience, last.explain())
		}
		w.changed.Wait()
	}
}
