// SPDX-License-Identifier: Apache-2.0

package main

import (
	"time"

	"oarsman.dev/tests/measure"
)

// times of short pods, in milliseconds.
type times struct{ first, ended, gone []float64 }

// begin takes a pod that ends by itself from its binding to its end.
func (n *node) begin(s spec, t *times) (name string, err error) {
	name = n.bind(s)
	start, _ := n.lives.wait(name, bound, patience)
	end, err := n.lives.wait(name, ended, patience)
	if err != nil {
		return name, err
	}
	first, err := n.firstWord(name)
	t.first = append(t.first, measure.Milliseconds(start, first))
	t.ended = append(t.ended, measure.Milliseconds(start, end))
	return name, err
}

// shorts begins each pod when the one before it has ended, and removes them afterwards.
func (n *node) shorts(s spec, count int, pause time.Duration) (t times, err error) {
	var names []string
	for range count {
		time.Sleep(pause)
		name, err := n.begin(s, &t)
		if err != nil {
			return t, err
		}
		names = append(names, name)
	}
	for _, name := range names {
		away, err := n.end(name)
		if err != nil {
			return t, err
		}
		t.gone = append(t.gone, float64(away.Microseconds())/1000)
	}
	return t, nil
}

// measureBound: how long a pod takes from its binding to its guest's first instruction, which writes a line.
func (n *node) measureBound() error {
	head("milliseconds")
	for _, image := range n.images {
		s := spec{image: image.reference, once: true}
		if _, err := n.shorts(s, 3, 0); err != nil { // compiled, and everything touched
			return err
		}
		together, err := n.shorts(s, n.samples, 0)
		if err != nil {
			return err
		}
		alone, err := n.shorts(s, n.lone, time.Second)
		if err != nil {
			return err
		}
		row(image.name+": bound -> first instruction, back to back", together.first, budget{most: image.budget})
		row(image.name+": bound -> first instruction, lone", alone.first, budget{})
		row(image.name+": bound -> Succeeded sent, back to back", together.ended, budget{})
		row(image.name+": bound -> Succeeded sent, lone", alone.ended, budget{})
	}
	return nil
}

// measureCold: the same where each image is one that nobody has run before.
func (n *node) measureCold() error {
	var t times
	for _, image := range n.images {
		if _, err := n.begin(spec{image: image.reference, once: true}, &t); err != nil {
			return err
		}
	}
	head("milliseconds")
	row("bound -> first instruction, compiled for it", t.first, budget{most: n.images[0].budget})
	return nil
}
