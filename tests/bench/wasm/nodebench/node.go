// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

const (
	podsPath  = "/api/v1/namespaces/default/pods/"
	nodesPath = "/api/v1/nodes/"
)

// node is what the pods are bound to, as its control plane sees it, and where it keeps logs.
type node struct {
	*options
	server *server
	lives  *lives
	count  int
}

// patience is how long anything may take.
const patience = 60 * time.Second

// spec is what distinguishes the pods here.
type spec struct {
	image string
	args  []string
	once  bool // never restarted
	bare  bool // in the node's own network
}

func (s spec) manifest(node, name string) object {
	container := object{
		"name": "main", "image": s.image, "imagePullPolicy": "IfNotPresent", "resources": object{},
		"terminationMessagePath": "/dev/termination-log", "terminationMessagePolicy": "File",
	}
	if s.args != nil {
		container["args"] = s.args
	}
	policy := "Always"
	if s.once {
		policy = "Never"
	}
	return object{
		"apiVersion": "v1", "kind": "Pod",
		"metadata": object{"name": name, "namespace": "default", "generation": 1},
		"spec": object{
			"hostNetwork": s.bare,
			"nodeName":    node, "containers": []any{container}, "restartPolicy": policy, "dnsPolicy": "Default",
			"terminationGracePeriodSeconds": 5, "automountServiceAccountToken": false, "enableServiceLinks": false,
			"serviceAccountName": "default", "schedulerName": "default-scheduler", "securityContext": object{},
			"tolerations": []any{object{"operator": "Exists"}},
		},
		"status": object{"phase": "Pending", "qosClass": "BestEffort"},
	}
}

// bind makes a pod that is bound already, and tells the node of it.
func (n *node) bind(s spec) string {
	n.count++
	name := fmt.Sprintf("pod-%d", n.count)
	manifest := s.manifest(n.node, name)
	n.lives.mark(name, bound, time.Now(), "Pending", "")
	n.server.put(podsPath+name, manifest)
	return name
}

// remove is a delete by a user: the node is told, and deletes the object when nothing is left of the pod.
func (n *node) remove(name string) time.Time {
	start := time.Now()
	n.server.change(podsPath+name, func(o object) {
		m := metadata(o)
		m["deletionTimestamp"] = time.Now().UTC().Add(5 * time.Second).Format(time.RFC3339)
		m["deletionGracePeriodSeconds"] = 5
	})
	return start
}

// end waits for what remove has asked for, and returns how long that took.
func (n *node) end(name string) (time.Duration, error) {
	start := n.remove(name)
	when, err := n.lives.wait(name, gone, patience)
	n.lives.forget(name)
	return when.Sub(start), err
}

func (n *node) uid(name string) string {
	var o struct{ Metadata struct{ UID string } }
	json.Unmarshal(n.server.get(podsPath+name), &o)
	return o.Metadata.UID
}

// firstWord is when the container's first line was read by its supervisor, which stamps it.
func (n *node) firstWord(name string) (time.Time, error) {
	path := filepath.Join(n.logs, fmt.Sprintf("default_%s_%s", name, n.uid(name)), "main", "0.log")
	text, err := os.ReadFile(path)
	if err != nil {
		return time.Time{}, err
	}
	stamp, _, _ := bytes.Cut(text, []byte(" "))
	return time.Parse(time.RFC3339Nano, string(stamp))
}

// waitReady waits until the node has registered and says that it is ready.
func (n *node) waitReady() error {
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		var o struct {
			Status struct {
				Conditions []struct{ Type, Status string }
			}
		}
		json.Unmarshal(n.server.get(nodesPath+n.node), &o)
		for _, c := range o.Status.Conditions {
			if c.Type == "Ready" && c.Status == "True" {
				return nil
			}
		}
	}
	return fmt.Errorf("the node is not ready after %v", patience)
}
