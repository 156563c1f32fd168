#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""make_seeds.py: writes the seeds of the image fuzzers into ../corpus/{image_ref,image_json,layer}."""

import os
import sys

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, os.path.join(HERE, "../../support"))
from mkimage import Blobs, Image, Index, Layer, compress, to_json  # noqa: E402

DIGEST = "sha256:" + "ab" * 32
REFERENCES = [
    "busybox", "library/busybox:1.36", "docker.io/a/b:c", "localhost:5000/x", "127.0.0.1:5000/x/y:z", "[::1]:5000/x",
    "ghcr.io/a/b-c__d.e:V_1.2", "x@" + DIGEST, "a.b/c:d@" + DIGEST, "index.docker.io/x", "UPPER/x", "x:" + "t" * 128,
    "file:/srv/a.wasm", "file:///srv/a b@c:d.wasm", "fs/srv/a.wasm",
]
AUTH = {"a.b:5000": {"auth": "dXNlcjpwYXNz"}, "https://index.docker.io/v1/": {"username": "u", "password": "p"},
        "*.glob.example/path": {"identitytoken": "t"}}


def write(folder, name, data):
    path = os.path.join(HERE, "../corpus", folder)
    os.makedirs(path, exist_ok=True)
    with open(os.path.join(path, name), "wb") as out:
        out.write(data)


def documents():
    blobs = Blobs()
    run = {"Env": ["A=b"], "Entrypoint": ["/x"], "Cmd": ["y"], "User": "1:2", "WorkingDir": "/", "Volumes": {"/v": {}},
           "ExposedPorts": {"80/tcp": {}}, "Labels": {"k": "v"}, "StopSignal": "SIGINT"}
    index = Index([Image([Layer().file("f", "x")], run), Image([Layer("none").dir("d")], architecture="arm64", family="docker")])
    blobs.content["index"] = blobs.content[index.build(blobs)["digest"]]
    for data in blobs.content.values():
        if data.startswith(b"{"):
            yield (b"\1" if b"rootfs" in data else b"\0") + data
    record = {"id": DIGEST, "config": DIGEST, "tags": ["docker.io/library/x:latest"], "digests": ["docker.io/library/x@" + DIGEST],
              "size": 7, "layers": [{"mediaType": "t", "digest": DIGEST, "size": 1, "diffID": DIGEST, "chain": DIGEST}],
              "unsyncedBoot": "b"}
    yield b"\2" + to_json({"version": 1, "images": [record]})
    yield b"\3" + to_json({"auths": AUTH})
    yield b"\4" + to_json(AUTH)
    yield b'\5Bearer realm="https://a.b/token",service="s",scope="repository:x:pull", Basic realm="r"'
    yield b"\5" + to_json({"errors": [{"code": "DENIED", "message": "no", "detail": {}}]})


def layers():
    whole = (Layer().dir("./").dir("a").file("a/f", "x", uid=1, gid=2, mode=0o4755, xattrs={"user.x": b"\0\xff"})
             .symlink("s", "a").file("s/through", "x").hardlink("h", "a/f").fifo("p").character_device("c", 1, 3)
             .whiteout("a/f").opaque("d").file("l/escaped", "x").file("utf-8-ÿ", "x").file("long/" * 40 + "f", "x"))
    escape = (Layer().symlink("up", "../../..").file("up/escaped", "x").symlink("abs", "/").file("abs/escaped", "x"))
    hostile = Layer().file("../escaped", "x").hardlink("h", "/etc/passwd").file(".wh...", "")
    for name, layer in (("whole", whole), ("escape", escape), ("hostile", hostile)):
        for how in ("none", "gzip", "zstd"):
            yield f"{name}-{how}", compress(layer.tar(), how)
    # kind, path, target: see fuzz_layer.c
    yield "entries", b"T" + bytes([5, 0, 0, 0, 0x58, 0, 2, 2, 0x84, 0, 0x42 | 7 << 3, 0, 1, 7, 0x42, 0, 5, 0, 0, 6, 0, 5, 1, 0])
    yield "replace", b"T" + bytes([0, 0, 0, 5, 0, 0, 2, 0, 1, 5, 1, 0, 0, 0x78, 0, 5, 0, 0, 0, 0x68, 0, 6, 3, 0])


def main():
    for n, reference in enumerate(REFERENCES):
        write("image_ref", f"{n:02}", reference.encode())
    for n, data in enumerate(documents()):
        write("image_json", f"{n:02}", data)
    for name, data in layers():
        write("layer", name, data)


main()
