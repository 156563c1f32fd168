#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What a real API server does not do on demand: prints its port, then answers until its standard input ends.

Nodes by name (GET /api/v1/nodes/NAME):
  busy      429 with Retry-After: 1, twice; then the node
  swamped   429 with Retry-After: 30, always
  retry     503 with Retry-After: 0 once, then the node
  down      503, always
  gateway   502 with a page of HTML
  garbage   200, not JSON
  cut       200, half of it
  expired   401, a Status
  mute      nothing
ConfigMaps by namespace (list and watch):
  gone      the first watch ends in an ERROR 410; the second list has changed
  garbled   the first watch is nonsense; the second list has changed
  bookmark  the first watch sends a bookmark of version 77 and ends; the second must start there, and then adds one
  pages     the second page has expired the first time
  refused   403 for half a second, then a list
/asked/NAMESPACE: the queries so far, a line each.
"""
import collections
import http.server
import json
import sys
import threading
import time
import urllib.parse

asked = collections.defaultdict(list)
seen = collections.Counter()
started = {}


def config_map(namespace, name, version):
    return {"metadata": {"namespace": namespace, "name": name, "uid": "u-" + name, "resourceVersion": str(version)}}


def status(code, reason, message):
    return {"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": code, "reason": reason,
            "message": message}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def answer(self, code, body, headers=(), cut=0):
        text = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(code)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(text) + cut))
        self.end_headers()
        self.wfile.write(text)
        if cut:
            self.close_connection = True

    def begin_stream(self):
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()

    def chunk(self, text):
        data = text if isinstance(text, bytes) else (json.dumps(text) + "\n").encode()
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
        self.wfile.flush()

    def end_stream(self):
        self.wfile.write(b"0\r\n\r\n")

    def node(self, name):
        seen[name] += 1
        good = {"kind": "Node", "apiVersion": "v1", "metadata": {"name": name}}
        if name == "busy" and seen[name] <= 2:
            self.answer(429, status(429, "TooManyRequests", "slow down"), [("Retry-After", "1")])
        elif name == "swamped":
            self.answer(429, status(429, "TooManyRequests", "slow down"), [("Retry-After", "30")])
        elif name == "retry" and seen[name] == 1:
            self.answer(503, b"", [("Retry-After", "0")])
        elif name == "down":
            self.answer(503, status(503, "ServiceUnavailable", "etcd is away"))
        elif name == "gateway":
            self.answer(502, b"<html>\n<h1>Bad Gateway</h1>\n</html>\n")
        elif name == "garbage":
            self.answer(200, b"{\"kind\": \"Node\", ]")
        elif name == "cut":
            self.answer(200, json.dumps(good).encode()[:20], cut=100)
        elif name == "mute":
            time.sleep(1000)
        elif name == "expired":
            self.answer(401, status(401, "Unauthorized", "Unauthorized"))
        else:
            self.answer(200, good)

    def list_items(self, namespace, names, version, more=None):
        self.answer(200, {"kind": "ConfigMapList", "apiVersion": "v1",
                          "metadata": {"resourceVersion": str(version), **({"continue": more} if more else {})},
                          "items": [config_map(namespace, n, version) for n in names]})

    def hang(self):
        self.begin_stream()
        time.sleep(1000)

    def config_maps(self, namespace, query):
        asked[namespace].append(" ".join(f"{k}={v}" for k, v in query.items() if k != "timeoutSeconds"))
        watch = "watch" in query
        seen[namespace, watch] += 1
        count = seen[namespace, watch]
        if namespace in ("gone", "garbled"):
            if not watch:
                self.list_items(namespace, ["a"] if count == 1 else ["b"], 4 + count)
            elif count > 1:
                self.hang()
            elif namespace == "gone":
                self.begin_stream()
                self.chunk({"type": "ERROR", "object": status(410, "Expired", "too old resource version")})
                time.sleep(1000)
            else:
                self.begin_stream()
                self.chunk(b"{\"type\":\"ADDED\",\"object\":[}\n")
                time.sleep(1000)
        elif namespace == "bookmark":
            if not watch:
                self.list_items(namespace, ["a"], 5)
            elif count == 1:
                self.begin_stream()
                self.chunk({"type": "BOOKMARK", "object": {"metadata": {"resourceVersion": "77"}}})
                self.end_stream()
            else:
                self.begin_stream()
                event = json.dumps({"type": "ADDED", "object": config_map(namespace, "b", 78)}) + "\n"
                for byte in event.encode(): # in the smallest pieces
                    self.chunk(bytes([byte]))
                self.chunk({"type": "ADDED", "object": config_map(namespace, "b", 78)})
                self.chunk({"type": "DELETED", "object": config_map(namespace, "a", 79)})
                time.sleep(1000)
        elif namespace == "pages":
            if watch:
                self.hang()
            elif "continue" not in query:
                self.list_items(namespace, ["a", "b"], 5, "next")
            elif seen["pages", "second"] == 0:
                seen["pages", "second"] += 1
                self.answer(410, status(410, "Expired", "the continue token has expired"))
            else:
                self.list_items(namespace, ["c"], 5)
        elif namespace == "refused":
            started.setdefault(namespace, time.time())
            if watch:
                self.hang()
            elif time.time() - started[namespace] < 0.5:
                self.answer(403, status(403, "Forbidden", "configmaps is forbidden"))
            else:
                self.list_items(namespace, ["a"], 5)

    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        parts = url.path.strip("/").split("/")
        query = dict(urllib.parse.parse_qsl(url.query))
        if parts[0] == "asked":
            self.answer(200, "\n".join(asked[parts[1]]).encode())
        elif parts[2] == "nodes":
            self.node(parts[3])
        else:
            self.config_maps(parts[3], query)


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def handle_error(self, request, client_address):
        pass


def main():
    server = Server(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(server.server_address[1], flush=True)
    sys.stdin.read()


main()
