"""Provider `minikube`: profiles of minikube, of kitctl and of the user (docs/minikube-and-kind.md)."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Set
from contextlib import suppress
from functools import cached_property
from pathlib import Path

from kitctl.clusters import loaded
from kitctl.clusters.base import Progress
from kitctl.errors import ExitCode, KitError
from kitctl.model.options.new_cluster import PLAIN, NewCluster
from kitctl.model.versions import pin
from kitctl.tools.kube import contexts
from kitctl.tools.process import Result, run, which

PREFERENCE = 10
"""First: whoever has minikube wants their clusters there. It needs no root."""
MAKES_CLUSTERS = True
DEFAULT_NAME = "minikube"
TAKES: Set[str] = frozenset({"kubernetes_version", "driver", "cpus", "memory", "ports"})
HINTS: Mapping[str, str] = {}

_MARK = "made-by-kitctl"
"""File in the folder of a profile. `minikube delete` removes it with the folder, so that a later profile of the same
name, made by hand, is not taken for kitctl's."""
_START_SECONDS = 1200.0


def usable() -> bool:
    """Whether `auto` may take it: minikube is on PATH. Most drivers refuse root, which therefore must name one."""
    return which("minikube") is not None and (os.geteuid() != 0 or bool(os.environ.get("MINIKUBE_DRIVER")))


def check(name: str) -> None:
    """Refuse a machine without minikube, or with another version than MINIKUBE_VERSION asks for.

    Raises:
        KitError: `minikube-missing`, `minikube-version-differs`.
    """
    program = _program()
    wanted = os.environ.get("MINIKUBE_VERSION", "")
    if not wanted:
        return
    have = run([program, "version", "--short"], timeout=30).stdout.strip()
    if have.removeprefix("v") != wanted.removeprefix("v"):
        raise KitError(
            "minikube-version-differs",
            f"minikube is {have}, and MINIKUBE_VERSION asks for {wanted}",
            cause=f"{program} is the minikube on PATH; kitctl installs none",
            fix=f"Install minikube {wanted}, or unset MINIKUBE_VERSION",
            code=ExitCode.PREFLIGHT,
        )


def made(name: str) -> bool:
    """Whether kitctl made the profile `name`, running or not."""
    return (_folder(name) / _MARK).is_file()


def made_with_context(context: str) -> str | None:
    """Return the name of kitctl's profile with this context, which is named like the profile."""
    return context if made(context) else None


def with_context(context: str) -> str | None:
    """Return the name of the profile with this context, whoever made it."""
    return context if _exists(context) and which("minikube") else None


def cluster(name: str, kubeconfig: Path | None = None) -> MinikubeCluster:
    """Return the profile `name`."""
    return MinikubeCluster(name, kubeconfig)


