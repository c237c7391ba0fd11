"""Which image `up` runs, and which ones it refuses at sight."""

from dataclasses import replace

import pytest

from kitctl.errors import KitError
from kitctl.images import examples, recipes, store
from kitctl.images.building import Built
from kitctl.model.image_choice import Choice
from kitctl.model.options.up import UpOptions
from kitctl.model.user_values import UserValues
from kitctl.model.values.dags import DagMode
from kitctl.release import image_choice

NONE = UserValues()

BROKER = "docker.io/valkey/valkey:8.1"
RABBITMQ = "docker.io/library/rabbitmq:4.0"
PGBOUNCER = "ghcr.io/cloudnative-pg/pgbouncer:1.24.1"


class Cluster:
    name = "kitctl-node"

    def __init__(self, *, made_by_kit=True, loads_images=None):
        self.made_by_kit = made_by_kit
        self.loads_images = made_by_kit if loads_images is None else loads_images
        self.pulls_images = not made_by_kit

    def context(self):
        return self.name


@pytest.fixture
def loaded(monkeypatch):
    seen = []
    monkeypatch.setattr(recipes, "ensure_postgres_image", lambda note: "docker.io/library/postgres:17")
    monkeypatch.setattr(recipes, "ensure_redis_image", lambda note: BROKER)
    monkeypatch.setattr(recipes, "ensure_rabbitmq_image", lambda note: RABBITMQ)
    monkeypatch.setattr(recipes, "ensure_pgbouncer_image", lambda note: PGBOUNCER)
    monkeypatch.setattr(
        recipes, "build_airflow", lambda how, note: Built("kitctl.local/airflow:1", "3.3.2", False, "b")
    )

    def build_dags(dags, requirements, base, *, check, options, progress):
        seen.append(("dags", dags, requirements, base, check))
        return Built("kitctl.local/dags:2", "3.3.2", True, "b")

    monkeypatch.setattr(recipes, "build_dags", build_dags)
    monkeypatch.setattr(store, "load", lambda cluster, reference, note: seen.append(reference))
    monkeypatch.setattr(examples, "bring_special", lambda cluster, dags, base, *_: f"{base[0]}+{dags and dags.name}")
    return seen


def provide(options, mode=DagMode.IMAGE, user=NONE, **cluster):
    return image_choice.provide(Cluster(**cluster), options, replace(user, mode=mode), lambda _: None)


def refused(error, options=None, user=NONE, mode=DagMode.IMAGE):
    with pytest.raises(KitError) as raised:
        image_choice.check(options or UpOptions(), replace(user, mode=mode))
    assert raised.value.id == error


def test_the_examples_come_along_where_nobody_brings_dags(loaded):
    assert provide(UpOptions()).reference == "kitctl.local/dags:2"
    assert loaded[0] == "docker.io/library/postgres:17"
    assert loaded[1][1].name == "dags"
    assert loaded[2] == "kitctl.local/dags:2"


def test_a_dry_run_names_the_image_and_builds_and_loads_nothing(loaded, monkeypatch, tmp_path):
    monkeypatch.setattr(recipes, "ensure_postgres_image", lambda _: pytest.fail("built"))
    asked = []

    def build_dags(*_, options, **__):
        asked.append(options.dry_run)
        return Built("kitctl.local/dags:2", "3.3.2", False, "b")

    monkeypatch.setattr(recipes, "build_dags", build_dags)
    monkeypatch.setattr(store, "revision", lambda reference: "abc")
    for cluster in (Cluster(), Cluster(made_by_kit=False, loads_images=True)):
        for options, user in [
            (UpOptions(dags=tmp_path), NONE),
            (UpOptions(image="example.com/airflow:3.3.2"), NONE),
            (UpOptions(), UserValues({"image": {"tag": "x"}})),
        ]:
            monkeypatch.setattr(image_choice, "_version", lambda _, fetch: "3.3.2" if not fetch else pytest.fail())
            image_choice.provide(cluster, options, replace(user, mode=DagMode.IMAGE), asked.append, dry_run=True)
    kept = Choice("kitctl.local/dags:1", "3.3.2")
    assert image_choice.provide(Cluster(), UpOptions(), NONE, pytest.fail, kept=kept, dry_run=True).reference
    assert loaded == []
    assert asked.count(True) == 2


