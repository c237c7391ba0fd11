"""`--rollback-on-failure` goes back to the revision before, unless the database has moved on."""

import pytest
import yaml

from kitctl.errors import ExitCode, KitError
from kitctl.release import waiting
from kitctl.release.preflight import downgrade
from kitctl.release.upgrade import roll_back
from kitctl.tools.helm.records import records
from tests.unit.fake_operation import operation
from tests.unit.fake_release import add_pod, labels

BROKEN = KitError("image-pull-failed", "It cannot be pulled", cause="said so", fix="look", code=ExitCode.UNHEALTHY)


def job(name, version="3.3.2"):
    meta = {"name": name, "labels": {**labels("migrate"), "app.kubernetes.io/version": version}}
    return {"apiVersion": "batch/v1", "kind": "Job", "metadata": meta, "spec": {}}


def manifest(*objects):
    return yaml.safe_dump_all(objects)


class Helm:
    """Writes down where it went back to; `refuses` is the error of every rollback."""

    def __init__(self):
        self.back, self.refuses = [], None

    def rollback(self, release, namespace, revision):
        if self.refuses:
            raise self.refuses
        self.back.append((release, namespace, revision))


@pytest.fixture
def failed(fake, monkeypatch):
    """Revision 3 ran, revision 4 has failed; returns what makes the error of it."""
    fake.add_record("deployed", revision=3, manifest=manifest(job("airflow-migrate-old")))
    fake.helm, fake.answers, fake.waits = Helm(), [], []
    fake.add(job("airflow-migrate-new"))
    monkeypatch.setattr(downgrade, "compared", lambda *_: fake.answers.pop())
    monkeypatch.setattr(waiting, "ready", lambda kube, goal, note, deadline: fake.waits.append((goal, deadline.left())))

    def explain(error=BROKEN, *, new="airflow-migrate-new", version="3.3.2", seconds=600.0, answer=(True, "")):
        known = records(fake.kube, "airflow", "airflow")
        fake.add_record("deployed", revision=4, manifest=manifest(job(new, version)))
        fake.answers = [answer]
        op = operation(fake)
        op.deadline = op.deadline.sooner(seconds)
        op.__dict__["helm"] = fake.helm
        return roll_back.gone_back(op, known, error)

    return explain


def suspended(fake):
    """Return the suspend field of the new Job."""
    found = next(o for o in fake.objects.values() if o["metadata"]["name"] == "airflow-migrate-new")
    return found["spec"].get("suspend")


def test_it_goes_back_and_tells_why_it_failed(fake, failed):
    error = failed()
    assert fake.helm.back == [("airflow", "airflow", 3)]
    assert (error.id, error.code, error.message) == (BROKEN.id, ExitCode.UNHEALTHY, BROKEN.message)
    assert error.cause == "said so\nkitctl went back to revision 3, which is ready again"
    assert error.fix == "kitctl status\nlook"


def test_the_old_revision_is_waited_for_although_the_time_is_over(fake, failed):
    failed(seconds=0.0)
    ((goal, left),) = fake.waits
    assert (goal.jobs, left) == (frozenset({"airflow-migrate-old"}), 900.0)


def test_a_migration_that_waits_for_its_image_cannot_begin_meanwhile(fake, failed):
    add_pod(fake, "migrate", "airflow-migrate-new-x", status={"phase": "Pending"})
    failed()
    assert suspended(fake) is True


def test_a_database_that_was_migrated_is_no_way_back(fake, failed):
    error = failed(version="3.4.0", answer=(False, "NEWER than this image"))
    assert fake.helm.back == []
    assert "did not go back to revision 3: its Airflow is older than the database" in error.cause
    assert "NEWER than this image" in error.cause
    assert error.fix.splitlines() == [
        "Restore the backup from before the upgrade (docs/postgres.md), then: helm -n airflow rollback airflow 3",
        "look",
    ]
    assert (error.id, suspended(fake)) == (BROKEN.id, False)


def test_a_running_migration_is_left_alone(fake, failed):
    add_pod(fake, "migrate", "airflow-migrate-new-x")
    error = failed()
    assert fake.helm.back == []
    assert "still running (airflow-migrate-new-x)" in error.cause
    assert suspended(fake) is None


@pytest.mark.parametrize(("version", "goes"), [("3.3.2", True), ("3.4.0", False)])
def test_if_nobody_can_tell_the_version_decides(fake, failed, version, goes):
    error = failed(version=version, answer=(None, "connection refused"))
    assert bool(fake.helm.back) is goes
    assert ("connection refused" in error.cause) is not goes


def test_the_same_migration_needs_no_comparison(fake, failed):
    failed(new="airflow-migrate-old", answer=(False, "asked"))
    assert fake.helm.back == [("airflow", "airflow", 3)]


def test_an_upgrade_that_helm_refused_has_changed_nothing(fake):
    fake.add_record("deployed", revision=3, manifest=manifest())
    op = operation(fake)
    op.__dict__["helm"] = Helm()
    assert roll_back.gone_back(op, records(fake.kube, "airflow", "airflow"), BROKEN) is BROKEN
    assert op.helm.back == []


def test_a_first_install_stays_to_be_looked_at(fake):
    fake.add_record("deployed", revision=1, manifest=manifest())
    op = operation(fake)
    op.__dict__["helm"] = Helm()
    error = roll_back.gone_back(op, [], BROKEN)
    assert "no earlier revision" in error.cause
    assert error.fix.startswith("kitctl down ")
    assert op.helm.back == []


def test_the_newest_revision_that_was_deployed_is_the_way_back(fake, failed):
    fake.add_record("deployed", revision=1, manifest=manifest())
    fake.add_record("failed", revision=2, manifest=manifest())
    failed()
    assert fake.helm.back == [("airflow", "airflow", 3)]


def test_a_way_back_that_fails_hides_neither_error(fake, failed):
    fake.helm.refuses = KitError("helm-failed", "Helm failed", cause="its words")
    error = failed()
    assert error.id == BROKEN.id
    assert error.cause == "said so\nGoing back failed: Helm failed\nits words"
    assert suspended(fake) is False


def test_an_old_revision_that_is_not_ready_either(fake, failed, monkeypatch):
    def refuse(*_):
        raise KitError("not-ready-in-time", "Still waiting", cause="for the scheduler")

    monkeypatch.setattr(waiting, "ready", refuse)
    error = failed()
    assert "went back to revision 3, which is not ready either: Still waiting\nfor the scheduler" in error.cause
    assert error.id == BROKEN.id


def test_a_cluster_that_does_not_answer_is_left_alone(fake, failed):
    gone = KitError("cluster-unreachable", "no", code=ExitCode.UNREACHABLE)
    assert failed(gone) is gone
    assert fake.helm.back == []
