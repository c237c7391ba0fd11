"""Images of the control plane, made from the built programs alone: one binary on nothing, as a docker-archive."""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import tarfile
from dataclasses import dataclass, field, replace
from pathlib import Path

from kitctl.clusters.node.layout import REPOSITORY, Layout, not_running
from kitctl.clusters.node.processes import socket
from kitctl.model.versions import pin
from kitctl.tools.process import run
from kitctl.tools.toolbox import tool

BUSYBOX = Path("/bin/busybox")
ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}
_ARCHIVE = "io.airflow-kit.archive"


@dataclass(frozen=True)
class Image:
    """One image to make.

    Attributes:
        reference: Full name with tag.
        program: File of this machine that becomes its only content.
        place: Where it lies in the image.
        links: Further names for it.
        aliases: Further references of the same image.
    """

    reference: str
    program: Path
    place: str
    links: tuple[str, ...] = field(default=())
    aliases: tuple[str, ...] = field(default=())


def all_images() -> list[Image]:
    """Return every image of the node, the largest first."""
    return [
        *_control_plane(),
        Image(addon("coredns"), tool("coredns"), "coredns"),
        Image(addon("local-path-provisioner"), tool("local-path-provisioner"), "usr/bin/local-path-provisioner"),
        Image(f"{REPOSITORY}/etcd:{pin('tools.etcd.version')}", tool("etcd"), "usr/local/bin/etcd"),
        Image(helper(), BUSYBOX, "bin/busybox", ("bin/sh", "bin/mkdir", "bin/rm", "bin/chmod")),
        Image(pause(), tool("pause"), "pause"),
    ]


def _control_plane() -> list[Image]:
    """Return the images of the control plane: one under three names, where get-tools built one program for all three.

    Programs that an older kit built are three files, and stay three images.
    """
    version = pin("tools.kubernetes.version")
    first, *others = (
        Image(f"{REPOSITORY}/{name}:{version}", tool(name), f"usr/local/bin/{name}")
        for name in ("kube-apiserver", "kube-controller-manager", "kube-scheduler")
    )
    if not all(first.program.samefile(other.program) for other in others):
        return [first, *others]
    links, aliases = tuple(other.place for other in others), tuple(other.reference for other in others)
    return [replace(first, links=links, aliases=aliases)]


def pause() -> str:
    """Name of the image that holds a pod's namespaces open."""
    return f"{REPOSITORY}/pause:{pin('tools.kubernetes.version')}"


def addon(name: str) -> str:
    """Name of the image of CoreDNS or the storage provisioner."""
    return f"{REPOSITORY}/{name}:{pin(f'tools.{name}.version')}"


def helper() -> str:
    """Name of the image that makes and removes the folders of volumes."""
    return f"{REPOSITORY}/volume-helper:{pin('tools.local-path-provisioner.version')}"


def identity(image: Image) -> str:
    """Return a line that changes whenever the image would."""
    stat = image.program.stat()
    return f"{image} {stat.st_size} {stat.st_mtime_ns}"


def write(image: Image, folder: Path) -> Path:
    """Write an image as a docker-archive and return its path.

    Raises:
        OSError: when the disk is full.
    """
    path = folder / f"{Path(image.place).name}.tar"
    _write(image, path)
    return path


def _write(image: Image, path: Path) -> None:
    """Write a docker-archive of one layer that holds one program."""
    layer = path.with_suffix(".layer")
    try:
        with tarfile.open(layer, "w", format=tarfile.GNU_FORMAT) as tar:
            for parent in sorted({p for name in (image.place, *image.links) for p in Path(name).parents} - {Path()}):
                tar.addfile(_entry(str(parent), tarfile.DIRTYPE))
            entry = _entry(image.place, tarfile.REGTYPE)
            entry.size = image.program.stat().st_size
            with image.program.open("rb") as program:
                tar.addfile(entry, program)
            for name in image.links:
                link = _entry(name, tarfile.SYMTYPE)
                link.linkname = f"/{image.place}"
                tar.addfile(link)
        with layer.open("rb") as content:
            digest = hashlib.file_digest(content, "sha256").hexdigest()
        config = {
            "architecture": ARCHITECTURES[os.uname().machine],
            "os": "linux",
            "config": {"Env": ["PATH=/usr/local/bin:/usr/bin:/bin"], "Entrypoint": [f"/{image.place}"]},
            "rootfs": {"type": "layers", "diff_ids": [f"sha256:{digest}"]},
        }
        manifest = [{"Config": "config.json", "RepoTags": [image.reference, *image.aliases], "Layers": ["layer.tar"]}]
        with tarfile.open(path, "w", format=tarfile.GNU_FORMAT) as tar:
            for name, document in (("manifest.json", manifest), ("config.json", config)):
                text = json.dumps(document).encode()
                entry = _entry(name, tarfile.REGTYPE)
                entry.size = len(text)
                tar.addfile(entry, io.BytesIO(text))
            tar.add(layer, "layer.tar")
    finally:
        layer.unlink(missing_ok=True)


def _entry(name: str, kind: bytes) -> tarfile.TarInfo:
    """Return a tar entry owned by root with a fixed time, so that the same program makes the same image."""
    entry = tarfile.TarInfo(name)
    entry.type, entry.mode = kind, 0o755
    return entry


def bring(layout: Layout, path: Path) -> None:
    """Import a docker-archive into the node.

    Raises:
        KitError: `image-load-failed`.
    """
    run(
        [*_ctr(layout), "images", "import", "--snapshotter", layout.snapshotter(), str(path)],
        error_id="image-load-failed",
        fix=f"df -h {layout.state}    # is the disk full? If not, build the image again: kitctl image build",
        timeout=900,
    )


def listed(layout: Layout) -> set[str]:
    """Return the names of all images that the node holds."""
    return set(run([*_ctr(layout), "images", "ls", "-q"], timeout=30).stdout.split())


def note_archive(layout: Layout, reference: str, stem: str) -> None:
    """Keep with an image which archive it came from: its own id changes on the way into the node."""
    run([*_ctr(layout), "images", "label", full_name(reference), f"{_ARCHIVE}={stem}"], timeout=30)


def noted_archive(layout: Layout, reference: str) -> str:
    """Return what `note_archive` kept, or ""."""
    listed = run([*_ctr(layout), "images", "ls", f"name=={full_name(reference)}"], timeout=30).stdout
    found = re.search(rf"{re.escape(_ARCHIVE)}=([^,\s]+)", listed)
    return found[1] if found else ""


def full_name(reference: str) -> str:
    """Spell a reference as containerd does: "postgres:17" is docker.io/library/postgres:17."""
    head, slash, _ = reference.partition("/")
    if not slash:
        name = f"docker.io/library/{reference}"
    elif "." not in head and ":" not in head and head != "localhost":
        name = f"docker.io/{reference}"
    else:
        name = reference
    return name if ":" in name.rpartition("/")[2] or "@" in name else f"{name}:latest"


def _ctr(layout: Layout) -> list[str]:
    """Return the start of a containerd command; the archive is read on the host, the socket lies in the node's root."""
    path = socket(layout)
    if path is None:
        raise not_running(layout)
    return ["ctr", "--address", str(path), "--namespace", "k8s.io"]
