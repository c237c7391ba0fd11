"""The images of `up`, built and archived before there is a cluster."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from kitctl.errors import KitError
from kitctl.images import examples, recipes, store
from kitctl.images.building import Built
from kitctl.model.options.overlay import UpOptions
from kitctl.model.values.dags import DagMode
from kitctl.usecases.prepare_images import ArchivesOnly, prepare_images

POSTGRES, AIRFLOW, DAGS, ZIP = (
    "docker.io/library/postgres:17",
    "kitctl.local/airflow:1",
    "kitctl.local/dags:2",
    "docker.io/library/z:1",
)


@pytest.fixture
def archived(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """References whose archive was written, with builds that build nothing."""
    seen: list[str] = []

    def archive(reference: str) -> Path:
        seen.append(reference)
        return Path("/archive")

    def built(reference: str) -> Callable[..., Built]:
        return lambda *_, **__: Built(reference, "3.3.2", True, "buildah")

    def special(cluster: ArchivesOnly, dags: Path | None, *_: object) -> str:
        if dags:
            store.load(cluster, ZIP, lambda _: None)  # type: ignore[arg-type]
        return ZIP

    monkeypatch.setattr(recipes, "ensure_postgres_image", lambda _: POSTGRES)
    monkeypatch.setattr(recipes, "build_airflow", built(AIRFLOW))
    monkeypatch.setattr(recipes, "build_dags", built(DAGS))
    monkeypatch.setattr(examples, "bring_special", special)
    monkeypatch.setattr(store, "archive", archive)
    monkeypatch.setattr(store, "revision", lambda _: "")
    return seen


def test_every_image_that_up_loads_is_built_and_archived(archived: list[str]) -> None:
    assert prepare_images(UpOptions(), lambda _: None) == [POSTGRES, DAGS, ZIP]
    assert archived == [POSTGRES, DAGS, ZIP]


def test_where_dags_come_from_elsewhere_the_plain_image_is_enough(archived: list[str]) -> None:
    assert prepare_images(UpOptions(dag_mode=DagMode.GIT), lambda _: None) == [POSTGRES, AIRFLOW]


def test_what_up_would_refuse_is_refused_before_anything_is_built(archived: list[str], tmp_path: Path) -> None:
    with pytest.raises(KitError) as caught:
        prepare_images(UpOptions(dags=tmp_path / "none"), lambda _: None)
    assert caught.value.id == "dags-missing"
    assert archived == []
