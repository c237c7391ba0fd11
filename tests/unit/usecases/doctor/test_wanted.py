"""Which release is judged: that of the given values, the one that runs, or that of the defaults."""

import pytest
import yaml

from kitctl.errors import KitError
from kitctl.model.settings import Settings
from kitctl.release import operation
from kitctl.tools.helm.client import Plan
from kitctl.usecases.doctor.place import Place
from tests.unit.fake_doctor import Cluster, World, deployment
from tests.unit.fake_kube import OURS

RUNS = deployment(image="runs:1")


class Helm:
    """A Helm whose server tells the plan; the rendering without a cluster is the real one."""

    def __init__(self, refusal=None):
        self.refusal, self.asked = refusal, []

    def plan(self, chart, release, namespace, sources):
        self.asked.append(sources)
        if self.refusal:
            raise self.refusal
        return Plan(yaml.safe_dump(deployment(image="planned:1")), {"planned": True})


@pytest.fixture
def facts(fake, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)

    def made(settings=None, *, helm=None, kube=True):
        monkeypatch.setattr(operation, "Helm", lambda *_: helm or Helm())
        place = Place("existing", Cluster(ours=False), exists=kube, kube=fake.kube if kube else None)
        found = World(fake, monkeypatch, tmp_path).facts(settings=settings, place=place)
        del found.seen["wanted"]
        return found

    return made


def test_without_values_the_running_release_is_judged(facts, fake):
    manifest = f"# {OURS}\n{yaml.safe_dump(RUNS)}"
    fake.add_record("deployed", manifest=manifest, config={"dags": {"mode": "git"}})
    found = facts().wanted
    assert (found.runs, found.config, found.objects) == (True, {"dags": {"mode": "git"}}, [RUNS])
    assert found.words == "the values of the running release"


def test_given_values_are_judged_as_deploy_would_deploy_them(facts, fake, tmp_path):
    fake.add_record("deployed", manifest=OURS, config={"image": {"repository": "team/flow", "tag": "1"}})
    helm = Helm()
    found = facts(Settings(sets=("scheduler.replicas=2",)), helm=helm).wanted
    assert (found.runs, found.config) == (False, {"planned": True})
    assert "scheduler.replicas=2" in helm.asked[0].sets
    assert not list(tmp_path.glob(".kit"))  # as in a dry run, nothing is written here
    assert fake.writes == []


def test_without_a_release_the_defaults_are_judged(facts):
    found = facts().wanted
    assert (found.config, found.words) == ({"planned": True}, "the default values")


def test_a_release_of_another_chart_is_not_the_running_one(facts, fake):
    fake.add_record("deployed", manifest="kind: Deployment")
    assert facts().wanted.runs is False


def test_values_that_the_chart_refuses_are_an_error_of_the_check_values(facts):
    found = facts(Settings(sets=("replicaz=2",)))
    with pytest.raises(KitError) as caught:
        _ = found.wanted
    assert caught.value.id == "values-unknown-key"


@pytest.mark.parametrize("kube", [True, False])
def test_who_may_not_ask_helm_on_the_cluster_gets_the_rendered_release(facts, fake, kube):
    fake.denied.add(("list", "secrets"))
    refusal = KitError("forbidden", "no right to list secrets", fix="ask")
    found = facts(Settings(sets=("scheduler.replicas=2",)), helm=Helm(refusal), kube=kube).wanted
    replicas = [o["spec"]["replicas"] for o in found.objects if o["kind"] == "Deployment"]
    assert 2 in replicas
    assert found.config["scheduler"] == {"replicas": 2}
