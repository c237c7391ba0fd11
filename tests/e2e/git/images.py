"""Builds the images that only tests need, named by content: a git server, a stand-in for git-sync, and more."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from kitctl import clusters
from kitctl.images import store
from kitctl.images.building import ImageOptions, make
from kitctl.model.image_ref import digest
from kitctl.model.versions import data_dir, pin
from kitctl.tools.builders import baseimage, builder
from tests import go_programs

TESTS = Path(__file__).resolve().parents[2]


def say(line: str) -> None:
    """Take a line of progress."""
    sys.stderr.write(f"{line}\n")


def ensure(name: str, base: str = "", *more: Path) -> str:
    """Return the reference of a test image in the builder's storage, built where it is not there yet.

    Args:
        name: Folder below tests/images.
        base: Image below it; empty means the pinned Debian.
        more: Files from elsewhere that its Dockerfile copies.
    """
    folder = TESTS / "images" / name
    tool = builder.find()
    base = base or pin("images.debian")
    key = baseimage.ensure(tool, base)
    tag = f"kitctl.local/test/{name}:{digest([folder, *more], [key])}"
    with TemporaryDirectory(prefix="kitctl-test-") as stage:
        context = Path(stage)
        shutil.copytree(folder, context, dirs_exist_ok=True)
        for path in more:
            shutil.copy(path, context)
        order = builder.Build(context / "Dockerfile", context, tag, args={"BASE_IMAGE": base})
        make(tool, order, ImageOptions(), say)
    return tag


def load(cluster: str, *references: str) -> None:
    """Bring images onto the node of the tests."""
    for reference in references:
        store.load(clusters.get("node", cluster), reference, say)


def git_server() -> str:
    """Return the git server's image."""
    return ensure("git-server", "", data_dir("docker") / "common" / "apt-install.sh")


def git_sync_standin() -> str:
    """Return the image that stands in for git-sync v4."""
    names = TESTS / "data" / "git-sync-v4.json"
    return ensure("git-sync-standin", "", data_dir("docker") / "common" / "apt-install.sh", names)


def object_store() -> str:
    """Return the image of the object store."""
    return _of_go("object-store", "two minutes", "github.com/versity/versitygw/cmd/versitygw")


def ingress_controller() -> str:
    """Return the image of the controller for Ingresses and the Gateway API."""
    return _of_go("ingress-controller", "five minutes", "github.com/traefik/traefik/v3/cmd/traefik")


def metrics_server() -> str:
    """Return the image of the metrics server."""
    return _of_go("metrics-server", "three minutes", "sigs.k8s.io/metrics-server/cmd/metrics-server")


def keda() -> str:
    """Return the image of KEDA's operator and of its metrics server."""
    commands = ("github.com/kedacore/keda/v2/cmd/operator", "github.com/kedacore/keda/v2/cmd/adapter")
    return _of_go("keda", "eight minutes", *commands)


def _of_go(name: str, duration: str, *packages: str) -> str:
    """Return the image of Go programs that are built here, once for each version of their modules.

    Args:
        name: Folder below tests/images; its go.mod names the module.
        duration: How long that takes on two cores.
        packages: What is built.
    """
    programs = [go_programs.built(TESTS / "images" / name, package, duration) for package in packages]
    return ensure(name, "", *programs)


def no_python() -> str:
    """Return an image without Python."""
    return ensure("no-python")
