"""`kitctl upgrade-check` with the pinned Airflow: what its image consists of, and a project judged in it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from packaging.version import Version

from kitctl.images import inventory, recipes
from kitctl.images.building import Built
from kitctl.model import option_names
from kitctl.model.settings import Settings
from kitctl.model.versions import pin
from kitctl.usecases.upgrade import check as upgrade
from kitctl.usecases.upgrade.upgrade_facts import Facts
from kitctl.usecases.upgrade.wish import Wish
from tests.airflow import local
from tests.unit.fake_operation import Steps

VERSION = pin("airflow.version")


@pytest.fixture
def image(monkeypatch: pytest.MonkeyPatch) -> None:
    local.use(monkeypatch)
    monkeypatch.setattr(recipes, "build", lambda *_, **__: Built("airflow", VERSION, False, "local"))
    monkeypatch.setattr(Facts, "_candidates", lambda _: [])
    monkeypatch.setattr(Facts, "published", property(lambda _: {Version(VERSION): []}))


def test_an_image_tells_its_packages_options_and_migrations(image: None) -> None:
    found = inventory.of_image("airflow")
    assert (found.airflow, found.packages["apache-airflow-core"]) == (VERSION, VERSION)
    assert found.packages["apache-airflow-providers-git"] == pin("airflow.providers.git")
    assert found.options["core"]["parallelism"] == "32"
    assert set(found.options["core"]) == set(option_names._data()["options"]["core"])
    assert found.renamed["scheduler.dag_dir_list_interval"] == "dag_processor.refresh_interval"
    assert "scheduler.dag_dir_list_interval" in found.still_read
    assert found.renamed["scheduler.parsing_processes"] == "dag_processor.parsing_processes"
    assert "scheduler.parsing_processes" not in found.still_read
    assert len(found.revisions) > 10
    assert found.database == {}


def test_a_project_is_judged_in_the_new_image_without_a_cluster(image: None, tmp_path: Path) -> None:
    (tmp_path / "old.py").write_text("from airflow.operators.bash_operator import BashOperator\n")
    (tmp_path / "good.py").write_text('from airflow.sdk import DAG\nwith DAG("good", schedule=None):\n    pass\n')
    (tmp_path / "away.py").write_text(
        'from airflow.sdk import DAG\nimport nowhere_at_all\nDAG("away", schedule=None)\n'
    )
    # The number is refused by the chart, and the DAGs are imported all the same.
    values = ("env[0].name=AIRFLOW__SCHEDULER__DAG_DIR_LIST_INTERVAL", "env[0].value=60", "airflowVersion=3.2.2")
    steps: Any = Steps()  # type: ignore[no-untyped-call]
    report = upgrade.check(Settings(sets=values), Wish(VERSION, dags=tmp_path, use_cluster=False), steps)
    found = {area.name: {(one.id, one.place) for one in area.findings} for area in report.areas}
    assert ("import-removed", "old.py:1") in found["dag-rules"]
    assert ("dag-import-error", "away.py") in {(rule, place.partition(":")[0]) for rule, place in found["dag-imports"]}
    assert not [place for _, place in found["dag-rules"] | found["dag-imports"] if place.startswith("good")]
    assert {rule for rule, _ in found["options"]} == {"option-renamed"}
    assert "values-wrong-type" in {rule for rule, _ in found["values"]}
    assert (report.ok, report.current, report.image) == (False, "3.2.2", "airflow")
    status = {area.name: area.status for area in report.areas}
    assert (status["image"], status["kubernetes"], status["version"]) == ("ok", "not-checked", "ok")
