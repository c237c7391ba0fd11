"""Keys are made once and never change."""

import base64

import pytest

from kitctl.errors import ExitCode, KitError
from kitctl.model.names import names
from kitctl.release.keys import MAKERS, ensure_keys

OURS = names("airflow", "airflow", {})
THEIRS = names("airflow", "airflow", {"keys": {"existingSecret": "mine"}})
SOURCE = {"secret": {"name": "mine", "items": [{"key": key, "path": key} for key in ("fernet-key", "jwt-secret")]}}
OTHER = {"secret": {"name": "other", "items": [{"key": "password", "path": "postgres-password"}]}}
VARIABLE = {"name": "X", "valueFrom": {"secretKeyRef": {"name": "mine", "key": "extra"}}}
OBJECTS = [
    {
        "kind": "Job",
        "metadata": {"name": "migrate"},
        "spec": {"volumes": [{"projected": {"sources": [SOURCE, OTHER]}}], "containers": [{"env": [VARIABLE]}]},
    },
    {"kind": "StatefulSet", "spec": {"volumes": [{"secret": {"secretName": "mine", "items": []}}]}},
]


def test_every_key_is_made_with_its_own_strength(fake):
    assert ensure_keys(fake.kube, "airflow", "airflow", OURS, []) == list(MAKERS)
    made = fake.kube.secret("airflow", "airflow-keys")
    assert len(base64.urlsafe_b64decode(made["fernet-key"])) == 32
    assert len(made["jwt-secret"]) == len(made["api-secret-key"]) == 64
    assert len(made["admin-password"]) >= 24
    assert all(made[k].isalnum() for k in made if k != "fernet-key")
    assert len(set(made.values())) == len(made)


def test_the_secret_is_found_again_by_its_labels(fake):
    ensure_keys(fake.kube, "airflow", "airflow", OURS, [])
    selector = "app.kubernetes.io/part-of=airflow-kit,app.kubernetes.io/instance=airflow"
    (found,) = fake.kube.list("Secret", "airflow", selector)
    assert found["metadata"]["name"] == "airflow-keys"


def test_a_second_call_writes_nothing(fake):
    ensure_keys(fake.kube, "airflow", "airflow", OURS, [])
    before = fake.kube.secret("airflow", "airflow-keys")
    writes = len(fake.writes)
    assert ensure_keys(fake.kube, "airflow", "airflow", OURS, []) == []
    assert fake.kube.secret("airflow", "airflow-keys") == before
    assert len(fake.writes) == writes


def test_only_missing_keys_are_added(fake):
    fake.add_secret("airflow-keys", {"fernet-key": "old", "postgres-password": "p"})
    made = ensure_keys(fake.kube, "airflow", "airflow", OURS, [])
    now = fake.kube.secret("airflow", "airflow-keys")
    assert set(made) == set(MAKERS) - {"fernet-key", "postgres-password"}
    assert (now["fernet-key"], now["postgres-password"]) == ("old", "p")
    assert set(now) == set(MAKERS)


@pytest.mark.parametrize(
    ("there", "words", "fix"),
    [
        (None, "does not exist", "kubectl -n airflow create secret generic mine --from-literal=fernet-key="),
        (
            {"fernet-key": "f"},
            "lacks jwt-secret",
            'kubectl -n airflow patch secret mine -p \'{"stringData": {"jwt-secret',
        ),
    ],
)
def test_an_existing_secret_is_checked_and_left_alone(fake, there, words, fix):
    if there is not None:
        fake.add_secret("mine", there)
    with pytest.raises(KitError) as raised:
        ensure_keys(fake.kube, "airflow", "airflow", THEIRS, OBJECTS)
    assert raised.value.id == "keys-secret-incomplete"
    assert raised.value.code == ExitCode.PREFLIGHT
    assert words in raised.value.message
    assert raised.value.fix.startswith(fix)
    assert fake.writes == []


def test_a_complete_existing_secret_is_taken(fake):
    fake.add_secret("mine", dict.fromkeys(("fernet-key", "jwt-secret", "extra"), "x"))
    assert ensure_keys(fake.kube, "airflow", "airflow", THEIRS, OBJECTS) == []
