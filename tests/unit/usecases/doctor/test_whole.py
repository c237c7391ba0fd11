"""All checks of the doctor together, and which cluster they ask."""

import pytest

from kitctl.clusters import node as node_provider
from kitctl.errors import ExitCode, KitError
from kitctl.model.settings import Settings
from kitctl.tools.kube.client import Kube
from kitctl.usecases.doctor import checks, cluster
from kitctl.usecases.doctor.checks import examine, gather, report
from kitctl.usecases.doctor.findings import Finding
from tests.unit.fake_doctor import bad, facts, good, node, storage


# All together.
@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr(checks, "HOST_CHECKS", [lambda f: checks.good("host", "fine")])


def test_a_cluster_that_answers_is_examined(fake, quick):
    storage(fake, "fast", default=True)
    node(fake, "a", ready=True)
    found = list(examine(facts(kube=fake.kube)))
    assert [f.id for f in found][:3] == ["host", "context", "kubernetes-version"]
    assert len(found) == 2 + len(cluster.CHECKS)
    assert report(facts(kube=fake.kube), found).ok is True


def test_a_check_that_may_not_look_is_told_and_the_others_go_on(fake, quick):
    fake.denied.add(("list", "storageclasses"))
    found = {f.id: f for f in examine(facts(kube=fake.kube))}
    bad(found["storage-class"], "warning")
    assert "clock" in found


def test_a_cluster_that_is_not_made_yet_is_no_fault(quick):
    found = list(examine(facts(cluster=object())))
    assert [f.id for f in found] == ["host", "context"]
    assert "up makes it" in good(found[-1]).message


DOWN = KitError("cluster-unreachable", "does not answer", "timed out", "kubectl get nodes", ExitCode.UNREACHABLE)


def test_an_existing_cluster_that_does_not_answer_is_an_error(quick):
    found = list(examine(facts("existing", trouble=DOWN)))
    assert bad(found[-1], "error").message == "does not answer: timed out"
    whole = report(facts("existing"), found)
    assert (whole.ok, whole.context, whole.provider) == (False, "", "existing")
    assert whole.checks[-1] == Finding("context", False, "error", "does not answer: timed out", "kubectl get nodes")


@pytest.mark.parametrize("error", [DOWN, KitError("context-missing", "no context", fix="x")])
def test_a_cluster_of_ours_that_is_down_is_brought_back_by_up(quick, error):
    bad(list(examine(facts(trouble=error, cluster=object())))[-1], "warning")


# Which cluster is meant.
@pytest.fixture
def registry(monkeypatch, fake, tmp_path):
    """A machine that can make a node; a node of the kit is a folder."""
    monkeypatch.setenv("KITCTL_STATE", str(tmp_path))
    monkeypatch.setattr(node_provider, "usable", lambda: True)
    asked = []

    def connect(context=None, kubeconfig=None):
        asked.append(context)
        return fake.kube

    monkeypatch.setattr(Kube, "connect", connect)
    return tmp_path, asked


def test_nothing_made_yet_means_the_first_usable_provider(registry):
    found = gather(Settings())
    assert (found.provider, found.kube, found.trouble) == ("node", None, None)


def test_a_cluster_that_was_made_is_asked(registry):
    state, asked = registry
    (state / "kitctl-node").mkdir()
    found = gather(Settings())
    assert found.provider == "node"
    assert asked == ["kitctl-node"]


def test_the_context_of_a_cluster_of_another_name_means_that_cluster(registry):
    state, asked = registry
    (state / "mine").mkdir()
    found = gather(Settings(context="mine"))
    assert (found.provider, found.cluster.name, found.settings.cluster) == ("node", "mine", "mine")
    assert asked == ["mine"]


@pytest.mark.parametrize("settings", [{"context": "prod"}, {"provider": "existing", "context": "prod"}])
def test_a_named_context_is_an_existing_cluster(registry, settings):
    found = gather(Settings(**settings))
    assert (found.provider, found.cluster) == ("existing", None)
    assert registry[1] == ["prod"]


def test_a_cluster_that_refuses_is_a_fact(registry, monkeypatch):
    def connect(context=None, kubeconfig=None):
        raise DOWN

    monkeypatch.setattr(Kube, "connect", connect)
    found = gather(Settings(context="prod"))
    assert found.trouble is DOWN


def test_an_unknown_provider_is_a_fact_too():
    found = gather(Settings(provider="cloud9"))
    assert found.trouble is not None
    assert found.trouble.id == "provider-unknown"
    assert found.provider == "cloud9"
