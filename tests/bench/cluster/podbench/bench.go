// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"

	"oarsman.dev/tests/measure"
)

// creators is how many requests are under way at once in a burst.
const creators = 8

// settle is how long a node may still be busy after it has done what was asked.
const settle = 10 * time.Second

// bench is one node under measurement.
type bench struct {
	*options
	api    *api
	run    string // the label of its pods
	watch  *watcher
	count  int
	result *result
}

func newBench(o *options) (*bench, error) {
	a, err := newAPI(o.server, o.pki)
	if err != nil {
		return nil, err
	}
	b := &bench{options: o, api: a, run: fmt.Sprintf("run-%d", time.Now().UnixMilli())}
	b.result = newResult(o)
	b.watch, err = a.watch(b.run, nil, func(err error) {
		progress("%v", err)
		os.Exit(1) // whatever is going on, it will see nothing of it
	})
	return b, err
}

func progress(format string, arguments ...any) {
	fmt.Fprintf(os.Stderr, "podbench: "+format+"\n", arguments...)
}

func (b *bench) nextName() string {
	b.count++
	return fmt.Sprintf("%s-%d", b.run, b.count)
}

// create and remove return the moment just before the request.
func (b *bench) create(name string, k kind) (time.Time, error) {
	manifest := podManifest(b.options, name, b.run, k)
	start := time.Now()
	return start, b.api.do("POST", podsPath, manifest, nil)
}

func (b *bench) remove(name string) (time.Time, error) {
	start := time.Now()
	return start, b.api.do("DELETE", podsPath+"/"+name, nil, nil)
}

// cleanUp removes what an error or an interruption has left.
func (b *bench) cleanUp() {
	path := podsPath + "?gracePeriodSeconds=0&labelSelector=" + url.QueryEscape("podbench="+b.run)
	if err := b.api.do("DELETE", path, nil, nil); err != nil {
		progress("clean-up: %v", err)
	}
}

// warmUp has the image pulled and everything touched once.
func (b *bench) warmUp() error {
	progress("%s: warming up", b.name)
	for range 2 {
		if _, err := b.life(true); err != nil {
			return fmt.Errorf("warming up: %w", err)
		}
	}
	return nil
}

func (b *bench) step(step string) (err error) {
	progress("%s: %s", b.name, step)
	switch step {
	case "idle":
		time.Sleep(settle)
		b.result.Idle, err = b.measureUsage()
	case "bare":
		b.result.Bare, err = b.oneByOne(false)
	case "ordinary":
		b.result.Ordinary, err = b.oneByOne(true)
	case "burst10":
		b.result.Burst10, err = b.burst(10, nil)
	case "full":
		b.result.Burst50, err = b.burst(b.full, func() (err error) {
			time.Sleep(settle)
			b.result.Full, err = b.measureUsage()
			return err
		})
	case "tasks":
		b.result.Tasks, err = b.measureTasks()
	case "http":
		b.result.Answer, err = b.measureAnswers()
	default:
		err = errors.New("there is no such step")
	}
	return err
}

// life takes one pod from its creation to its end; the times are milliseconds.
func (b *bench) life(token bool) (times [states]float64, err error) {
	name := b.nextName()
	start, err := b.create(name, b.pod(token))
	if err != nil {
		return times, err
	}
	for s := range ended {
		moment, err := b.watch.wait(name, s, b.timeout)
		if err != nil {
			return times, err
		}
		times[s] = measure.Milliseconds(start, moment)
	}
	time.Sleep(500 * time.Millisecond)
	if start, err = b.remove(name); err != nil {
		return times, err
	}
	moment, err := b.watch.wait(name, gone, b.timeout)
	times[gone] = measure.Milliseconds(start, moment)
	return times, err
}

// oneByOne begins each life at a random moment of a second, as whatever happens
// once a second in a node must not always come at the same time.
func (b *bench) oneByOne(token bool) (*lives, error) {
	var samples [states][]float64
	for range b.pods {
		time.Sleep(time.Duration(rand.Int64N(int64(time.Second))))
		times, err := b.life(token)
		if err != nil {
			return nil, err
		}
		for s := range states {
			samples[s] = append(samples[s], times[s])
		}
	}
	return &lives{
		Bound: measure.DistributionOf(samples[bound]), Running: measure.DistributionOf(samples[running]),
		Ready: measure.DistributionOf(samples[ready]), Gone: measure.DistributionOf(samples[gone]),
	}, nil
}

// burst creates pods as fast as they are taken, and removes them in the same way.
func (b *bench) burst(n int, meanwhile func() error) (*burst, error) {
	names := make([]string, n)
	for i := range names {
		names[i] = b.nextName()
	}
	r := &burst{Pods: n}
	var err error
	before := measure.MachineCPU()
	create := func(name string) (time.Time, error) { return b.create(name, b.pod(false)) }
	if r.Ready, r.AllReady, err = b.inParallel(names, create, ready); err != nil {
		return nil, err
	}
	r.StartCPU = (measure.MachineCPU() - before).Seconds()
	if meanwhile != nil {
		if err := meanwhile(); err != nil {
			return nil, err
		}
	}
	r.Gone, r.AllGone, err = b.inParallel(names, b.remove, gone)
	return r, err
}

// inParallel requests something for all pods and waits until all have arrived in a state.
func (b *bench) inParallel(names []string, request func(string) (time.Time, error), s state) (d measure.Distribution, all float64, err error) {
	starts := make([]time.Time, len(names))
	failures := make([]error, len(names))
	work := make(chan int)
	var workers sync.WaitGroup
	begin := time.Now()
	for range creators {
		workers.Go(func() {
			for i := range work {
				starts[i], failures[i] = request(names[i])
			}
		})
	}
	for i := range names {
		work <- i
	}
	close(work)
	workers.Wait()
	if err := errors.Join(failures...); err != nil {
		return d, 0, err
	}
	var samples []float64
	for i, name := range names {
		moment, err := b.watch.wait(name, s, b.timeout)
		if err != nil {
			return d, 0, err
		}
		samples = append(samples, measure.Milliseconds(starts[i], moment))
		all = max(all, measure.Milliseconds(begin, moment))
	}
	return measure.DistributionOf(samples), all, nil
}

// measureUsage looks at the node's programs twice.
func (b *bench) measureUsage() (*usage, error) {
	first, err := measure.FindProcesses(b.netns, b.exclude)
	if err != nil {
		return nil, err
	}
	start, machine := time.Now(), measure.MachineCPU()
	time.Sleep(b.idle)
	second, err := measure.FindProcesses(b.netns, b.exclude)
	if err != nil {
		return nil, err
	}
	elapsed := time.Since(start)
	return usageOf(first, second, elapsed, measure.MachineCPU()-machine, b.agent, strings.Split(b.workload, ",")), nil
}
