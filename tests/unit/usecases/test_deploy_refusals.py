"""What stops `deploy` and `up`: before anything changes, and with nothing left behind."""

from dataclasses import replace

import pytest
import yaml

from kitctl.errors import ExitCode, KitError
from kitctl.model.options.up import UpOptions
from kitctl.model.settings import Settings
from kitctl.release import rollout, waiting
from kitctl.tools.helm.client import Plan
from kitctl.usecases import deploy, up
from tests.unit.fake_deploy import LABELS, Helm, Steps, bring_up, rendered, yes
from tests.unit.fake_release import add_pod


@pytest.mark.parametrize(
    ("settings", "error"),
    [
        (Settings(release="No_Good"), "release-name-invalid"),
        (Settings(namespace="No_Good"), "namespace-name-invalid"),
        (Settings(sets=("bogus=1",)), "values-unknown-key"),
        (Settings(sets=("scheduler.replicas=x",)), "values-wrong-type"),
        (Settings(sets=("dags.mode=git",)), "dags-git-invalid"),
        (Settings(sets=("image=a/b:1",)), "values-wrong-type"),
        (Settings(sets=("apiServer=null",)), "values-wrong-type"),
    ],
)
def test_bad_input_is_refused_before_a_cluster_is_made(world, settings, error):
    with pytest.raises(KitError) as raised:
        bring_up(settings)
    assert raised.value.id == error
    assert world.cluster.created == 0
    assert world.requests == []


def test_a_broken_template_is_refused_before_a_cluster_is_made(world, tmp_path):
    (tmp_path / "airflow.cfg.j2").write_text("{{ no_such_name }}")
    with pytest.raises(KitError) as raised:
        bring_up(options=UpOptions(template_dir=tmp_path))
    assert raised.value.id == "template-invalid"
    assert world.cluster.created == 0


def test_a_foreign_release_is_refused_before_anything_is_written(world):
    world.add({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "airflow"}})
    world.add_record("deployed", manifest="kind: Deployment")
    with pytest.raises(KitError) as raised:
        bring_up()
    assert raised.value.id == "release-not-ours"
    assert world.writes == []


def test_options_with_another_name_are_told_before_anything_changes(world, monkeypatch):
    config = {"config": {"webserver": {"base_url": "x"}}, "templates": {"airflowCfg": "[core]\ndag_concurrency = 1\n"}}
    monkeypatch.setattr(Helm, "plan", lambda self, *_, **__: Plan(yaml.safe_dump_all(rendered(self.image)), config))
    steps = Steps()
    up.up(Settings(), UpOptions(), steps, yes)
    told = [note for note in steps.notes if note.startswith("Warning: ")]
    assert ["config.webserver.base_url" in told[1], "[core] dag_concurrency" in told[0]] == [True, True]


def test_an_object_that_the_server_refuses_stops_it_before_anything_is_written(world):
    world.add({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "airflow"}})
    world.refused["airflow-api-server"] = "exceeded quota: team"
    with pytest.raises(KitError) as raised:
        bring_up()
    assert (raised.value.id, raised.value.code) == ("object-refused", ExitCode.PREFLIGHT)
    assert "exceeded quota" in raised.value.cause
    assert world.writes == []
    assert world.helm.calls == []


NEW = [("POST", "/api/v1/namespaces"), ("DELETE", "/api/v1/namespaces/airflow")]


def test_a_first_install_that_the_server_refuses_leaves_nothing(world):
    world.refused["airflow-api-server"] = "admission webhook denied the request"
    with pytest.raises(KitError) as raised:
        bring_up()
    assert (raised.value.id, raised.value.message) == (
        "object-refused",
        "Kubernetes refuses the Deployment airflow-api-server",
    )
    assert "admission webhook" in raised.value.cause
    assert world.writes == NEW
    assert world.kube.namespace("airflow") is None
    assert world.helm.calls == []