class MinikubeCluster:
    """A profile of minikube; see kitctl.clusters.base.Cluster for what each verb means."""

    provider = "minikube"
    loads_images = True
    pulls_images = True

    def __init__(self, name: str, kubeconfig: Path | None = None) -> None:
        self.name = name
        self._kubeconfig = kubeconfig

    @cached_property
    def made_by_kit(self) -> bool:
        """Whether kitctl made the profile, or would make it."""
        return made(self.name) or not _exists(self.name)

    def context(self) -> str:
        """Name of the kube context: that of the profile."""
        return self.name

    def node_port_address(self, port: int) -> str | None:
        """Return the port at the node's address on Linux; elsewhere containers and VMs may not be reachable."""
        if sys.platform != "linux" or which("minikube") is None:
            return None
        answer = self._run("ip", check=False)
        address = answer.stdout.strip()
        return f"{address}:{port}" if answer.ok and address else None

    def exists(self) -> bool:
        """Whether host and API server of the profile run, as `minikube status` sees it."""
        if not _exists(self.name) or which("minikube") is None:
            return False
        answer = self._run("status", "--output", "json", check=False)
        try:
            listed = json.loads(answer.stdout or "null")
        except json.JSONDecodeError:
            return False
        nodes = listed if isinstance(listed, list) else [listed or {}]
        return all(node.get("Host") == "Running" for node in nodes) and nodes[0].get("APIServer") == "Running"

    def create(self, progress: Progress, wanted: NewCluster = PLAIN) -> None:
        """Start the profile, or make it if there is none."""
        check(self.name)
        if self.exists():
            if not contexts.known(self.name, self._kubeconfig):
                self._run("update-context")
            progress(f"minikube profile {self.name} is running")
            return
        new = not _exists(self.name)
        progress(f"minikube profile {self.name}: {'creating' if new else 'starting'}; this takes minutes")
        if new:
            # Before the start: an interrupted one must not leave a profile that nobody may delete.
            _folder(self.name).mkdir(parents=True, exist_ok=True)
            (_folder(self.name) / _MARK).touch()
        self._run("start", "--interactive=false", "--wait=all", *(_arguments(wanted) if new else ()), start=True)

    def delete(self, progress: Progress) -> None:
        """Delete a profile that kitctl made.

        Raises:
            KitError: `cluster-not-ours` (code USAGE).
        """
        if not self.made_by_kit:
            raise KitError(
                "cluster-not-ours",
                f"The minikube profile {self.name} was not made by kitctl, so it is not deleted",
                cause="Others may run more than Airflow in it",
                fix=f"kitctl down --volumes --context {self.name}    # removes only the release and its data\n"
                f"minikube delete --profile {self.name}    # if nobody needs the profile",
                code=ExitCode.USAGE,
            )
        if not made(self.name):
            return
        progress(f"minikube profile {self.name}: deleting")
        self._run("delete", start=True)
        with suppress(OSError):  # of a start that failed early, minikube may know nothing
            (_folder(self.name) / _MARK).unlink()
            _folder(self.name).rmdir()

    def load_image(self, reference: str, archive: Path, progress: Progress) -> None:
        """Load a docker-archive, which must carry `reference`, into every node.

        Raises:
            KitError: `image-load-failed`: minikube itself ends with 0 when nodes refuse an image.
        """
        progress(f"minikube profile {self.name}: loading {reference}")
        before = self._image(reference)
        said = self._run("image", "load", str(archive), load=True)
        after = self._image(reference)
        stale = before and before == after and loaded.archive(self.name, reference, after) not in ("", archive.stem)
        if not after or stale:
            raise KitError(
                "image-load-failed",
                f"minikube did not load {reference} into every node of {self.name}",
                cause=(said.stderr or said.stdout).strip()[-2000:] or "minikube said nothing",
                fix=f"minikube --profile {self.name} ssh -- df -h /var    # is the disk full?\n"
                f"minikube --profile {self.name} image load {archive}",
            )
        loaded.note(self.name, reference, archive.stem, after)

    def has_image(self, reference: str) -> bool:
        """Whether every node holds this reference, with the same content."""
        return bool(self._image(reference))

    def loaded_from(self, reference: str) -> str:
        """Stem of the archive that kitctl loaded; "" if somebody else has replaced the image since."""
        return loaded.archive(self.name, reference, self._image(reference))

    def _image(self, reference: str) -> str:
        """Return the id of an image that all nodes hold; "" if one lacks it, or has another under its name."""
        nodes = [line.split()[0] for line in self._run("node", "list").stdout.splitlines() if line.split()]
        if len(nodes) <= 1:
            return loaded.image_id(json.loads(self._run("image", "ls", "--format", "json").stdout or "[]"), reference)
        # The list of `image ls` is one for all nodes together.
        crictl = ("sudo", "crictl", "images", "--output", "json")
        said = [self._run("ssh", "--node", node, "--", *crictl).stdout for node in nodes]
        ids = {loaded.image_id(json.loads(text), reference) for text in said}
        return ids.pop() if len(ids) == 1 else ""

    def _run(self, *words: str, check: bool = True, start: bool = False, load: bool = False) -> Result:
        """Run a command of minikube on this profile."""
        argv = [_program(), *words]
        cut = argv.index("--") if "--" in argv else len(argv)
        argv[cut:cut] = ["--profile", self.name]
        seconds = _START_SECONDS if start else 900.0 if load else 60.0
        fix = f"minikube logs --profile {self.name}"
        if start and made(self.name):
            fix += "\nkitctl cluster delete --provider minikube    # then again, perhaps with another --driver"
        env = {"KUBECONFIG": str(self._kubeconfig)} if self._kubeconfig else None
        return run(argv, env=env, check=check, timeout=seconds, error_id="minikube-failed", fix=fix)


def _arguments(wanted: NewCluster) -> list[str]:
    """Return the arguments of `minikube start` for a new profile."""
    version = wanted.version or f"v{pin('kubernetes.version')}"
    options = {"--driver": wanted.driver, "--cpus": wanted.cpus, "--memory": wanted.memory}
    return [
        f"--kubernetes-version={version}",
        *(f"{name}={value}" for name, value in options.items() if value),
        *(f"--ports={port}" for port in wanted.ports),
    ]


def _program() -> str:
    found = which("minikube")
    if found is None:
        raise KitError(
            "minikube-missing",
            "The program minikube was not found",
            cause="It is not on PATH. kitctl drives the minikube of this machine and installs none",
            fix="Install it as minikube.sigs.k8s.io/docs/start says\n"
            "or, on a Linux machine as root: kitctl up --provider node",
            code=ExitCode.PREFLIGHT,
        )
    return str(found)


def _home() -> Path:
    """Return minikube's folder: `MINIKUBE_HOME`, with or without .minikube at its end, else ~/.minikube."""
    chosen = os.environ.get("MINIKUBE_HOME")
    home = Path(chosen) if chosen else Path.home()
    return home if home.name == ".minikube" else home / ".minikube"


def _folder(name: str) -> Path:
    return _home() / "profiles" / name


def _exists(name: str) -> bool:
    """Whether minikube has a profile of this name, running or not."""
    return (_folder(name) / "config.json").is_file()
