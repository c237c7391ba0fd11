"""An image that is older than the database is refused before Helm changes anything."""

import json
import os
import subprocess
import sys

import pytest

from kitctl.errors import ExitCode, KitError
from kitctl.release.preflight import downgrade
from tests.unit.fake_kube import FakeKube
from tests.unit.fake_operation import Clock

PODS = "/api/v1/namespaces/airflow/pods"
OLD, NEW = "team/flow:1", "team/flow:2"
PSYCOPG2 = """
class Error(Exception): ...
class Cursor:
    def __enter__(self): return self
    def __exit__(self, *_): ...
    def execute(self, statement, values=()): self.table = values[0] if values else self.table
    def fetchone(self): return (self.table if self.table == "alembic_version" else None,)
    def fetchall(self): return [("REVISION",)]
class connect:
    def __init__(self, **options): ...
    def cursor(self): return Cursor()
"""


def labels(component):
    return {"app.kubernetes.io/instance": "airflow", "app.kubernetes.io/component": component}


def processor(image, **more):
    spec = {"containers": [{"name": "dag-processor", "image": image, "securityContext": {}}]}
    meta = {"name": "airflow-dag-processor", "labels": labels("dag-processor")}
    template = {"metadata": {}, "spec": spec}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": meta, "spec": {"template": template}, **more}


def job(image):
    spec = {
        "serviceAccountName": "airflow-migrate",
        "initContainers": [{"name": "wait-for-database"}, {"name": "proxy", "restartPolicy": "Always"}],
        "containers": [{"name": "migrate", "image": image, "args": ["python", "migrate.py"], "env": [{"name": "A"}]}],
        "volumes": [{"name": "secrets"}],
    }
    meta = {"name": "airflow-migrate-0123", "labels": labels("migrate")}
    template = {"metadata": {"labels": labels("migrate")}, "spec": spec}
    return {"apiVersion": "batch/v1", "kind": "Job", "metadata": meta, "spec": {"template": template}}


@pytest.fixture
def compare(fake, monkeypatch):
    """Compare on a release that runs one image; returns the notes and the pods that were made."""

    def compared(text, new=OLD, runs=NEW, status=None):
        notes, made = [], []

        def post(request, path):
            answer = FakeKube._post(fake, request, path)
            if path == PODS:
                made.append(answer.json())
                fake.objects[f"{PODS}/airflow-database-check"]["status"] = status or {"phase": "Succeeded"}
            return answer

        monkeypatch.setattr(fake, "_post", post)
        fake.logs["airflow-database-check"] = text
        if runs:
            fake.add(processor(runs, status={"readyReplicas": 1}))
        downgrade.check(fake.kube, "airflow", [processor(new), job(new)], notes.append, Clock().deadline())
        return notes, made

    return compared


def test_an_image_older_than_the_database_is_refused_and_leaves_no_pod(compare, fake):
    with pytest.raises(KitError) as raised:
        compare("AHEAD The database was migrated by a NEWER Airflow than this image.\n")
    error = raised.value
    assert (error.id, error.code) == ("airflow-downgrade", ExitCode.PREFLIGHT)
    assert OLD in error.message
    assert "NEWER Airflow" in error.cause
    assert "--no-check-image" in error.fix
    assert f"{PODS}/airflow-database-check" not in fake.objects


def test_the_pod_reaches_the_database_as_the_migrate_job_does(compare):
    _, (pod,) = compare("FITS\n")
    spec = pod["spec"]
    assert pod["metadata"]["labels"] == labels("migrate") | {"app.kubernetes.io/managed-by": "kitctl"}
    assert (spec["volumes"], spec["serviceAccountName"]) == ([{"name": "secrets"}], "airflow-migrate")
    assert [c["name"] for c in spec["initContainers"]] == ["proxy"]
    (main,) = spec["containers"]
    assert (main["image"], main["env"], "args" in main) == (OLD, [{"name": "A"}], False)
    assert main["command"][:3] == ["python3", "-I", "-c"]


def test_an_image_that_fits_is_told_in_one_line(compare):
    assert compare("FITS\n")[0] == [f"comparing the database with {OLD}"]


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("connection refused\n", {"phase": "Failed"}),
        ("", {"phase": "Pending", "conditions": []}),
    ],
)
def test_what_cannot_be_compared_is_told_and_stops_nothing(compare, text, status):
    notes, _ = compare(text, status=status)
    assert f"was not compared with {OLD}" in notes[-1]


def test_who_may_make_no_pods_is_told_and_goes_on(compare, fake):
    fake.denied.add(("create", "pods"))
    notes, made = compare("FITS\n")
    assert made == []
    assert "was not compared" in notes[-1]


@pytest.mark.parametrize(
    ("new", "runs"),
    [
        (NEW, ""),  # a first install
        (NEW, NEW),
        ("apache/airflow:3.3.2", "apache/airflow:3.3.1"),
        ("kitctl.local/airflow:3.3.2-0123456789ab", "apache/airflow:3.3.2"),
    ],
)
def test_an_image_that_cannot_be_older_needs_no_pod(compare, new, runs):
    assert compare("", new, runs) == ([], [])


@pytest.mark.parametrize(
    ("new", "runs"),
    [
        ("apache/airflow:3.3.1", "apache/airflow:3.3.2"),
        ("kitctl.local/airflow:3.3.1-0123456789ab", "kitctl.local/airflow:3.3.2-0123456789ab"),
        ("apache/airflow:latest", "apache/airflow:3.3.2"),
        ("team/flow:3.3.3", "apache/airflow:3.3.2"),
    ],
)
def test_an_image_that_may_be_older_needs_one(compare, new, runs):
    assert len(compare("FITS\n", new, runs)[1]) == 1


@pytest.mark.parametrize(("revision", "answer"), [("bbb", "FITS"), ("aaa", "FITS"), ("ccc", "AHEAD The database")])
def test_the_program_compares_the_database_with_the_migrations_of_its_image(compare, tmp_path, revision, answer):
    image = tmp_path / "packages"
    versions = image / "airflow" / "migrations" / "versions"
    versions.mkdir(parents=True)
    (versions / "0001.py").write_text('revision = "aaa"\ndown_revision = None\n')
    (versions / "0002.py").write_text('revision = "bbb"\ndown_revision = "aaa"\n')
    (image / "psycopg2.py").write_text(PSYCOPG2.replace("REVISION", revision))
    _, (pod,) = compare("FITS\n")
    _, _, _, program, scripts = pod["spec"]["containers"][0]["command"]
    assert set(json.loads(scripts)) == {"database.py", "database_url.py", "wait_for_database.py"}
    (tmp_path / "postgres-password").write_text("x")
    scripts = scripts.replace("/opt/airflow/secrets", str(tmp_path))
    env = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(image),
        "HOME": str(tmp_path),
        "TMPDIR": str(tmp_path),
        "AIRFLOW__CORE__AUTH_MANAGER": "simple",
        "KIT_DATABASE_HOST": "db",
        "KIT_DATABASE_PORT": "5432",
        "KIT_DATABASE_NAME": "airflow",
        "KIT_DATABASE_USER": "airflow",
    }
    done = subprocess.run(
        [sys.executable, "-c", program, scripts], env=env, capture_output=True, text=True, check=False
    )
    assert done.stdout.startswith(answer), done.stderr