def test_the_image_of_their_special_task_stands_on_the_one_that_runs(loaded, tmp_path):
    assert provide(UpOptions()).special == "kitctl.local/dags:2+dags"
    assert provide(UpOptions(dags=tmp_path / "mine")).special == "kitctl.local/dags:2+mine"
    assert provide(UpOptions(), DagMode.GIT).special == "kitctl.local/airflow:1+None"


def test_the_users_dags_are_checked_when_baked(loaded, tmp_path):
    provide(UpOptions(dags=tmp_path))
    assert loaded[1] == ("dags", tmp_path, None, "", True)


@pytest.mark.parametrize("mode", [DagMode.GIT, DagMode.PVC, DagMode.BUNDLE])
def test_the_other_modes_need_no_dags_in_the_image(loaded, mode):
    assert provide(UpOptions(), mode).reference == "kitctl.local/airflow:1"


def test_an_image_of_the_users_is_taken_as_it_is(loaded, monkeypatch):
    monkeypatch.setattr(image_choice, "_version", lambda reference, **_more: "3.3.1")
    chosen = provide(UpOptions(image="example.com/a:1"))
    assert (chosen.reference, chosen.airflow_version) == ("example.com/a:1", "3.3.1")
    assert loaded[-1] == "example.com/a:1"


def test_an_image_in_the_users_values_is_theirs_to_care_for(loaded):
    chosen = provide(UpOptions(), user=UserValues({"image": {"tag": "x"}}))
    assert chosen.reference is None
    assert loaded == ["docker.io/library/postgres:17"]


@pytest.mark.parametrize(
    ("values", "needed"),
    [
        ({}, set()),
        ({"executors": ["KubernetesExecutor"]}, set()),
        ({"executors": ["KubernetesExecutor"], "broker": {"kind": "rabbitmq"}}, set()),
        ({"executors": ["CeleryExecutor"]}, {BROKER}),
        ({"executors": ["KubernetesExecutor", "CeleryExecutor"], "broker": {"kind": "redis"}}, {BROKER}),
        ({"executors": ["CeleryExecutor"], "broker": {"kind": "rabbitmq"}}, {RABBITMQ}),
        ({"executors": ["CeleryExecutor"], "broker": {"kind": "external"}}, set()),
    ],
)
def test_the_image_of_the_broker_comes_where_an_executor_needs_one(loaded, values, needed):
    provide(UpOptions(), user=UserValues(values))
    assert {BROKER, RABBITMQ} & set(loaded) == needed


@pytest.mark.parametrize(("values", "needed"), [({}, False), ({"pgbouncer": {"enabled": True}}, True)])
def test_the_image_of_pgbouncer_comes_where_the_release_has_one(loaded, values, needed):
    provide(UpOptions(), user=UserValues(values))
    assert (PGBOUNCER in loaded) is needed


def test_an_image_that_stays_is_brought_and_nothing_is_built(loaded):
    kept = Choice("kitctl.local/dags:7", "3.3.1", special="z:1")
    chosen = image_choice.provide(Cluster(), UpOptions(), NONE, pytest.fail, kept=kept)
    assert chosen == replace(kept, looked=True)
    assert loaded == ["docker.io/library/postgres:17", "kitctl.local/dags:7"]
    loaded.clear()
    assert image_choice.provide(Cluster(made_by_kit=False), UpOptions(), NONE, pytest.fail, kept=kept) == kept
    assert loaded == []


