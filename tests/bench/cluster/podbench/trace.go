// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"oarsman.dev/tests/measure"
)

// step is one line of a trace.
type step struct {
	when time.Time
	text string
}

// tracer collects what can be seen of one pod's start, from several sides at once.
type tracer struct {
	mutex sync.Mutex
	steps []step
}

func (t *tracer) add(when time.Time, format string, arguments ...any) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	t.steps = append(t.steps, step{when, fmt.Sprintf(format, arguments...)})
}

// trace prints what a watcher sees of a pod's start, and, between that, what the agent logs meanwhile.
func trace(o *options) error {
	b, err := newBench(o)
	if err != nil {
		return err
	}
	defer b.cleanUp()
	if err := b.warmUp(); err != nil {
		return err
	}
	t := &tracer{}
	before := pod{}
	run := b.run + "-trace"
	w, err := b.api.watch(run, func(e event, when time.Time) {
		t.add(when, "watch: %s", difference(&before, &e.Object))
		before = e.Object
	}, nil)
	if err != nil {
		return err
	}
	stop := t.followLog(o.log)
	b.run, b.watch = run, w
	time.Sleep(time.Second) // whatever the pods before have left to do
	name := b.nextName()
	start, err := b.create(name, b.pod(true))
	if err != nil {
		return err
	}
	t.add(start, "create: sent")
	if _, err := w.wait(name, ready, o.timeout); err != nil {
		return err
	}
	stop()
	t.print(start)
	return nil
}

// difference says what changed between two looks at a pod.
func difference(before, after *pod) string {
	var words []string
	if before.Spec.NodeName != after.Spec.NodeName {
		words = append(words, "bound")
	}
	if before.Status.Phase != after.Status.Phase {
		words = append(words, after.Status.Phase)
	}
	if before.Status.PodIP != after.Status.PodIP {
		words = append(words, "podIP")
	}
	for _, c := range after.Status.Conditions {
		if before.condition(c.Type) != c.Status {
			words = append(words, c.Type+"="+c.Status)
		}
	}
	for _, c := range after.Status.ContainerStatuses {
		for state := range c.State {
			if len(before.Status.ContainerStatuses) == 0 || before.Status.ContainerStatuses[0].State[state] != c.State[state] {
				words = append(words, "container "+state)
			}
		}
	}
	if len(words) == 0 {
		return "something else"
	}
	return strings.Join(words, ", ")
}

// followLog adds each line of the log when it is seen, which is at most a millisecond after it was written.
func (t *tracer) followLog(path string) (stop func()) {
	file, err := os.Open(path)
	if err != nil {
		return func() {}
	}
	file.Seek(0, io.SeekEnd)
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		defer file.Close()
		reader := bufio.NewReader(file)
		line := ""
		for {
			part, err := reader.ReadString('\n')
			line += part
			if err == nil {
				t.add(time.Now(), "log:   %s", strings.TrimSpace(line))
				line = ""
				continue
			}
			select {
			case <-done:
				return
			case <-time.After(time.Millisecond):
			}
		}
	}()
	return func() { close(done); <-ended }
}

func (t *tracer) print(start time.Time) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	slices.SortStableFunc(t.steps, func(a, b step) int { return a.when.Compare(b.when) })
	fmt.Printf("%10s %10s\n", "ms", "since last")
	last := start
	for _, s := range t.steps {
		if s.when.Before(start) {
			continue
		}
		fmt.Printf("%10.1f %10.1f  %s\n", measure.Milliseconds(start, s.when), measure.Milliseconds(last, s.when), s.text)
		last = s.when
	}
}
