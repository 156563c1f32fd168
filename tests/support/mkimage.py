# SPDX-License-Identifier: Apache-2.0
"""Container images for tests, from nothing but the standard library.

A Layer is a list of tar entries, an Image is layers and a configuration, an
Index is images by platform, an Artifact is a manifest of anything else.
Whatever one builds twice is the same to the byte.
Nothing checks that an image makes sense: tests want those that do not, too.
Bytes go to an OCI layout, to a `docker save` archive or to a registry.
"""

import base64
import dataclasses
import gzip
import hashlib
import http.client
import io
import json
import os
import re
import stat
import subprocess
import tarfile
import urllib.parse

OCI = "application/vnd.oci.image."
DOCKER = "application/vnd.docker."
MEDIA_TYPES = {
    "oci": {
        "index": OCI + "index.v1+json",
        "manifest": OCI + "manifest.v1+json",
        "config": OCI + "config.v1+json",
        "none": OCI + "layer.v1.tar",
        "gzip": OCI + "layer.v1.tar+gzip",
        "zstd": OCI + "layer.v1.tar+zstd",
    },
    "docker": {
        "index": DOCKER + "distribution.manifest.list.v2+json",
        "manifest": DOCKER + "distribution.manifest.v2+json",
        "config": DOCKER + "container.image.v1+json",
        "none": DOCKER + "image.rootfs.diff.tar",
        "gzip": DOCKER + "image.rootfs.diff.tar.gzip",
        "zstd": DOCKER + "image.rootfs.diff.tar.zstd",
    },
}
EPOCH = 1700000000  # when everything in these images was made
WHITEOUT = ".wh."
OPAQUE = ".wh..wh..opq"


