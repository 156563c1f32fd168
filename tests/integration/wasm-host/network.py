# SPDX-License-Identifier: Apache-2.0
"""What a guest reaches over the network, and what an allow-list keeps it from."""

import http.server
import socket
import socketserver
import threading

import host
from host import Case, bind, write

GUESTS = ("core", "component")


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, address, family=socket.AF_INET):
        self.address_family = family
        self.seen, self.busy, self.most, self.lock = [], 0, 0, threading.Lock()
        self.gate = threading.Event()
        self.gate.set()
        super().__init__(address, Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        with self.server.lock:
            self.server.seen.append(self.path)
            self.server.busy += 1
            self.server.most = max(self.server.most, self.server.busy)
        self.server.gate.wait(10)
        self.send_response(200)
        self.send_header("Content-Length", "3")
        self.end_headers()
        self.wfile.write(b"hi\n")
        with self.server.lock:
            self.server.busy -= 1

    def log_message(self, *_):
        pass


class Net(Case):
    def server(self, port=0, family=socket.AF_INET):
        server = Server(("::1" if family == socket.AF_INET6 else "127.0.0.1", port), family)
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        return server, server.server_address[1]


class Outbound(Net):
    def fetch(self, url, code, words, **more):
        end = self.run_guest("fetch", url, **more)
        self.assertEqual(end.code, code, end)
        self.assertIn(words, end.out)

    def test_to_anybody_without_a_list(self):
        server, port = self.server()
        self.fetch(f"http://127.0.0.1:{port}/x", 0, "status 200")
        self.assertEqual(server.seen, ["/x"])

    def test_only_to_those_on_a_list(self):
        server, port = self.server()
        for hosts in (f"127.0.0.1:{port}", f'["http://127.0.0.1:{port}"]', "127.0.0.1", "*", "example.com, 127.0.0.1"):
            self.fetch(f"http://127.0.0.1:{port}/yes", 0, "status 200", allowed_hosts=hosts)
        for hosts in ("example.com", "*.example.com", f"127.0.0.1:{port + 1}", "http://127.0.0.1", "[]", "", "localhost"):
            self.fetch(f"http://127.0.0.1:{port}/no", 1, "error", allowed_hosts=hosts)
        self.assertNotIn("/no", server.seen)
        self.assertIn("is no host", self.refused_bundle(self.bundle("fetch", allowed_hosts="a b/c")))

    def test_by_name_and_by_the_other_family(self):
        hosts = [bind(write(f"{self.dir}/hosts", "127.0.0.1 server.test\n::1 six.test\n"), "/etc/hosts")]
        server, port = self.server()
        self.fetch(f"http://server.test:{port}/", 0, "status 200", mounts=hosts, allowed_hosts="SERVER.test")
        self.fetch(f"http://server.test:{port}/", 0, "status 200", mounts=hosts, allowed_hosts="*.test")
        self.fetch(f"http://server.test:{port}/no", 1, "error", mounts=hosts, allowed_hosts="test")
        six, port = self.server(family=socket.AF_INET6)
        self.fetch(f"http://[::1]:{port}/", 0, "status 200", allowed_hosts=f"[::1]:{port}")
        self.fetch(f"http://[::1]:{port}/", 0, "status 200", allowed_hosts="::1")
        self.fetch(f"http://[::1]:{port}/no", 1, "error", allowed_hosts="::2")
        self.fetch(f"http://six.test:{port}/", 0, "status 200", mounts=hosts)
        self.assertNotIn("/no", server.seen + six.seen)

    def test_tricks_of_spelling(self):
        server, port = self.server()
        for url in (f"http://allowed.test@127.0.0.1:{port}/no", f"http://127.0.0.1:{port}#@allowed.test/no",
                    f"http://127.1:{port}/no", f"http://2130706433:{port}/no", f"http://127.0.0.1.:{port}/no"):
            end = self.run_guest("fetch", url, allowed_hosts="allowed.test")
            self.assertNotEqual(end.code, 0, (url, end))
        self.assertEqual(server.seen, [])


class Sockets(Net):
    def test_listening_and_connecting(self):
        c = self.started("tcp", "serve", "7001", "2").says("listening on 7001")
        self.assertEqual(self.run_guest("tcp", "ask", "127.0.0.1", "7001", "hello there").out, "hello there\n")
        with socket.create_connection(("127.0.0.1", 7001)) as client:
            client.sendall(b"from outside")
            self.assertEqual(client.recv(100), b"from outside")
        self.assertEqual(c.wait().code, 0)

    def test_connecting_is_refused_where_a_list_is_set(self):
        server, port = self.server()
        end = self.run_guest("tcp", "ask", "127.0.0.1", str(port), "x", allowed_hosts=f"127.0.0.1:{port}")
        self.assertEqual(end.code, 1, end)
        self.assertIn("error", end.err)
        self.assertEqual(server.seen, [])
        c = self.started("tcp", "serve", "7002", "1", allowed_hosts="").says("listening on 7002")
        with socket.create_connection(("127.0.0.1", 7002)) as client:
            client.sendall(b"x")
            self.assertEqual(client.recv(100), b"x")
        self.assertEqual(c.wait().code, 0)

    def test_sockets_are_bounded_by_the_files_it_may_open(self):
        bundle = self.bundle("tcp", "hoard")
        bundle.process["rlimits"] = [{"type": "RLIMIT_NOFILE", "hard": 100, "soft": 100}]
        end = self.run_bundle(bundle)
        self.assertRegex(end.out, r"refused after \d\d: error")


class Names(Net):
    """In a program that is linked statically."""

    def lookup(self, name, **more):
        return self.run_guest("tcp", "lookup", name, **more)

    def test_from_its_own_hosts_file(self):
        hosts = [bind(write(f"{self.dir}/hosts", "10.1.2.3 server.test alias\n"), "/etc/hosts")]
        for name in ("server.test", "alias"):
            end = self.lookup(name, mounts=hosts)
            self.assertEqual((end.code, end.out), (0, "10.1.2.3\n"), end)
        end = self.lookup("other.test", mounts=hosts)
        self.assertEqual(end.code, 1, end)

    def test_from_the_server_that_its_resolv_conf_names(self):
        asked = []
        server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        server.bind(("127.0.0.1", 53))
        self.addCleanup(server.close)

        def answer():
            while True:
                try:
                    query, peer = server.recvfrom(512)
                except OSError:
                    return
                end = query.index(b"\0", 12)
                name = query[13:end]
                kind = query[end + 1:end + 3]
                asked.append((name, kind))
                known = name == b"db\x03svc\x04test" and kind == b"\0\1"
                head = query[:2] + (b"\x85\x80" if known or name.startswith(b"db\x03svc\x04test") else b"\x85\x83") + b"\0\1" + \
                    (b"\0\1" if known else b"\0\0") + b"\0\0\0\0"
                record = b"\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4\x0a\x09\x08\x07" if known else b""
                server.sendto(head + query[12:end + 5] + record, peer)
        threading.Thread(target=answer, daemon=True).start()
        mounts = [bind(write(f"{self.dir}/resolv", "nameserver 127.0.0.1\nsearch svc.test\noptions ndots:5\n"), "/etc/resolv.conf")]
        for name in ("db.svc.test", "db"):
            end = self.lookup(name, mounts=mounts)
            self.assertEqual((end.code, end.out), (0, "10.9.8.7\n"), end)
        self.assertEqual(self.lookup("nope.test", mounts=mounts).code, 1)
        before = len(asked)
        self.assertEqual(self.lookup("db", mounts=mounts, allowed_hosts="example.com").code, 1)
        self.assertEqual(len(asked), before)  # nor is a name a way to tell somebody something
