"""The story of `deploy` and `up`, told to a cluster in memory and a Helm that writes down what it is asked."""

import pytest
import yaml

from kitctl.errors import ExitCode, KitError
from kitctl.model.image_choice import Choice
from kitctl.model.options.up import UpOptions
from kitctl.model.settings import Settings
from kitctl.model.values.dags import DagMode
from kitctl.model.versions import data_dir
from kitctl.release import image_choice, inputs, values
from kitctl.usecases import deploy, up
from tests.unit.fake_deploy import CONFIG_PATH, LABELS, Steps, bring_up, rendered, yes
from tests.unit.fake_operation import as_json

DAGS = data_dir("dags")


def test_up_from_nothing_to_green(world):
    steps = Steps()
    report = as_json(up.up(Settings(), UpOptions(), steps, yes))
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


def test_airflow_is_waited_for_until_each_part_is_healthy(world):
    world.api.sick = 3
    bring_up()
    assert world.api.sick < 0


def test_airflow_that_stays_sick_ends_with_a_time_out(world):
    world.api.sick = 10**9
    with pytest.raises(KitError) as raised:
        bring_up()
    assert (raised.value.id, raised.value.code) == ("airflow-unhealthy", ExitCode.TIMEOUT)
    assert "metadatabase" in raised.value.message


def test_no_wait_waits_for_nothing(world):
    world.api.sick = 10**9
    assert bring_up(Settings(wait=False))["smoke"] == "not asked for"


def test_deploy_keeps_what_up_chose(world, monkeypatch):
    world.cluster.there = True
    image = {"repository": "kitctl.local/dags", "tag": "7", "digest": ""}
    config = {"image": image, "airflowVersion": "3.3.1", "smoke": {"enabled": True}, "dags": {"specialImage": "z:1"}}
    world.add({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "airflow"}})
    world.add_record("deployed", manifest="app.kubernetes.io/part-of: airflow-kit", config=config)
    written = watched(monkeypatch)
    report = deploy.deploy(Settings(), UpOptions(), Steps(), yes)
    assert report.changed is True
    chosen, more = written[-1]
    assert chosen == Choice("kitctl.local/dags:7", "3.3.1", special="z:1")
    assert more["smoke"] is True
    assert world.smokes == []


def made_with(world, **config):
    """Let the release have been made with these values."""
    world.cluster.there = True
    world.add({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "airflow"}})
    world.add_record("deployed", manifest="app.kubernetes.io/part-of: airflow-kit", config=config)


GIT = {"mode": "git", "git": {"repo": "https://git.example.com/team/dags.git", "ref": "v1"}}


@pytest.mark.parametrize("command", [up.up, deploy.deploy])
def test_the_dag_mode_of_the_release_stays(world, monkeypatch, command):
    made_with(world, dags=GIT)
    written, steps = watched(monkeypatch), Steps()
    command(Settings(), UpOptions(), steps, yes)
    assert written[-1][1]["below"] == {"dags": GIT}
    assert "keeping the DAG mode git (--dag-mode changes it)" in steps.notes


@pytest.mark.parametrize(
    ("options", "sets"),
    [
        (UpOptions(dag_mode=DagMode.PVC), ()),
        (UpOptions(dag_mode=DagMode.GIT, git_repo="https://git.example.com/other.git"), ()),
        (UpOptions(), ("dags.mode=pvc",)),
        (UpOptions(dags=DAGS), ()),
    ],
)
def test_a_flag_or_a_value_changes_the_dag_mode(world, monkeypatch, options, sets):
    made_with(world, dags=GIT)
    written = watched(monkeypatch)
    bring_up(Settings(sets=sets), options)
    assert not written[-1][1]["below"]


def test_a_value_beside_the_mode_that_stays_wins(world, monkeypatch):
    made_with(world, dags=GIT)
    wishes, real = [], inputs.wish
    monkeypatch.setattr(inputs, "wish", lambda *a, **k: wishes.append(real(*a, **k)) or wishes[-1])
    bring_up(Settings(sets=("dags.git.ref=v2",)))
    user = wishes[-1].user
    assert (user.mode, user.find("dags", "git")) == (DagMode.GIT, {**GIT["git"], "ref": "v2"})


