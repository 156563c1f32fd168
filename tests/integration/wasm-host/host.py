# SPDX-License-Identifier: Apache-2.0
"""What the tests of oarsman-wasm stand on: a world of their own, bundles, and containers driven by hand.

The tests run as process 1 of namespaces of their own (pid, mounts, network, IPC, UTS), so whatever they start ends
with them. Only control groups are seen outside: those of a run lie below one group, which the process outside removes.
"""

import ctypes
import itertools
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

SKIPPED = 77
HERE = os.path.dirname(os.path.realpath(__file__))
BUILD_GUESTS = os.path.join(HERE, "../../wasm/build-guests")
GROUPS = "/sys/fs/cgroup"
A = "dev.oarsman.wasm."  # annotations of a bundle
TERMINATED = 128 + signal.SIGTERM
KILLED = 128 + signal.SIGKILL

PROGRAM = OARSMAN = SERVE_TOOL = None  # set by the runner
GUESTS = GROUP = None


def wait_for(fact, what="it", seconds=10.0):
    """Until fact() is true, which is returned."""
    deadline = time.monotonic() + seconds
    while True:
        value = fact()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"{what} has not come about in {seconds} s")
        time.sleep(0.005)


def read(path):
    with open(path, encoding="utf-8", errors="replace") as source:
        return source.read()


def write(path, text, mode=None, owner=None):
    with open(path, "w", encoding="utf-8") as out:
        out.write(text)
    if mode is not None:
        os.chmod(path, mode)
    if owner is not None:
        os.chown(path, owner, owner)
    return path


# ---- the world ----


def skip(why):
    print(f"SKIP: {why}")
    sys.exit(SKIPPED)


def remove_groups(name):
    """Of a run that has ended: nobody is in them any more."""
    for top in os.listdir(GROUPS):
        for folder, _, _ in os.walk(os.path.join(GROUPS, top, name), topdown=False):
            os.rmdir(folder)


def groups():
    """Those that are there now, below the group of this run."""
    found = set()
    for top in os.listdir(GROUPS):
        below = os.path.join(GROUPS, top, GROUP)
        if os.path.isdir(below):
            found |= {entry.name for entry in os.scandir(below) if entry.is_dir()}
    return sorted(found)


def outside():
    """The process outside: starts this program again in a world of its own, and cleans up behind it."""
    name = f"oarsman-wasm-test-{os.getpid()}"
    try:
        inner = subprocess.run(["unshare", "--net", "--ipc", "--uts", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc",
                                sys.executable, *sys.argv], env={**os.environ, "OARSMAN_WASM_TEST": name}, check=False)
    finally:
        time.sleep(0.05)
        remove_groups(name)
    sys.exit(inner.returncode)


def prepare():
    """To be called first. Returns inside."""
    global GUESTS, GROUP
    if os.geteuid() != 0:
        skip("root is needed")
    if "OARSMAN_WASM_TEST" not in os.environ:
        outside()
    GROUP = os.environ["OARSMAN_WASM_TEST"]
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    if ctypes.CDLL(None).prctl(4, 1):  # PR_SET_DUMPABLE; whoever runs us may have said otherwise
        raise OSError("prctl")


def guests(*groups):
    """Builds what is not built yet."""
    global GUESTS
    built = subprocess.run([BUILD_GUESTS, *groups], stdout=subprocess.PIPE, text=True, check=False)
    if built.returncode:
        skip("the guests could not be built")
    GUESTS = built.stdout.strip()


def others():
    """Processes of this world beside our own, once those that have ended are gone."""
    try:
        while os.waitpid(-1, os.WNOHANG) != (0, 0):
            pass
    except ChildProcessError:
        pass
    return [pid for pid in os.listdir("/proc") if pid.isdigit() and int(pid) != os.getpid()]


# ---- modules ----

_cache = None
_compiled = {}


