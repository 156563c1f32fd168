# SPDX-License-Identifier: Apache-2.0
"""The commands, from create to delete, and what they refuse."""

import json
import os
import signal
import subprocess
import time

import host
from host import A, Case, others, read, wait_for

GUESTS = ("core",)


class Life(Case):
    def test_created_running_stopped_gone(self):
        c = self.created("sleep")
        self.assertEqual(c.status(), "created")
        time.sleep(0.1)
        self.assertEqual(read(c.out), "")
        state = json.loads(self.do("state", c.id).stdout)
        self.assertEqual(state, {"ociVersion": "1.0.2", "id": c.id, "status": "created", "pid": c.pid, "bundle": c.bundle.folder})
        c.start().says("sleeping")
        self.assertEqual(c.status(), "running")
        self.assertIn("--force", self.refused("delete", c.id))
        c.kill()
        self.assertEqual(c.wait().code, host.TERMINATED)
        self.assertEqual(json.loads(self.do("state", c.id).stdout)["pid"], 0)
        self.assertEqual(c.status(), "stopped")
        self.do("delete", c.id)
        self.assertEqual(os.listdir(self.root), [])
        for command in ("state", "start", "kill", "delete"):
            self.assertIn("does not exist", self.refused(command, c.id))
        self.do("delete", "--force", c.id)

    def test_one_id_is_one_container(self):
        c = self.created("sleep")
        again = self.container(self.bundle("sleep"), c.id)
        self.assertEqual(again.create(), 1)
        self.assertIn(c.id, read(again.err))
        self.assertEqual(c.status(), "created")
        c.start()
        self.assertIn("runs already", self.refused("start", c.id))

    def test_ids_that_are_no_names(self):
        for name in ("..", ".", "a/b", "", "x" * 256):
            c = self.container(self.bundle("sleep"), "proper")
            c.id = name
            self.assertEqual(c.create(), 1, name)
            self.assertIn("is no container id", read(c.err))
            for command in ("state", "start", "kill", "delete"):
                self.assertIn("is no container id", self.refused(command, name))

    def test_signals_by_name_and_number(self):
        for word, code in (("TERM", 143), ("SIGKILL", 137), ("9", 137), ("int", 130), ("", 143)):
            c = self.started("spin").says("spinning")
            c.kill(*([word] if word else []))
            self.assertEqual(c.wait().code, code, word)
        c = self.started("spin")
        for word in ("NONE", "0", "65", "9x", "SIG"):
            self.assertIn("is no signal", self.refused("kill", c.id, word))

    def test_a_container_that_was_never_started_is_killed_and_forced_away(self):
        c = self.created("sleep")
        c.kill("KILL")
        self.assertEqual(c.wait().code, host.KILLED)
        self.assertEqual(c.status(), "stopped")
        self.assertIn("has ended", self.refused("start", c.id))
        c = self.created("sleep")
        self.do("delete", "--force", c.id)
        self.assertEqual(c.wait().code, host.KILLED)

    def test_another_process_under_its_number_is_not_taken_for_it(self):
        c = self.created("sleep")
        path = os.path.join(self.root, c.id, "state.json")
        state = json.loads(read(path))
        host.write(path, json.dumps({**state, "startTicks": state["startTicks"] + 1}))
        self.assertEqual(c.status(), "stopped")
        self.assertIn("does not run", self.refused("kill", c.id))
        host.write(path, json.dumps(state))
        host.write(path, json.dumps({**state, "version": 99}))
        self.assertIn("newer version", self.refused("state", c.id))
        host.write(path, json.dumps(state))

    def test_what_is_wrong_with_a_bundle_is_one_line(self):
        def changed(**more):
            bundle = self.bundle("sleep")
            for key, value in more.items():
                bundle.config[key] = value
            return bundle
        self.assertIn("process.args: empty", self.refused_bundle(changed(process={"args": []})))
        self.assertIn("hooks", self.refused_bundle(changed(hooks={"prestart": [{"path": "/bin/true"}]})))
        bundle = self.bundle("sleep")
        bundle.config["linux"]["namespaces"] = [{"type": "network", "path": "/nowhere"}]
        self.assertIn("network namespace /nowhere", self.refused_bundle(bundle))
        bundle = self.bundle("sleep", mounts=[host.bind("/nowhere", "/data")])
        self.assertIn("mount /nowhere: No such file", self.refused_bundle(bundle))
        bundle = self.bundle("sleep")
        bundle.annotations[A + "artifact"] = "/nowhere"
        self.assertIn("/nowhere", self.refused_bundle(bundle))
        bundle = self.bundle("sleep").write()
        os.unlink(os.path.join(bundle.folder, "config.json"))
        self.assertIn("config.json", self.refused("create", "--bundle", bundle.folder, "x"))
        self.assertIn("bundle /nowhere", self.refused("create", "--bundle", "/nowhere", "x"))

    def test_code_that_is_not_ours_is_not_loaded(self):
        bundle = self.bundle("sleep")
        for text in ("", "\x7fELF", "\0asm\1\0\0\0", "x" * 100000):
            bundle.annotations[A + "artifact"] = host.write(os.path.join(self.dir, "code"), text)
            self.refused_bundle(bundle)
        # nor is code of another kind, which other settings were compiled for
        bundle = self.bundle("sleep")
        bundle.annotations[A + "kind"] = "http"
        self.refused_bundle(bundle)

    def test_errors_go_to_the_log_too(self):
        log = os.path.join(self.dir, "log")
        self.assertEqual(self.command("--log", log, "--log-format", "json", "state", 'no"pe').returncode, 1)
        self.assertEqual(json.loads(read(log)), {"level": "error", "msg": 'container no"pe does not exist'})
        self.assertEqual(self.command("--log", log, "--log-format=text", "state", "nope").returncode, 1)
        self.assertEqual(read(log).splitlines()[1], "container nope does not exist")

    def test_the_command_line(self):
        for arguments in ((), ("nonsense",), ("state",), ("state", "a", "b"), ("kill",), ("--nonsense", "state", "x")):
            done = self.command(*arguments)
            self.assertNotEqual(done.returncode, 0, arguments)
            self.assertNotEqual(done.stderr, "", arguments)
        self.assertIn("create", self.command("--help").stdout)
        version = self.command("--version").stdout
        self.assertIn("oarsman-wasm version", version)
        self.assertIn("wasmtime", version)


