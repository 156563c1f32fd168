// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

// server plays the API server for one node: what it is sent it keeps and tells whoever watches. It knows no kinds: a path
// that ends in a name is an object. Nobody is asked who they are.
type server struct {
	*store
	requests *counts
	onStatus func(name string, status object, when time.Time) // of a pod, when its patch has arrived whole
	onGone   func(name string, when time.Time)
}

// bookmarks keep a quiet watch alive, as the real one's do.
const bookmarks = 30 * time.Second

func (s *server) start(address string, a *authority) error {
	config, err := a.server()
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	web := &http.Server{Handler: s, TLSConfig: config}
	go web.ServeTLS(listener, "", "")
	return nil
}

// place is what a path means: a collection or an object in it, and perhaps a part of that.
type place struct{ collection, name, part string }

// parse understands /api/v1/… and /apis/GROUP/VERSION/…, with or without a namespace.
func parse(path string) (p place, ok bool) {
	words := strings.Split(strings.Trim(path, "/"), "/")
	root := 2
	if words[0] == "apis" {
		root = 3
	}
	if len(words) <= root {
		return p, false
	}
	if words[root] == "namespaces" && len(words) > root+2 {
		root += 2
	}
	p.collection = "/" + strings.Join(words[:root+1], "/") + "/"
	if rest := words[root+1:]; len(rest) > 0 {
		p.name = rest[0]
		p.part = strings.Join(rest[1:], "/")
	}
	return p, true
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p, ok := parse(r.URL.Path)
	if !ok {
		refuse(w, http.StatusNotFound, "NotFound")
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	s.requests.add(r.Method, p)
	switch r.Method {
	case http.MethodGet:
		s.read(w, r, p)
	case http.MethodPost:
		s.create(w, p, body)
	case http.MethodPut:
		s.replace(w, p, body)
	case http.MethodPatch:
		s.patch(w, p, body)
	case http.MethodDelete:
		s.delete(w, p)
	}
}

func (s *server) read(w http.ResponseWriter, r *http.Request, p place) {
	switch {
	case r.URL.Query().Get("watch") != "":
		s.stream(w, r, p)
	case p.name == "":
		answer(w, http.StatusOK, s.list(everywhere(p.collection), "List", "v1"))
	default:
		answer(w, http.StatusOK, s.get(p.collection+p.name))
	}
}

// everywhere: a list of pods without a namespace is one of all namespaces, and there is but one.
func everywhere(collection string) string {
	if collection == "/api/v1/pods/" {
		return podsPath
	}
	return collection
}

func (s *server) stream(w http.ResponseWriter, r *http.Request, p place) {
	follow := s.follow(everywhere(p.collection))
	defer s.unfollow(follow)
	w.Header().Set("Content-Type", "application/json")
	flusher := w.(http.Flusher)
	flusher.Flush()
	tick := time.NewTicker(bookmarks)
	defer tick.Stop()
	for {
		select {
		case c, more := <-follow.pending:
			if !more {
				return
			}
			w.Write(c.text)
		case <-tick.C:
			fmt.Fprint(w, s.bookmark())
		case <-r.Context().Done():
			return
		}
		if len(follow.pending) == 0 {
			flusher.Flush()
		}
	}
}

func (s *server) bookmark() string {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return fmt.Sprintf(`{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"%d"}}}`+"\n", s.version)
}

func (s *server) create(w http.ResponseWriter, p place, body []byte) {
	o, ok := decode(w, body)
	if !ok {
		return
	}
	name, _ := metadata(o)["name"].(string)
	if strings.HasSuffix(p.collection, "/events/") {
		answer(w, http.StatusCreated, body) // taken, and forgotten
		return
	}
	answer(w, http.StatusCreated, s.put(p.collection+name, o))
}

func (s *server) replace(w http.ResponseWriter, p place, body []byte) {
	if o, ok := decode(w, body); ok {
		answer(w, http.StatusOK, s.put(p.collection+p.name, o))
	}
}

func (s *server) patch(w http.ResponseWriter, p place, body []byte) {
	patch, ok := decode(w, body)
	if !ok {
		return
	}
	if strings.HasSuffix(p.collection, "/events/") {
		answer(w, http.StatusOK, body)
		return
	}
	when := time.Now()
	text := s.change(p.collection+p.name, func(o object) { merge(o, patch) })
	answer(w, http.StatusOK, text)
	if status, _ := patch["status"].(object); status != nil && p.collection == podsPath && s.onStatus != nil {
		s.onStatus(p.name, status, when)
	}
}

func (s *server) delete(w http.ResponseWriter, p place) {
	when := time.Now()
	if !s.remove(p.collection + p.name) {
		answer(w, http.StatusOK, nil)
		return
	}
	answer(w, http.StatusOK, []byte(`{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Success"}`))
	if p.collection == podsPath && s.onGone != nil {
		s.onGone(p.name, when)
	}
}

func decode(w http.ResponseWriter, body []byte) (o object, ok bool) {
	if err := json.Unmarshal(body, &o); err != nil {
		refuse(w, http.StatusBadRequest, "BadRequest")
		return nil, false
	}
	return o, true
}

// answer sends text; none means that there is no such object.
func answer(w http.ResponseWriter, code int, text []byte) {
	if text == nil {
		refuse(w, http.StatusNotFound, "NotFound")
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	w.Write(text)
}

func refuse(w http.ResponseWriter, code int, reason string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	fmt.Fprintf(w, `{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","reason":%q,"code":%d}`, reason, code)
}
