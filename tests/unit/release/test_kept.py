"""What a release was made with stays until a flag changes it."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from kitctl.errors import ExitCode, KitError
from kitctl.model.options.up import UpOptions
from kitctl.model.user_values import UserValues
from kitctl.model.values.dags import DagMode
from kitctl.release import image_origin, kept
from kitctl.release.image_origin import Origin
from tests.unit.fake_operation import operation

OWN = "kitctl.local/airflow:3.3.2-0123456789ab"
NONE = UserValues()
BEFORE = kept.Kept({"image": {"repository": "kitctl.local/dags", "tag": "7"}})


@pytest.fixture
def op(fake, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(kept.builder, "find", lambda *_: None)
    monkeypatch.setattr(image_origin, "running", lambda release: "kitctl.local/dags:7")
    return operation(fake, cluster=SimpleNamespace(made_by_kit=True, loads_images=True, context=lambda: "c"))


def origin(monkeypatch, answer):
    def found(*_, **__):
        if isinstance(answer, KitError):
            raise answer
        return answer

    monkeypatch.setattr(image_origin, "origin", found)


def test_new_dags_keep_the_requirements_of_the_running_image(op, monkeypatch):
    origin(monkeypatch, Origin(OWN, "pandas==3\n"))
    options = kept.options(op, UpOptions(dags=Path("dags")), BEFORE, NONE)
    assert options.requirements.read_text() == "pandas==3\n"
    assert options.image is None
    assert "--requirements changes them" in op.steps.notes[-1]


def test_new_dags_keep_a_base_of_the_users(op, monkeypatch):
    origin(monkeypatch, Origin("example.com/team/airflow:1"))
    options = kept.options(op, UpOptions(dags=Path("dags")), BEFORE, NONE)
    assert (options.image, options.requirements) == ("example.com/team/airflow:1", None)
    assert "--image changes it" in op.steps.notes[-1]


def test_new_requirements_keep_a_base_of_the_users(op, monkeypatch):
    asked = []
    found = Origin("example.com/team/airflow:1", "pandas==3\n")
    monkeypatch.setattr(image_origin, "origin", lambda *_, keep: asked.append(keep) or found)
    typed = UpOptions(dags=Path("dags"), requirements=Path("r.txt"))
    options = kept.options(op, typed, BEFORE, NONE)
    assert (options.image, options.requirements, asked) == ("example.com/team/airflow:1", Path("r.txt"), [False])
    alone = kept.options(op, UpOptions(requirements=Path("r.txt")), BEFORE, UserValues(mode=DagMode.GIT))
    assert (alone.image, alone.requirements) == ("example.com/team/airflow:1", Path("r.txt"))


@pytest.mark.parametrize("own", [OWN, "kitctl.local/dags:examples-0123456789ab"])
def test_the_kits_own_airflow_is_no_base_that_stays(op, monkeypatch, own):
    """A newer kit has a newer one."""
    monkeypatch.setattr(image_origin, "running", lambda release: own)
    origin(monkeypatch, Origin(own))
    typed = UpOptions(dags=Path("dags"))
    assert kept.options(op, typed, BEFORE, NONE) == typed
    assert op.steps.notes == []


def test_packages_that_cannot_be_kept_are_told(op, monkeypatch):
    origin(monkeypatch, KitError("running-image-away", "not here"))
    typed = UpOptions(dags=Path("dags"))
    assert kept.options(op, typed, BEFORE, NONE) == typed
    assert "Warning" in op.steps.notes[-1]


@pytest.mark.parametrize(
    ("typed", "before"),
    [
        (UpOptions(), BEFORE),
        (UpOptions(dags=Path("dags"), image="a:1"), BEFORE),
        (UpOptions(dags=Path("dags")), kept.Kept()),
    ],
)
def test_flags_and_first_installs_are_taken_as_they_are(op, typed, before):
    assert kept.options(op, typed, before, NONE) == typed
    assert op.steps.notes == []


PLUS = kept.Kept({"image": {"repository": "kitctl.local/dags", "tag": "examples-plus-7"}})


def test_packages_beside_the_examples_stay(op, monkeypatch):
    """Then the examples and Airflow may be newer, and the packages are the same."""
    origin(monkeypatch, Origin(OWN, "pandas==3\n"))
    options = kept.options(op, UpOptions(), PLUS, NONE)
    assert options.requirements.read_text() == "pandas==3\n"
    assert (options.dags, options.image, PLUS.stays(options, NONE)) == (None, None, None)


def test_an_image_that_this_machine_lacks_stays_as_it_is(op, monkeypatch):
    origin(monkeypatch, KitError("running-image-away", "not here"))
    options = kept.options(op, UpOptions(), PLUS, NONE)
    assert PLUS.stays(options, NONE).reference == "kitctl.local/dags:examples-plus-7"


def test_in_another_mode_the_examples_are_not_built_again(op):
    assert kept.options(op, UpOptions(), PLUS, UserValues(mode=DagMode.GIT)) == UpOptions()


def test_requirements_alone_do_not_replace_the_users_dags(op, monkeypatch):
    typed = UpOptions(requirements=Path("r.txt"))
    with pytest.raises(KitError) as raised:
        kept.options(op, typed, BEFORE, NONE)
    assert (raised.value.id, raised.value.code) == ("dags-not-named", ExitCode.PREFLIGHT)
    origin(monkeypatch, Origin(OWN, "pandas==3\n"))
    assert kept.options(op, typed, PLUS, NONE) == typed
    assert kept.options(op, typed, BEFORE, UserValues(mode=DagMode.GIT)) == typed


@pytest.mark.parametrize(
    "typed", [UpOptions(dags=Path("d")), UpOptions(requirements=Path("r")), UpOptions(image="a:1")]
)
def test_a_flag_asks_for_another_image(typed):
    assert BEFORE.stays(UpOptions(), NONE).reference == "kitctl.local/dags:7"
    assert BEFORE.stays(typed, NONE) is None
    assert BEFORE.stays(UpOptions(), UserValues({"airflowVersion": "3.3.3"})) is None


def test_the_images_of_the_values_win():
    assert BEFORE.images(UserValues()).reference == "kitctl.local/dags:7"
    assert BEFORE.images(UserValues({"image": {"tag": "x"}})).reference is None
