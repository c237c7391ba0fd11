"""The story of `deploy` and `up`, told to a cluster in memory and a Helm that writes down what it is asked."""

from contextlib import nullcontext
from pathlib import Path

import pytest
import yaml

from kitctl.errors import ExitCode, KitError
from kitctl.model.image_choice import Choice
from kitctl.model.overlay import UpOptions
from kitctl.model.settings import Settings
from kitctl.tools.helm import Plan
from kitctl.usecases import deploy, redeploy, up, up_images
from kitctl.usecases.inputs import Inputs

LABELS = {"app.kubernetes.io/instance": "airflow", "app.kubernetes.io/part-of": "airflow-kit"}
CONFIG_PATH = "/api/v1/namespaces/airflow/configmaps/airflow-config"


class Steps:
    def __init__(self):
        self.names, self.notes = [], []

    def step(self, name):
        self.names.append(name)
        return nullcontext()

    def note(self, line):
        self.notes.append(line)


def rendered(image="a/b:1"):
    spec = {"replicas": 1, "template": {"spec": {"containers": [{"name": "api-server", "image": image}]}}}
    labels = {**LABELS, "app.kubernetes.io/component": "api-server"}
    server = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "airflow-api-server", "labels": labels},
    }
    config = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "airflow-config", "labels": LABELS}}
    return [{**server, "spec": spec}, {**config, "data": {"a": "1"}}]


class Helm:
    """Writes what a real one would write, ready at once."""

    def __init__(self, fake, *_):
        self.fake, self.calls, self.image = fake, [], "a/b:1"

    def plan(self, chart, release, namespace, **_):
        return Plan(yaml.safe_dump_all(rendered(self.image)), {})

    def upgrade_install(self, chart, release, namespace, **more):
        self.calls.append(more)
        for obj in rendered(self.image):
            if obj["kind"] == "Deployment":
                obj["status"] = {"readyReplicas": 1, "updatedReplicas": 1, "replicas": 1}
            self.fake.add(obj)
        manifest = yaml.safe_dump_all(rendered(self.image))
        self.fake.add_record("deployed", revision=len(self.calls), manifest=manifest)

    def template(self, chart, release, namespace, **_):
        return yaml.safe_dump_all(rendered(self.image))

    def values(self, *_, **__):
        return {"smoke": {"enabled": True}}


class Cluster:
    name, provider = "kitctl-node", "node"

    def __init__(self):
        self.made_by_kit, self.there, self.created = True, False, 0

    def context(self):
        return self.name

    def exists(self):
        return self.there

    def create(self, note):
        self.created, self.there = self.created + 1, True

    def node_address(self):
        return "10.0.0.1"


class Api:
    def __init__(self):
        self.sick = 0

    def health(self):
        self.sick -= 1
        status = "unhealthy" if self.sick >= 0 else "healthy"
        return {
            "metadatabase": {"status": "healthy"},
            "scheduler": {"status": status},
            "dag_processor": {"status": "healthy"},
            "triggerer": {"status": None},
        }

    def sleep(self, seconds):
        pass


