"""A broker or database that another release of the cluster uses is refused before anything changes."""

from typing import Any

import pytest

from kitctl.errors import ExitCode, KitError
from kitctl.release.preflight import shared

BROKER = {"airflow-kit.io/broker": "redis.data:6379/0"}
DATABASE = {"airflow-kit.io/database": "pg.data:5432/airflow"}


def scheduler(notes: dict[str, str], release: str = "one") -> dict[str, Any]:
    labels = {
        "app.kubernetes.io/part-of": "airflow-kit",
        "app.kubernetes.io/component": "scheduler",
        "app.kubernetes.io/instance": release,
    }
    metadata = {"name": f"{release}-airflow-scheduler", "labels": labels, "annotations": {"other": "x", **notes}}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata}


@pytest.mark.parametrize(("notes", "error"), [(BROKER, "broker-shared"), (DATABASE, "database-shared")])
@pytest.mark.parametrize("namespace", ["a", "b"])
def test_a_server_that_another_release_uses_is_refused(fake, notes, error, namespace):
    fake.add(scheduler(notes, "two"), namespace)
    with pytest.raises(KitError) as found:
        shared.servers_own(fake.kube, "a", [scheduler(notes)])
    assert (found.value.id, found.value.code) == (error, ExitCode.PREFLIGHT)
    assert f"{namespace}/two uses the" in found.value.message
    assert next(iter(notes.values())) in found.value.message


@pytest.mark.parametrize(
    "theirs",
    [{}, {"airflow-kit.io/broker": "redis.data:6379/1"}, {"airflow-kit.io/database": "redis.data:6379/0"}],
    ids=["older chart", "another database", "another server"],
)
def test_other_servers_are_taken(fake, theirs):
    fake.add(scheduler(theirs, "two"), "b")
    shared.servers_own(fake.kube, "a", [scheduler(BROKER)])


def test_a_release_keeps_its_own_servers(fake):
    fake.add(scheduler({**BROKER, **DATABASE}), "a")
    shared.servers_own(fake.kube, "a", [scheduler({**BROKER, **DATABASE})])


def test_a_release_of_the_same_name_elsewhere_is_another(fake):
    fake.add(scheduler(BROKER), "b")
    with pytest.raises(KitError):
        shared.servers_own(fake.kube, "a", [scheduler(BROKER)])


def test_who_may_not_look_is_not_stopped(fake):
    fake.add(scheduler(BROKER, "two"), "b")
    fake.denied.add(("list", "deployments"))
    shared.servers_own(fake.kube, "a", [scheduler(BROKER)])
