// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"sync"
	"time"

	"oarsman.dev/tests/measure"
)

// measureTasks: pods that end at once, a number of them in flight all the time. A task is in flight from its binding until
// nothing is left of it, so that nothing piles up.
func (n *node) measureTasks() error {
	s := spec{image: n.images[0].reference, once: true}
	if _, err := n.shorts(s, 3, 0); err != nil {
		return err
	}
	n.server.requests.take()
	var (
		mutex  sync.Mutex
		result times
		failed error
		work   sync.WaitGroup
	)
	todo := make(chan int)
	start, cpu := time.Now(), nodeCPU(n.cgroup)
	for range n.inflight {
		work.Go(func() {
			for range todo {
				one, err := n.task(s, &mutex)
				mutex.Lock()
				if err != nil {
					failed = err
				} else {
					result.ended = append(result.ended, one.ended...)
					result.gone = append(result.gone, one.gone...)
				}
				mutex.Unlock()
			}
		})
	}
	for i := range n.samples {
		todo <- i
	}
	close(todo)
	work.Wait()
	elapsed, used := time.Since(start), nodeCPU(n.cgroup)-cpu
	if failed != nil {
		return failed
	}
	head(fmt.Sprintf("%d tasks, %d in flight%s", n.samples, n.inflight, n.note))
	figure("tasks a second, from binding until nothing is left", float64(n.samples)/elapsed.Seconds(), budget{least: n.images[0].budget})
	row("bound -> Succeeded sent, ms", result.ended, budget{})
	row("deleted -> gone, ms", result.gone, budget{})
	figure("CPU of all of the node, ms a task", used.Seconds()*1000/float64(n.samples), budget{})
	fmt.Printf("requests: %s\n", n.server.requests.take())
	return nil
}

// task: binding is counted by one at a time, as bind() gives names.
func (n *node) task(s spec, mutex *sync.Mutex) (t times, err error) {
	mutex.Lock()
	name := n.bind(s)
	mutex.Unlock()
	start, _ := n.lives.wait(name, bound, patience)
	end, err := n.lives.wait(name, ended, patience)
	if err != nil {
		return t, err
	}
	away, err := n.end(name)
	t.ended = append(t.ended, measure.Milliseconds(start, end))
	t.gone = append(t.gone, float64(away.Microseconds())/1000)
	return t, err
}