@pytest.fixture
def world(fake, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    fake.helm, fake.cluster, fake.api, fake.smokes = Helm(fake), Cluster(), Api(), []
    monkeypatch.setattr(up, "Helm", lambda *_: fake.helm)
    monkeypatch.setattr(redeploy, "Helm", lambda *_: fake.helm)
    monkeypatch.setattr(up.Kube, "connect", lambda *_: fake.kube)
    monkeypatch.setattr(up.cluster_usecase, "pick", lambda *_: fake.cluster)
    chosen = Choice("kitctl.local/airflow:1", "3.3.2")
    monkeypatch.setattr(up.up_checks.clusters, "check", lambda *_: True)
    monkeypatch.setattr(up_images, "provide", lambda *_: chosen)
    monkeypatch.setattr(up.Release, "api", lambda *_: fake.api)
    monkeypatch.setattr(up.Release, "url", lambda *_: "http://10.0.0.1:30809")
    monkeypatch.setattr("kitctl.usecases.smoke.run_smoke", lambda *args: fake.smokes.append(args))
    return fake


def yes(_):
    return True


def bring_up(settings=None, options=None, ask=yes):
    return up.up(settings or Settings(), options or UpOptions(), Steps(), ask)


def test_up_from_nothing_to_green(world):
    steps = Steps()
    report = up.up(Settings(), UpOptions(), steps, yes)
    assert steps.names == [
        "Check",
        "Cluster",
        "Images",
        "Preflight",
        "Keys",
        "Release",
        "Ready",
        "Health",
        "Smoke run",
    ]
    assert world.cluster.created == 1
    assert report["url"] == "http://10.0.0.1:30809"
    assert report["username"] == "admin"
    assert report["password"] == world.kube.secret("airflow", "airflow-keys")["admin-password"]
    assert (report["context"], report["changed"], report["smoke"]) == ("kitctl-node", True, "success")
    namespace = world.kube.namespace("airflow")
    assert namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"


def test_the_second_up_changes_nothing(world):
    bring_up()
    before = world.kube.secret("airflow", "airflow-keys")
    report = bring_up()
    assert len(world.helm.calls) == 1
    assert (report["changed"], report["smoke"]) == (False, "was green before")
    assert len(world.smokes) == 1
    assert world.kube.secret("airflow", "airflow-keys") == before


def test_drift_is_repaired(world):
    bring_up()
    world.objects[CONFIG_PATH]["data"]["a"] = "edited"
    assert bring_up()["changed"] is True


def test_a_new_image_is_proven_again(world):
    bring_up()
    world.helm.image = "a/b:2"
    assert bring_up()["smoke"] == "success"
    assert len(world.smokes) == 2


def test_without_smoke_nothing_is_run(world):
    assert bring_up(options=UpOptions(smoke=False))["smoke"] == "not asked for"
    assert world.smokes == []


def test_a_namespace_that_is_there_keeps_its_labels(world):
    world.add({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "airflow", "labels": {"mine": "1"}}})
    bring_up()
    assert world.kube.namespace("airflow")["metadata"]["labels"] == {"mine": "1"}


def test_helm_marks_its_records_as_ours_and_never_waits(world):
    bring_up()
    assert world.helm.calls[0]["labels"] == {"kitctl": "up"}


def test_a_cluster_of_somebody_else_asks_first(world):
    world.cluster.made_by_kit = False
    asked = []

    def no(question):
        asked.append(question)
        return False

    with pytest.raises(KitError) as raised:
        bring_up(ask=no)
    assert (raised.value.id, raised.value.code) == ("declined", ExitCode.PREFLIGHT)
    assert "kitctl-node" in asked[0]
    assert world.writes == []
    assert world.helm.calls == []


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


def test_a_dry_run_without_a_cluster_tells_the_story(world):
    report = bring_up(Settings(dry_run=True))
    assert report["dry_run"] is True
    assert "kitctl-node" in report["would"][0]
    assert world.cluster.created == 0


def test_a_dry_run_on_a_cluster_lists_the_objects_and_writes_none(world):
    world.cluster.there = True
    report = bring_up(Settings(dry_run=True))
    assert "write Deployment airflow-api-server" in report["would"]
    assert world.writes == []
    assert world.helm.calls == []


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
        {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "old", "labels": LABELS}, "status": state}
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


@pytest.mark.parametrize(
    ("what", "options"),
    [
        ("node-needs-root", UpOptions()),
        ("builder-unknown", UpOptions(builder="bogus")),
        ("builder-missing", UpOptions()),
        ("ca-bundle-missing", UpOptions(ca_bundle=Path("nowhere.pem"))),
    ],
)
def test_a_dry_run_asks_the_machine_what_up_would_ask(world, monkeypatch, what, options):
    def no(*_):
        raise KitError(what, "no")

    if what == "node-needs-root":
        monkeypatch.setattr(up.up_checks.clusters, "check", no)
    if what == "builder-missing":
        monkeypatch.setattr(up.up_checks.builder, "find", no)
    with pytest.raises(KitError) as raised:
        bring_up(Settings(dry_run=True), options)
    assert raised.value.id == what
    assert world.writes == []