def digest(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


def to_json(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def machine():
    """This machine's architecture, as images name it."""
    name = os.uname().machine
    return {"x86_64": "amd64", "aarch64": "arm64"}.get(name, name)


def compress(data, how):
    if how == "none":
        return data
    if how == "gzip":
        return gzip.compress(data, compresslevel=1, mtime=0)
    if how == "zstd":
        return subprocess.run(["zstd", "-q", "-c"], input=data, check=True, stdout=subprocess.PIPE).stdout
    raise ValueError(f"no compression '{how}'")


class Layer:
    """The entries of one layer, in order. Paths are taken as they are given."""

    def __init__(self, compression="gzip"):
        self.compression = compression
        self.media_type = None  # instead of what goes with the compression
        self.entries = []  # (TarInfo, data)
        self.raw = None  # compressed bytes that replace the entries
        self.raw_diff_id = None
        self.built = None  # what build() made, for images that share the layer

    def add(self, path, kind, data=b"", *, mode=0o644, uid=0, gid=0, target="", device=(0, 0), xattrs=None):
        entry = tarfile.TarInfo(path)
        entry.type, entry.mode, entry.uid, entry.gid = kind, mode, uid, gid
        entry.size, entry.mtime, entry.linkname = len(data), EPOCH, target
        entry.devmajor, entry.devminor = device
        for name, value in (xattrs or {}).items():
            # tarfile wants text: surrogates carry bytes that are none.
            entry.pax_headers["SCHILY.xattr." + name] = value.decode("utf-8", "surrogateescape")
        self.entries.append((entry, data))
        self.built = None
        return self

    def file(self, path, data=b"", *, mode=0o644, **more):
        if isinstance(data, str):
            data = data.encode()
        return self.add(path, tarfile.REGTYPE, data, mode=mode, **more)

    def dir(self, path, *, mode=0o755, **more):
        return self.add(path, tarfile.DIRTYPE, mode=mode, **more)

    def symlink(self, path, target, **more):
        return self.add(path, tarfile.SYMTYPE, target=target, mode=0o777, **more)

    def hardlink(self, path, target, **more):
        return self.add(path, tarfile.LNKTYPE, target=target, **more)

    def fifo(self, path, **more):
        return self.add(path, tarfile.FIFOTYPE, **more)

    def character_device(self, path, major, minor, **more):
        return self.add(path, tarfile.CHRTYPE, device=(major, minor), **more)

    def block_device(self, path, major, minor, **more):
        return self.add(path, tarfile.BLKTYPE, device=(major, minor), **more)

    def whiteout(self, path):
        """The layers below have this; from here on it is gone."""
        head, _, name = path.rpartition("/")
        return self.file(f"{head}/{WHITEOUT}{name}" if head else WHITEOUT + name)

    def opaque(self, path):
        """Nothing that the layers below have in this directory shows."""
        return self.file(f"{path}/{OPAQUE}")

    def bytes(self, compressed, diff_id=None):
        """These bytes are the layer, whatever they are."""
        self.raw, self.raw_diff_id = compressed, diff_id
        return self

    def typed(self, media_type):
        """Goes by this media type: no tar archive, as far as a registry's reader can tell."""
        self.media_type = media_type
        return self

    def tar(self):
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT, encoding="utf-8") as archive:
            for entry, data in self.entries:
                archive.addfile(entry, io.BytesIO(data) if data else None)
        return out.getvalue()

    def build(self):
        """(compressed bytes, digest of the uncompressed ones)"""
        if self.raw is not None:
            return self.raw, self.raw_diff_id or digest(self.raw)
        if self.built is None:
            tar = self.tar()
            self.built = compress(tar, self.compression), digest(tar)
        return self.built


@dataclasses.dataclass
class Image:
    layers: list
    config: dict = dataclasses.field(default_factory=dict)  # the "config" of the image configuration
    architecture: str = dataclasses.field(default_factory=machine)
    os: str = "linux"
    family: str = "oci"  # or "docker"
    diff_ids: list = None  # to tell lies, or less than the whole truth
    extra: dict = dataclasses.field(default_factory=dict)  # further fields of the manifest

    def platform(self):
        return {"architecture": self.architecture, "os": self.os}

    def build(self, blobs):
        """Adds what the image consists of to BLOBS; returns its descriptor."""
        types = MEDIA_TYPES[self.family]
        layers, diff_ids = [], []
        for layer in self.layers:
            data, diff_id = layer.build()
            diff_ids.append(diff_id)
            layers.append(blobs.add(data, layer.media_type or types[layer.compression]))
        config = to_json({
            **self.platform(),
            "created": "2023-11-14T22:13:20Z",
            "config": self.config,
            "rootfs": {"type": "layers", "diff_ids": self.diff_ids or diff_ids},
        })
        manifest = to_json({
            "schemaVersion": 2,
            "mediaType": types["manifest"],
            "config": blobs.add(config, types["config"]),
            "layers": layers,
            **self.extra,
        })
        return blobs.add(manifest, types["manifest"])


@dataclasses.dataclass
class Artifact:
    """A manifest whose configuration is not that of an image."""
    layers: list
    config_type: str
    config: bytes = b"{}"
    architecture: str = "wasm"
    os: str = "wasi"
    family: str = "oci"
    extra: dict = dataclasses.field(default_factory=dict)  # further fields of the manifest

    def platform(self):
        return {"architecture": self.architecture, "os": self.os}

    def build(self, blobs):
        types = MEDIA_TYPES[self.family]
        manifest = to_json({
            "schemaVersion": 2,
            "mediaType": types["manifest"],
            "config": blobs.add(self.config, self.config_type),
            "layers": [blobs.add(layer.build()[0], layer.media_type or types[layer.compression]) for layer in self.layers],
            **self.extra,
        })
        return blobs.add(manifest, types["manifest"])


@dataclasses.dataclass
class Index:
    images: list
    family: str = "oci"

    def build(self, blobs):
        types = MEDIA_TYPES[self.family]
        manifests = [{**image.build(blobs), "platform": image.platform()} for image in self.images]
        index = to_json({"schemaVersion": 2, "mediaType": types["index"], "manifests": manifests})
        return blobs.add(index, types["index"])


class Blobs:
    """Content by digest."""

    def __init__(self):
        self.content = {}  # digest: bytes

    def add(self, data, media_type):
        name = digest(data)
        self.content[name] = data
        return {"mediaType": media_type, "digest": name, "size": len(data)}

    def reachable(self, descriptor):
        """(child descriptors first) all that DESCRIPTOR needs, each once, itself the last."""
        seen, order = set(), []

        def walk(one):
            if one["digest"] in seen:
                return
            seen.add(one["digest"])
            for child in self.children(one):
                walk(child)
            order.append(one)

        walk(descriptor)
        return order

    def children(self, descriptor):
        if not is_manifest(descriptor):
            return []
        document = json.loads(self.content[descriptor["digest"]])
        return document.get("manifests") or [document["config"], *document["layers"]]


def is_manifest(descriptor):
    return any(descriptor["mediaType"] in (types["manifest"], types["index"]) for types in MEDIA_TYPES.values())


# ---------------------------------------------------------------- where images go


def write_layout(folder, blobs, references):
    """An OCI layout; REFERENCES is {reference: descriptor}."""
    os.makedirs(os.path.join(folder, "blobs", "sha256"), exist_ok=True)
    for name, data in blobs.content.items():
        with open(os.path.join(folder, "blobs", "sha256", name.partition(":")[2]), "wb") as out:
            out.write(data)
    manifests = [
        {**descriptor, "annotations": {"org.opencontainers.image.ref.name": reference}}
        for reference, descriptor in references.items()
    ]
    index = {"schemaVersion": 2, "mediaType": MEDIA_TYPES["oci"]["index"], "manifests": manifests}
    for name, value in (("oci-layout", {"imageLayoutVersion": "1.0.0"}), ("index.json", index)):
        with open(os.path.join(folder, name), "wb") as out:
            out.write(to_json(value))


def write_archive(path, image, reference):
    """What `docker save` writes: layers uncompressed, each in a folder of its own."""
    members, layers, diff_ids = [], [], []
    for layer in image.layers:
        tar = layer.tar()
        diff_ids.append(digest(tar))
        name = diff_ids[-1].partition(":")[2] + "/layer.tar"
        layers.append(name)
        members.append((name, tar))
    config = to_json({
        **image.platform(),
        "config": image.config,
        "rootfs": {"type": "layers", "diff_ids": diff_ids},
    })
    config_name = digest(config).partition(":")[2] + ".json"
    manifest = to_json([{"Config": config_name, "RepoTags": [reference], "Layers": layers}])
    members += [(config_name, config), ("manifest.json", manifest)]
    with tarfile.open(path, "w", format=tarfile.USTAR_FORMAT) as archive:
        for name, data in dict(members).items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mtime = len(data), EPOCH
            archive.addfile(entry, io.BytesIO(data))


class RegistryError(Exception):
    pass


class Registry:
    """A registry spoken to in plain HTTP, over one connection."""

    def __init__(self, address, credentials=None):
        self.connection = http.client.HTTPConnection(address, timeout=30)
        self.credentials = credentials  # "user:password"
        self.authorization = None

    def push(self, blobs, descriptor, repository, tag):
        self.authorize(repository)
        for one in blobs.reachable(descriptor):
            if not is_manifest(one):
                self.push_blob(repository, blobs.content[one["digest"]])
            elif one is not descriptor:
                self.push_manifest(repository, one["digest"], one, blobs)
        self.push_manifest(repository, tag, descriptor, blobs)

    def push_blob(self, repository, data):
        name = digest(data)
        if self.request("HEAD", f"/v2/{repository}/blobs/{name}", accept=(200, 404))[0] == 200:
            return
        _, headers, _ = self.request("POST", f"/v2/{repository}/blobs/uploads/", accept=(202,))
        location = urllib.parse.urlsplit(headers["Location"])
        query = "&".join(filter(None, [location.query, "digest=" + urllib.parse.quote(name)]))
        self.request("PUT", f"{location.path}?{query}", data, "application/octet-stream", (201,))

    def push_manifest(self, repository, name, descriptor, blobs):
        data = blobs.content[descriptor["digest"]]
        self.request("PUT", f"/v2/{repository}/manifests/{name}", data, descriptor["mediaType"], (201,))

    def request(self, method, path, body=None, media_type=None, accept=()):
        headers = {}
        if media_type:
            headers["Content-Type"] = media_type
        if self.authorization:
            headers["Authorization"] = self.authorization
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        text = answer.read()
        if accept and answer.status not in accept:
            raise RegistryError(f"{method} {path}: {answer.status} {text.decode(errors='replace')}")
        return answer.status, answer.headers, text

    def authorize(self, repository):
        """Asks what the registry wants, once for a repository."""
        self.authorization = None
        status, headers, _ = self.request("GET", "/v2/")
        if status != 401:
            return
        if not self.credentials:
            raise RegistryError("the registry wants credentials")
        basic = "Basic " + base64.b64encode(self.credentials.encode()).decode()
        scheme, _, challenge = headers["WWW-Authenticate"].partition(" ")
        self.authorization = basic
        if scheme.lower() == "bearer":
            self.authorization = "Bearer " + self.token(challenge, repository, basic)

    @staticmethod
    def token(challenge, repository, basic):
        fields = dict(re.findall(r'(\w+)="([^"]*)"', challenge))
        realm = urllib.parse.urlsplit(fields["realm"])
        query = urllib.parse.urlencode({
            "service": fields.get("service", ""),
            "scope": f"repository:{repository}:pull,push",
        })
        connection = http.client.HTTPConnection(realm.netloc, timeout=30)
        connection.request("GET", f"{realm.path}?{query}", headers={"Authorization": basic})
        answer = connection.getresponse()
        text = answer.read()
        if answer.status != 200:
            raise RegistryError(f"token: {answer.status} {text.decode(errors='replace')}")
        return json.loads(text)["token"]


# ---------------------------------------------------------------- what an unpacker should make of it


def flatten(layers):
    """{path: line} of the tree that the layers describe, worked out without a file system.

    For layers that stay within their root and pass through no symbolic link.
    """
    tree = {}
    for layer in layers:
        below = set(tree)
        for entry, _ in layer.entries:
            hide(tree, below, entry.name.strip("/"))
        for entry, data in layer.entries:
            path = entry.name.strip("/")
            if not path.rpartition("/")[2].startswith(WHITEOUT):
                place(tree, path, entry, data)
    return {path: describe(*node) for path, node in sorted(tree.items())}


def hide(tree, below, path):
    head, _, name = path.rpartition("/")
    if name == OPAQUE:
        remove(tree, [other for other in below if other.startswith(head + "/")])
    elif name.startswith(WHITEOUT):
        gone = "/".join(filter(None, [head, name[len(WHITEOUT):]]))
        remove(tree, [other for other in below if other == gone or other.startswith(gone + "/")])


def remove(tree, paths):
    for path in paths:
        tree.pop(path, None)


def place(tree, path, entry, data):
    if entry.type == tarfile.LNKTYPE:
        entry, data = tree[entry.linkname.strip("/")]
    if not entry.isdir() or (path in tree and not tree[path][0].isdir()):
        remove(tree, [other for other in tree if other.startswith(path + "/")])
    tree[path] = (entry, data)


def describe(entry, data):
    """One line: type and mode, owner, and what is in it."""
    kinds = {
        tarfile.REGTYPE: stat.S_IFREG, tarfile.DIRTYPE: stat.S_IFDIR, tarfile.SYMTYPE: stat.S_IFLNK,
        tarfile.FIFOTYPE: stat.S_IFIFO, tarfile.CHRTYPE: stat.S_IFCHR, tarfile.BLKTYPE: stat.S_IFBLK,
    }
    line = f"{stat.filemode(kinds[entry.type] | entry.mode)} {entry.uid}:{entry.gid}"
    if entry.isreg():
        line += " " + digest(data)
    elif entry.issym():
        line += " -> " + entry.linkname
    elif entry.isdev() and not entry.isfifo():
        line += f" {entry.devmajor}:{entry.devminor}"
    xattrs = {k[len("SCHILY.xattr."):]: v for k, v in entry.pax_headers.items() if k.startswith("SCHILY.xattr.")}
    for name, value in sorted(xattrs.items()):
        line += f" {name}={value.encode('utf-8', 'surrogateescape').hex()}"
    return line


def describe_tree(root):
    """The same lines for a directory on disk."""
    lines = {}
    for folder, folders, files in os.walk(root):
        for name in folders + files:
            path = os.path.join(folder, name)
            lines[os.path.relpath(path, root)] = describe_file(path)
    return dict(sorted(lines.items()))


def describe_file(path):
    info = os.lstat(path)
    line = f"{stat.filemode(info.st_mode)} {info.st_uid}:{info.st_gid}"
    if stat.S_ISREG(info.st_mode):
        with open(path, "rb") as source:
            line += " " + digest(source.read())
    elif stat.S_ISLNK(info.st_mode):
        line += " -> " + os.readlink(path)
    elif stat.S_ISCHR(info.st_mode) or stat.S_ISBLK(info.st_mode):
        line += f" {os.major(info.st_rdev)}:{os.minor(info.st_rdev)}"
    for name in sorted(os.listxattr(path, follow_symlinks=False)):
        if not name.startswith("trusted.overlay."):
            line += f" {name}={os.getxattr(path, name, follow_symlinks=False).hex()}"
    return line