def compiled(path):
    """(path of the compiled code, kind)"""
    global _cache
    if path not in _compiled:
        _cache = _cache or tempfile.mkdtemp(prefix="oarsman-wasm-cache-", dir="/var/tmp")
        done = subprocess.run([OARSMAN, "wasm", "compile", "--cache", _cache, path], capture_output=True, text=True, check=True)
        described = json.loads(done.stdout)
        _compiled[path] = described["path"], described["kind"]
    return _compiled[path]


def forget_modules():
    if _cache:
        shutil.rmtree(_cache)


def guest(name):
    return os.path.join(GUESTS, name + ".wasm")


# ---- containers ----


class End:
    """How a container has ended."""

    def __init__(self, code, out, err, message):
        self.code, self.out, self.err, self.message = code, out, err, message

    def __repr__(self):
        return f"code {self.code}\n--- out\n{self.out}--- err\n{self.err}--- message\n{self.message}"


class Bundle:
    """A folder with a config.json, which may be changed in self.config before it is used."""

    def __init__(self, folder, module, args, cwd="/", env=(), mounts=(), rootfs=None, user=(0, 0), group=None, **annotations):
        self.folder = folder
        os.makedirs(folder)
        self.config = {
            "ociVersion": "1.0.2",
            "process": {"args": list(args), "env": list(env), "cwd": cwd, "noNewPrivileges": True,
                        "user": {"uid": user[0], "gid": user[1], "additionalGids": list(user[2:])}},
            "root": {"path": rootfs} if rootfs else {},
            "mounts": list(mounts),
            "linux": {"namespaces": [], "resources": {}},
            "annotations": {A + name.replace("_", "-"): str(value) for name, value in annotations.items()},
        }
        if module:
            artifact, kind = compiled(module)
            self.config["annotations"] |= {A + "artifact": artifact, A + "kind": kind}
        if group:
            self.config["linux"]["cgroupsPath"] = f"/{GROUP}/{group}"

    @property
    def process(self):
        return self.config["process"]

    @property
    def annotations(self):
        return self.config["annotations"]

    def write(self):
        write(os.path.join(self.folder, "config.json"), json.dumps(self.config))
        return self


def bind(source, destination, *options):
    return {"destination": destination, "type": "bind", "source": source, "options": ["rbind", *(options or ("rw",))]}


class Container:
    """Created by hand: its process becomes a child of ours, because its parent ends, and we are process 1."""

    def __init__(self, case, bundle, name):
        self.case, self.bundle, self.id, self.pid, self.code = case, bundle, name, None, None
        self.out, self.err = os.path.join(bundle.folder, "out"), os.path.join(bundle.folder, "err")
        self.message = os.path.join(bundle.folder, "message")

    def create(self, *options, stdin=subprocess.DEVNULL, **more):
        pid_file = os.path.join(self.bundle.folder, "pid")
        with open(self.out, "wb") as out, open(self.err, "wb") as err:
            done = self.case.command("create", "--bundle", self.bundle.folder, "--pid-file", pid_file, *options, self.id,
                                     stdin=stdin, stdout=out, stderr=err, capture_output=False, **more)
        if done.returncode == 0:
            self.pid = int(read(pid_file))
            self.case.addCleanup(self.remove)
        return done.returncode

    def good(self):
        self.case.assertEqual(self.create(), 0, read(self.err))
        return self

    def start(self):
        self.case.do("start", self.id)
        return self

    def status(self):
        return json.loads(self.case.do("state", self.id).stdout)["status"]

    def kill(self, *signals):
        self.case.do("kill", self.id, *signals)

    def poll(self):
        if self.code is None:
            try:
                pid, status = os.waitpid(self.pid, os.WNOHANG)
                code = os.waitstatus_to_exitcode(status)
            except ChildProcessError:
                pid, code = self.pid, 0  # it was collected with others, in a test that does not ask
            if pid:
                self.code = 128 - code if code < 0 else code
        return self.code is not None

    def wait(self, seconds=20.0):
        wait_for(self.poll, f"the end of {self.id}", seconds)
        return End(self.code, read(self.out), read(self.err), read(self.message) if os.path.exists(self.message) else "")

    def remove(self):
        self.case.command("delete", "--force", self.id)
        if self.code is None:
            self.wait()

    def says(self, text, seconds=10.0):
        """Until it has said so on its standard output."""
        wait_for(lambda: text in read(self.out), f"{text!r} of {self.id}", seconds)
        return self

    def proc(self, name):
        return read(f"/proc/{self.pid}/{name}")

    def links(self):
        """What its descriptors are."""
        return [os.readlink(f"/proc/{self.pid}/fd/{fd}") for fd in os.listdir(f"/proc/{self.pid}/fd")]

    def fact(self, name):
        """A line of /proc/PID/status."""
        return next(line.split(":", 1)[1].strip() for line in self.proc("status").splitlines() if line.startswith(name + ":"))


