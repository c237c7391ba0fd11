"""`kitctl scale`: a value of the release changes through Helm, and nothing else."""

import json
from copy import deepcopy

import pytest
import yaml

from kitctl.clusters import choice
from kitctl.errors import ExitCode, KitError
from kitctl.model.settings import Settings
from kitctl.release import operation
from kitctl.release.scaling.numbers import MARK, Place
from kitctl.tools import release_lock
from kitctl.tools.helm.client import Plan
from kitctl.usecases import scale as usecase
from tests.unit.fake_deploy import LABELS, Cluster
from tests.unit.fake_operation import Clock, Steps, as_json

WORKERS, BIG = Place("celery"), Place("celery", "big")
CONFIG_MAP = "/api/v1/namespaces/airflow/configmaps/airflow-config"
GROUPS = [{"name": "small", "queues": ["s"]}, {"name": "big", "queues": ["b"], "replicas": 1}]
VALUES = {"executors": ["CeleryExecutor"], "workers": {"celery": {"replicas": 2, "groups": GROUPS}}}
CHART = {"metadata": {"name": "airflow", "version": "1"}, "values": {}, "templates": [], "files": []}


def workload(kind, name, component, replicas, group=""):
    labels = {**LABELS, "app.kubernetes.io/component": component}
    match = {**labels, **({"airflow-kit.io/worker-group": group} if group else {})}
    spec = {"selector": {"matchLabels": match}, **({} if replicas is None else {"replicas": replicas})}
    return {"apiVersion": "apps/v1", "kind": kind, "metadata": {"name": name, "labels": labels}, "spec": spec}


def objects(celery=2, small=1, big=1, api=1, **more):
    labels = {"app.kubernetes.io/part-of": "airflow-kit"}
    config = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "airflow-config", "labels": labels}}
    return [
        config | more,
        workload("Deployment", "airflow-api-server", "api-server", api),
        workload("StatefulSet", "airflow-celery", "celery", celery, "default"),
        workload("StatefulSet", "airflow-celery-small", "celery", small, "small"),
        workload("StatefulSet", "airflow-celery-big", "celery", big, "big"),
    ]


class Helm:
    """Renders what the sets ask for, and writes it, ready at once."""

    def __init__(self, fake):
        self.fake, self.calls, self.more = fake, [], {}

    def _numbers(self, sources):
        names = {"workers.celery": "celery", "workers.celery.groups[0]": "small", "workers.celery.groups[1]": "big"}
        names["apiServer"] = "api"
        return {names[key.removesuffix(".replicas")]: int(n) for key, n in (s.split("=") for s in sources.sets)}

    def plan(self, chart, release, namespace, sources):
        return Plan(yaml.safe_dump_all(objects(**self._numbers(sources), **self.more)), {})

    def upgrade_install(self, chart, release, namespace, sources, **more):
        assert (chart / "Chart.yaml").is_file()
        self.calls.append((json.loads(sources.files[0].read_text()), sources.sets, more["labels"]))
        for obj in objects(**self._numbers(sources)):
            if obj["kind"] != "ConfigMap":
                live(self.fake, obj)


def live(fake, obj):
    obj, n = deepcopy(obj), obj["spec"].get("replicas", 1)
    obj["status"] = {"readyReplicas": n, "updatedReplicas": n, "replicas": n}
    fake.add(obj)


@pytest.fixture
def world(fake, monkeypatch, tmp_path):
    monkeypatch.setattr(release_lock, "cache_dir", lambda: tmp_path)
    fake.helm, cluster = Helm(fake), Cluster()
    monkeypatch.setattr(operation, "Helm", lambda *_: fake.helm)
    fake.clock = Clock()
    monkeypatch.setattr(operation, "Deadline", fake.clock.deadline)
    monkeypatch.setattr(operation.Kube, "connect", lambda *_: fake.kube)
    monkeypatch.setattr(choice, "present", lambda _: cluster)
    released(fake, objects())
    return fake


def released(fake, made, config=VALUES, status="deployed", **more):
    for obj in made:
        fake.add(deepcopy(obj)) if obj["kind"] == "ConfigMap" else live(fake, obj)
    fake.add_record(status, manifest=yaml.safe_dump_all(made), config=config, chart=CHART, **more)


def scale(numbers, **settings):
    return as_json(usecase.scale(Settings(**settings), numbers, Steps(), lambda _: True))


def refusal(numbers, **settings):
    with pytest.raises(KitError) as error:
        scale(numbers, **settings)
    return error.value


def test_the_number_becomes_a_value_of_the_release_beside_the_values_that_it_has(world):
    report = scale({WORKERS: 3, BIG: 0})
    sets = ("workers.celery.replicas=3", "workers.celery.groups[1].replicas=0")
    assert world.helm.calls == [(VALUES, sets, {"kitctl": "scale"})]
    assert report["changed"] is True
    assert report["scaled"] == [
        {"component": "celery", "group": "", "before": 2, "replicas": 3},
        {"component": "celery", "group": "big", "before": 1, "replicas": 0},
    ]
    noted = json.loads(world.objects[CONFIG_MAP]["metadata"]["annotations"][MARK])
    assert noted == {"celery": {"values": 2, "scaled": 3}, "celery/big": {"values": 1, "scaled": 0}}


