"""A machine in memory for the doctor, and the cases by which each of its checks is seen to fire and to be silent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from kitctl.clusters.base import HostNeeds
from kitctl.errors import KitError
from kitctl.model.options.purpose import Purpose
from kitctl.model.settings import Settings
from kitctl.tools.host import GIB, Host
from kitctl.usecases.doctor.facts import Facts
from kitctl.usecases.doctor.findings import Outcome
from kitctl.usecases.doctor.place import Place
from kitctl.usecases.doctor.wanted import Wanted
from tests.unit.fake_kube import FakeKube

LABELS = {"app.kubernetes.io/instance": "airflow", "app.kubernetes.io/part-of": "airflow-kit"}


class Machine(Host):
    """A machine whose disks have the same room, and whose files lie in a folder."""

    free = 100 * GIB
    may_write = True
    ports: frozenset[int] = frozenset()

    def disk_free(self, folder: Path) -> int:
        return self.free

    def writable(self, folder: Path) -> bool:
        return self.may_write

    def port_taken(self, port: int) -> bool:
        return port in self.ports


class Cluster:
    """A cluster of the kit, or one of somebody else's."""

    def __init__(self, *, ours: bool = True, provider: str = "node", images: tuple[str, ...] = ()) -> None:
        self.made_by_kit, self.provider, self.name, self.images = ours, provider, "kitctl-node", images
        self.loads_images, self.pulls_images = ours, True

    def context(self) -> str:
        return self.name

    def has_image(self, reference: str) -> bool:
        return reference in self.images


@dataclass
class World:
    """What a case may change."""

    fake: FakeKube
    patch: pytest.MonkeyPatch
    root: Path

    def file(self, name: str, text: str = "") -> None:
        path = self.root / name.lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def machine(self, **more: Any) -> Machine:
        """Return a machine; disk, rights and ports are those of the class, the rest are facts of the host."""
        kind = type("M", (Machine,), {k: more.pop(k) for k in ("free", "may_write", "ports") if k in more})
        usual = {"system": "linux", "machine": "x86_64", "memory": 8 * GIB, "cores": 4, "root": True}
        return kind(**{**usual, "files": self.root, **more})

    def facts(
        self,
        *,
        purpose: Purpose = Purpose.UP,
        settings: Settings | None = None,
        machine: Machine | None = None,
        place: Place | None = None,
        needs: HostNeeds | None = None,
        objects: list[dict[str, Any]] | None = None,
        config: dict[str, Any] | None = None,
        **seen: Any,
    ) -> Facts:
        """Return facts about a cluster that answers, unless `place` says otherwise."""
        made = Facts(settings or Settings(), purpose, machine or self.machine())
        known = {
            "place": place or Place("node", Cluster(), exists=True, kube=self.fake.kube),
            "needs": needs or HostNeeds(),
            "wanted": Wanted(config or {}, objects or []),
            **seen,
        }
        for name, value in known.items():
            made.seen[name] = _giver(value)
        return made


def _giver(value: Any) -> Callable[[], Any]:
    def give() -> Any:
        if isinstance(value, KitError):
            raise value
        return value

    return give


@dataclass(frozen=True)
class Case:
    """One situation.

    Attributes:
        check: ID of the check.
        status: What it must find.
        words: What message, cause or fix must hold.
        error: ID of the error that it must name; "" for any.
        make: Brings the situation about.
    """

    check: str
    status: str
    words: tuple[str, ...]
    error: str
    make: Callable[[World], Facts]


CASES: list[Case] = []


def case(
    check: str, status: str, *words: str, error: str = ""
) -> Callable[[Callable[[World], Facts]], Callable[[World], Facts]]:
    """Register the function below as the situation of a case."""

    def register(make: Callable[[World], Facts]) -> Callable[[World], Facts]:
        CASES.append(Case(check, status, words, error, make))
        return make

    return register


def judge(case: Case, found: Outcome) -> None:
    """Hold an outcome against a case."""
    assert found.status == case.status, found
    whole = f"{found.message} {found.cause} {found.fix}"
    assert [word for word in case.words if word not in whole] == [], whole
    assert found.message
    assert bool(found.fix) == (found.status in {"warning", "error"}), found
    assert not case.error or found.error == case.error, found


def node(world: World, name: str = "a", *, ready: bool = True, **more: Any) -> None:
    """Add a node with 4 processors and 8 GiB."""
    conditions = [{"type": "Ready", "status": str(ready)}, *more.get("conditions", ())]
    status = {
        "conditions": conditions,
        "allocatable": {"cpu": more.get("cpu", "4"), "memory": "8Gi"},
        "nodeInfo": {"architecture": more.get("arch", "amd64")},
    }
    meta = {"name": name, "labels": more.get("labels", {})}
    world.fake.add(
        {"apiVersion": "v1", "kind": "Node", "metadata": meta, "spec": more.get("spec", {}), "status": status}
    )


def storage(world: World, name: str, *, default: bool) -> None:
    """Add a StorageClass."""
    marks = {"storageclass.kubernetes.io/is-default-class": str(default).lower()}
    meta = {"name": name, "annotations": marks}
    world.fake.add({"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "metadata": meta, "provisioner": "p"})


def namespace(world: World, **meta: Any) -> None:
    """Add the namespace of the release."""
    world.fake.add({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "airflow", **meta}})


def deployment(component: str = "scheduler", *, image: str = "a/b:1", replicas: int = 1, **spec: Any) -> dict[str, Any]:
    """Return a Deployment of the release; its pod requests half a processor and 1 GiB, unless told otherwise."""
    labels = {**LABELS, "app.kubernetes.io/component": component}
    asked = spec.pop("resources", {"requests": {"cpu": "500m", "memory": "1Gi"}})
    main = {"name": component, "image": image, "resources": asked, "securityContext": {}}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [main], **spec}}
    meta = {"name": f"airflow-{component}", "labels": labels}
    body = {"replicas": replicas, "template": template}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": meta, "spec": body}
