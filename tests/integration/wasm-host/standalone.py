# SPDX-License-Identifier: Apache-2.0
"""Bundles of others, which bring no compiled code: the module is found in the root file system. By hand and by podman."""

import json
import os
import shutil
import subprocess
import time

import host
from host import Case, others, wait_for, write

GUESTS = ("core", "component")


class Standalone(Case):
    def setUp(self):
        super().setUp()
        self.rootfs, self.cache = self.folder("rootfs"), os.path.join(self.dir, "cache")

    def put(self, *guests, place=""):
        os.makedirs(os.path.join(self.rootfs, place), exist_ok=True)
        for name in guests:
            shutil.copy(host.guest(name), os.path.join(self.rootfs, place, name + ".wasm"))

    def command(self, *arguments, **more):
        return super().command("--cache", self.cache, *arguments, **more)

    def foreign(self, *args, **more):
        bundle = self.bundle(None, rootfs=self.rootfs, **more)
        bundle.process["args"] = list(args)
        return bundle


class ByHand(Standalone):
    def test_a_module_is_found_and_compiled_once(self):
        self.put("hello")
        for _ in range(2):
            end = self.run_bundle(self.foreign("/hello.wasm", "one"))
            self.assertEqual((end.code, end.out), (0, "hello from stdout\nargv[0]=/hello.wasm\nargv[1]=one\n"), end)
        self.assertEqual(len([name for name in os.listdir(self.cache) if name.endswith(".cwasm")]), 1)
        with open(os.path.join(self.rootfs, "hello.wasm"), "wb") as out, open(host.guest("exit"), "rb") as source:
            shutil.copyfileobj(source, out)
        self.assertEqual(self.run_bundle(self.foreign("/hello.wasm", "7")).code, 7)  # another module under the same name

    def test_by_relative_names_and_links(self):
        self.put("exit", place="app/bin")
        os.symlink("/app/bin/exit.wasm", f"{self.rootfs}/link.wasm")
        for name, cwd in (("bin/exit.wasm", "/app"), ("exit.wasm", "/app/bin"), ("app/bin/exit.wasm", "/app"), ("/link.wasm", "/"),
                          ("link.wasm", "/app"), ("./exit.wasm", "/app/bin"), ("../bin/exit.wasm", "/app/bin")):
            self.assertEqual(self.run_bundle(self.foreign(name, "5", cwd=cwd)).code, 5, (name, cwd))

    def test_a_function(self):
        self.put("named")
        self.assertEqual(self.run_bundle(self.foreign("/named.wasm")).out, "main was called\n")
        self.assertEqual(self.run_bundle(self.foreign("/named.wasm#run_me")).out, "run_me was called\n")
        self.assertEqual(self.run_bundle(self.foreign("/named.wasm#")).out, "main was called\n")

    def test_its_name_is_without_the_function(self):
        self.put("obey")
        end = self.run_bundle(self.foreign("/obey.wasm#_start", "write(lit:x)to(stm:stdout)"))
        self.assertEqual((end.code, end.out.strip()), (0, "x"), end)

    def test_components(self):
        self.put("code", "http-hello")
        self.assertEqual(self.run_bundle(self.foreign("/code.wasm", "code", "9")).code, 9)
        c = self.container(self.foreign("/http-hello.wasm", port=8080)).good().start()
        answer = wait_for(lambda: subprocess.run(["curl", "-sm", "5", "http://127.0.0.1:8080/"], capture_output=True, text=True,
                                                 check=False).stdout, "an answer")
        self.assertEqual(answer, "hello\n")
        c.kill()
        self.assertEqual(c.wait().code, host.TERMINATED)

    def test_what_cannot_be_run_is_refused_in_one_line(self):
        self.put("unknown")
        shutil.copy("/bin/true", f"{self.rootfs}/native.wasm")
        write(f"{self.rootfs}/text.wat", "(module)")
        write(f"{self.rootfs}/broken.wasm", "\0asm\1\0\0\0nonsense")
        os.mkfifo(f"{self.rootfs}/pipe")
        os.mknod(f"{self.rootfs}/null", 0o600 | 0o020000, os.makedev(1, 3))
        os.symlink("../../../../../../../etc/hostname", f"{self.rootfs}/out")
        for name, words in (("/nowhere.wasm", "No such file"), ("/pipe", "is not a file"), ("/null", "is not a file"),
                            ("/", "is not a file"), ("/out", "No such file"), ("/native.wasm", "ELF"), ("/text.wat", ""),
                            ("/broken.wasm", ""), ("/unknown.wasm", "foo"), ("", ""), ("#f", "")):
            with self.subTest(name=name):
                self.assertIn(words, self.refused_bundle(self.foreign(name)))
        bundle = self.bundle(None)
        self.assertIn("root.path", self.refused_bundle(bundle))


