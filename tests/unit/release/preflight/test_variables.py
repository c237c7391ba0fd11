"""Variables of `envFrom` are judged as those of the values are."""

from pathlib import Path

import pytest
import yaml

from kitctl.errors import ExitCode, KitError
from kitctl.release.preflight import variables

ROOT = Path(__file__).parents[4]
OWNED = yaml.safe_load((ROOT / "chart/files/owned_variables.yaml").read_text())
SECRET = {"envFrom": [{"secretRef": {"name": "mine"}}]}


def refused(fake, config):
    with pytest.raises(KitError) as error:
        variables.follow_values(fake.kube, "airflow", config)
    assert (error.value.id, error.value.code) == ("env-owned-by-chart", ExitCode.PREFLIGHT)
    return error.value


@pytest.mark.parametrize("twin", ["", "_CMD", "_SECRET"])
@pytest.mark.parametrize("option", OWNED)
def test_each_option_of_the_charts_is_refused(fake, option, twin):
    name = f"AIRFLOW__{option.upper().replace('.', '__')}{twin}"
    fake.add_secret("mine", {"AIRFLOW__CORE__PARALLELISM": "4", name: "hidden"})
    error = refused(fake, SECRET)
    assert f"envFrom, from the Secret mine, contains {name}" in error.message
    assert "hidden" not in f"{error.message}{error.cause}{error.fix}"


def test_a_url_stays_in_its_secret(fake):
    fake.add_secret("mine", {"AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": "postgresql://…"})
    fix = refused(fake, SECRET).fix
    assert "Rename the key AIRFLOW__DATABASE__SQL_ALCHEMY_CONN of the Secret mine to url" in fix
    values = yaml.safe_load(fix.partition("\n")[2])
    assert values == {"postgres": {"enabled": False}, "database": {"urlSecret": {"name": "mine", "key": "url"}}}


def test_the_prefix_belongs_to_the_name(fake):
    fake.add({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "mine"}, "data": {"CORE__EXECUTOR": "x"}})
    config = {"envFrom": [{"prefix": "AIRFLOW__", "configMapRef": {"name": "mine"}}]}
    error = refused(fake, config)
    assert "the ConfigMap mine, contains AIRFLOW__CORE__EXECUTOR" in error.message
    assert "Remove the key CORE__EXECUTOR from the ConfigMap mine" in error.fix


def test_profiles_are_walked(fake):
    fake.add_secret("mine", {"AIRFLOW_HOME": "/airflow"})
    config = {"workers": {"profiles": {"big": {"containers": [{}, SECRET]}, "none": None}}}
    assert "workers.profiles.big.containers[1].envFrom" in refused(fake, config).message


@pytest.mark.parametrize(
    "data",
    [
        {"AIRFLOW__CORE__PARALLELISM": "4", "CORE__EXECUTOR": "x", "url": "postgresql://…"},
        {"AIRFLOW_HOME": "/opt/airflow", "AIRFLOW_CONFIG": "/opt/airflow/airflow.cfg"},
        {"AIRFLOW__MINE__CORE__EXECUTOR": "x"},
    ],
)
def test_others_are_taken(fake, data):
    fake.add_secret("mine", data)
    variables.follow_values(fake.kube, "airflow", SECRET)


def test_what_is_not_there_is_left_to_kubernetes(fake):
    variables.follow_values(fake.kube, "airflow", {**SECRET, "workers": None})
    variables.follow_values(fake.kube, "airflow", {})


def test_who_may_not_read_a_secret_is_not_stopped(fake, monkeypatch):
    def forbidden(*_):
        raise KitError("forbidden", "no")

    monkeypatch.setattr(type(fake.kube), "secret", forbidden)
    variables.follow_values(fake.kube, "airflow", SECRET)
