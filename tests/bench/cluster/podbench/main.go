// SPDX-License-Identifier: Apache-2.0

// Command podbench measures what a node does with pods, as seen from outside:
// through a watch of the API server and through /proc. It knows nothing about
// the node's programs, so that the same measurements fit any of them.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"strings"
	"time"

	"oarsman.dev/tests/measure"
)

const help = `usage: podbench measure [FLAG...]      measures one node; prints a table, and JSON with -json FILE
       podbench trace [FLAG...]        one pod's start, step by step
       podbench compare [-wasm] THEIRS OURS  two JSON files: ratios, and the budgets they must keep
       podbench idle [-for 60s]        waits until the machine has nothing else to do

podbench measure -h lists the flags.
`

// words are a flag.
type words []string

func (w *words) String() string { return strings.Join(*w, " ") }

func (w *words) Set(text string) error {
	*w = strings.Fields(text)
	return nil
}

// options are what measure and trace are told.
type options struct {
	server, pki, node, image string
	netns, agent, workload   string
	name, json, log, steps   string
	command                  words
	taskImage, httpImage     string
	taskCommand, httpCommand words
	pods, full               int
	tasks, inflight          int
	idle, timeout            time.Duration
	exclude                  measure.PIDList
}

func (o *options) flags(command string) *flag.FlagSet {
	f := flag.NewFlagSet(command, flag.ExitOnError)
	f.StringVar(&o.server, "server", "https://127.0.0.1:6443", "the API server")
	f.StringVar(&o.pki, "pki", "", "folder with ca.crt, admin.crt, admin.key")
	f.StringVar(&o.node, "node", "", "the node to measure")
	f.StringVar(&o.image, "image", "127.0.0.1:5000/busybox:1", "the image of most pods")
	o.command = words{"/bin/sh", "-c", "trap 'exit 0' TERM; sleep 1000000 & wait"}
	f.Var(&o.command, "command", "its command, which runs until SIGTERM: words between blanks; empty: the image's own")
	f.StringVar(&o.taskImage, "task-image", "127.0.0.1:5000/busybox:1", "step tasks: an image")
	o.taskCommand = words{"true"}
	f.Var(&o.taskCommand, "task-command", "its command, which ends at once")
	f.StringVar(&o.httpImage, "http-image", "127.0.0.1:5000/busybox:1", "step http: an image")
	o.httpCommand = words{"httpd", "-f", "-p", "8080"}
	f.Var(&o.httpCommand, "http-command", "its command, which answers requests at port 8080")
	f.IntVar(&o.tasks, "tasks", 200, "pods of the step tasks")
	f.IntVar(&o.inflight, "inflight", 16, "so many of them at once")
	f.StringVar(&o.netns, "netns", "", "network namespace of the node's programs, to find them by")
	f.Var(&o.exclude, "exclude", "pids in that namespace that are not the node's (comma-separated)")
	f.StringVar(&o.agent, "agent", "", "name of the agent's process")
	f.StringVar(&o.workload, "workload", "sh,sleep", "names of the containers' own processes, which are not the node's cost")
	f.StringVar(&o.name, "name", "", "what to call it in the output")
	f.StringVar(&o.json, "json", "", "file for the results")
	f.StringVar(&o.log, "log", "", "trace: the agent's log, shown between the steps")
	f.StringVar(&o.steps, "steps", "idle,bare,ordinary,burst10,full", "what to measure; also tasks, http")
	f.IntVar(&o.pods, "n", 20, "pods created one by one")
	f.IntVar(&o.full, "full", 50, "pods of the step full")
	f.DurationVar(&o.idle, "idle", 60*time.Second, "how long CPU time is counted")
	f.DurationVar(&o.timeout, "timeout", 2*time.Minute, "how long a pod may take for anything")
	return f
}

func main() {
	command, arguments := "", []string(nil)
	if len(os.Args) > 1 {
		command, arguments = os.Args[1], os.Args[2:]
	}
	var o options
	var err error
	switch command {
	case "measure":
		o.flags(command).Parse(arguments)
		err = measureAll(&o)
	case "trace":
		o.flags(command).Parse(arguments)
		err = trace(&o)
	case "compare":
		err = compareFiles(arguments)
	case "idle":
		f := flag.NewFlagSet(command, flag.ExitOnError)
		patience := f.Duration("for", 60*time.Second, "how long to wait for it")
		f.Parse(arguments)
		err = measure.WaitUntilIdle(*patience)
	default:
		fmt.Fprint(os.Stderr, help)
		os.Exit(2)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "podbench:", err)
		os.Exit(1)
	}
}

func measureAll(o *options) error {
	b, err := newBench(o)
	if err != nil {
		return err
	}
	defer b.cleanUp()
	if err := b.warmUp(); err != nil {
		return err
	}
	for _, step := range strings.Split(o.steps, ",") {
		if err := b.step(step); err != nil {
			return fmt.Errorf("%s: %w", step, err)
		}
	}
	b.result.print(os.Stdout)
	if o.json == "" {
		return nil
	}
	text, err := json.MarshalIndent(b.result, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(o.json, append(text, '\n'), 0o644)
}
