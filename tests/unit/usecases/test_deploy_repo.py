"""When `up` asks the repositories, and what a refusal leaves behind."""

import pytest

from kitctl.errors import ExitCode, KitError
from kitctl.model.overlay import UpOptions
from kitctl.usecases import deploy
from tests.unit.fake_deploy import bring_up

REFUSED = KitError("git-ref-missing", "no such ref", code=ExitCode.PREFLIGHT)


@pytest.fixture
def asked(monkeypatch):
    """Count the questions; an error put into `answers` is raised."""
    calls, answers = [], []

    def check(*args):
        calls.append(args)
        if answers:
            raise answers.pop()

    monkeypatch.setattr(deploy.repo_check, "check", check)
    return (calls, answers)


def test_a_refusal_stops_before_keys_and_helm_and_takes_its_namespace_away(world, asked):
    asked[1].append(REFUSED)
    with pytest.raises(KitError) as caught:
        bring_up()
    assert caught.value.id == "git-ref-missing"
    assert world.helm.calls == []
    assert world.kube.namespace("airflow") is None
    assert world.kube.secret("airflow", "airflow-keys") is None


def test_a_refusal_leaves_a_namespace_that_was_there(world, asked):
    world.kube.ensure_namespace("airflow", {})
    asked[1].append(REFUSED)
    with pytest.raises(KitError):
        bring_up()
    assert world.kube.namespace("airflow") is not None


def test_a_release_that_stays_the_same_asks_nobody(world, asked):
    bring_up()
    bring_up()
    assert len(asked[0]) == 1


def test_no_check_repo_asks_nobody(world, asked):
    bring_up(options=UpOptions(check_repo=False))
    assert asked[0] == []
