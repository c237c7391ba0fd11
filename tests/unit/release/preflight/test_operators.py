"""Objects of operators that the cluster does not have are refused before anything changes."""

import pytest

from kitctl.errors import ExitCode, KitError
from kitctl.release.preflight import operators
from tests.unit import fake_kube

SCALED = {"apiVersion": "keda.sh/v1alpha1", "kind": "ScaledObject", "metadata": {"name": "airflow-celery"}}
OTHER = {"apiVersion": "example.com/v1", "kind": "Mine", "metadata": {"name": "mine"}}


def test_keda_is_missed_by_its_name(fake):
    with pytest.raises(KitError) as error:
        operators.there(fake.kube, [SCALED])
    assert (error.value.id, error.value.code) == ("keda-missing", ExitCode.PREFLIGHT)


def test_keda_that_is_there_is_taken_and_other_kinds_are_left_to_others(fake, monkeypatch):
    monkeypatch.setitem(fake_kube.KINDS, "keda.sh/v1alpha1", ["ScaledObject"])
    operators.there(fake.kube, [SCALED, OTHER])


def test_an_error_of_another_kind_stays(fake):
    fake.down = True
    with pytest.raises(KitError) as error:
        operators.there(fake.kube, [SCALED])
    assert error.value.id == "cluster-unreachable"


@pytest.mark.parametrize(
    ("password", "fits"), [("a'b c\"%", True), ("a\\b", False), ("'ab", False), (None, True), ("plain", True)]
)
def test_a_password_that_keda_cannot_write_is_refused(fake, password, fits):
    if password is not None:
        fake.add_secret("db", {"password": password})
    auth = {
        "kind": "TriggerAuthentication",
        "spec": {"secretTargetRef": [{"parameter": "password", "name": "db", "key": "password"}]},
    }
    if fits:
        operators.password_fits(fake.kube, "airflow", [auth, SCALED])
        return
    with pytest.raises(KitError) as error:
        operators.password_fits(fake.kube, "airflow", [auth, SCALED])
    assert (error.value.id, error.value.code) == ("keda-password-character", ExitCode.PREFLIGHT)
    assert password not in f"{error.value.message}{error.value.cause}"
