"""The programs: situations for the checks of the group tools."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from kitctl import clusters
from kitctl.clusters.base import HostNeeds
from kitctl.errors import KitError
from kitctl.tools import toolbox
from kitctl.tools.builders import builder
from kitctl.tools.process import Result
from kitctl.usecases.doctor import programs
from kitctl.usecases.doctor.checks.tools import tool_git
from kitctl.usecases.doctor.facts import Facts
from kitctl.usecases.doctor.place import Place
from tests.unit.fake_doctor import Cluster, World, case

ELSEWHERE = HostNeeds(here=False, kernel=False)
NOT_MADE = Place("node", Cluster(), exists=False)


def installed(w: World, name: str, text: str, *, used: str = "", on_path: str = "") -> None:
    w.patch.setattr(toolbox, "find", lambda _: Path(used) if used else None)
    w.patch.setattr(programs, "which", lambda _: Path(on_path) if on_path else None)
    w.patch.setattr(programs, "run", lambda *_, **__: Result(0, text, ""))


@case("tool-helm", "ok", "3.22.0 (/k/helm)")
def _(w: World) -> Facts:
    installed(w, "helm", "v3.22.0+g1", used="/k/helm")
    return w.facts()


@case("tool-helm", "error", "/usr/bin/helm is helm 2.17.0; Helm 2 with its Tiller is not supported")
def _(w: World) -> Facts:
    installed(w, "helm", "Client: v2.17.0+ga690bad", on_path="/usr/bin/helm")
    return w.facts()


@case("tool-helm", "error", "is helm 3.10.0; 3.19 or later")
def _(w: World) -> Facts:
    installed(w, "helm", "v3.10.0", on_path="/usr/bin/helm")
    return w.facts()


@case("tool-kubectl", "ok", "1.34.4")
def _(w: World) -> Facts:
    installed(w, "kubectl", "gitVersion: v1.34.4", used="/k/kubectl")
    return w.facts()


@case("tool-kubectl", "error", "scripts/get-tools kubectl")
def _(w: World) -> Facts:
    installed(w, "kubectl", "")
    return w.facts()


@case("tool-kubectl", "warning", "the cluster is 1.34.4", "version 1.34")
def _(w: World) -> Facts:
    installed(w, "kubectl", "gitVersion: v1.31.0", used="/k/kubectl")
    return w.facts()


@case("tool-git", "ok")
def _(w: World) -> Facts:
    w.patch.setattr(tool_git, "which", lambda _: Path("/usr/bin/git"))
    return w.facts(config={"dags": {"mode": "git"}})


@case("tool-git", "warning")
def _(w: World) -> Facts:
    w.patch.setattr(tool_git, "which", lambda _: None)
    return w.facts(config={"dags": {"mode": "bundle"}})


@case("tool-git", "not-applicable")
def _(w: World) -> Facts:
    return w.facts(config={})


@case("provider", "ok", "cluster of node")
def _(w: World) -> Facts:
    w.patch.setattr(clusters, "check", lambda *_: True)
    return w.facts()


@case("provider", "not-applicable")
def _(w: World) -> Facts:
    return w.facts(place=Place("existing", Cluster(ours=False), kube=w.fake.kube))


def refuse(error: KitError) -> Any:
    def raiser(*_: Any) -> None:
        raise error

    return raiser


@case("provider", "error", "it makes mounts", "Use sudo", error="node-needs-root")
def _(w: World) -> Facts:
    error = KitError("node-needs-root", "The built-in node needs root", "it makes mounts", "Use sudo")
    w.patch.setattr(clusters, "check", refuse(error))
    return w.facts()


NO_BUILDER = KitError("builder-missing", "No image builder answers", fix="Start Docker")


@case("image-builder", "ok", "buildah")
def _(w: World) -> Facts:
    w.patch.setattr(builder, "find", lambda: type("B", (), {"name": "buildah"}))
    return w.facts()


@case("image-builder", "error", "Start Docker")
def _(w: World) -> Facts:
    w.patch.setattr(builder, "find", refuse(NO_BUILDER))
    return w.facts()


@case("image-builder", "warning", "--image")
def _(w: World) -> Facts:
    w.patch.setattr(builder, "find", refuse(NO_BUILDER))
    return w.facts(needs=ELSEWHERE)