def test_a_second_scale_still_knows_what_the_values_said(world):
    scale({WORKERS: 3})
    changed = {**VALUES, "workers": {"celery": {"replicas": 3, "groups": GROUPS}}}
    released(world, objects(celery=3), changed, revision=2)
    world.objects[CONFIG_MAP]["metadata"]["annotations"] = {MARK: '{"celery": {"values": 2, "scaled": 3}}'}
    scale({WORKERS: 5})
    noted = json.loads(world.objects[CONFIG_MAP]["metadata"]["annotations"][MARK])
    assert noted == {"celery": {"values": 2, "scaled": 5}}


def test_a_number_that_is_there_already_changes_nothing(world):
    assert scale({WORKERS: 2})["changed"] is False
    assert world.helm.calls == world.writes == []


def test_a_number_that_kubectl_changed_is_written_again(world):
    live(world, objects(celery=7)[2])
    assert scale({WORKERS: 2})["changed"] is True


def test_a_dry_run_names_the_objects_and_writes_nothing(world):
    would = scale({WORKERS: 0, Place("api-server"): 1}, dry_run=True)["would"]
    assert would == ["change replicas of StatefulSet airflow-celery from 2 to 0"]
    assert world.helm.calls == world.writes == []


def test_an_unknown_group_is_refused_with_those_that_there_are(world):
    error = refusal({Place("celery", "bog"): 2})
    assert (error.id, error.code) == ("scale-group-unknown", ExitCode.PREFLIGHT)
    assert (error.cause, error.fix) == ("Its groups are big, default, small", "Did you mean --group big?")


def test_a_component_that_the_release_does_not_have_is_refused(world):
    error = refusal({Place("triggerer"): 2})
    assert error.id == "scale-component-missing"
    assert error.fix == "kitctl up --set triggerer.enabled=true"
    released(world, [o for o in objects() if "celery" not in o["metadata"]["name"]], {}, revision=2)
    error = refusal({WORKERS: 2})
    assert (error.id, error.cause) == ("scale-component-missing", "It has api-server")
    assert "executors={CeleryExecutor" in error.fix


def test_a_number_that_the_values_leave_to_an_autoscaler_is_refused(world):
    released(world, objects(celery=None), revision=2)
    error = refusal({WORKERS: 2})
    assert (error.id, "replicas: null" in error.cause) == ("scale-autoscaled", True)


def test_an_autoscaler_that_only_the_cluster_has_is_named(world):
    target = {"apiVersion": "apps/v1", "kind": "StatefulSet", "name": "airflow-celery"}
    scaler = {"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": {"name": "mine"}}
    world.add({**scaler, "spec": {"scaleTargetRef": target}})
    error = refusal({WORKERS: 2})
    assert (error.id, "HorizontalPodAutoscaler mine" in error.cause) == ("scale-autoscaled", True)
    assert world.helm.calls == []


def test_without_a_release_or_without_helms_record_of_it(world):
    for path in [path for path in world.objects if "/secrets/" in path]:
        del world.objects[path]
    assert refusal({WORKERS: 2}).id == "release-without-helm"
    world.objects.clear()
    assert refusal({WORKERS: 2}).id == "release-missing"


@pytest.mark.parametrize(("status", "age"), [("failed", 0), ("pending-upgrade", 400)])
def test_a_change_that_was_not_finished_comes_first(world, status, age):
    world.add_record(status, revision=2, age=age, manifest=yaml.safe_dump_all(objects()))
    error = refusal({WORKERS: 3})
    assert (error.id, status in error.cause) == ("release-unfinished", True)
    assert world.helm.calls == []


def test_what_would_change_more_than_the_number_is_refused(world):
    world.helm.more = {"data": {"new": "1"}}
    error = refusal({WORKERS: 3})
    assert (error.id, "ConfigMap airflow-config" in error.message) == ("scale-changes-more", True)
    assert world.helm.calls == []


def draining(fake):
    meta = {"name": "airflow-celery-1", "labels": {**LABELS, "app.kubernetes.io/component": "celery"}}
    meta |= {"deletionTimestamp": "2026-01-01T00:00:00Z"}
    fake.add({"apiVersion": "v1", "kind": "Pod", "metadata": meta, "status": {"phase": "Running"}})
    write = fake.helm.upgrade_install

    def upgrade(*args, **more):
        write(*args, **more)
        path = "/apis/apps/v1/namespaces/airflow/statefulsets/airflow-celery"
        fake.objects[path]["status"]["replicas"] = 2

    fake.helm.upgrade_install = upgrade


def test_a_worker_that_still_runs_a_task_is_waited_for_as_long_as_timeout_allows(world):
    draining(world)
    error = refusal({WORKERS: 1})
    assert (error.id, error.code) == ("not-drained-in-time", ExitCode.TIMEOUT)
    assert error.message.startswith("airflow-celery-1 did not end")


def test_no_wait_returns_at_once(world):
    draining(world)
    assert scale({WORKERS: 1}, wait=False)["changed"] is True
    assert world.clock.waits == []
