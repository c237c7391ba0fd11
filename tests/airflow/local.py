"""Stands for the image builder: scripts for the image run with the pinned Airflow, outside of any container."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pytest

from kitctl.images import dag_import
from kitctl.tools.builders import builder
from kitctl.tools.process import Result
from tests.airflow.environment import run_python


class Local:
    """Replaces paths inside of the container by those of the mounted folders, in arguments and variables."""

    def run(
        self,
        _image: str,
        argv: list[str],
        *,
        mounts: list[builder.Mount],
        env: Mapping[str, str] | None = None,
        **_more: Any,
    ) -> Result:
        places = {mount.target: str(mount.source) for mount in mounts}
        # At once: the folder of a mount may have a name that begins as another's target.
        target = re.compile("|".join(re.escape(name) + r"(?![-\w])" for name in places))

        def outside(text: str) -> str:
            return target.sub(lambda found: places[found[0]], text)

        return run_python([outside(word) for word in argv[1:]], env={k: outside(v) for k, v in (env or {}).items()})


def use(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let kitctl find this builder, and no image build begin."""
    monkeypatch.setattr(builder, "find", Local)
    monkeypatch.setattr(dag_import, "image_for", lambda *_: "airflow")
