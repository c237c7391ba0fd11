"""What the image of a release was built from, and what a push does where nobody knows any more."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from kitctl.errors import ExitCode, KitError
from kitctl.images.building import archive_path
from kitctl.model.image_ref import BASE_LABEL
from kitctl.model.settings import Settings
from kitctl.model.values.dags import DagMode
from kitctl.release import image_origin
from kitctl.release.image_origin import Origin
from kitctl.tools.builders import builder
from kitctl.tools.process import Result
from kitctl.usecases.dags import push
from tests.unit.fake_builder import FakeBuilder
from tests.unit.fake_kube import FakeKube
from tests.unit.fake_release import add_workload, make_release

OWN, THIN, THEIRS = "kitctl.local/airflow:3.3.2-1", "kitctl.local/dags:2", "docker.io/team/flow:1"


@pytest.fixture
def tool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeBuilder]:
    fake = FakeBuilder(images={OWN: {}, THIN: {BASE_LABEL: OWN}}, answer=Result(0, "pandas==3\n", ""))
    monkeypatch.setenv("KITCTL_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(builder, "find", lambda chosen="": fake)
    monkeypatch.chdir(tmp_path)
    yield fake


def of(tool: FakeBuilder, reference: str, **more: Any) -> Origin:
    notes: list[str] = []
    return image_origin.origin(tool, reference, notes.append, **more)


def test_a_thin_image_of_the_kit_tells_its_base_and_its_requirements(tool: FakeBuilder) -> None:
    assert of(tool, THIN) == Origin(OWN, "pandas==3\n")


def test_local_constraints_are_written_beside_the_requirements(tool: FakeBuilder, tmp_path: Path) -> None:
    tool.answer = Result(0, "-c constraints.txt\nhttpx\n", "")
    known = of(tool, THIN)
    path = image_origin.recorded(tmp_path / "work", known)
    assert path is not None
    assert (path.parent / "constraints.txt").read_text() == known.constraints != ""


def test_requirements_whose_credentials_are_away_stay_as_they_are_installed(
    tool: FakeBuilder, monkeypatch: pytest.MonkeyPatch
) -> None:
    tool.answer = Result(0, "--extra-index-url https://x:${TOKEN}@example.org/simple\nhttpx\n", "")
    assert of(tool, THIN) == Origin(THIN)
    monkeypatch.setenv("TOKEN", "abc")
    assert of(tool, THIN).base == OWN


def test_requirements_that_are_about_to_be_replaced_are_not_read(tool: FakeBuilder) -> None:
    tool.answer = Result(1, "", "no such file")
    assert of(tool, THIN, keep=False) == Origin(OWN)


def test_the_base_may_be_an_image_of_the_users_own(tool: FakeBuilder) -> None:
    tool.images[THIN] = {BASE_LABEL: THEIRS}
    tool.registry.add(THEIRS)
    assert of(tool, THIN).base == THEIRS


@pytest.mark.parametrize("reference", ["team/flow:1", OWN])
def test_an_image_that_is_not_a_thin_one_of_the_kit_is_built_upon(tool: FakeBuilder, reference: str) -> None:
    # Also where it was made FROM one: its inherited label then tells of a base that lacks what was added.
    tool.images[THEIRS] = {BASE_LABEL: OWN}
    assert of(tool, reference) == Origin(THEIRS if "team" in reference else OWN)


def test_a_base_that_is_gone_is_no_loss_since_the_image_itself_holds_all_of_it(tool: FakeBuilder) -> None:
    del tool.images[OWN]
    assert of(tool, THIN) == Origin(THIN)


def test_but_new_requirements_cannot_replace_what_is_in_it(tool: FakeBuilder) -> None:
    del tool.images[OWN]
    with pytest.raises(KitError) as caught:
        of(tool, THIN, keep=False)
    assert caught.value.id == "running-image-away"
    assert OWN in caught.value.message


def test_an_image_that_does_not_tell_its_requirements_is_built_upon(tool: FakeBuilder) -> None:
    tool.answer = Result(1, "", "no such file")
    assert of(tool, THIN) == Origin(THIN)


def test_the_archives_are_asked_too(tool: FakeBuilder) -> None:
    del tool.images[OWN]
    archive = archive_path(OWN)
    archive.parent.mkdir(parents=True)
    archive.write_text(OWN)
    assert of(tool, THIN).base == OWN


@pytest.mark.parametrize("reference", [THIN, "kitctl.local/airflow:3.3.2-9", "team/flow:9"])
def test_an_image_that_this_machine_does_not_have_is_not_replaced_by_another(tool: FakeBuilder, reference: str) -> None:
    tool.images = {OWN: {}}
    with pytest.raises(KitError) as caught:
        of(tool, reference)
    assert (caught.value.id, caught.value.code) == ("running-image-away", ExitCode.PREFLIGHT)


def test_the_running_image_is_the_dag_processors() -> None:
    fake = FakeKube()
    containers = add_workload(fake, "dag-processor")["spec"]["template"]["spec"]["containers"]
    containers[0]["image"] = THIN
    containers.insert(0, {"name": "git-sync", "image": "git-sync:4"})
    assert image_origin.running(make_release(fake)) == THIN


def job(tmp_path: Path, **options: Any) -> Any:
    op = SimpleNamespace(release=None, settings=Settings(), note=lambda _line: None)
    return push.Push(op, push.PushOptions(tmp_path, **options), DagMode.IMAGE)  # type: ignore[arg-type]


def test_a_push_keeps_base_and_requirements_of_the_running_image(
    tool: FakeBuilder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(image_origin, "running", lambda release: THIN)
    given = push._as_before(job(tmp_path))
    assert (given.dags, given.image) == (tmp_path, OWN)
    assert given.requirements is not None
    assert given.requirements.read_text() == "pandas==3\n"
    tool.answer = Result(0, "", "")
    assert push._as_before(job(tmp_path)).requirements is None


def test_a_push_with_requirements_replaces_them(
    tool: FakeBuilder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(image_origin, "running", lambda release: THIN)
    new = tmp_path / "new.txt"
    given = push._as_before(job(tmp_path, requirements=new, builder="buildah", ca_bundle=new))
    assert (given.requirements, given.image, given.builder, given.ca_bundle) == (new, OWN, "buildah", new)