def test_what_stands_outside_the_new_namespace_is_judged_before_that_is_made(world, monkeypatch):
    elsewhere = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "shared", "namespace": "monitoring"}}
    world.add({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "monitoring"}})
    plan = Plan(yaml.safe_dump_all([*rendered(), elsewhere]), {})
    monkeypatch.setattr(Helm, "plan", lambda *_, **__: plan)
    world.refused["shared"] = "exceeded quota"
    with pytest.raises(KitError, match="ConfigMap shared"):
        bring_up()
    assert world.writes == []


def test_the_namespace_of_the_workers_is_made_marked_and_asked_too(world, monkeypatch):
    role = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role"}
    role["metadata"] = {"name": "launcher", "namespace": "tasks", "labels": LABELS}
    plan = Plan(yaml.safe_dump_all([*rendered(), role]), {"workers": {"namespace": "tasks"}})
    monkeypatch.setattr(Helm, "plan", lambda *_, **__: plan)
    world.refused["launcher"] = "user is attempting to grant RBAC permissions not currently held"
    with pytest.raises(KitError, match="Role launcher"):
        bring_up()
    assert world.kube.namespace("airflow") is None
    assert world.kube.namespace("tasks") is None
    world.refused.clear()
    bring_up()
    marks = world.kube.namespace("tasks")["metadata"]["labels"]
    assert (marks["airflow-kit/home"], marks["app.kubernetes.io/instance"]) == ("airflow", "airflow")
    assert "airflow-kit/home" not in world.kube.namespace("airflow")["metadata"]["labels"]


def test_missing_rights_on_a_cluster_of_somebody_else_stop_it_before_anything_is_written(world):
    world.cluster.made_by_kit = False
    world.denied.add(("create", "deployments"))
    with pytest.raises(KitError) as raised:
        bring_up()
    assert raised.value.id == "forbidden"
    assert world.writes == []


def test_who_may_not_look_at_the_namespace_may_still_deploy_into_it(world, monkeypatch):
    world.cluster.made_by_kit = False

    def namespace(self, name):
        raise KitError("forbidden", "no")

    monkeypatch.setattr(world.kube.__class__, "namespace", namespace)
    assert bring_up()["changed"] is True
    assert not any(path.endswith("/namespaces") for _, path in world.writes)


def test_failed_jobs_of_another_chart_are_left_alone(world):
    bring_up()
    state = {"conditions": [{"type": "Failed", "status": "True"}]}
    labels = {"app.kubernetes.io/instance": "airflow"}
    meta = {"name": "theirs", "labels": labels}
    path = world.add({"apiVersion": "batch/v1", "kind": "Job", "metadata": meta, "status": state})
    bring_up()
    assert path in world.objects


def test_a_failed_job_is_run_again(world):
    bring_up()
    state = {"conditions": [{"type": "Failed", "status": "True"}]}
    path = world.add(
        {
            "apiVersion": "batch/v1",
            "kind": "Job",
            "metadata": {"name": "airflow-migrate-0123abcd", "labels": LABELS},
            "status": state,
        }
    )
    bring_up()
    assert path not in world.objects


def test_a_failed_job_stays_while_something_still_refuses(world):
    bring_up()
    path = world.add(failed_job("old"))
    world.refused["airflow-api-server"] = "exceeded quota"
    world.helm.image = "a/b:2"
    with pytest.raises(KitError, match="refuses"):
        bring_up()
    assert path in world.objects


def test_a_failed_job_of_the_plan_is_not_judged_as_a_change_and_helm_makes_it_anew(world, monkeypatch):
    job = {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "airflow-migrate-1", "labels": LABELS}}
    plan = Plan(yaml.safe_dump_all([*rendered(), job]), {})
    monkeypatch.setattr(Helm, "plan", lambda *_, **__: plan)
    bring_up(Settings(wait=False))
    calls = len(world.helm.calls)
    path = world.add(failed_job("airflow-migrate-1"))
    world.add_record("deployed", revision=9, manifest=plan.manifest)
    world.refused["airflow-migrate-1"] = "field is immutable"
    assert bring_up(Settings(wait=False))["changed"] is True
    assert path not in world.objects
    assert len(world.helm.calls) == calls + 1