class Killed(Case):
    """create dies at some point: its container dies with it unless it is written down, and delete --force takes away all."""

    STEPS = 60

    def killed_after(self, bundle, name, seconds):
        with open(os.path.join(bundle.folder, "err"), "wb") as err:
            create = subprocess.Popen([host.PROGRAM, "--root", self.root, "create", "--bundle", bundle.folder, name], stdout=err,
                                      stderr=err, stdin=subprocess.DEVNULL)
            time.sleep(seconds)
            create.kill()
            create.wait()
        return create.returncode

    def check(self, bundle, name):
        if not os.path.exists(os.path.join(self.root, name, "state.json")):
            wait_for(lambda: not others(), "the end of a process that nobody knows of")
        self.do("delete", "--force", name)
        self.assertFalse(os.path.exists(os.path.join(self.root, name)))
        wait_for(lambda: not others(), "the end of a deleted container")
        self.assertEqual(host.groups(), [])
        self.assertEqual(self.container(bundle, name).create(), 0)  # and its name is free
        self.do("delete", "--force", name)

    def test_at_any_time(self):
        bundle = self.bundle("sleep", group="killed").write()
        begun = time.monotonic()
        c = self.container(bundle).good()
        whole = time.monotonic() - begun
        c.remove()
        ends = []
        for step in range(self.STEPS):
            seconds = whole * 1.2 * step / self.STEPS
            ends.append(self.killed_after(bundle, f"k{step}", seconds))
            with self.subTest(ms=f"{seconds * 1000:.1f}", end=ends[-1]):
                self.check(bundle, f"k{step}")
        self.assertIn(-signal.SIGKILL, ends)