@pytest.mark.parametrize(("reference", "refused"), [("kitctl.local/dags:7", True), ("example.com/a:1", False)])
def test_an_image_that_stays_and_is_nowhere(loaded, monkeypatch, reference, refused):
    def missing(*_):
        raise KitError("image-missing", "nowhere")

    monkeypatch.setattr(store, "load", lambda cluster, name, note: missing() if "postgres" not in name else None)
    notes, kept = [], Choice(reference)
    try:
        chosen = image_choice.provide(Cluster(), UpOptions(), NONE, notes.append, kept=kept)
    except KitError as error:
        assert (error.id, refused) == ("image-missing", True)
    else:
        assert (chosen.reference, refused) == (reference, False)
        assert "have to pull it" in notes[-1]


def test_an_external_database_needs_no_postgres_image(loaded):
    provide(UpOptions(), user=UserValues({"postgres": {"enabled": False}}))
    assert "docker.io/library/postgres:17" not in loaded


def test_clusters_that_are_not_ours_pull_for_themselves(loaded):
    assert provide(UpOptions(), made_by_kit=False).reference is None
    assert provide(UpOptions(image="example.com/a:1"), made_by_kit=False).reference == "example.com/a:1"
    assert loaded == []


def test_baked_dags_cannot_reach_a_cluster_that_is_not_ours(loaded, tmp_path):
    with pytest.raises(KitError) as raised:
        provide(UpOptions(dags=tmp_path), made_by_kit=False)
    assert raised.value.id == "image-load-unsupported"


def test_a_dag_folder_that_is_missing_or_empty_is_refused(tmp_path):
    refused("dags-missing", UpOptions(dags=tmp_path / "none"))
    refused("dags-empty", UpOptions(dags=tmp_path))


def test_a_dag_folder_in_a_mode_that_never_reads_it_is_refused(tmp_path):
    (tmp_path / "a.py").write_text("")
    refused("dags-not-used", UpOptions(dags=tmp_path), mode=DagMode.GIT)


def test_requirements_that_are_missing_are_refused(tmp_path):
    refused("requirements-missing", UpOptions(requirements=tmp_path / "none.txt"))


@pytest.mark.parametrize(
    "reference",
    [
        "apache/airflow:2.10.5",
        "airflow:2.9.0",
        "docker.io/apache/airflow:3.1.0-python3.12",
        "localhost:5000/mirror/airflow:slim-2.10.1-python3.11",
        "apache/airflow:slim-2.9.0",
        "apache/airflow:3.2.2rc1",
        "apache/airflow:1.10.15@sha256:00",
    ],
)
def test_an_old_airflow_is_refused_by_its_tag(reference):
    refused("image-too-old", UpOptions(image=reference))
    image_choice.check(UpOptions(image=reference, check_image=False), NONE)


@pytest.mark.parametrize(
    "values",
    [
        {"image": {"tag": "2.9.0"}},
        {"image": {"repository": "example.com/airflow", "tag": "2.9.0-python3.11"}},
        {"airflowVersion": "2.9.0"},
    ],
)
def test_an_old_airflow_in_the_values_is_refused_too(values):
    refused("image-too-old", user=UserValues(values))


@pytest.mark.parametrize(
    "values",
    [{"image": {"tag": "2.9.0", "digest": "sha256:00"}}, {"image": {"repository": "team/flow", "tag": "2.9.0"}}, {}],
)
def test_a_tag_that_is_not_used_or_counts_something_else_is_not_judged(values):
    image_choice.check(UpOptions(), UserValues(values))


def test_a_typed_image_takes_the_place_of_the_values():
    user = UserValues({"image": {"tag": "2.9.0"}})
    image_choice.check(UpOptions(image="apache/airflow:3.3.2"), user)


@pytest.mark.parametrize(
    "reference",
    [
        "apache/airflow:3.3.2",
        "apache/airflow:slim-3.3.2-python3.12",
        "apache/airflow:latest",
        "apache/airflow:slim-latest-python3.12",
        "apache/airflow",
        "apache/airflow@sha256:00",
        "example.com/team/flow:1.0.0",
        "team/airflow:1.4.0",
        "team/airflow:2.9.0-build7",
        "localhost:5000/airflow",
    ],
)
def test_other_images_pass_at_sight(reference):
    image_choice.check(UpOptions(image=reference), NONE)