def failed_job(name):
    state = {"conditions": [{"type": "Failed", "status": "True"}]}
    return {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": name, "labels": LABELS}, "status": state}


def test_an_upgrade_that_stops_scheduling_names_the_way_back(world, monkeypatch):
    """`deploy --image` of a broken image whose check was left out: the old scheduler ends before the new one starts."""
    bring_up()
    world.cluster.there = True
    add_pod(world, "scheduler", "airflow-scheduler-0")

    def ready(*_):
        del world.objects["/api/v1/namespaces/airflow/pods/airflow-scheduler-0"]
        raise KitError("container-crashes", "The scheduler cannot start", code=ExitCode.UNHEALTHY)

    monkeypatch.setattr(waiting, "ready", ready)
    world.helm.image = "a/broken:2"
    with pytest.raises(KitError) as raised:
        deploy.deploy(Settings(yes=True), UpOptions(image="a/broken:2", check_image=False), Steps(), yes)
    assert (raised.value.id, raised.value.code) == ("container-crashes", ExitCode.UNHEALTHY)
    assert "Scheduling has stopped" in raised.value.cause
    assert "helm -n airflow rollback airflow 1" in raised.value.fix


def test_an_image_older_than_the_database_is_refused_before_helm_runs(world, monkeypatch):
    def refuse(*_):
        raise KitError("airflow-downgrade", "older", code=ExitCode.PREFLIGHT)

    monkeypatch.setattr(rollout.downgrade, "check", refuse)
    bring_up()  # a first install has no database
    calls, world.helm.image = len(world.helm.calls), "a/b:0"
    with pytest.raises(KitError, match="older"):
        bring_up()
    assert len(world.helm.calls) == calls
    bring_up(options=UpOptions(check_image=False))
    assert len(world.helm.calls) == calls + 1


@pytest.fixture
def went_back(world, monkeypatch):
    """A release that runs and whose next upgrade fails; returns the revisions that kitctl went back from."""
    bring_up()
    world.cluster.there = True
    seen = []

    def gone_back(op, known, error):
        seen.append([record.revision for record in known])
        return replace(error, cause="went back")

    monkeypatch.setattr(rollout.roll_back, "gone_back", gone_back)
    return seen


BACK = UpOptions(rollback_on_failure=True)


@pytest.mark.parametrize("step", ["helm", "wait"])
def test_a_failed_upgrade_goes_back_if_asked_to(world, monkeypatch, went_back, step):
    def fails(*_, **__):
        raise KitError("container-crashes", "It crashes", code=ExitCode.UNHEALTHY)

    monkeypatch.setattr(*((world.helm, "upgrade_install") if step == "helm" else (waiting, "ready")), fails)
    world.helm.image = "a/broken:2"
    for options, seen in ((UpOptions(), []), (BACK, [[1]])):
        with pytest.raises(KitError) as raised:
            deploy.deploy(Settings(yes=True), options, Steps(), yes)
        assert went_back == seen
        assert (raised.value.id, raised.value.code) == ("container-crashes", ExitCode.UNHEALTHY)
        assert ("went back" in raised.value.cause) is bool(seen)
        world.objects.pop("/api/v1/namespaces/airflow/secrets/sh.helm.release.v1.airflow.v2", None)


def test_a_release_that_did_not_change_has_nothing_to_go_back_from(world, monkeypatch, went_back):
    def fails(*_):
        raise KitError("not-ready-in-time", "no", code=ExitCode.TIMEOUT)

    monkeypatch.setattr(waiting, "ready", fails)
    with pytest.raises(KitError):
        deploy.deploy(Settings(), BACK, Steps(), yes)
    assert went_back == []


def test_going_back_needs_the_wait(world):
    with pytest.raises(KitError) as raised:
        bring_up(Settings(wait=False), BACK)
    assert (raised.value.id, raised.value.code) == ("rollback-needs-wait", ExitCode.USAGE)
    assert world.requests == []
