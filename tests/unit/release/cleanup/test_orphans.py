"""What interrupted operations wrote goes before their records do, and nothing of others goes with it."""

import pytest
import yaml

from kitctl.model.names import names
from kitctl.model.settings import Settings
from kitctl.release.cleanup import orphans
from kitctl.tools.helm.records import records
from tests.unit.fake_operation import operation

KNOWN = names("airflow", "airflow", {})
LABELS = {"app.kubernetes.io/part-of": "airflow-kit", "app.kubernetes.io/instance": "airflow"}
BY_HELM = {"meta.helm.sh/release-name": "airflow", "meta.helm.sh/release-namespace": "airflow"}


def obj(kind, name, *, labels=LABELS, annotations=BY_HELM, version=None):
    version = version or {"Job": "batch/v1", "Deployment": "apps/v1"}.get(kind, "v1")
    meta = {"name": name, "labels": dict(labels), "annotations": dict(annotations)}
    return {"apiVersion": version, "kind": kind, "metadata": meta}


def manifest(*objects):
    """Return a manifest of the kit as Helm records it: without Helm's own annotations."""
    config = obj("ConfigMap", "airflow-config", annotations={})
    return yaml.safe_dump_all([config, *({**o, "metadata": {**o["metadata"], "annotations": {}}} for o in objects)])


@pytest.fixture
def job(fake):
    def make(digits, **more):
        made = obj("Job", f"airflow-migrate-{digits}", **more)
        fake.add(made)
        return made

    return make


def found(fake, kept=()):
    known = records(fake.kube, "airflow", "airflow")
    kept = [*kept, *orphans.base(known)]
    return [o["metadata"]["name"] for o in orphans.find(fake.kube, Settings(), KNOWN, known, kept)]


def test_what_only_a_dead_revision_holds_is_found(fake):
    extra = obj("ConfigMap", "extra")
    config = obj("ConfigMap", "airflow-config")
    fake.add(extra)
    fake.add(config)
    fake.add_record("deployed", revision=1, manifest=manifest())
    fake.add_record("pending-upgrade", revision=2, manifest=manifest(extra))
    assert found(fake) == ["extra"]
    assert orphans.remove(fake.kube, "airflow", [extra]) == ["ConfigMap extra"]
    assert found(fake) == []


@pytest.mark.parametrize("status", ["failed", "uninstalling", "pending-install", "pending-rollback"])
def test_a_failed_revision_is_compared_with_the_last_one_that_was_deployed(fake, status):
    extra = obj("ConfigMap", "extra")
    fake.add(extra)
    fake.add_record("deployed", revision=1, manifest=manifest())
    fake.add_record(status, revision=2, manifest=manifest(extra))
    assert found(fake) == ["extra"]


def test_what_the_next_upgrade_writes_stays_so_that_no_pod_restarts(fake):
    server = obj("Deployment", "airflow-api-server")
    fake.add(server)
    fake.add_record("pending-install", manifest=manifest(server))
    assert found(fake, kept=[server]) == []


@pytest.mark.parametrize(
    "theirs",
    [
        obj("ConfigMap", "extra", annotations={}),
        obj("ConfigMap", "extra", annotations={**BY_HELM, "meta.helm.sh/release-name": "other"}),
        obj("ConfigMap", "extra", annotations={**BY_HELM, "helm.sh/resource-policy": "keep"}),
        obj("PersistentVolumeClaim", "extra"),
    ],
)
def test_what_others_made_and_what_holds_data_stays(fake, theirs):
    fake.add(theirs)
    fake.add_record("pending-upgrade", manifest=manifest(theirs))
    assert found(fake) == []


def test_a_record_of_another_chart_says_nothing(fake):
    extra = obj("ConfigMap", "extra")
    fake.add(extra)
    fake.add_record("failed", manifest=yaml.safe_dump(extra | {"metadata": {"name": "extra"}}))
    assert found(fake) == []


def test_jobs_are_found_by_their_names_also_when_their_record_is_gone(fake, job):
    """Older versions of kitctl dropped the records and left the Jobs."""
    live, _ = job("00000001"), job("00000002")
    job("not-hex-")
    fake.add(obj("Job", "nightly"))
    fake.add(obj("Job", "airflow-migrate-00000003", labels={"app.kubernetes.io/instance": "airflow"}))
    fake.add(obj("Job", "other-migrate-00000004"))
    fake.add_record("deployed", manifest=manifest(live))
    assert found(fake) == ["airflow-migrate-00000002"]


def test_who_may_not_delete_leaves_them(fake, job):
    one = job("00000001")
    fake.denied.add(("delete", "jobs/airflow-migrate-00000001"))
    assert orphans.remove(operation(fake).kube, "airflow", [one]) == []
