"""A volume of the user's replaces the chart's of the same name, but for those that the pods cannot do without."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.chart.release import STORIES, story, template

REPLACEABLE = {"tmp", "logs", "dags", "shm"}
OF_EXAMPLES = {"ldap-ca"}
"""Volumes that the values of an example add."""
SECTIONS = (
    "apiServer", "scheduler", "dagProcessor", "triggerer", "workers", "workers.celery", "workers.cleanup", "flower",
    "pgbouncer", "postgres", "broker.redis", "broker.rabbitmq", "migrations", "keys.bootstrap", "databaseCleanup",
    "logs.persistence.retention", "objects.job",
)  # fmt: skip


def names_of_the_chart() -> set[str]:
    """Return the names of all volumes of all stories, a claim template's too."""
    releases = [story(name) for name in STORIES]
    found = {volume.name for release in releases for pod in release.pods for volume in pod.spec.volumes or []}
    sets = [one for release in releases for one in release.all("StatefulSet")]
    found |= {claim.metadata.name for one in sets for claim in one.spec.volume_claim_templates or []}
    return found - OF_EXAMPLES


def refused(values: dict[str, Any], folder: Path) -> set[tuple[str, str]]:
    """Return the section and the name of each volume that Helm refuses."""
    file = folder / "values.json"
    file.write_text(json.dumps(values), encoding="utf-8")
    done = template((str(file),))
    return set(re.findall(r"\[volume-name-taken\] (\S+) contains a volume named (\S+),", done.stderr))


def nested(path: str, value: Any) -> dict[str, Any]:
    for key in reversed(path.split(".")):
        value = {key: value}
    return value


def volumes(*names: str) -> list[dict[str, Any]]:
    return [{"name": name, "emptyDir": {}} for name in names]


def test_no_volume_that_pods_need_can_be_replaced(tmp_path: Path) -> None:
    names = names_of_the_chart()
    told = refused({"pods": {"extraVolumes": volumes(*sorted(names))}}, tmp_path)
    assert {name for _, name in told} == names - REPLACEABLE


@pytest.mark.parametrize("section", SECTIONS)
def test_each_section_is_checked(section: str, tmp_path: Path) -> None:
    told = refused(nested(section, {"extraVolumes": volumes("config", "mine")}), tmp_path)
    assert told == {(f"{section}.extraVolumes", "config")}


def test_the_volumes_of_a_profile_are_checked(tmp_path: Path) -> None:
    told = refused({"workers": {"profiles": {"gpu": {"volumes": volumes("config", "data", "tmp")}}}}, tmp_path)
    assert told == {("workers.profiles.gpu.volumes", "config")}


@pytest.mark.parametrize("section", ["postgres", "broker.redis", "broker.rabbitmq"])
def test_the_volume_of_the_data_stays(section: str, tmp_path: Path) -> None:
    told = refused(nested(section, {"extraVolumes": volumes("data")}), tmp_path)
    assert told == {(f"{section}.extraVolumes", "data")}


def test_pods_without_data_may_have_a_volume_of_that_name(tmp_path: Path) -> None:
    external = {"postgres": {"enabled": False}, "database": {"host": "db.example.com"}}
    assert refused({**external, "pods": {"extraVolumes": volumes("data")}}, tmp_path) == set()
    assert refused({"workers": {"extraVolumes": volumes("data")}}, tmp_path) == set()


@pytest.mark.parametrize("section", ["workers.cleanup", "databaseCleanup", "logs.persistence.retention", "objects.job"])
def test_the_account_of_each_job_exists(section: str, tmp_path: Path) -> None:
    file = tmp_path / "values.json"
    file.write_text(json.dumps(nested(section, {"serviceAccount": {"create": False}})), encoding="utf-8")
    assert f"[service-account-unnamed] {section}.serviceAccount.create is false" in template((str(file),)).stderr
