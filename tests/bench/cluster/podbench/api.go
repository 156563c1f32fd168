// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
)

// object is JSON on its way to the API server.
type object = map[string]any

// api is the API server as the administrator sees it.
type api struct {
	server string
	tls    *tls.Config
	client *http.Client
}

func newAPI(server, pki string) (*api, error) {
	authority, err := os.ReadFile(filepath.Join(pki, "ca.crt"))
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(authority) {
		return nil, fmt.Errorf("%s/ca.crt holds no certificate", pki)
	}
	pair, err := tls.LoadX509KeyPair(filepath.Join(pki, "admin.crt"), filepath.Join(pki, "admin.key"))
	if err != nil {
		return nil, err
	}
	a := &api{server: server, tls: &tls.Config{RootCAs: pool, Certificates: []tls.Certificate{pair}}}
	a.client = a.connection()
	return a, nil
}

// connection is a client that shares no connection with any other.
func (a *api) connection() *http.Client {
	return &http.Client{Transport: &http.Transport{TLSClientConfig: a.tls.Clone(), ForceAttemptHTTP2: true}}
}

// apiError is an answer that is no success.
type apiError struct {
	code          int
	request, text string
}

func (e *apiError) Error() string { return fmt.Sprintf("%s: %d: %s", e.request, e.code, e.text) }

// do sends body, if there is any, and decodes the answer into out, if there is any.
func (a *api) do(method, path string, body, out any) error {
	var reader io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return err
		}
		reader = bytes.NewReader(text)
	}
	request, err := http.NewRequest(method, a.server+path, reader)
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	answer, err := a.client.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return err
	}
	if answer.StatusCode/100 != 2 {
		return &apiError{answer.StatusCode, method + " " + path, string(text)}
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(text, out)
}

// pod is as much of a Pod as is looked at.
type pod struct {
	Metadata struct{ Name, UID, ResourceVersion string }
	Spec     struct{ NodeName string }
	Status   struct {
		Phase             string
		PodIP             string
		Conditions        []struct{ Type, Status, Reason, Message string }
		ContainerStatuses []struct {
			State map[string]struct{ Reason, Message string }
		}
	}
}

func (p *pod) condition(kind string) string {
	for _, c := range p.Status.Conditions {
		if c.Type == kind {
			return c.Status
		}
	}
	return ""
}

// explain says in one line how far a pod has come.
func (p *pod) explain() string {
	text := "phase " + p.Status.Phase
	for _, c := range p.Status.Conditions {
		if c.Status != "True" && c.Reason != "" {
			text += fmt.Sprintf(", %s %s %s", c.Type, c.Reason, c.Message)
		}
	}
	for _, c := range p.Status.ContainerStatuses {
		for state, why := range c.State {
			text += fmt.Sprintf(", container %s %s %s", state, why.Reason, why.Message)
		}
	}
	return text
}

const podsPath = "/api/v1/namespaces/default/pods"

// kind is what distinguishes the pods that are measured.
type kind struct {
	image   string
	command words // none: the image's own
	token   bool
	once    bool
}

func (b *bench) pod(token bool) kind { return kind{b.image, b.command, token, false} }

// podManifest is a pod of one container that ends when it is told to, or by itself.
func podManifest(o *options, name, run string, k kind) object {
	container := object{"name": "main", "image": k.image, "imagePullPolicy": "IfNotPresent"}
	if len(k.command) > 0 {
		container["command"] = k.command
	}
	policy := "Always"
	if k.once {
		policy = "Never"
	}
	spec := object{
		"containers":                    []object{container},
		"restartPolicy":                 policy,
		"nodeSelector":                  object{"kubernetes.io/hostname": o.node},
		"tolerations":                   []object{{"operator": "Exists"}},
		"terminationGracePeriodSeconds": 1,
		"automountServiceAccountToken":  k.token,
		"enableServiceLinks":            k.token,
	}
	metadata := object{"name": name, "labels": object{"podbench": run}}
	return object{"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}
}