def test_a_dry_run_tells_that_a_cluster_elsewhere_takes_no_images(world, tmp_path):
    (tmp_path / "dag.py").write_text("from airflow.sdk import DAG\nDAG('a')\n")
    world.cluster.made_by_kit, world.cluster.there = False, True
    with pytest.raises(KitError) as raised:
        bring_up(Settings(dry_run=True), UpOptions(dags=tmp_path))
    assert raised.value.id == "image-load-unsupported"


def test_a_dry_run_on_a_cluster_elsewhere_needs_no_builder(world, monkeypatch):
    world.cluster.made_by_kit, world.cluster.there = False, True
    monkeypatch.setattr(up.up_checks.builder, "find", lambda *_: pytest.fail("asked"))
    assert bring_up(Settings(dry_run=True))["dry_run"] is True


def test_airflow_is_waited_for_until_each_part_is_healthy(world):
    world.api.sick = 3
    bring_up()
    assert world.api.sick < 0


def test_airflow_that_stays_sick_ends_with_a_time_out(world):
    world.api.sick = 10**9
    ticks = iter(range(0, 10**6, 50))
    with pytest.raises(KitError) as raised:
        up.up(Settings(), UpOptions(), Steps(), yes, clock=lambda: float(next(ticks)))
    assert (raised.value.id, raised.value.code) == ("airflow-unhealthy", ExitCode.TIMEOUT)
    assert "scheduler" in raised.value.message


def test_no_wait_waits_for_nothing(world):
    world.api.sick = 10**9
    assert bring_up(Settings(wait=False))["smoke"] == "not asked for"


def test_deploy_keeps_what_up_chose(world, monkeypatch):
    world.cluster.there = True
    image = {"repository": "kitctl.local/dags", "tag": "7", "digest": ""}
    config = {"image": image, "airflowVersion": "3.3.1", "smoke": {"enabled": True}, "dags": {"specialImage": "z:1"}}
    world.add({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "airflow"}})
    world.add_record("deployed", manifest="app.kubernetes.io/part-of: airflow-kit", config=config)
    seen = []
    real = deploy.prepare

    def prepare(settings, options, **more):
        seen.append(more)
        return real(settings, options, **more)

    monkeypatch.setattr(deploy, "prepare", prepare)
    report = redeploy.redeploy(Settings(), UpOptions(), Steps(), yes)
    assert report["changed"] is True
    assert seen[-1]["chosen"] == Choice("kitctl.local/dags:7", "3.3.1", special="z:1")
    assert seen[-1]["smoke"] is True
    assert world.smokes == []


def test_deploy_takes_a_named_image_instead(world, monkeypatch):
    world.cluster.there = True
    seen = []
    monkeypatch.setattr(
        deploy, "prepare", lambda *_, **more: seen.append(more) or Inputs(chart=None, values=(), sets=(), set_files={})
    )
    redeploy.redeploy(Settings(), UpOptions(image="example.com/a:1"), Steps(), yes)
    assert seen[-1]["chosen"] == Choice("example.com/a:1")


def test_the_repository_of_the_flags_goes_to_the_mode_of_the_values(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    mine = tmp_path / "mine.yaml"
    mine.write_text("dags: {mode: bundle, bundle: {items: [{name: team, repo: https://x/a.git}]}}")
    given = deploy.prepare(
        Settings(values=(mine,)),
        UpOptions(git_ref="v2"),
        made_by_kit=True,
        chosen=Choice(),
        smoke=False,
        judge=False,
    )
    flags = yaml.safe_load(given.values[-1].read_text())
    assert flags["dags"] == {"bundle": {"items": [{"name": "team", "repo": "https://x/a.git", "ref": "v2"}]}}
