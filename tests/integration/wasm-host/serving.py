# SPDX-License-Identifier: Apache-2.0
"""A handler of HTTP requests: what clients get, and what they and the handler may not do to each other."""

import http.client
import os
import socket
import subprocess
import threading
import time

import host
from host import Case, wait_for

GUESTS = ("core", "component", "python")
PORT = 8080


def cpu_seconds(pid):
    fields = host.read(f"/proc/{pid}/stat").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def connect(port=PORT, address="127.0.0.1"):
    return wait_for(lambda: try_connect(address, port), f"a listener on {port}")


def try_connect(address, port):
    try:
        return socket.create_connection((address, port), 20)
    except OSError:
        return None


def get(path, port=PORT, method="GET", body=None, headers=None):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def begin(path, port=PORT):
    """A request whose answer is not read yet."""
    client = connect(port)
    client.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    return client


class Serving(Case):
    def serving(self, guest="http", **more):
        c = self.started(guest, **more)
        connect(more.get("port", PORT)).close()
        return c


class Answers(Serving):
    def test_what_is_asked(self):
        self.serving(env=["NAME=value"])
        self.assertEqual(get("/"), (200, b"hello\n"))
        self.assertEqual(get("/status?503"), (503, b""))
        self.assertEqual(get("/env?NAME"), (200, b"value\n"))
        self.assertEqual(get("/nothing")[0], 404)
        status, body = get("/echo", method="POST", body=b"x" * 300000)
        self.assertEqual(status, 200)
        self.assertTrue(body.startswith(b"POST /echo, "), body[:50])
        self.assertEqual(body.partition(b"\n")[2], b"x" * 300000)
        self.assertEqual(len(get("/big?20")[1]), 20 << 20)
        self.assertEqual(get("/drip?3"), (200, b"drip\n" * 3))

    def test_the_port(self):
        self.serving(port=8123)
        self.assertEqual(get("/", 8123), (200, b"hello\n"))
        self.assertIsNone(try_connect("127.0.0.1", PORT))
        self.assertIn("listen on port 8123", self.refused_bundle(self.bundle("http", port=8123)))

    def test_a_port_that_only_root_may_have(self):
        self.serving(port=80, user=(1000, 1000))
        self.assertEqual(get("/", 80), (200, b"hello\n"))

    def test_both_families(self):
        self.serving()
        self.assertIsNotNone(try_connect("::1", PORT))

    def test_many_requests_of_one_connection(self):
        self.serving()
        connection = http.client.HTTPConnection("127.0.0.1", PORT)
        for _ in range(50):
            connection.request("GET", "/")
            self.assertEqual(connection.getresponse().read(), b"hello\n")
        own = connection.sock.getsockname()
        connection.request("GET", "/trap")  # and after one that failed
        answer = connection.getresponse()
        self.assertEqual((answer.status, answer.read()), (500, b"the handler failed\n"))
        connection.request("GET", "/")
        self.assertEqual(connection.getresponse().read(), b"hello\n")
        self.assertEqual(connection.sock.getsockname(), own)

    def test_every_request_finds_a_new_guest(self):
        self.serving()
        for _ in range(3):
            self.assertEqual(get("/hog?1"), (200, b"got 1 MiB\n"))

    def test_what_a_handler_says(self):
        c = self.serving()
        get("/log?some-words")
        c.says("some-words")

    def test_many_clients_at_once(self):
        self.serving()
        answers = []
        threads = [threading.Thread(target=lambda: answers.extend(get("/sleep?20") for _ in range(10))) for _ in range(40)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(set(answers), {(200, b"hello\n")})
        self.assertEqual(len(answers), 400)

    def test_more_requests_than_are_handled_at_a_time_wait(self):
        self.serving()
        clients = [begin("/sleep?1000") for _ in range(300)]
        begun = time.monotonic()
        for client in clients:
            self.assertIn(b"200 OK", client.recv(1000))
            client.close()
        self.assertGreater(time.monotonic() - begun, 1.9)  # 128 at a time

    def test_other_components(self):
        self.serving("http-hello")
        self.assertEqual(get("/"), (200, b"hello\n"))


class Heavy(Serving):
    def test_a_component_of_many_modules_is_served_as_often_at_a_time(self):
        """An interpreter: each request takes dozens of instances of its modules out of the engine's pools."""
        self.serving("http-python")
        clients = [begin("/") for _ in range(120)]
        answers = [client.recv(4096) for client in clients]
        self.assertEqual({answer.split(b"\r\n")[0] for answer in answers}, {b"HTTP/1.1 200 OK"})
        for client in clients:
            client.close()


class Failures(Serving):
    def test_of_the_handler(self):
        c = self.serving()
        for path in ("/trap", "/silent"):
            self.assertEqual(get(path), (500, b"the handler failed\n"))
        wait_for(lambda: "wasm backtrace" in host.read(c.err), "the backtrace")
        self.assertIn("do_trap", host.read(c.err))
        self.assertEqual(get("/"), (200, b"hello\n"))

    def test_of_the_client(self):
        self.serving()
        for nonsense in (b"nonsense\r\n\r\n", b"\0" * 100, b"GET / HTTP/9.9\r\n\r\n", b"GET / HTTP/1.1\r\nHost: x\r\n" + b"a: b\r\n" * 200 + b"\r\n",
                         b"GET / HTTP/1.1\r\nHost: x\r\na: " + b"b" * 1000000 + b"\r\n\r\n",
                         b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nnonsense\r\n"):
            with connect() as client:
                try:
                    client.sendall(nonsense)
                    client.recv(1000)
                except OSError:
                    pass
        with connect() as client:
            client.sendall(b"GET / HTTP/1.0\r\n\r\n")
            self.assertRegex(client.recv(100), rb"^HTTP/1.[01] [24]00 ")
        self.assertEqual(get("/"), (200, b"hello\n"))

    def test_memory_of_one_request(self):
        bundle = self.bundle("http", group="http-memory")
        bundle.config["linux"]["resources"]["memory"] = {"limit": 64 << 20}
        c = self.container(bundle).good().start()
        connect().close()
        self.assertRegex(get("/hog?200")[1], rb"refused after \d\d MiB")
        self.assertEqual(get("/"), (200, b"hello\n"))
        self.assertFalse(c.poll())

    def test_limits_of_any_size(self):
        for mib in (17, 100, 4095, 4096, 6144, 1 << 20):
            bundle = self.bundle("http", group="http-memory")
            bundle.config["linux"]["resources"]["memory"] = {"limit": mib * 1000 * 1000}
            c = self.container(bundle).good().start()
            self.assertEqual((connect().close(), get("/")[0]), (None, 200), mib)
            c.remove()


class Fairness(Serving):
    def test_a_request_that_spins_delays_others_by_little(self):
        self.serving()
        spinning = begin("/spin")
        time.sleep(0.2)
        times = []
        for _ in range(30):
            begun = time.monotonic()
            self.assertEqual(get("/")[0], 200)
            times.append(time.monotonic() - begun)
        spinning.close()
        self.assertLess(sorted(times)[15], 0.06, times)
        self.assertLess(max(times), 0.5, times)

    def test_a_client_that_leaves_ends_its_request(self):
        c = self.serving()
        for path in ("/spin", "/spin"):
            client = begin(path)
            time.sleep(0.3)
            self.assertGreater(cpu_seconds(c.pid), 0.05)
            client.close()
            time.sleep(0.3)
            before = cpu_seconds(c.pid)
            time.sleep(0.5)
            self.assertLess(cpu_seconds(c.pid) - before, 0.1)

    def test_clients_that_leave_free_their_places(self):
        self.serving()
        for client in [begin("/sleep?100000") for _ in range(200)]:
            client.close()
        self.assertEqual(get("/"), (200, b"hello\n"))
        for client in [begin("/big?1000") for _ in range(200)]:
            client.close()
        self.assertEqual(get("/"), (200, b"hello\n"))

    def test_idle_costs_nothing(self):
        c = self.serving()
        get("/")
        time.sleep(0.2)
        before = cpu_seconds(c.pid)
        with connect():
            time.sleep(1.5)
        self.assertLess(cpu_seconds(c.pid) - before, 0.03)


class Ending(Serving):
    def test_at_once_when_nobody_asks(self):
        c = self.serving()
        idle = connect()
        get("/")
        begun = time.monotonic()
        c.kill()
        self.assertEqual(c.wait().code, host.TERMINATED)
        self.assertLess(time.monotonic() - begun, 1)
        idle.close()

    def test_a_request_under_way_is_finished(self):
        c = self.serving()
        client = begin("/sleep?800")
        drip = begin("/drip?8")
        time.sleep(0.2)
        c.kill()
        time.sleep(0.1)
        self.assertIsNone(try_connect("127.0.0.1", PORT))
        self.assertIn(b"200 OK", client.recv(1000))
        text = b""
        while b"drip\r\n0\r\n\r\n" not in text.replace(b"\n\r\n", b"\r\n") and (part := drip.recv(1000)):
            text += part
        self.assertEqual(text.count(b"drip\n"), 8)
        self.assertEqual(c.wait(3).code, host.TERMINATED)

    def test_killed(self):
        c = self.serving()
        begin("/spin")
        c.kill("KILL")
        self.assertEqual(c.wait(2).code, host.KILLED)

    def test_before_it_was_started(self):
        c = self.created("http")
        with connect():  # the socket listens already: nobody is turned away
            c.kill()
            self.assertEqual(c.wait().code, host.TERMINATED)


class Limits(Serving):
    """With limits that a test can reach, which the program's own are not."""

    def limited(self, requests=4, connections=8, cpu_ms=300, answer_ms=500, header_ms=500):
        artifact, _ = host.compiled(host.guest("http"))
        err = open(os.path.join(self.dir, "err"), "wb")
        self.addCleanup(err.close)
        server = subprocess.Popen([host.SERVE_TOOL, artifact, str(PORT), *map(str, (requests, connections, cpu_ms, answer_ms, header_ms))],
                                  stderr=err)
        self.addCleanup(server.wait)
        self.addCleanup(server.kill)
        connect().close()
        return server

    def said(self):
        return host.read(os.path.join(self.dir, "err"))

    def test_time_until_an_answer_begins(self):
        self.limited()
        self.assertEqual(get("/sleep?5000"), (504, b"the handler took too long\n"))
        self.assertIn("no answer within 500 ms", self.said())
        self.assertEqual(get("/drip?8")[0], 200)  # once it has begun it may go on

    def test_time_of_computing(self):
        self.limited(answer_ms=5000)
        begun = time.monotonic()
        self.assertEqual(get("/spin"), (500, b"the handler failed\n"))
        self.assertLess(time.monotonic() - begun, 3)
        self.assertIn("computed for longer than it may", self.said())

    def test_time_for_the_head_of_a_request(self):
        self.limited()
        with connect() as client:
            client.sendall(b"GET / HT")
            begun = time.monotonic()
            while client.recv(1000):
                pass
            self.assertLess(time.monotonic() - begun, 3)

    def test_requests_at_a_time(self):
        self.limited(requests=2, answer_ms=5000)
        clients = [begin("/sleep?300") for _ in range(6)]
        begun = time.monotonic()
        for client in clients:
            self.assertIn(b"200 OK", client.recv(1000))
        self.assertGreater(time.monotonic() - begun, 0.85)

    def test_connections_at_a_time(self):
        self.limited(connections=2, header_ms=5000)
        first, second = connect(), connect()
        third = begin("/")
        third.settimeout(0.3)
        with self.assertRaises(TimeoutError):
            third.recv(1)
        first.close()
        third.settimeout(5)
        self.assertIn(b"200 OK", third.recv(1000))
        second.close()

    def test_what_goes_on_after_the_answer_is_bounded_too(self):
        self.limited(requests=1, answer_ms=1000)
        for _ in range(3):
            self.assertEqual(get("/"), (200, b"hello\n"))
