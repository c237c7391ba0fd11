"""What a release was made with stays until a flag changes it."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from kitctl.errors import KitError
from kitctl.model.options.up import UpOptions
from kitctl.model.values.user import UserValues
from kitctl.release import image_origin, kept
from kitctl.release.image_origin import Origin
from tests.unit.fake_operation import operation

OWN = "kitctl.local/airflow:3.3.2-0123456789ab"
BEFORE = kept.Kept({"image": {"repository": "kitctl.local/dags", "tag": "7"}})


@pytest.fixture
def op(fake, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(kept.builder, "find", lambda *_: None)
    monkeypatch.setattr(image_origin, "running", lambda release: "kitctl.local/dags:7")
    return operation(fake, cluster=SimpleNamespace(made_by_kit=True, context=lambda: "c"))


def origin(monkeypatch, answer):
    def found(*_):
        if isinstance(answer, KitError):
            raise answer
        return answer

    monkeypatch.setattr(image_origin, "origin", found)


def test_new_dags_keep_the_requirements_of_the_running_image(op, monkeypatch):
    origin(monkeypatch, Origin(OWN, "pandas==3\n"))
    options = kept.options(op, UpOptions(dags=Path("dags")), BEFORE)
    assert options.requirements.read_text() == "pandas==3\n"
    assert options.image is None
    assert "--requirements changes them" in op.steps.notes[-1]


def test_new_dags_keep_a_base_of_the_users(op, monkeypatch):
    origin(monkeypatch, Origin("example.com/team/airflow:1"))
    options = kept.options(op, UpOptions(dags=Path("dags")), BEFORE)
    assert (options.image, options.requirements) == ("example.com/team/airflow:1", None)
    assert "--image changes it" in op.steps.notes[-1]


def test_packages_that_cannot_be_kept_are_told(op, monkeypatch):
    origin(monkeypatch, KitError("running-image-away", "not here"))
    typed = UpOptions(dags=Path("dags"))
    assert kept.options(op, typed, BEFORE) == typed
    assert "Warning" in op.steps.notes[-1]


@pytest.mark.parametrize(
    ("typed", "before"),
    [
        (UpOptions(), BEFORE),
        (UpOptions(dags=Path("dags"), requirements=Path("r.txt")), BEFORE),
        (UpOptions(dags=Path("dags"), image="a:1"), BEFORE),
        (UpOptions(dags=Path("dags")), kept.Kept()),
    ],
)
def test_flags_and_first_installs_are_taken_as_they_are(op, typed, before):
    assert kept.options(op, typed, before) == typed
    assert op.steps.notes == []


def test_the_images_of_the_values_win():
    assert BEFORE.images(UserValues()).reference == "kitctl.local/dags:7"
    assert BEFORE.images(UserValues({"image": {"tag": "x"}})).reference is None
