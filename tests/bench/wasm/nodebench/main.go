// SPDX-License-Identifier: Apache-2.0

// Command nodebench plays the API server for one node that is really there, binds pods to it and measures what becomes of
// them. So what is measured is the node alone, over the connections and with the requests it always makes.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

const help = `usage: nodebench bound|cold|tasks|idle -dir DIR -image NAME=REFERENCE=BUDGET… [FLAG…]

It writes DIR/pki, DIR/node-NODE.kubeconfig and, when it serves, DIR/serving. It begins when there is a DIR/go and the
node is ready.
`

// image is a row of the results: what the guest is called, and what is promised for it.
type image struct {
	name, reference string
	budget          float64
}

type imageList []image

func (l *imageList) String() string { return fmt.Sprint(*l) }

func (l *imageList) Set(text string) error {
	words := strings.Split(text, "=")
	if len(words) != 3 {
		return fmt.Errorf("expected NAME=REFERENCE=BUDGET")
	}
	number, err := strconv.ParseFloat(words[2], 64)
	*l = append(*l, image{words[0], words[1], number})
	return err
}

type options struct {
	dir, node, address, logs string
	netns, cgroup, note      string
	images                   imageList
	samples, lone, inflight  int
	idle                     time.Duration
	bare                     bool
}

func (o *options) parse(arguments []string) {
	f := flag.NewFlagSet("nodebench", flag.ExitOnError)
	f.StringVar(&o.dir, "dir", "", "folder for certificates and the node's kubeconfig")
	f.StringVar(&o.node, "node", "n1", "name of the node")
	f.StringVar(&o.address, "address", "127.0.0.1", "address of the node")
	f.StringVar(&o.logs, "logs", "", "folder of the pods' logs")
	f.StringVar(&o.netns, "netns", "", "network namespace of the node's programs, to find them by")
	f.StringVar(&o.cgroup, "cgroup", "", "control group of the node")
	f.StringVar(&o.note, "note", "", "to stand in the title")
	f.Var(&o.images, "image", "NAME=REFERENCE=BUDGET; several are measured one after the other")
	f.IntVar(&o.samples, "n", 100, "pods")
	f.IntVar(&o.lone, "lone", 20, "bound: pods with a pause of a second before each")
	f.IntVar(&o.inflight, "inflight", 16, "pods on their way at once")
	f.BoolVar(&o.bare, "hostnetwork", false, "idle: pods in the node's own network")
	f.DurationVar(&o.idle, "idle", 30*time.Second, "idle: how long CPU time is counted")
	f.Parse(arguments)
}

func main() {
	if len(os.Args) < 2 {
		fmt.Fprint(os.Stderr, help)
		os.Exit(2)
	}
	o := &options{}
	o.parse(os.Args[2:])
	if err := run(os.Args[1], o); err != nil {
		fmt.Fprintln(os.Stderr, "nodebench:", err)
		os.Exit(1)
	}
}

func run(command string, o *options) error {
	n, err := serve(o)
	if err != nil {
		return err
	}
	for !exists(filepath.Join(o.dir, "go")) {
		time.Sleep(20 * time.Millisecond)
	}
	if err := n.waitReady(); err != nil {
		return err
	}
	switch command {
	case "bound":
		return n.measureBound()
	case "cold":
		return n.measureCold()
	case "tasks":
		return n.measureTasks()
	case "idle":
		return n.measureIdle()
	}
	return fmt.Errorf("there is no %q", command)
}

func serve(o *options) (*node, error) {
	const listen = "127.0.0.1:6443"
	a, err := newAuthority(filepath.Join(o.dir, "pki"))
	if err != nil {
		return nil, err
	}
	if err := a.all(o.node, o.address); err != nil {
		return nil, err
	}
	kubeconfig := filepath.Join(o.dir, "node-"+o.node+".kubeconfig")
	if err := a.kubeconfig(kubeconfig, o.node, "https://"+listen); err != nil {
		return nil, err
	}
	n := &node{options: o, lives: newLives()}
	n.server = &server{store: newStore(), requests: &counts{}, onStatus: n.lives.onStatus, onGone: n.lives.onGone}
	if err := n.server.start(listen, a); err != nil {
		return nil, err
	}
	return n, os.WriteFile(filepath.Join(o.dir, "serving"), nil, 0o644)
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
