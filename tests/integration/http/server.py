#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A small HTTP/1.1 server for test_http: prints its port, then answers until its standard input ends.

  server.py                  plain
  server.py DIR [--client]   TLS; DIR gets ca.crt, server.crt (for server.test and 127.0.0.1), client.crt and their
                             keys. --client: a client certificate is required

  /text               "hello"
  /echo               what arrived, as text
  /status/N           status N with a small body
  /bytes/N            N bytes, with their length
  /drip               one byte every 50 ms, without end
  /hang               the head, then nothing
  /mute               nothing at all
  /to?URL             302 to URL
  /headers            a header twice
"""
import http.server
import os
import ssl
import subprocess
import sys
import threading
import time


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def answer(self, status, body, headers=()):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def stream(self, first, pause):
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.wfile.flush()
        while True:
            if first:
                self.wfile.write(b"1\r\nx\r\n")
                self.wfile.flush()
            time.sleep(pause)

    def any(self):
        path, _, query = self.path.partition("?")
        parts = path.split("/")
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length) if length else b""
        if path == "/text":
            self.answer(200, b"hello")
        elif path == "/echo":
            lines = [f"{self.command} {self.path} {self.request_version}"]
            lines += [f"from: {self.client_address[1]}"]
            lines += [f"{k}: {v}" for k, v in self.headers.items()]
            if isinstance(self.connection, ssl.SSLSocket) and self.connection.getpeercert():
                lines.append(f"peer: {self.connection.getpeercert()['subject']}")
            self.answer(200, ("\n".join(lines) + "\n\n").encode() + body)
        elif parts[1] == "status":
            self.answer(int(parts[2]), b"no" if int(parts[2]) != 204 else b"")
        elif parts[1] == "bytes":
            self.answer(200, b"b" * int(parts[2]))
        elif path == "/drip":
            self.stream(True, 0.05)
        elif path == "/hang":
            self.stream(False, 1000)
        elif path == "/mute":
            time.sleep(1000)
        elif path == "/to":
            self.answer(302, b"elsewhere", [("Location", query)])
        elif path == "/headers":
            self.answer(200, b"", [("X-Many", "one"), ("X-Many", "two"), ("Retry-After", "7")])
        else:
            self.answer(404, b"nothing here")

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = any


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        pass


def certificate(folder, name, subject, extension, signed):
    """name.crt and name.key; signed by ca unless it is the ca itself."""
    path = os.path.join(folder, name)
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
               "-days", "2", "-subj", subject, "-addext", extension, "-keyout", path + ".key", "-out", path + ".crt"]
    if signed:
        ca = os.path.join(folder, "ca")
        command += ["-CA", ca + ".crt", "-CAkey", ca + ".key", "-addext", "basicConstraints=critical,CA:FALSE"]
    subprocess.run(command, check=True, capture_output=True)


def certificates(folder):
    certificate(folder, "ca", "/CN=test authority", "keyUsage=critical,keyCertSign", False)
    certificate(folder, "server", "/CN=server", "subjectAltName=DNS:server.test,IP:127.0.0.1", True)
    certificate(folder, "client", "/CN=system:node:n1/O=system:nodes", "extendedKeyUsage=clientAuth", True)


def main():
    server = Server(("127.0.0.1", 0), Handler)
    if len(sys.argv) > 1:
        folder = sys.argv[1]
        certificates(folder)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder + "/server.crt", folder + "/server.key")
        if "--client" in sys.argv:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(folder + "/ca.crt")
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(server.server_address[1], flush=True)
    sys.stdin.read()


main()
