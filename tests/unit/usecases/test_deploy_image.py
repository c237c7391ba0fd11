"""When `up` and `deploy` look into the image from inside the cluster, and what a refusal leaves behind."""

import pytest

from kitctl.errors import ExitCode, KitError
from kitctl.model.image_choice import Choice
from kitctl.model.overlay import UpOptions
from kitctl.usecases import deploy, up_images
from tests.unit.fake_deploy import bring_up

REFUSED = KitError("image-no-airflow", "no Airflow", cause="none", fix="another", code=ExitCode.PREFLIGHT)


@pytest.fixture
def asked(monkeypatch):
    """Count the looks; an error put into `answers` is raised. The image is one that nobody has seen."""
    calls, answers = [], []

    def check(*args):
        calls.append(args)
        if answers:
            raise answers.pop()

    monkeypatch.setattr(deploy.image_check, "check", check)
    monkeypatch.setattr(up_images, "provide", lambda *_: Choice("example.com/a:1"))
    return (calls, answers)


def test_a_refusal_stops_before_keys_and_helm_and_takes_its_namespace_away(world, asked):
    asked[1].append(REFUSED)
    with pytest.raises(KitError) as caught:
        bring_up()
    assert caught.value.id == "image-no-airflow"
    assert world.helm.calls == []
    assert world.kube.namespace("airflow") is None
    assert world.kube.secret("airflow", "airflow-keys") is None


def test_a_release_that_stays_the_same_is_not_looked_into(world, asked):
    bring_up()
    bring_up()
    assert len(asked[0]) == 1


def test_no_check_image_looks_into_nothing(world, asked):
    bring_up(options=UpOptions(check_image=False))
    assert asked[0] == []


def test_an_image_that_was_seen_on_this_machine_needs_no_second_look(world, asked, monkeypatch):
    monkeypatch.setattr(up_images, "provide", lambda *_: Choice("example.com/a:1", "3.3.2", looked=True))
    bring_up()
    assert asked[0] == []
