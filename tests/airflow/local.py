"""Stands for the image builder: scripts for the image run with the pinned Airflow, outside of any container."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from kitctl.images import dag_import
from kitctl.tools.builders import builder
from kitctl.tools.process import Result
from tests.airflow.environment import run_python


class Local:
    """Mounts are links below a folder that stands for the root of the container."""

    def run(
        self,
        _image: str,
        argv: list[str],
        *,
        mounts: list[builder.Mount],
        env: Mapping[str, str] | None = None,
        write: Callable[[str], object] | None = None,
        **_more: Any,
    ) -> Result:
        names = "|".join(re.escape(name) for name in ("/opt/airflow", *(mount.target for mount in mounts)))
        inside = re.compile(rf"(?<![\w/])(?=(?:{names})(?![-\w]))")
        with TemporaryDirectory(prefix="root-") as root:
            for mount in mounts:
                place = Path(root, mount.target.lstrip("/"))
                place.parent.mkdir(parents=True, exist_ok=True)
                place.symlink_to(mount.source)
            words = [inside.sub(root, word) for word in argv[1:]]
            done = run_python(words, env={key: inside.sub(root, value) for key, value in (env or {}).items()})
            if write is None:
                return done
            for line in (done.stdout + done.stderr).splitlines():
                write(line)
            return Result(done.code, done.stdout + done.stderr, "")


def use(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let kitctl find this builder, and no image build begin."""
    monkeypatch.setattr(builder, "find", Local)
    monkeypatch.setattr(dag_import, "image_for", lambda *_: "airflow")