def test_an_image_that_was_built_or_opened_here_was_looked_into(loaded, monkeypatch):
    monkeypatch.setattr(image_choice, "_version", lambda reference, **_more: "3.3.2")
    assert provide(UpOptions()).looked
    assert provide(UpOptions(image="team/flow:1")).looked
    assert not provide(UpOptions(), user=UserValues({"image": {"tag": "x"}})).looked
    assert not provide(UpOptions(image="team/flow:1"), made_by_kit=False).looked


def test_a_tag_that_may_be_built_again_is_told_with_its_id(loaded, monkeypatch):
    monkeypatch.setattr(store, "revision", lambda reference: {"team/flow:1": "abc"}.get(reference, ""))
    monkeypatch.setattr(image_choice, "_version", lambda reference, **_more: "3.3.2")
    assert provide(UpOptions(image="team/flow:1")).revision == "abc"
    assert provide(UpOptions()).revision == ""


def test_an_image_of_the_values_is_brought_if_this_machine_has_it(loaded, monkeypatch):
    monkeypatch.setattr(store, "revision", lambda reference: {"team/flow:1": "abc"}.get(reference, ""))
    here = UserValues({"image": {"repository": "team/flow", "tag": 1}})
    assert provide(UpOptions(), user=here) == Choice(revision="abc")
    assert loaded == ["docker.io/library/postgres:17", "team/flow:1"]
    elsewhere = UserValues({"image": {"repository": "team/other"}})
    assert provide(UpOptions(), user=elsewhere) == Choice()
    pinned = UserValues({"image": {"repository": "team/flow", "tag": "1", "digest": "sha256:00"}})
    assert provide(UpOptions(), user=pinned) == Choice()


LAPTOP = {"made_by_kit": False, "loads_images": True}
"""A cluster of minikube or kind: its nodes pull, and take what this machine has built."""


def test_a_laptop_with_no_wish_pulls_the_official_images(loaded):
    assert provide(UpOptions(), **LAPTOP) == Choice()
    assert loaded == []


@pytest.mark.parametrize(
    ("image", "user", "base"),
    [
        (None, NONE, "docker.io/apache/airflow:3.3.2"),
        (None, UserValues({"image": {"repository": "team/airflow", "tag": "7"}}), "team/airflow:7"),
        ("other/airflow:1", NONE, "other/airflow:1"),
    ],
)
def test_dags_go_on_top_of_the_image_that_a_laptop_would_pull(loaded, monkeypatch, tmp_path, image, user, base):
    monkeypatch.setattr(store, "revision", lambda reference: "")
    chosen = provide(UpOptions(dags=tmp_path, image=image), user=user, **LAPTOP)
    assert chosen == Choice("kitctl.local/dags:2", "3.3.2", looked=True)
    assert loaded == [("dags", tmp_path, None, base, True), "kitctl.local/dags:2"]


@pytest.mark.parametrize(("revision", "brought"), [("abc", ["team/a:1"]), ("", [])])
def test_a_laptop_gets_an_image_that_this_machine_has_built(loaded, monkeypatch, revision, brought):
    monkeypatch.setattr(store, "revision", lambda reference: revision)
    assert provide(UpOptions(image="team/a:1"), **LAPTOP) == Choice("team/a:1", revision=revision)
    assert loaded == brought
    loaded.clear()
    values = UserValues({"image": {"repository": "team/a", "tag": "1"}})
    assert provide(UpOptions(), user=values, **LAPTOP) == Choice(revision=revision)
    assert loaded == brought


def test_an_image_of_the_kit_that_stays_is_brought_to_a_laptop_again(loaded, monkeypatch):
    monkeypatch.setattr(store, "revision", lambda reference: "")
    for reference, brought in (("kitctl.local/dags:7", ["kitctl.local/dags:7"]), ("team/a:1", [])):
        loaded.clear()
        kept = Choice(reference, "3.3.2")
        chosen = image_choice.provide(Cluster(**LAPTOP), UpOptions(), NONE, lambda _: None, kept=kept)
        assert chosen.reference == reference
        assert loaded == brought
