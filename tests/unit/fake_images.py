"""A builder in memory, a folder of DAGs, and the use cases of images on both."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from kitctl.errors import KitError
from kitctl.images import building, recipes
from kitctl.tools.builders import builder
from tests.unit.fake_builder import FakeBuilder

OPTIONS = recipes.ImageOptions()


@pytest.fixture
def tool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeBuilder]:
    made = FakeBuilder()
    monkeypatch.setenv("KITCTL_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(builder, "find", lambda chosen="": made)
    yield made


@pytest.fixture
def dags(tmp_path: Path) -> Path:
    folder = tmp_path / "outside" / "my dags"
    folder.mkdir(parents=True)
    (folder / "a.py").write_text("a")
    return folder


def silent(line: str) -> None:
    pass


def make(dags: Path | None, requirements: Path | None = None, base: str = "", check: bool = True) -> recipes.Built:
    return recipes.build(dags, requirements, base, check=check, options=OPTIONS, progress=silent)


def refused(error_id: str, *args: object, **more: object) -> KitError:
    with pytest.raises(KitError) as error:
        make(*args, **more)  # type: ignore[arg-type]
    assert error.value.id == error_id
    return error.value


def reported(body: dict[str, object]) -> KitError:
    # As BuildKit shows it, behind its own prefix.
    return building.failure("x", f"#12 0.345 KITCTL-ERROR {json.dumps(body)}\n#12 ERROR: exit code 1")
