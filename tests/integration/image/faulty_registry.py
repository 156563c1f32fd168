# SPDX-License-Identifier: Apache-2.0
"""A registry that misbehaves as it is told: what real ones do on bad days, at will.

Faults are looked up by the digest (or the tag) that is asked for; each is a
function that is given the request and the content, and answers it.
"""

import http.server
import threading
import urllib.parse


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def do_GET(self):
        registry = self.server.registry
        path = urllib.parse.urlsplit(self.path).path
        with registry.lock:
            registry.requests.append((path, dict(self.headers)))
        if path.startswith("/elsewhere/"):
            self.send(200, registry.blobs.content[path.removeprefix("/elsewhere/")])
            return
        kind, name = path.split("/")[-2:]
        digest = registry.tags.get(name, name)
        content = registry.blobs.content.get(digest)
        if name in registry.faults:
            registry.faults[name](self, content)
        elif content is None:
            self.send(404, b'{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown"}]}')
        else:
            self.serve(content)

    def serve(self, content):
        first = self.first_byte()
        if first:
            self.send(206, content[first:], {"Content-Range": f"bytes {first}-{len(content) - 1}/{len(content)}"})
        else:
            self.send(200, content)

    def first_byte(self):
        return int(self.headers.get("Range", "bytes=0-").removeprefix("bytes=").partition("-")[0])

    def send(self, status, body, headers=None, claimed=None):
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body) if claimed is None else claimed))
        self.end_headers()
        try:
            self.wfile.write(body)
        except OSError:
            self.close_connection = True


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        """Clients that hang up are what this is for."""


class FaultyRegistry:
    def __init__(self, blobs, address="127.0.0.1"):
        self.blobs, self.tags, self.faults, self.requests = blobs, {}, {}, []
        self.lock = threading.Lock()
        self.released = threading.Event()  # ends what hangs
        self.server = Server((address, 0), Handler)
        self.server.registry = self
        self.address = f"{address}:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def asked_for(self, part):
        with self.lock:
            return [headers for path, headers in self.requests if part in path]

    def close(self):
        self.released.set()
        self.server.shutdown()
        self.server.server_close()

    # ---- faults

    def cut_after(self, size, times=1, ranges=True):
        """The connection breaks after SIZE bytes, TIMES times."""
        left = [times]

        def fault(request, content):
            first = request.first_byte() if ranges else 0
            rest = content[first:]
            if left[0] == 0:
                request.serve(content) if ranges else request.send(200, content)
                return
            left[0] -= 1
            status, headers = (206, {"Content-Range": f"bytes {first}-/*"}) if first else (200, {})
            request.send(status, rest[:size], headers, claimed=len(rest))
            request.close_connection = True
        return fault

    def redirect_to(self, other):
        def fault(request, content):
            digest = request.path.rpartition("/")[2]
            request.send(307, b"", {"Location": f"http://{other.address}/elsewhere/{digest}"})
        return fault

    def hang_after(self, size):
        def fault(request, content):
            request.send(200, content[:size], claimed=len(content))
            request.wfile.flush()
            self.released.wait()
            request.close_connection = True
        return fault

    @staticmethod
    def answer(status, body, headers=None):
        def fault(request, content):
            request.send(status, body, headers)
        return fault
