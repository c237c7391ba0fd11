"""Which databases a deploy asks, and what comes of the answer (real servers: tests/airflow/test_database_check.py)."""

import json

import pytest

from kitctl.errors import ExitCode, KitError
from kitctl.release.preflight import database
from kitctl.release.preflight.asked import Asked
from kitctl.tools.deadline import Deadline
from kitctl.tools.kube.client import Kube

FINE = {"step": "", "said": "", "host": "db", "port": 5432, "version": "17.2"}
REFUSED = {**FINE, "step": "query", "said": 'password authentication failed for user "me"', "user": "me", "name": "a"}


def migrate():
    secrets = {"secret": {"name": "mine", "items": [{"key": "pw", "path": "postgres-password"}]}}
    container = {"name": "migrate", "image": "a/b:1", "env": [], "volumeMounts": []}
    volumes = [{"name": "secrets", "projected": {"sources": [secrets]}}]
    meta = {"name": "airflow-migrate", "labels": {"app.kubernetes.io/component": "migrate"}}
    template = {"metadata": {"labels": {}}, "spec": {"containers": [container], "volumes": volumes}}
    return {"apiVersion": "batch/v1", "kind": "Job", "metadata": meta, "spec": {"template": template}}


def postgres():
    meta = {"name": "airflow-postgres", "labels": {"app.kubernetes.io/component": "postgres"}}
    return {"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": meta}


@pytest.fixture
def ask(fake, monkeypatch):
    """Run the check with a pod that says this; returns the answer and the notes."""

    def asked(report=None, *more, text="ErrImagePull"):
        said = text if report is None else f"x\nKITCTL-REPORT {json.dumps(report)}\n"
        notes = []
        monkeypatch.setattr(database.job_pod, "answer", lambda *_: said)
        monkeypatch.setattr(Kube, "create", lambda *_: True)
        return database.check(fake.kube, "airflow", [migrate(), *more], notes.append, Deadline(600)), notes

    return asked


def test_only_a_database_of_elsewhere_is_external():
    assert database.external([migrate()])
    assert not database.external([migrate(), postgres()])


def test_a_database_that_can_be_used_is_told(ask):
    assert ask(FINE) == (Asked.FINE, ["PostgreSQL 17.2 at db:5432 can be used"])


def test_a_pod_that_cannot_run_stops_nothing(ask):
    answer, (note,) = ask()
    assert answer is Asked.UNKNOWN
    assert "was not asked" in note


def test_a_refusal_of_an_external_one_says_how_to_go_on_anyway(ask):
    with pytest.raises(KitError) as caught:
        ask(REFUSED)
    assert (caught.value.id, caught.value.code) == ("database-login-refused", ExitCode.PREFLIGHT)
    assert caught.value.fix.endswith("To deploy without this check: --no-check-database")


def test_that_of_the_release_cannot_be_skipped(ask):
    with pytest.raises(KitError) as caught:
        ask(REFUSED, postgres())
    assert caught.value.id == "database-login-refused"
    assert "--no-check-database" not in caught.value.fix