class Podman(Standalone):
    def setUp(self):
        super().setUp()
        if not shutil.which("podman"):
            self.skipTest("podman is not installed")
        # Its own clean-up of a container does not hear of "root", so all go by the usual place, which is ours alone here.
        if not os.path.ismount("/run"):
            subprocess.run(["mount", "-t", "tmpfs", "tmpfs", "/run"], check=True)
        self.addCleanup(wait_for, lambda: not others(), "the end of what cleans up behind a container")
        self.addCleanup(self.podman, "rm", "--force", "--all", "--time", "0")

    def podman(self, *arguments, **more):
        # In a folder of the test, for conmon leaves a file "oom" where it was started.
        kept = os.path.join(self.dir, "podman")
        return subprocess.run(
            ["podman", "--root", f"{kept}/root", "--runroot", f"{kept}/run", "--tmpdir", f"{kept}/tmp", "--storage-driver", "vfs",
             "--cgroup-manager", "cgroupfs", "--events-backend", "file", "--runtime", host.PROGRAM, "--runtime-flag", f"cache={self.cache}",
             *arguments], cwd=self.dir, capture_output=True, text=True, timeout=120, check=False, **more)

    def play(self, *options, args, network="none"):
        """podman run of the root file system."""
        return self.podman("run", "--network", network, "--cgroup-parent", f"/{host.GROUP}/podman", *options, "--rootfs", self.rootfs, *args)

    def good(self, *options, args):
        done = self.play("--rm", *options, args=args)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    def test_a_module_and_its_exit_code(self):
        self.put("hello", "exit", "named", "trap")
        self.assertEqual(self.good(args=["/hello.wasm", "one"]), "hello from stdout\nargv[0]=/hello.wasm\nargv[1]=one\n")
        self.assertEqual(self.good(args=["/named.wasm#run_me"]), "run_me was called\n")
        self.assertEqual(self.play("--rm", args=["/exit.wasm", "42"]).returncode, 42)
        done = self.play("--rm", args=["/trap.wasm", "unreachable"])
        self.assertEqual(done.returncode, 134)
        self.assertIn("wasm backtrace", done.stderr)

    def test_what_is_said_on_its_command_line(self):
        self.put("obey", "hog", "lines")
        data = self.folder("data", mode=0o777)
        os.mkdir(f"{self.rootfs}/etc")
        self.good("-w", "/etc", "-e", "FOO=bar", "-v", f"{data}:/data", "-u", "1000:2000", "--hostname", "guest", "--pids-limit", "64",
                  "--cpus", "0.9", args=["/obey.wasm", "assert_value(env:FOO)is(lit:bar)", "write(lit:x)to(file:/data/x)",
                                         "assert_exists(file:/etc/hosts)"])
        self.assertEqual((os.stat(f"{data}/x").st_uid, os.stat(f"{data}/x").st_gid), (1000, 2000))
        readonly = ["--read-only", "--read-only-tmpfs=false"]
        self.good("--mount", "type=tmpfs,destination=/scratch,tmpfs-size=1m,notmpcopyup", *readonly,
                  args=["/obey.wasm", "write(lit:x)to(file:/scratch/x)"])
        self.assertNotEqual(self.play("--rm", *readonly, args=["/obey.wasm", "write(lit:x)to(file:/y)"]).returncode, 0)
        self.assertEqual(self.play("--rm", "--memory", "32m", args=["/hog.wasm"]).returncode, host.KILLED)
        done = self.podman("run", "--rm", "-i", "--network", "none", "--cgroup-parent", f"/{host.GROUP}/podman", "--rootfs", self.rootfs,
                           "/lines.wasm", input="one\ntwo\n")
        self.assertEqual(done.stdout, "one\ntwo\n2 lines\n", done.stderr)

    def test_what_cannot_be_had_is_refused_in_its_words(self):
        self.put("exit")
        for options, words in ((["--cpuset-cpus", "0"], "linux.resources.cpu"), (["--tmpfs", "/etc"], "tmpcopyup")):
            os.makedirs(f"{self.rootfs}/etc", exist_ok=True)
            write(f"{self.rootfs}/etc/motd", "hi")
            done = self.play("--rm", *options, args=["/exit.wasm"])
            self.assertNotEqual(done.returncode, 0)
            self.assertIn(words, done.stderr)
        done = self.play("--rm", args=["/nowhere.wasm"])
        self.assertEqual(done.returncode, 127, done.stderr)
        self.assertIn("process.args[0]", done.stderr)

    def test_a_life_in_the_background(self):
        self.put("sleep")
        done = self.play("-d", "--name", "web", args=["/sleep.wasm"])
        self.assertEqual(done.returncode, 0, done.stderr)
        wait_for(lambda: self.podman("logs", "web").stdout == "sleeping\n", "its first line")
        self.assertIn("Up", self.podman("ps", "--format", "{{.Status}}").stdout)
        begun = time.monotonic()
        self.assertEqual(self.podman("stop", "web").returncode, 0)
        self.assertLess(time.monotonic() - begun, 5)
        state = json.loads(self.podman("inspect", "--format", "{{json .State}}", "web").stdout)
        self.assertEqual((state["Status"], state["ExitCode"]), ("exited", 143))
        self.assertEqual(self.podman("start", "web").stderr, "")
        self.assertEqual(self.podman("kill", "web").returncode, 0)
        self.assertEqual(self.podman("wait", "web").stdout.strip(), "137")
        self.assertEqual(self.podman("rm", "web").returncode, 0)
        self.assertEqual(os.listdir("/run/oarsman-wasm"), [])

    def test_a_handler_on_the_nodes_network(self):
        self.put("http-hello")
        done = self.play("-d", "--name", "handler", args=["/http-hello.wasm"], network="host")
        self.assertEqual(done.returncode, 0, done.stderr)
        answer = wait_for(lambda: subprocess.run(["curl", "-sm", "5", "http://127.0.0.1:8080/"], capture_output=True, text=True,
                                                 check=False).stdout, "an answer")
        self.assertEqual(answer, "hello\n")
