// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"

	"oarsman.dev/tests/measure"
)

// measureTasks: pods that end at once, so many of them in flight all the time, each until nothing is left of it.
func (b *bench) measureTasks() (*tasks, error) {
	var (
		mutex       sync.Mutex
		failures    []error
		ends, gones []float64
		workers     sync.WaitGroup
	)
	names := make(chan string)
	begin := time.Now()
	for range b.inflight {
		workers.Go(func() {
			for name := range names {
				end, away, err := b.task(name)
				mutex.Lock()
				if err != nil {
					failures = append(failures, err)
				}
				ends, gones = append(ends, end), append(gones, away)
				mutex.Unlock()
			}
		})
	}
	for range b.tasks {
		names <- b.nextName()
	}
	close(names)
	workers.Wait()
	if err := errors.Join(failures...); err != nil {
		return nil, err
	}
	return &tasks{InFlight: b.inflight, PerSecond: float64(b.tasks) / time.Since(begin).Seconds(),
		Ended: measure.DistributionOf(ends), Gone: measure.DistributionOf(gones)}, nil
}

func (b *bench) task(name string) (end, away float64, err error) {
	start, err := b.create(name, kind{image: b.taskImage, command: b.taskCommand, once: true})
	if err != nil {
		return 0, 0, err
	}
	moment, err := b.watch.wait(name, ended, b.timeout)
	if err != nil {
		return 0, 0, err
	}
	end = measure.Milliseconds(start, moment)
	if start, err = b.remove(name); err != nil {
		return 0, 0, err
	}
	moment, err = b.watch.wait(name, gone, b.timeout)
	return end, measure.Milliseconds(start, moment), err
}

// measureAnswers: how long until a pod that serves HTTP has answered somebody who asks its address all the time.
func (b *bench) measureAnswers() (*measure.Distribution, error) {
	var samples []float64
	for range b.pods + 1 {
		time.Sleep(time.Duration(rand.Int64N(int64(time.Second))))
		took, err := b.answer()
		if err != nil {
			return nil, err
		}
		samples = append(samples, took)
	}
	d := measure.DistributionOf(samples[1:]) // the image was pulled for the first
	return &d, nil
}

func (b *bench) answer() (float64, error) {
	name := b.nextName()
	start, err := b.create(name, kind{image: b.httpImage, command: b.httpCommand})
	if err != nil {
		return 0, err
	}
	for address := ""; ; {
		if time.Since(start) > b.timeout {
			return 0, fmt.Errorf("pod %s does not answer", name)
		}
		if address == "" {
			address = b.watch.address(name)
			time.Sleep(200 * time.Microsecond)
			continue
		}
		if asked("http://" + address + ":8080/") {
			break
		}
		time.Sleep(time.Millisecond)
	}
	took := measure.Milliseconds(start, time.Now())
	if _, err := b.remove(name); err != nil {
		return 0, err
	}
	_, err = b.watch.wait(name, gone, b.timeout)
	return took, err
}

// asked: any answer is one.
func asked(url string) bool {
	client := http.Client{Timeout: time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	answer, err := client.Get(url)
	if err != nil {
		return false
	}
	io.Copy(io.Discard, answer.Body)
	answer.Body.Close()
	return true
}
