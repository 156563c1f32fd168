// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"fmt"
	"sync"
	"time"
)

// moment is what the server can see of a pod's life; all but bound are told by the node.
type moment int

const (
	bound moment = iota
	running
	ended // Succeeded or Failed
	gone
	moments
)

func (m moment) String() string { return [...]string{"bound", "Running", "ended", "gone"}[m] }

type life struct {
	at    [moments]time.Time
	phase string
	last  string // of its status, for those who wonder
}

// lives are all pods, by name.
type lives struct {
	mutex   sync.Mutex
	changed *sync.Cond
	byName  map[string]*life
}

func newLives() *lives {
	l := &lives{byName: map[string]*life{}}
	l.changed = sync.NewCond(&l.mutex)
	return l
}

func (l *lives) mark(name string, m moment, when time.Time, phase, text string) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	one := l.byName[name]
	if one == nil {
		one = &life{}
		l.byName[name] = one
	}
	if one.at[m].IsZero() {
		one.at[m] = when
	}
	if phase != "" {
		one.phase = phase
	}
	if text != "" {
		one.last = text
	}
	l.changed.Broadcast()
}

// onStatus is the server's.
func (l *lives) onStatus(name string, status object, when time.Time) {
	text, _ := json.Marshal(status)
	phase, _ := status["phase"].(string)
	switch phase {
	case "Running":
		l.mark(name, running, when, phase, string(text))
	case "Succeeded", "Failed":
		l.mark(name, ended, when, phase, string(text))
	default:
		l.mark(name, bound, when, phase, string(text)) // known already
	}
}

func (l *lives) onGone(name string, when time.Time) { l.mark(name, gone, when, "", "") }

// wait returns when the pod came there.
func (l *lives) wait(name string, m moment, patience time.Duration) (time.Time, error) {
	deadline := time.Now().Add(patience)
	alarm := time.AfterFunc(patience+time.Millisecond, l.changed.Broadcast)
	defer alarm.Stop()
	l.mutex.Lock()
	defer l.mutex.Unlock()
	for {
		one := l.byName[name]
		switch {
		case one != nil && !one.at[m].IsZero():
			return one.at[m], nil
		case one != nil && one.phase == "Failed" && m != gone: // a guest that is ended by SIGTERM has failed, too
			return time.Time{}, fmt.Errorf("pod %s has failed: %s", name, one.last)
		case time.Now().After(deadline):
			return time.Time{}, fmt.Errorf("pod %s is not %s after %v: %+v", name, m, patience, one)
		}
		l.changed.Wait()
	}
}

func (l *lives) forget(name string) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	delete(l.byName, name)
}
