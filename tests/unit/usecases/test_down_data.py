"""`down --volumes` deletes the claims and keys that the kit made for the release, and no others."""

import pytest

from kitctl.errors import KitError
from kitctl.model.names import names
from kitctl.model.settings import Settings
from kitctl.release.cleanup import claims_and_keys
from kitctl.tools.kube.objects import KEPT_BY_ARGO
from tests.unit.fake_deploy import yes
from tests.unit.fake_down import LABELS, claim, down
from tests.unit.fake_operation import Steps

BITNAMI = {"app.kubernetes.io/name": "postgresql", "app.kubernetes.io/component": "primary"}


@pytest.mark.parametrize(
    "theirs",
    [
        claim("other-logs", "logs", release="other"),
        claim("data-airflow-postgresql-0", "postgres", **BITNAMI),
        claim("data-airflow-postgres-0", "postgres", **BITNAMI),
        claim("data-airflow-postgresql-0", "postgres"),
        claim("airflow-cache", "cache"),
    ],
)
def test_a_claim_that_the_chart_did_not_make_stays(installed, theirs):
    path = installed.add(theirs)
    report = down(Settings(), Steps(), yes, volumes=True)
    assert path in installed.objects
    assert f"PersistentVolumeClaim {theirs['metadata']['name']}" not in report["removed"]


def test_a_claim_that_the_values_name_as_the_users_stays(installed):
    installed.add(claim("airflow-dags", "dags"))
    installed.add_record("deployed", config={"dags": {"mode": "pvc", "pvc": {"existingClaim": "airflow-dags"}}})
    down(Settings(), Steps(), yes, volumes=True)
    assert [path.split("/")[-1] for path in installed.objects if "persistent" in path] == ["airflow-dags"]


def test_a_prefix_that_only_the_keys_tell_is_enough_to_find_the_data(installed):
    """`down` without --volumes took Helm's record, and with it fullnameOverride."""
    installed.add_secret("flows-keys", {"fernet-key": "f"}, LABELS)
    for name, component in (("flows-logs", "logs"), ("data-flows-postgres-0", "postgres")):
        installed.add(claim(name, component))
    report = down(Settings(), Steps(), yes, volumes=True)
    assert installed.objects == {}
    assert report["kept"] == []


EXTERNAL = {"postgres": {"enabled": False}, "database": {"host": "db.example.com"}}
EXISTING = {"postgres": {"storage": {"existingClaim": "my-data"}}}
KEYS = "Secret airflow-keys"


@pytest.mark.parametrize(
    ("config", "data"), [(EXTERNAL, "the database db.example.com"), (EXISTING, "the claim my-data")]
)
def test_the_keys_stay_with_the_data_that_they_encrypt(installed, config, data):
    installed.objects.pop("/api/v1/namespaces/airflow/persistentvolumeclaims/data-airflow-postgres-0")
    installed.add_record("deployed", config=config)
    asked = []
    report = down(Settings(), Steps(), lambda question: asked.append(question) or True, volumes=True)
    assert installed.kube.secret("airflow", "airflow-keys") is not None
    assert report["kept"] == [KEYS]
    assert f"{KEYS} stays, because {data} cannot be read without it" in report["notes"][0]
    assert KEYS not in asked[0]
    assert "PersistentVolumeClaim airflow-logs" in report["removed"]


@pytest.mark.parametrize("config", [EXTERNAL, EXISTING])
def test_they_stay_when_the_release_went_before(installed, config):
    installed.add_record("deployed", config=config)
    down(Settings(), Steps(), yes)
    for name in [path for path in installed.objects if "sh.helm" in path]:
        installed.objects.pop(name)
    report = down(Settings(), Steps(), yes, volumes=True)
    assert report["kept"] == [KEYS]
    assert installed.kube.secret("airflow", "airflow-keys") is not None


def test_keys_whose_database_nobody_knows_stay(installed):
    """Helm uninstalled the release, and it had no PostgreSQL of the kit."""
    installed.objects.pop("/api/v1/namespaces/airflow/persistentvolumeclaims/data-airflow-postgres-0")
    assert down(Settings(), Steps(), yes, volumes=True)["kept"] == [KEYS]


def test_keys_of_a_database_that_never_began_go(installed):
    """An `up` that was killed before Helm left only the keys, with a mark for which database they are."""
    installed.objects.pop("/api/v1/namespaces/airflow/persistentvolumeclaims/data-airflow-postgres-0")
    config: dict[str, object] = {}
    claims_and_keys.mark(installed.kube, "airflow", names("airflow", "airflow", config), config)
    assert down(Settings(), Steps(), yes, volumes=True)["kept"] == []


def test_a_secret_of_the_users_is_neither_marked_nor_deleted(installed):
    installed.add_secret("mine", {"fernet-key": "f"})
    installed.add_record("deployed", config={"keys": {"existingSecret": "mine"}})
    down(Settings(), Steps(), yes, volumes=True)
    assert installed.kube.get("Secret", "airflow", "mine")["metadata"] == {
        "name": "mine",
        "labels": {},
        "uid": "/api/v1/namespaces/airflow/secrets/mine",
        "namespace": "airflow",
    }


def test_who_may_not_patch_secrets_can_still_remove_the_release(installed):
    installed.add_record("deployed")
    installed.denied.add(("patch", "secrets/airflow-keys"))
    assert down(Settings(), Steps(), yes)["removed"] == ["release airflow"]


def test_the_question_names_each_thing_that_goes(installed):
    asked = []
    with pytest.raises(KitError):
        down(Settings(), Steps(), asked.append, volumes=True)
    for thing in ("PersistentVolumeClaim airflow-logs", "PersistentVolumeClaim data-airflow-postgres-0", KEYS):
        assert f"{thing} in the namespace airflow" in asked[0]
    assert "Namespace airflow, if nothing else is in it" in asked[0]


def test_a_dry_run_says_that_the_keys_stay(installed):
    installed.add_record("deployed", config=EXTERNAL)
    report = down(Settings(dry_run=True), Steps(), yes, volumes=True)
    assert f"keep {KEYS}, which the database db.example.com needs" in report["would"]


def test_keys_of_an_older_kit_are_kept_from_argo_cd(installed):
    config: dict[str, object] = {}
    claims_and_keys.mark(installed.kube, "airflow", names("airflow", "airflow", config), config)
    notes = installed.kube.get("Secret", "airflow", "airflow-keys")["metadata"]["annotations"]
    assert KEPT_BY_ARGO.items() <= notes.items()