@pytest.mark.parametrize("reference", ["kitctl.local/dags:0123456789ab", "registry.example.com:5000/team/airflow:1"])
def test_the_image_of_the_release_stays(world, monkeypatch, reference):
    repository, _, tag = reference.rpartition(":")
    before = {"image": {"repository": repository, "tag": tag, "digest": ""}, "airflowVersion": "3.3.1"}
    made_with(world, **before)
    asked = []
    monkeypatch.setattr(
        image_choice,
        "provide",
        lambda *_, kept=None, **__: asked.append(kept) or kept or Choice("kitctl.local/airflow:1"),
    )
    written, steps = watched(monkeypatch), Steps()
    up.up(Settings(), UpOptions(), steps, yes)
    assert asked[0].reference == written[-1][0].reference == reference
    assert written[-1][0].airflow_version == "3.3.1"
    assert any(f"keeping the image {reference}" in note for note in steps.notes)
    made_with(world, **before)
    up.up(Settings(dry_run=True), UpOptions(), steps, yes)
    assert written[-1][0].reference == reference, "a dry run says that the image would change"
    up.up(Settings(), UpOptions(image="example.com/a:2"), steps, yes)
    assert asked[-1] is None


def test_what_the_kit_chose_itself_is_chosen_anew(world, monkeypatch):
    asked = []
    monkeypatch.setattr(
        image_choice, "provide", lambda *_, kept=None, **__: asked.append(kept) or Choice("kitctl.local/airflow:1")
    )
    made_with(world, image={"repository": "kitctl.local/dags", "tag": "examples-0123456789ab"})
    bring_up()
    made_with(world, image={"repository": "kitctl.local/airflow", "tag": "3.3.2-0123456789ab"})
    bring_up()
    assert asked == [None, None]


def watched(monkeypatch):
    """Return what `inputs.write` is called with: images, and the rest."""
    seen, real = [], inputs.write

    def write(wanted, chosen, **more):
        seen.append((chosen, more))
        return real(wanted, chosen, **more)

    monkeypatch.setattr(inputs, "write", write)
    return seen


def test_deploy_takes_a_named_image_instead(world, monkeypatch):
    world.cluster.there = True
    written = watched(monkeypatch)
    deploy.deploy(Settings(), UpOptions(image="example.com/a:1"), Steps(), yes)
    assert written[-1][0] == Choice("example.com/a:1")


def test_the_node_port_of_the_release_stays(world, monkeypatch):
    world.cluster.there = True
    config = {"apiServer": {"service": {"nodePort": 30850}}}
    world.add({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "airflow"}})
    world.add_record("deployed", manifest="app.kubernetes.io/part-of: airflow-kit", config=config)
    written = watched(monkeypatch)
    bring_up()
    assert written[-1][1]["node_port"] == 30850


def test_the_repository_of_the_flags_goes_to_the_mode_of_the_values(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    mine = tmp_path / "mine.yaml"
    mine.write_text("dags: {mode: bundle, bundle: {items: [{name: team, repo: https://x/a.git}]}}")
    settings, options = Settings(values=(mine,)), UpOptions(git_ref="v2")
    wish = inputs.wish(settings, options, values.read(settings), made_by_kit=True)
    given = inputs.write(wish, Choice(), smoke=False)
    flags = yaml.safe_load(given.sources.files[-1].read_text())
    assert flags["dags"] == {"bundle": {"items": [{"name": "team", "repo": "https://x/a.git", "ref": "v2"}]}}


def test_jobs_of_an_interrupted_up_go_before_helm_writes_the_next_one(world):
    """Seen: Jobs of several revisions migrated at once, and one ended with an error."""
    bring_up()
    job = {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "airflow-migrate-0123abcd", "labels": LABELS}}
    manifest = yaml.safe_dump_all([*rendered(), job])
    path = world.add(job)
    record = world.add_record("pending-upgrade", revision=2, age=60, manifest=manifest)
    world.helm.image = "a/b:2"
    there = []
    write = world.helm.upgrade_install

    def upgrade_install(*args, **more):
        there.extend(key for key in (path, record) if key in world.objects)
        write(*args, **more)

    world.helm.upgrade_install = upgrade_install
    bring_up()
    assert there == []
    assert path not in world.objects


def test_they_go_too_when_nothing_else_is_to_change(world):
    bring_up()
    job = {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "airflow-migrate-0123abcd", "labels": LABELS}}
    path = world.add(job)
    assert bring_up()["changed"] is False
    assert path not in world.objects
