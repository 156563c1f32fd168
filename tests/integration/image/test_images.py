#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""test_images.py IMAGE-TOOL OARSMAN-UNPACK [NAME...]

Images from real and from faulty registries, archives and layouts, into a real
store. Needs root and docker-registry. Runs in a network and a mount namespace
of its own, so nothing that it starts or mounts is seen outside or left behind.
"""

import ctypes
import importlib.machinery
import importlib.util
import json
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tarfile
import tempfile
import time
import unittest

HERE = os.path.dirname(os.path.realpath(__file__))
SUPPORT = os.path.join(HERE, "../../support")
sys.path[:0] = [HERE, SUPPORT]
import mkimage  # noqa: E402
from faulty_registry import FaultyRegistry  # noqa: E402
from mkimage import Blobs, Image, Index, Layer  # noqa: E402

SKIPPED = 77
MODULE = b"\0asm\1\0\0\0"
TOOL = UNPACK = None


def load_test_images():
    loader = importlib.machinery.SourceFileLoader("test_image_list", os.path.join(SUPPORT, "images"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(loader.name, loader))
    sys.dont_write_bytecode = True
    loader.exec_module(module)
    return module


images = load_test_images()


def isolate():
    libc = ctypes.CDLL(None, use_errno=True)
    new_mounts, new_network, private = 0x20000, 0x40000000, 0x44000
    if libc.unshare(new_mounts | new_network) or libc.mount(None, b"/", None, private, None):
        print(f"SKIP: no namespaces of our own: {os.strerror(ctypes.get_errno())}")
        sys.exit(SKIPPED)
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)


class Answer:
    def __init__(self, done):
        self.status, self.text = done.returncode, done.stdout + done.stderr
        self.lines = done.stdout.splitlines()

    def values(self, word):
        return [line.split(" ", 1)[1] for line in self.lines if line.startswith(word + " ")]

    def images(self):
        return [dict(id=value.split()[0], names=[part.split("=", 1)[1] for part in value.split() if part[:3] in ("tag", "dig")],
                     type=value.split("type=")[1].split()[0]) for value in self.values("image")]


class Case(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        started = time.monotonic()
        self.addCleanup(lambda: print(f"{time.monotonic() - started:.1f} s ", end="", file=sys.stderr))
        self.dir = tempfile.mkdtemp(prefix="oarsman-image-", dir="/var/tmp")
        self.addCleanup(shutil.rmtree, self.dir, ignore_errors=True)
        self.store = os.path.join(self.dir, "store")

    def command(self, *arguments, store=None):
        return [TOOL, UNPACK, store or self.store, *arguments]

    def tool(self, *arguments, store=None, env=None, timeout=60):
        return Answer(subprocess.run(self.command(*arguments, store=store), capture_output=True, text=True, timeout=timeout,
                                     env={**os.environ, **(env or {})}))

    def good(self, *arguments, **more):
        answer = self.tool(*arguments, **more)
        self.assertEqual(answer.status, 0, answer.text)
        return answer

    def bad(self, *arguments, **more):
        answer = self.tool(*arguments, **more)
        self.assertEqual(answer.status, 1, answer.text)
        self.assertEqual(len(answer.values("failed")), 1, answer.text)
        return answer.values("failed")[0]

    def registry(self, *options, port="5000", name="registry"):
        folder = os.path.join(self.dir, name)
        program = os.path.join(SUPPORT, "registry")
        address = subprocess.run([program, "start", folder, "--port", port, *options], check=True, capture_output=True,
                                 text=True).stdout.strip()
        self.addCleanup(subprocess.run, [program, "remove", folder], check=True)
        if "--bearer" in options:
            self.wait_for("127.0.0.1", int(port) + 1)
        return address

    @staticmethod
    def wait_for(host, port):
        deadline = time.monotonic() + 10
        while True:
            try:
                socket.create_connection((host, port)).close()
                return
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.02)

    def faulty(self, thing, name="x"):
        blobs = Blobs()
        descriptor = thing.build(blobs)
        registry = FaultyRegistry(blobs)
        self.addCleanup(registry.close)
        registry.tags["1"] = descriptor["digest"]
        registry.manifest = json.loads(blobs.content[descriptor["digest"]])
        registry.image = f"{registry.address}/{name}:1"
        return registry

    def push(self, address, name, thing, user=None):
        blobs = Blobs()
        descriptor = thing.build(blobs)
        mkimage.Registry(address, user).push(blobs, descriptor, name, "1")
        return descriptor

    def mounted(self, image, store=None):
        """The image as a container would see it."""
        lower = self.good("show", image, store=store).values("lower")
        target = tempfile.mkdtemp(dir=self.dir)
        empty = tempfile.mkdtemp(dir=self.dir)
        os.chmod(empty, 0o755)
        subprocess.run(["mount", "-t", "overlay", "overlay", "-o", "ro,lowerdir=" + ":".join([*lower, empty]), target], check=True)
        self.addCleanup(subprocess.run, ["umount", target], check=True)
        return target

    def assert_tree(self, image, layers):
        have = mkimage.describe_tree(self.mounted(image))
        want = mkimage.flatten(layers)
        implied = {path for path in have if any(other.startswith(path + "/") for other in want)}
        self.assertEqual(want, {path: line for path, line in have.items() if path in want or path not in implied})

    def left(self, *folders):
        found = []
        for folder in folders:
            found += os.listdir(os.path.join(self.store, folder))
        return found

    def assert_clean(self, layers=0):
        self.assertEqual(self.left("ingest", "trash"), [])
        self.assertEqual(len(self.left("layers")), layers)


class Honest(Case):
    def test_all_honest_images_look_as_they_should(self):
        address = self.registry()
        for name, make in images.HONEST.items():
            if name == "foreign":
                continue
            with self.subTest(image=name):
                thing = make()
                self.push(address, name, thing)
                self.good("pull", f"{address}/{name}:1")
                self.assert_tree(f"{address}/{name}:1", images.native(thing).layers)
        self.assert_clean(layers=len(self.left("layers")))

    def test_configuration_is_handed_over(self):
        address = self.registry()
        self.push(address, "web", images.built("web"))
        self.good("pull", f"{address}/web:1")
        show = self.good("show", f"{address}/web:1")
        self.assertEqual(show.values("entrypoint"), ["httpd", "-f", "-p", "8080", "-h"])
        self.assertEqual(show.values("cmd"), ["/www"])
        self.assertEqual(show.values("env"), [images.PATH])
        self.assertEqual(show.values("port"), ["8080/tcp"])
        self.assertEqual(show.values("user") + show.values("workdir") + show.values("signal"), ["user", "/www", "SIGINT"])
        self.assertEqual(show.values("label"), ["org.opencontainers.image.title=web"])

    def test_by_digest_and_by_tag_with_digest(self):
        address = self.registry()
        digest = self.push(address, "pause", images.built("pause"))["digest"]
        other = self.push(address, "multi", images.built("multi"))["digest"]
        self.good("pull", f"{address}/pause@{digest}")
        self.good("pull", f"{address}/multi:nonsense@{other}")
        for name in (f"{address}/pause@{digest}", f"{address}/pause:any@{digest}", f"{address}/multi@{other}"):
            self.assertEqual(self.good("show", name).status, 0)
        self.assertEqual(self.tool("show", f"{address}/pause:1").status, 1)
        self.assertIn("not found", self.bad("pull", f"{address}/pause@sha256:{'0' * 64}"))

    def test_layers_are_shared_and_go_with_the_last_image(self):
        address = self.registry()
        for name in ("busybox", "web"):
            self.push(address, name, images.built(name))
            self.good("pull", f"{address}/{name}:1")
        self.assert_clean(layers=2)
        self.good("rm", f"{address}/busybox:1")
        self.assert_clean(layers=2)
        self.good("rm", f"{address}/web:1")
        self.assert_clean(layers=0)
        self.assertEqual(self.left("blobs/sha256"), [])
        self.assertEqual(self.good("rm", f"{address}/web:1").lines, ["removed"])

    def test_an_image_in_use_is_not_removed(self):
        address = self.registry()
        self.push(address, "pause", images.built("pause"))
        self.good("pull", f"{address}/pause:1")
        self.assertIn("is in use by a container", self.bad("rm", f"{address}/pause:1", "--in-use"))
        self.assertEqual(len(self.good("ls").images()), 1)

    def test_an_image_that_is_mounted_is_not_removed(self):
        address = self.registry()
        for name in ("busybox", "web"):
            self.push(address, name, images.built(name))
            self.good("pull", f"{address}/{name}:1")
        target = self.mounted(f"{address}/web:1")
        self.assertIn("is in use by a container", self.bad("rm", f"{address}/web:1"))
        self.good("rm", f"{address}/busybox:1")  # its layer is web's, too, and stays
        self.assertEqual(os.listdir(os.path.join(target, "www")), ["index.html"])

    def test_a_tag_that_moves(self):
        address = self.registry()
        self.push(address, "x", Image([Layer().file("a", "1")]))
        first = self.good("pull", f"{address}/x:1").images()[0]
        self.push(address, "x", Image([Layer().file("a", "2")]))
        second = self.good("pull", f"{address}/x:1").images()[0]
        self.assertNotEqual(first["id"], second["id"])
        listed = {one["id"]: one["names"] for one in self.good("ls").images()}
        self.assertEqual(len(listed[first["id"]]), 1)
        self.assertIn(f"{address}/x:1", listed[second["id"]])
        self.assertEqual(self.good("show", f"{address}/x:1").images()[0]["id"], second["id"])

    def test_what_is_written_down_survives_and_another_boots_word_is_not_trusted(self):
        address = self.registry()
        self.push(address, "pause", images.built("pause"))
        self.good("pull", f"{address}/pause:1")
        index = os.path.join(self.store, "index.json")
        with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as source:
            this_boot = source.read().strip()

        def note():
            with open(index, encoding="utf-8") as source:
                return json.load(source)["images"][0].get("unsyncedBoot")

        def write_note(boot):
            with open(index, encoding="utf-8") as source:
                document = json.load(source)
            document["images"][0]["unsyncedBoot"] = boot
            with open(index, "w", encoding="utf-8") as out:
                json.dump(document, out)
        self.assertIsNone(note())  # who closes in order waits for the disk
        write_note(this_boot)
        with subprocess.Popen(self.command("wait"), stdout=subprocess.DEVNULL) as running:
            deadline = time.monotonic() + 10
            while note() and time.monotonic() < deadline:
                time.sleep(0.05)
            self.assertIsNone(running.poll())
            self.assertIsNone(note())
            running.kill()
        self.assertEqual(len(self.good("ls").images()), 1)
        write_note("another")
        self.assertEqual(self.good("ls").images(), [])
        self.assert_clean()

    def test_an_index_that_cannot_be_read_stops_everything(self):
        os.makedirs(os.path.join(self.store, "layers", "kept"))
        for text, why in (("{", "index.json"), ('{"version":9,"images":[]}', "a newer oarsman has written it")):
            with open(os.path.join(self.store, "index.json"), "w", encoding="utf-8") as out:
                out.write(text)
            self.assertIn(why, self.bad("ls"))
        self.assertEqual(self.left("layers"), ["kept"])

    def test_an_image_that_lost_its_configuration_keeps_its_layers_for_those_that_run(self):
        address = self.registry()
        self.push(address, "pause", images.built("pause"))
        image = self.good("pull", f"{address}/pause:1").images()[0]
        os.unlink(os.path.join(self.store, "blobs", image["id"].replace(":", "/")))
        self.assertEqual(self.good("ls").images(), [])
        self.assert_clean(layers=1)
        self.good("pull", f"{address}/pause:1")
        self.assert_tree(f"{address}/pause:1", images.built("pause").layers)
        shutil.rmtree(os.path.join(self.store, "layers", self.left("layers")[0]))
        self.good("pull", f"{address}/pause:1")
        self.assert_tree(f"{address}/pause:1", images.built("pause").layers)

    def test_an_artifact_keeps_its_blobs(self):
        module = MODULE
        registry = self.faulty(Image([Layer().bytes(module)]))
        manifest = registry.manifest
        manifest["config"]["mediaType"] = "application/vnd.wasm.config.v0+json"
        manifest["layers"][0]["mediaType"] = "application/wasm"
        registry.tags["1"] = registry.blobs.add(mkimage.to_json(manifest), mkimage.OCI + "manifest.v1+json")["digest"]
        image = self.good("pull", registry.image).images()[0]
        self.assertEqual(image["type"], "application/vnd.wasm.config.v0+json")
        show = self.good("show", registry.image)
        self.assertEqual(show.values("lower"), [])
        kind, _, blob = show.values("layer")[0].partition(" ")
        with open(blob.split("blob=")[1], "rb") as source:
            self.assertEqual((kind, source.read()), ("application/wasm", module))
        self.good("rm", registry.image)
        self.assertEqual(self.left("blobs/sha256"), [])


class Refused(Case):
    def test_what_is_not_there(self):
        address = self.registry()
        self.assertEqual(
            self.bad("pull", f"{address}/nope:1"),
            f'reason=ErrImagePull code=-2 failed to pull and unpack image "{address}/nope:1": failed to resolve reference '
            f'"{address}/nope:1": {address}/nope:1: not found')
        self.push(address, "foreign", images.built("foreign"))
        self.assertIn("no match for platform in manifest", self.bad("pull", f"{address}/foreign:1"))
        self.assertIn("reason=InvalidImageName", self.bad("pull", f"{address}/Nope:1"))
        self.assert_clean()

    def test_no_registry(self):
        started = time.monotonic()
        failed = self.bad("pull", "127.0.0.1:5999/x:1")
        self.assertIn('failed to resolve reference "127.0.0.1:5999/x:1"', failed)
        self.assertIn("refused", failed.lower())
        self.assertLess(time.monotonic() - started, 5)

    def test_hostile_images_leave_no_trace(self):
        address = self.registry()
        refused = {"truncated", "no-archive", "wrong-diff-id", "too-few-diff-ids", "many-layers", "bomb", "many-files",
                   "deep", "long-name", "escape-dotdot", "escape-hardlink", "escape-hardlink-symlink", "escape-whiteout"}
        for name, make in images.HOSTILE.items():
            if name in ("bomb", "many-files"):
                continue  # below: they take their time
            with self.subTest(image=name):
                self.push(address, name, make())
                answer = self.tool("pull", f"{address}/{name}:1")
                self.assertEqual(answer.status, 1 if name in refused else 0, answer.text)
                self.assertFalse([path for path in ("/tmp/escaped", "/escaped", "/etc/escaped") if os.path.exists(path)])
                for lower in self.tool("show", f"{address}/{name}:1").values("lower"):
                    self.assertNotIn("redirect", str([os.listxattr(os.path.join(lower, entry), follow_symlinks=False)
                                                      for entry in os.listdir(lower)]))
        self.assertEqual(self.left("ingest", "trash"), [])

    def test_bombs_end_at_their_limits(self):
        layers = {}
        for name in ("bomb", "many-files"):
            layers[name] = images.built(name).layers[0].build()[0]
        for name, option, why in (("bomb", ["--max-bytes", "100000000"], "larger than"),
                                  ("many-files", ["--max-entries", "5000"], "more than 5000 entries")):
            folder = os.path.join(self.dir, name)
            os.mkdir(folder)
            done = subprocess.run([UNPACK, *option], input=layers[name], cwd=folder, capture_output=True, timeout=60)
            self.assertEqual(done.returncode, 1)
            self.assertIn(why, done.stderr.decode())
            self.assertEqual(done.stderr.count(b"\n"), 1)

    def test_the_unpacker_has_given_up_everything_before_it_reads(self):
        folder = os.path.join(self.dir, "layer")
        os.mkdir(folder)
        with subprocess.Popen([UNPACK], stdin=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=folder) as helper:
            deadline = time.monotonic() + 5
            with open(UNPACK, "rb") as program:
                filtered = "0" if b"__asan_init" in program.read() else "2"  # sanitizers make calls of their own
            while self.status(helper.pid)["NoNewPrivs"] != "1" and time.monotonic() < deadline:
                time.sleep(0.01)
            time.sleep(0.1)
            status = self.status(helper.pid)
            kept = sum(1 << bit for bit in (0, 1, 3, 4, 31))  # chown, dac_override, fowner, fsetid, setfcap
            for name in ("CapEff", "CapPrm", "CapBnd"):
                self.assertEqual(int(status[name], 16), kept, name)
            self.assertEqual((status["NoNewPrivs"], status["Seccomp"]), ("1", filtered))
            self.assertEqual(os.listdir(f"/proc/{helper.pid}/root"), [])
            with open(f"/proc/{helper.pid}/mounts", encoding="utf-8") as source:
                self.assertEqual(len(source.readlines()), 1)
            helper.stdin.close()

    @staticmethod
    def status(pid):
        with open(f"/proc/{pid}/status", encoding="utf-8") as source:
            return dict(line.rstrip("\n").split(":\t", 1) for line in source if ":\t" in line)

    def test_the_unpacker_sees_nothing_but_its_directory(self):
        folder = os.path.join(self.dir, "layer")
        os.mkdir(folder)
        tar = Layer().symlink("up", "/").file("up/etc/passwd", "x").tar()
        done = subprocess.run([UNPACK], input=tar, cwd=folder, capture_output=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)
        with open(os.path.join(folder, "etc/passwd"), encoding="utf-8") as source:
            self.assertEqual(source.read(), "x")

    def test_wrong_and_truncated_blobs(self):
        registry = self.faulty(images.built("busybox"))
        layer = registry.manifest["layers"][0]["digest"]
        config = registry.manifest["config"]["digest"]
        content = registry.blobs.content
        cases = {
            "wrong layer": (layer, registry.answer(200, b"x" * len(content[layer])), "unexpected digest sha256:"),
            "long layer": (layer, registry.answer(200, content[layer] + b"x"), "bytes came"),
            "short layer": (layer, registry.answer(200, content[layer][:1000]), "bytes came"),
            "wrong config": (config, registry.answer(200, b"{}"), "unexpected digest"),
            "big manifest": ("1", registry.answer(200, b"[" * (5 << 20)), "failed to resolve reference"),
            "no manifest": ("1", registry.answer(200, b"<html>"), "manifest"),
            "wrong range": (layer, registry.answer(206, content[layer], {"Content-Range": "bytes 7-/*"}), "range"),
        }
        for name, (key, fault, why) in cases.items():
            with self.subTest(case=name):
                registry.faults = {key: fault}
                self.assertIn(why, self.bad("pull", registry.image))
                self.assert_clean()
        registry.faults = {}
        self.good("pull", registry.image)

    def test_what_the_registry_says_is_passed_on(self):
        registry = self.faulty(images.built("pause"))
        said = b'{"errors":[{"code":"TOOMANYREQUESTS","message":"You have reached your pull rate limit"}]}'
        registry.faults["1"] = registry.answer(429, said)
        failed = self.bad("pull", registry.image)
        self.assertIn("429 Too Many Requests: server message: TOOMANYREQUESTS: You have reached your pull rate limit", failed)
        registry.faults["1"] = registry.answer(500, b"<html>oops</html>")
        self.assertIn("500 Internal Server Error", self.bad("pull", registry.image))

    def test_schema_1_is_refused_clearly(self):
        registry = self.faulty(images.built("pause"))
        registry.faults["1"] = registry.answer(200, b'{"schemaVersion":1,"name":"x","fsLayers":[],"signatures":[]}')
        self.assertIn("schema 1, which is not supported any more", self.bad("pull", registry.image))


class Network(Case):
    def test_a_broken_blob_goes_on_where_it_stopped(self):
        registry = self.faulty(images.built("busybox"))
        layer = registry.manifest["layers"][0]["digest"]
        registry.faults[layer] = registry.cut_after(300000, times=3)
        self.good("pull", registry.image)
        ranges = [headers.get("Range") for headers in registry.asked_for(layer)]
        self.assertEqual(ranges[0], None)
        self.assertEqual(len(ranges), 4)
        self.assertTrue(all(one.startswith("bytes=") for one in ranges[1:]), ranges)

    def test_a_registry_without_ranges_is_read_again(self):
        registry = self.faulty(images.built("busybox"))
        layer = registry.manifest["layers"][0]["digest"]
        registry.faults[layer] = registry.cut_after(300000, ranges=False)
        self.good("pull", registry.image)
        self.assert_tree(registry.image, [images.busybox_root()])

    def test_a_blob_that_always_breaks_is_given_up(self):
        registry = self.faulty(images.built("busybox"))
        layer = registry.manifest["layers"][0]["digest"]
        registry.faults[layer] = registry.cut_after(0, times=1000)
        self.bad("pull", registry.image)
        self.assertEqual(len(registry.asked_for(layer)), 6)
        self.assert_clean()

    def test_redirects_carry_no_authorization(self):
        registry = self.faulty(images.built("busybox"))
        elsewhere = FaultyRegistry(registry.blobs, "127.0.0.2")
        self.addCleanup(elsewhere.close)
        for digest in (registry.manifest["layers"][0]["digest"], registry.manifest["config"]["digest"]):
            registry.faults[digest] = registry.redirect_to(elsewhere)
        challenge = {"WWW-Authenticate": 'Basic realm="x"'}

        def manifest(request, content):
            if request.headers.get("Authorization"):
                request.serve(registry.blobs.content[registry.tags["1"]])
            else:
                request.send(401, b"", challenge)
        registry.faults["1"] = manifest
        self.good("pull", registry.image, "-u", "a:b")
        self.assertTrue(any("Authorization" in headers for headers in registry.asked_for("blobs")))
        self.assertEqual(len(elsewhere.asked_for("elsewhere")), 2)
        self.assertFalse([headers for headers in elsewhere.asked_for("") if "Authorization" in headers])

    def test_cancelling_ends_it_and_leaves_nothing(self):
        registry = self.faulty(images.built("busybox"))
        layer = registry.manifest["layers"][0]["digest"]
        registry.faults[layer] = registry.hang_after(5000)
        started = time.monotonic()
        self.assertIn("cancelled", self.bad("pull", registry.image, "-c", "300"))
        self.assertLess(time.monotonic() - started, 3)
        self.assert_clean()

    def test_closing_at_any_moment(self):
        registry = self.faulty(images.built("layers"))
        for option in ("-x", "-c"):
            for after in range(0, 60, 3):
                with self.subTest(option=option, after=after):
                    answer = self.tool("pull", registry.image, "-n", "2", option, str(after))
                    self.assertIn(answer.status, (0, 1), answer.text)
                    self.assertEqual(len(answer.images()) + len(answer.values("failed")), 2)
                    if option == "-x" and answer.status:
                        self.assertEqual(len(answer.values("failed")), 2)
                    layers = 3 if self.good("ls").images() else 0
                    self.assert_clean(layers)
                    self.good("rm", registry.image)

    def test_many_ask_and_one_pulls(self):
        registry = self.faulty(images.built("layers"))
        answer = self.good("pull", registry.image, "-n", "25")
        self.assertEqual(len(answer.images()), 25)
        for layer in registry.manifest["layers"]:
            self.assertEqual(len(registry.asked_for(layer["digest"])), 1)
        self.assertEqual(len(registry.asked_for("manifests")), 1)

    def two_with_a_common_base(self):
        base = images.busybox_root()
        registry = self.faulty(Image([base, Layer().file("one", "1")]))
        registry.tags["2"] = Image([base, Layer().file("two", "2")]).build(registry.blobs)["digest"]
        return registry, registry.manifest["layers"][0]["digest"], registry.image[:-1] + "2"

    def test_two_images_at_once_fetch_their_common_base_once(self):
        registry, base, other = self.two_with_a_common_base()
        self.assertEqual(len(self.good("pull", registry.image, "-a", other).images()), 2)
        self.assertEqual(len(registry.asked_for(base)), 1)
        self.assert_clean(layers=3)
        self.assert_tree(other, [images.busybox_root(), Layer().file("two", "2")])

    def test_who_waits_for_a_layer_of_a_pull_that_is_cancelled_makes_it_itself(self):
        registry, base, other = self.two_with_a_common_base()
        hang, asked = registry.hang_after(5000), []

        def first_hangs(request, content):
            asked.append(1)
            hang(request, content) if len(asked) == 1 else request.serve(content)
        registry.faults[base] = first_hangs
        answer = self.tool("pull", registry.image, "-a", other, "-c", "400")
        self.assertEqual(len(answer.images()), 1, answer.text)
        self.assertIn("cancelled", answer.values("failed")[0])
        self.assertEqual(len(asked), 2)
        self.assert_tree(other, [images.busybox_root(), Layer().file("two", "2")])

    def test_an_image_that_is_here_costs_one_request(self):
        registry = self.faulty(images.built("layers"))
        self.good("pull", registry.image)
        registry.requests.clear()
        self.good("pull", registry.image)
        self.assertEqual(len(registry.asked_for("blobs")), 0)
        self.assertEqual(len(registry.asked_for("manifests")), 1)

    def test_three_layers_at_a_time(self):
        layers = [Layer("none").file(f"f{n}", os.urandom(1000)) for n in range(8)]
        registry = self.faulty(Image(layers))
        now, most, lock = [0], [0], registry.lock

        def slow(request, content):
            with lock:
                now[0] += 1
                most[0] = max(most[0], now[0])
            time.sleep(0.05)
            with lock:
                now[0] -= 1
            request.serve(content)
        for layer in registry.manifest["layers"]:
            registry.faults[layer["digest"]] = slow
        self.good("pull", registry.image)
        self.assertEqual(most[0], 3)

    def test_loopback_is_never_asked_for_through_a_proxy(self):
        registry = self.faulty(images.built("pause"))
        nowhere = "http://127.0.0.1:9"
        self.good("pull", registry.image, env={"HTTP_PROXY": nowhere, "http_proxy": nowhere, "HTTPS_PROXY": nowhere,
                                               "ALL_PROXY": nowhere, "NO_PROXY": "", "no_proxy": ""})

    def certificate(self, name):
        certificate, key = os.path.join(self.dir, "crt"), os.path.join(self.dir, "key")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={name}", "-days", "2",
                        "-addext", f"subjectAltName=IP:{name}", "-keyout", key, "-out", certificate], check=True,
                       capture_output=True)
        return certificate, key

    def test_tls_with_a_certificate_that_the_administrator_trusts(self):
        certificate, key = self.certificate("127.0.0.1")
        address = self.registry("--tls", certificate, key)
        layout = os.path.join(self.dir, "layout")
        blobs = Blobs()
        mkimage.write_layout(layout, blobs, {"pause:1": images.built("pause").build(blobs)})
        subprocess.run(["skopeo", "copy", "-q", "--dest-tls-verify=false", f"oci:{layout}:pause:1",
                        f"docker://{address}/pause:1"], check=True)
        failed = self.bad("pull", f"{address}/pause:1")
        self.assertIn(f'failed to resolve reference "{address}/pause:1"', failed)
        self.assertIn("certificate", failed)
        trusted = os.path.join(self.dir, "certs")
        os.makedirs(os.path.join(trusted, address))
        shutil.copy(certificate, os.path.join(trusted, address, "ca.crt"))
        self.good("-d", trusted, "pull", f"{address}/pause:1")
        self.assert_tree(f"{address}/pause:1", images.built("pause").layers)
        with open(os.path.join(trusted, address, "ca.crt"), "w", encoding="utf-8") as out:
            out.write("no certificate\n")
        self.assertIn("ca.crt", self.bad("-d", trusted, "pull", f"{address}/pause:1"))

    def test_plain_http_is_for_loopback_and_for_whom_it_is_configured(self):
        subprocess.run(["ip", "address", "add", "10.99.0.1/32", "dev", "lo"], check=True)
        self.addCleanup(subprocess.run, ["ip", "address", "del", "10.99.0.1/32", "dev", "lo"], check=True)
        blobs = Blobs()
        registry = FaultyRegistry(blobs, "10.99.0.1")
        self.addCleanup(registry.close)
        registry.tags["1"] = images.built("pause").build(blobs)["digest"]
        image = f"{registry.address}/x:1"
        self.assertIn("failed to do request", self.bad("pull", image))
        self.assertEqual(registry.requests, [])
        self.good("-w", registry.address, "pull", image)


class Credentials(Case):
    def check(self, address):
        self.push(address, "pause", images.built("pause"), "user:secret")
        image = f"{address}/pause:1"
        failed = self.bad("pull", image)
        self.assertIn("reason=ErrImagePull code=-13", failed)
        self.assertIn(f'failed to pull and unpack image "{image}"', failed)
        failed = self.bad("pull", image, "-u", "user:wrong")
        self.assertNotIn("wrong", failed.replace("wrong name or password", ""))
        self.bad("pull", image, "-u", "a:b", "-u", "c:d")
        self.good("pull", image, "-u", "user:wrong", "-u", "user:secret")
        self.good("pull", image, "-u", "user:secret", "-u", "user:wrong")
        # What is here is not handed to those who may not have it: each asks the registry.
        self.bad("pull", image)

    def test_basic(self):
        self.check(self.registry("--basic", "user:secret"))

    def test_bearer(self):
        self.check(self.registry("--bearer", "user:secret"))

    def test_a_token_that_runs_out_is_renewed(self):
        registry = self.faulty(Image([Layer("none").file(f"f{n}", "x" * n) for n in range(6)]))
        tokens, uses = [], {}

        def token(request, content):
            tokens.append(str(len(tokens)))
            request.send(200, mkimage.to_json({"token": tokens[-1], "expires_in": 60}))

        def guarded(request, content):
            shown = request.headers.get("Authorization", "").removeprefix("Bearer ")
            uses[shown] = uses.get(shown, 0) + 1
            if shown not in tokens or uses[shown] > 3:  # it lasts for three requests
                realm = f"http://{registry.address}/v2/t/token"
                request.send(401, b"", {"WWW-Authenticate": f'Bearer realm="{realm}",service="s",scope="repository:x:pull"'})
            else:
                request.serve(registry.blobs.content[registry.tags.get(request.path.rpartition("/")[2],
                                                                       request.path.rpartition("/")[2])])
        registry.faults["token"] = token
        for name in ("1", registry.manifest["config"]["digest"], *(one["digest"] for one in registry.manifest["layers"])):
            registry.faults[name] = guarded
        self.good("pull", registry.image, "-u", "a:b")
        self.assertGreaterEqual(len(tokens), 3)

    def test_an_identity_token_is_posted(self):
        registry = self.faulty(images.built("pause"))
        bodies = []

        def guarded(request, content):
            if request.headers.get("Authorization") == "Bearer good":
                request.serve(registry.blobs.content[registry.tags["1"]])
            else:
                realm = f"http://{registry.address}/token"
                request.send(401, b"", {"WWW-Authenticate": f'Bearer realm="{realm}",service="s"'})
        registry.faults["1"] = guarded

        def do_post(request):
            bodies.append(request.rfile.read(int(request.headers["Content-Length"])).decode())
            request.send(200, b'{"access_token":"good"}')
        registry.server.RequestHandlerClass = type("H", (registry.server.RequestHandlerClass,), {"do_POST": do_post})
        self.good("pull", registry.image, "-t", "iden tity")
        self.assertEqual(bodies, ["grant_type=refresh_token&client_id=oarsman&refresh_token=iden%20tity&service=s"
                                  "&scope=repository%3Ax%3Apull"])


class Loading(Case):
    def test_layouts_and_archives(self):
        blobs, references = Blobs(), {}
        for name in ("layers", "pause", "multi"):
            references[name + ":1"] = images.built(name).build(blobs)
        layout = os.path.join(self.dir, "layout")
        mkimage.write_layout(layout, blobs, references)
        archive = os.path.join(self.dir, "layout.tar")
        with tarfile.open(archive, "w") as out:
            out.add(layout, arcname=".")
        saved = os.path.join(self.dir, "saved.tar")
        mkimage.write_archive(saved, images.built("layers"), "layers:1")
        for path, count in ((layout, 3), (archive, 3), (saved, 1)):
            with self.subTest(path=os.path.basename(path)):
                shutil.rmtree(self.store, ignore_errors=True)
                self.assertEqual(len(self.good("load", path).images()), count)
                self.assert_tree("layers:1", images.built("layers").layers)
                self.assertEqual(self.left("ingest", "trash"), [])
                self.assertEqual(len(self.good("load", path).images()), count)

    def test_what_cannot_be_loaded(self):
        text = os.path.join(self.dir, "text")
        with open(text, "w", encoding="utf-8") as out:
            out.write("this is no archive\n" * 100)
        empty = os.path.join(self.dir, "empty.tar")
        tarfile.open(empty, "w").close()
        damaged = os.path.join(self.dir, "damaged")
        blobs = Blobs()
        mkimage.write_layout(damaged, blobs, {"busybox:1": images.built("busybox").build(blobs)})
        layer = max((os.path.join(damaged, "blobs/sha256", name) for name in os.listdir(damaged + "/blobs/sha256")),
                    key=os.path.getsize)
        with open(layer, "r+b") as out:
            out.seek(5000)
            out.write(b"damage")
        outside = os.path.join(self.dir, "outside")
        os.makedirs(outside)
        os.symlink("/etc/hostname", os.path.join(outside, "index.json"))
        for path, why in ((text, "failed to load"), (empty, "neither an OCI layout"), (damaged, "unexpected digest"),
                          ("/not/there", "No such file"), (outside, "")):
            with self.subTest(path=os.path.basename(path)):
                self.assertIn(why, self.bad("load", path))
                self.assert_clean()

    def test_without_a_name(self):
        saved = os.path.join(self.dir, "saved.tar")
        mkimage.write_archive(saved, images.built("pause"), None)
        with tarfile.open(saved) as source:
            manifest = json.load(source.extractfile("manifest.json"))
        self.assertEqual(manifest[0]["RepoTags"], [None])
        self.assertEqual(self.good("load", saved, "mine:2").images()[0]["names"], ["docker.io/library/mine:2"])


class Local(Case):
    """Modules that are files of this node: what a pod with each pull policy asks of the store is pull (Always), status
    and then pull (IfNotPresent), or status alone (Never)."""

    def module(self, content=MODULE, name="a.wasm"):
        path = os.path.join(self.dir, name)
        with open(path, "wb") as out:
            out.write(content)
        return path

    def pulled(self, reference):
        return self.good("-l", "pull", reference).images()[0]

    def content(self, image):
        """What would be run of it."""
        show = self.good("show", image)
        self.assertEqual(show.values("lower"), [])
        kind, digest, blob = show.values("layer")[0].split(" ")
        with open(blob.removeprefix("blob="), "rb") as source:
            content = source.read()
        self.assertEqual((kind, digest), ("application/wasm", mkimage.digest(content)))
        return content

    def test_a_file_becomes_an_artifact_that_goes_by_its_reference(self):
        path = self.module()
        references = [f"file:{path}", f"file://{path}", f"fs{path}"]
        for number, reference in enumerate(references, 1):
            self.assertEqual(self.good("-l", "status", reference).lines, ["nothing"])
            image = self.pulled(reference)
            self.assert_clean()  # also of a copy of what was here already
            self.assertEqual(image["type"], "application/vnd.wasm.config.v0+json")
            self.assertEqual(sorted(image["names"]), sorted(references[:number]))  # equal modules are one image
            self.assertEqual(self.good("-l", "status", reference).images()[0], image)
            self.assertEqual(self.content(reference), MODULE)
        show = self.good("show", references[0])
        self.assertEqual(show.values("manifest"), [image["id"]])
        self.assertEqual(show.values("configtype"), ["application/vnd.oci.empty.v1+json"])
        self.assertEqual(show.values("artifacttype"), ["application/vnd.wasm.config.v0+json"])
        self.assertEqual(len(self.good("ls").images()), 1)
        self.assertEqual(len(self.left("blobs/sha256")), 3)
        self.assert_clean()
        self.good("rm", references[1])
        self.assertEqual(self.left("blobs/sha256"), [])
        self.assertTrue(os.path.exists(path))

    def test_what_has_changed_is_read_when_it_is_pulled_and_not_before(self):
        path = self.module()
        reference = f"file:{path}"
        first = self.pulled(reference)
        self.module(MODULE + b"changed")
        self.assertEqual(self.good("-l", "status", reference).images()[0], first)
        self.assertEqual(self.content(reference), MODULE)
        second = self.pulled(reference)
        self.assertNotEqual(first["id"], second["id"])
        self.assertEqual(self.content(reference), MODULE + b"changed")
        self.assertEqual(self.content(first["id"]), MODULE)  # for those that run
        self.assertEqual([one["names"] for one in self.good("ls").images()], [[], [reference]])
        os.unlink(path)
        self.assertIn("No such file", self.bad("-l", "pull", reference))
        self.assertEqual(self.good("-l", "status", reference).images()[0], second)
        self.assert_clean()

    def test_without_the_setting_it_is_refused_before_anything_is_looked_up(self):
        path = self.module()
        for reference in (f"file:{path}", f"file://{path}", f"fs{path}", "file:/nowhere.wasm"):
            want = (f'reason=InvalidImageName code=-1 "{reference}" names a file of the node: wasm.localModules '
                    "(--wasm-local-modules) does not allow that here")
            self.assertEqual(self.bad("pull", reference), want)
            self.assertEqual(self.bad("status", reference), want)
        self.pulled(f"file:{path}")
        self.bad("status", f"file:{path}")  # also when it came while it was allowed
        self.good("rm", f"file:{path}")
        self.assertIn("reading only", self.bad("-l", "-r", "pull", f"file:{path}"))

    def test_what_is_no_module_is_refused_in_words(self):
        os.mkfifo(os.path.join(self.dir, "fifo.wasm"))
        os.mkdir(os.path.join(self.dir, "dir.wasm"))
        os.mknod(os.path.join(self.dir, "device.wasm"), stat.S_IFCHR | 0o600, os.makedev(1, 3))
        os.symlink("loop.wasm", os.path.join(self.dir, "loop.wasm"))
        os.symlink("/dev/zero", os.path.join(self.dir, "zero.wasm"))
        with open(self.module(name="large.wasm"), "r+b") as out:
            out.truncate(257 << 20)
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind(os.path.join(self.dir, "socket.wasm"))
        elf = b"\x7fELF\2\1\1" + bytes(57)
        for name, content in (("elf.wasm", elf), ("elf.wat", elf), ("empty.wasm", b""), ("short.wasm", MODULE[:3]),
                              ("text.wasm", b"(module)"), ("secret", b"password\n")):
            self.module(content, name)
        cases = {
            "dir.wasm": "is a directory, not a module", "fifo.wasm": "is not a regular file",
            "device.wasm": "is not a regular file", "zero.wasm": "is not a regular file", "socket.wasm": "is not a regular file",
            "large.wasm": "is too large for a module: it may have 268435456 bytes",
            "elf.wasm": "is native code (ELF), not WebAssembly: give the module itself", "elf.wat": "is native code (ELF)",
            "empty.wasm": "is empty", "short.wasm": "is not a WebAssembly module", "text.wasm": "is not a WebAssembly module",
            "secret": "is not a WebAssembly module", "nowhere.wasm": "No such file or directory",
            "loop.wasm": "Too many levels of symbolic links", "elf.wasm/x": "Not a directory",
        }
        for name, why in cases.items():
            with self.subTest(name=name):
                failed = self.bad("-l", "pull", f"file:{self.dir}/{name}")
                self.assertRegex(failed, "^reason=ErrImagePull code=-[0-9]+ failed to pull and unpack image "
                                 f'"file:{self.dir}/{name}": (open )?{self.dir}/{name}')
                self.assertIn(why, failed)
        for path in ("/proc/self/environ", "/proc/self/exe", "/proc/kcore", "/proc/kmsg", "/sys/kernel/profiling", "/"):
            with self.subTest(path=path):
                self.bad("-l", "pull", f"file:{path}")
        self.assertEqual(self.left("blobs/sha256", "ingest", "trash"), [])
        self.assertEqual(self.good("ls").images(), [])

    def test_text_is_taken_and_links_are_followed(self):
        self.module(b"(module)", "a.wat")
        os.symlink("a.wat", os.path.join(self.dir, "link"))
        os.symlink("link", os.path.join(self.dir, "b.wat"))
        self.pulled(f"file:{self.dir}/b.wat")
        self.assertEqual(self.content(f"file:{self.dir}/b.wat"), b"(module)")
        self.assertIn("is not a WebAssembly module", self.bad("-l", "pull", f"file:{self.dir}/link"))  # the name given counts

    def test_a_module_of_the_largest_size(self):
        path = self.module()
        with open(path, "r+b") as out:
            out.truncate(256 << 20)
        self.pulled(f"file:{path}")
        with open(path, "ab") as out:
            out.write(b"x")
        self.assertIn("is too large", self.bad("-l", "pull", f"file:{path}"))
        self.assert_clean()

    def test_a_file_that_changes_while_it_is_read_is_no_module(self):
        path = self.module(MODULE + bytes(100 << 20))
        with open(path, "r+b", buffering=0) as out, \
                subprocess.Popen(self.command("-l", "pull", f"file:{path}"), stdout=subprocess.PIPE, text=True) as running:
            while running.poll() is None:
                out.seek(len(MODULE))
                out.write(os.urandom(8))
            self.assertIn("has changed while it was read", running.stdout.read())
        self.assert_clean()

    def test_askers_share_a_pull_and_closing_at_any_moment_leaves_nothing(self):
        path = self.module(MODULE + bytes(8 << 20))
        self.assertEqual(len(self.good("-l", "pull", f"file:{path}", "-n", "25").images()), 25)
        for option in ("-x", "-c"):
            for after in range(0, 60, 5):
                with self.subTest(option=option, after=after):
                    self.good("rm", f"file:{path}")
                    answer = self.tool("-l", "pull", f"file:{path}", "-n", "2", option, str(after))
                    self.assertIn(answer.status, (0, 1), answer.text)
                    self.assertEqual(len(answer.images()) + len(answer.values("failed")), 2)
                    blobs = 3 if self.good("ls").images() else 0  # the start sweeps what a process left that was at it
                    self.assertEqual(len(self.left("blobs/sha256")), blobs)
                    self.assert_clean()

    def test_a_full_disk(self):
        path = self.module(MODULE + os.urandom(3 << 20))
        os.mkdir(self.store)
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", self.store], check=True)
        self.addCleanup(subprocess.run, ["umount", self.store], check=True)
        failed = self.bad("-l", "pull", f"file:{path}")
        self.assertIn("no space left for the image on the disk of", failed)
        self.assertIn("code=-28", failed)
        self.assertEqual(self.left("blobs/sha256", "ingest", "trash"), [])

    def test_no_archive_can_take_the_name_of_a_file(self):
        for number, (name, becomes) in enumerate((("fs/srv/a.wasm", ["docker.io/fs/srv/a.wasm:latest"]), ("file:/srv/a.wasm", []))):
            saved = os.path.join(self.dir, f"{number}.tar")
            mkimage.write_archive(saved, images.built("pause"), name)
            self.assertEqual(self.good("load", saved).images()[0]["names"], becomes)
            self.assertEqual(self.good("-l", "status", name).lines, ["nothing"])
            self.good("rm", self.good("ls").images()[0]["id"])


class Disk(Case):
    def test_a_full_disk_gives_one_error_and_leaves_nothing(self):
        registry = self.faulty(Image([images.busybox_root(), Layer("none").file("big", os.urandom(3 << 20))]))
        os.mkdir(self.store)
        for size in ("600k", "1500k", "2500k", "3500k", "5500k"):
            with self.subTest(size=size):
                subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", self.store], check=True)
                try:
                    failed = self.bad("pull", registry.image)
                    self.assertRegex(failed, "[Nn]o space left")
                    self.assertIn("code=-28", failed)
                    self.assert_clean()
                    self.assertEqual(self.left("blobs/sha256"), [])
                    self.assertEqual(self.good("ls").images(), [])
                finally:
                    subprocess.run(["umount", self.store], check=True)

    def test_two_processes_do_not_share_a_store(self):
        registry = self.faulty(images.built("busybox"))
        registry.faults[registry.manifest["layers"][0]["digest"]] = registry.hang_after(1000)
        with subprocess.Popen(self.command("pull", registry.image), stdout=subprocess.DEVNULL) as first:
            while not os.path.exists(os.path.join(self.store, "lock")):
                time.sleep(0.02)
            time.sleep(0.1)
            self.assertIn("another process uses it", self.bad("ls"))
            self.assertEqual(self.good("-r", "ls").lines, [])
            self.assertIn("reading only", self.bad("-r", "pull", registry.image))
            first.send_signal(signal.SIGKILL)
        self.assertEqual(self.good("ls").images(), [])
        self.assert_clean()


class Killed(Case):
    """The process dies before each of its effects in turn; what is found afterwards is as if it had never begun, or whole."""

    def crash_everywhere(self, prepare, run, check):
        log = os.path.join(self.dir, "effects")
        for n in range(1, 200):
            shutil.rmtree(self.store, ignore_errors=True)
            prepare()
            answer = self.tool(*run, env={"CRASH_AT": str(n), "CRASH_LOG": log})
            if n == 1 and not os.path.exists(log):
                self.skipTest("built without OARSMAN_CRASH_POINTS")
            with self.subTest(effect=n):
                check(answer)
            if answer.status != -signal.SIGKILL:
                self.assertGreater(n, 3)
                return
        self.fail("it never ran to its end")

    def test_pulling(self):
        registry = self.faulty(images.built("layers"))

        def check(answer):
            listed = self.good("ls").images()
            self.assertIn(len(listed), (0, 1))
            self.assert_clean(layers=3 if listed else 0)
            self.good("pull", registry.image)
            self.assert_tree(registry.image, images.built("layers").layers)
            self.assert_clean(layers=3)
        self.crash_everywhere(lambda: None, ("pull", registry.image), check)

    def test_removing(self):
        registry = self.faulty(images.built("layers"))
        other = self.faulty(Image([images.built("layers").layers[0]]))

        def prepare():
            self.good("pull", registry.image)
            self.good("pull", other.image)

        def check(answer):
            listed = self.good("ls").images()
            self.assertIn(len(listed), (1, 2))
            self.assert_clean(layers=3 if len(listed) == 2 else 1)
            self.assert_tree(other.image, images.built("layers").layers[:1])
        self.crash_everywhere(prepare, ("rm", registry.image), check)

    def test_loading(self):
        saved = os.path.join(self.dir, "saved.tar")
        mkimage.write_archive(saved, images.built("layers"), "layers:1")

        def check(answer):
            listed = self.good("ls").images()
            self.assert_clean(layers=3 if listed else 0)
            self.good("load", saved)
            self.assert_tree("layers:1", images.built("layers").layers)
        self.crash_everywhere(lambda: None, ("load", saved), check)

    def test_taking_a_file_of_this_node(self):
        path = os.path.join(self.dir, "a.wasm")
        reference, old, new = f"file:{path}", MODULE, MODULE + b"new"

        def write(content):
            with open(path, "wb") as out:
                out.write(content)

        def prepare():
            write(old)
            self.good("-l", "pull", reference)
            write(new)

        def check(answer):
            listed = self.good("-l", "ls").images()
            named = [one for one in listed if one["names"] == [reference]]
            self.assertEqual(len(named), 1)  # the old or the new, and each with all that it is made of
            self.assertEqual(len(self.left("blobs/sha256")), 1 + 2 * len(listed))
            self.assert_clean()
            self.good("-l", "pull", reference)
            blob = self.good("show", reference).values("layer")[0].split("blob=")[1]
            with open(blob, "rb") as source:
                self.assertEqual(source.read(), new)
            self.assertEqual(len(self.left("blobs/sha256")), 5)
            self.assert_clean()
        self.crash_everywhere(prepare, ("-l", "pull", reference), check)


def main():
    global TOOL, UNPACK
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    TOOL, UNPACK = (os.path.realpath(path) for path in sys.argv[1:3])
    if os.geteuid() != 0 or not shutil.which("docker-registry"):
        print("SKIP: root and docker-registry are needed")
        sys.exit(SKIPPED)
    isolate()
    unittest.main(argv=[sys.argv[0], *sys.argv[3:]], verbosity=2, warnings="ignore")


if __name__ == "__main__":
    main()
