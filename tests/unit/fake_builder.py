"""A builder that keeps its images in memory."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from kitctl.model.versions import pin
from kitctl.tools.builders import builder
from kitctl.tools.process import Result

DEBIAN = pin("images.debian")


@dataclass
class FakeBuilder:
    """Images are a dict of labels; builds are recorded; a build ends with what `output` says."""

    name: str = "buildah"
    images: dict[str, dict[str, str]] = field(default_factory=lambda: {DEBIAN: {}})
    registry: set[str] = field(default_factory=set)
    orders: list[builder.Build] = field(default_factory=list)
    output: str = ""
    answer: Result = field(default_factory=lambda: Result(0, "", ""))
    context: dict[str, str] = field(default_factory=dict)
    modes: dict[str, int] = field(default_factory=dict)
    saved: int = 0
    users: dict[str, str] = field(default_factory=dict)
    lists: dict[str, dict[str, str]] = field(default_factory=dict)
    listed: dict[str, dict[str, str]] = field(default_factory=dict)
    foreign: tuple[str, ...] = ()

    def build(self, order: builder.Build, *, stream: bool = False) -> Result:
        self.orders.append(order)
        self.context = {
            p.relative_to(order.context).as_posix(): p.read_text(errors="replace")
            for p in order.context.rglob("*")
            if p.is_file() and p.suffix != ".tar"
        }
        self.modes = {
            p.relative_to(order.context).as_posix(): p.stat().st_mode & 0o777 for p in order.context.rglob("*")
        }
        assert order.dockerfile.is_file()
        if self.output:
            return Result(1, "", self.output)
        self.images[order.tag] = dict(order.labels)
        return Result(0, "", "")

    def image_id(self, reference: str) -> str | None:
        return f"id-of-{reference}" if reference in self.images else None

    def labels(self, reference: str) -> dict[str, str]:
        return self.images[reference]

    def user(self, reference: str) -> str:
        return self.users.get(reference, "")

    def pull(self, reference: str) -> Result:
        if reference not in self.registry:
            return Result(125, "", "no such host")
        self.images[reference] = {}
        return Result(0, "", "")

    def push(self, reference: str) -> str:
        self.registry.add(reference)
        return f"sha256:{hashlib.sha256(reference.encode()).hexdigest()}"

    def push_list(self, reference: str, members: Mapping[str, str]) -> str:
        self.lists[reference] = dict(members)
        return self.push(reference)

    def platforms(self, reference: str) -> dict[str, str]:
        return self.listed.get(reference, {})

    def runs(self, platform: str) -> bool:
        return platform not in self.foreign

    def tag(self, reference: str, new: str) -> None:
        self.images[new] = self.images[reference]

    def save(self, reference: str, archive: Path) -> None:
        self.saved += 1
        archive.write_text(reference)

    def load(self, archive: Path) -> None:
        self.images[archive.read_text()] = {}

    def run(self, reference: str, argv: object, **_: object) -> Result:
        return self.answer