class Case(unittest.TestCase):
    maxDiff = None
    _numbers = itertools.count(1)

    def setUp(self):
        started = time.monotonic()
        self.addCleanup(lambda: print(f"{time.monotonic() - started:.1f} s ", end="", file=sys.stderr))
        self.dir = tempfile.mkdtemp(prefix="oarsman-wasm-", dir="/var/tmp")
        os.chmod(self.dir, 0o755)
        self.addCleanup(shutil.rmtree, self.dir)
        self.root = os.path.join(self.dir, "state")

    def command(self, *arguments, program=None, **more):
        """oarsman-wasm, whatever it answers."""
        more.setdefault("capture_output", True)
        return subprocess.run([program or PROGRAM, "--root", self.root, *arguments], text=True, timeout=60, check=False, **more)

    def do(self, *arguments):
        done = self.command(*arguments)
        self.assertEqual((done.returncode, done.stderr), (0, ""), arguments)
        return done

    def refused(self, *arguments):
        """Its one line."""
        done = self.command(*arguments)
        self.assertEqual((done.returncode, done.stdout), (1, ""), arguments)
        self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
        return done.stderr.strip()

    def folder(self, name, mode=0o755, owner=0):
        path = os.path.join(self.dir, name)
        os.mkdir(path)
        os.chmod(path, mode)
        os.chown(path, owner, owner)
        return path

    def bundle(self, name, *args, **more):
        """Of a guest by name; argv[0] is that name."""
        number = next(self._numbers)
        return Bundle(os.path.join(self.dir, f"bundle-{number}"), guest(name) if name else None, [name or "x", *args], **more)

    def container(self, bundle, name=None):
        return Container(self, bundle.write(), name or f"c{next(self._numbers)}")

    def wanting_message(self, bundle):
        """Gives it a termination log, as the agent does."""
        path = write(os.path.join(bundle.folder, "message"), "")
        bundle.config["mounts"].append(bind(path, "/dev/termination-log"))
        bundle.annotations[A + "termination-log"] = "/dev/termination-log"
        return bundle

    def created(self, name, *args, **more):
        return self.container(self.bundle(name, *args, **more)).good()

    def started(self, name, *args, **more):
        return self.created(name, *args, **more).start()

    def run_bundle(self, bundle, **more):
        c = self.container(bundle)
        self.assertEqual(c.create(**more), 0, read(c.err))
        return c.start().wait()

    def run_guest(self, name, *args, **more):
        return self.run_bundle(self.wanting_message(self.bundle(name, *args, **more)))

    def refused_bundle(self, bundle, *options):
        """Why it is not created, in one line; and nothing of it is left."""
        c = self.container(bundle)
        self.assertEqual(c.create(*options), 1)
        text = read(c.err)
        self.assertEqual(text.count("\n"), 1, text)
        self.assertFalse(os.path.exists(os.path.join(self.root, c.id)))
        return text.strip()
