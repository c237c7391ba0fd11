"""A restored older dump: pods wait for a migration that no Job brings, until `up` runs the Job again."""

import pytest

from kitctl.errors import KitError
from kitctl.release import waiting
from kitctl.release.upgrade import migrate_again
from tests.unit.chart_files.conftest import FILES
from tests.unit.fake_operation import Clock
from tests.unit.fake_release import add_pod, add_workload, labels

NAME = "airflow-migrate-0123abcd"
PATH = f"/apis/batch/v1/namespaces/airflow/jobs/{NAME}"
TARGET = waiting.Goal("airflow", "airflow", frozenset({"airflow-scheduler"}), frozenset({NAME}))
WAITING = f"[  30 s of 600 s] waiting: alembic_version is at a, wanted is b; {migrate_again.BEHIND}\n  what to do\n"
BY_CONTROLLER = {"controller-uid": "1", "batch.kubernetes.io/job-name": NAME}


def job(**status):
    meta = {"name": NAME, "labels": labels("migrate"), "annotations": {"meta.helm.sh/release-name": "airflow"}}
    template = {"metadata": {"labels": {**labels("migrate"), **BY_CONTROLLER}}, "spec": {"containers": []}}
    spec = {"backoffLimit": 6, "selector": {"matchLabels": {"controller-uid": "1"}}, "template": template}
    return {"apiVersion": "batch/v1", "kind": "Job", "metadata": meta, "spec": spec, "status": status}


COMPLETE = {"conditions": [{"type": "Complete", "status": "True"}]}


@pytest.fixture
def ready(fake):
    """A release whose scheduler waits for the database; `change` runs after each wait."""
    fake.add(job(**COMPLETE))
    add_workload(fake, "scheduler", ready=0)
    add_pod(fake, "scheduler", "airflow-scheduler-0", ready=False, status={"phase": "Pending", "conditions": []})
    fake.logs["airflow-scheduler-0"] = WAITING
    notes = []

    def run(change=None, seconds=120.0):
        clock = Clock(change)
        try:
            waiting.ready(fake.kube, TARGET, notes.append, clock.deadline(seconds))
        except KitError as error:
            return error.id, notes
        return "ready", notes

    return run


def deletions(fake):
    return [path for verb, path in fake.writes if verb == "DELETE"]


def test_the_job_runs_again_and_the_release_becomes_ready(fake, ready):
    def change(_):
        if not fake.objects[PATH].get("status"):  # created anew: it migrates, and the pod starts
            fake.objects[PATH]["status"] = COMPLETE
            fake.logs["airflow-scheduler-0"] = "the database has the schema of this image"
            add_workload(fake, "scheduler")

    result, notes = ready(change)
    assert result == "ready"
    assert deletions(fake) == [PATH]
    assert any("running it again" in note for note in notes)
    made = fake.objects[PATH]
    assert "selector" not in made["spec"]
    assert made["spec"]["template"]["metadata"]["labels"] == labels("migrate")
    assert made["metadata"]["annotations"] == {"meta.helm.sh/release-name": "airflow"}


def test_it_runs_again_only_once(fake, ready):
    def change(_):
        fake.objects[PATH]["status"] = COMPLETE

    assert ready(change)[0] == "not-ready-in-time"
    assert deletions(fake) == [PATH]


@pytest.mark.parametrize("why", ["still runs", "waits for something else", "waits for a moment only"])
def test_no_job_is_run_again_without_need(fake, ready, why):
    seconds = 120.0
    if why == "still runs":
        fake.objects[PATH]["status"] = {}
    elif why == "waits for something else":
        fake.logs["airflow-scheduler-0"] = "[  30 s of 600 s] waiting: connection refused"
    else:
        seconds = migrate_again._PATIENCE - 2
    assert ready(seconds=seconds)[0] == "not-ready-in-time"
    assert deletions(fake) == []


def test_the_words_are_those_of_the_pods_script():
    assert f'BEHIND = "{migrate_again.BEHIND}"' in (FILES / "wait_for_database.py").read_text()
