"""Airflow from the oldest version of the kit to the newest, and the way back with a backup.

DAG runs of before, and their logs, stay readable on both ways. The tests of this module run in their order.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from kitctl.errors import ExitCode
from kitctl.model.versions import pin
from kitctl.tools.airflow.api import AirflowApi
from tests.e2e.git.stories import SMALL, remove, values_file
from tests.e2e.kit import Kit, finish, log_text, start_run, wait_for

pytestmark = [pytest.mark.e2e_all, pytest.mark.timeout(1500)]
OLD, NEW = pin("airflow.minimum"), pin("airflow.version")
DAG = "e2e_upgrade"
TEXT = """
from airflow import __version__
from airflow.sdk import dag, task

@dag(schedule=None, tags=["e2e"])
def e2e_upgrade():
    @task
    def say():
        print("e2e-said by Airflow", __version__)
        return __version__
    @task
    def hear(words):
        return words
    hear(say())

e2e_upgrade()
"""
DUMP = "/tmp/airflow.dump"  # noqa: S108 - in the pod of the database
CORE = "api-server,scheduler,dag-processor"
"""The components that docs/postgres.md stops for a restore, as far as this small release has them."""


@dataclass
class Upgraded:
    """A release of its own, and what the tests know of it.

    Attributes:
        kit: The release.
        dags: The folder with its DAG.
        old: Image with the old Airflow and the DAG.
        new: Image with the new Airflow and the DAG.
        first: The run that the old Airflow made.
    """

    kit: Kit
    dags: Path
    old: str
    new: str
    first: str = ""

    def build(self, version: str) -> str:
        """Build the image of a version, load it onto the node, and return its name."""
        words = ("image", "build", "--dags", self.dags, "--airflow-version", version, "-o", "json")
        image = str(self.kit(*words, timeout=900).ok().json["image"])
        self.kit("image", "load", image, timeout=300).ok()
        return image

    def sql(self, words: str) -> str:
        """Ask the database of the release."""
        psql = ("psql", "-U", "airflow", "-d", "airflow", "-XAtq", "-c", words)
        return self.in_postgres(*psql)

    def in_postgres(self, *words: str) -> str:
        """Run a program in the pod of the database."""
        (pod,) = self.kit.pods("postgres")
        return self.kit.kubectl("exec", pod["metadata"]["name"], "--", *words, timeout=180).ok().out.strip()

    def revisions(self) -> tuple[str, str]:
        """Return the revisions of Airflow's tables and of FAB's."""
        tables = ("alembic_version", "alembic_version_fab")
        core, fab = (self.sql(f"SELECT version_num FROM {table}") for table in tables)  # noqa: S608
        return core, fab

    def api(self, version: str) -> AirflowApi:
        """Return the REST API once a version of Airflow answers."""
        api = self.kit.api()
        wait_for(f"Airflow {version}", lambda: api.version() == version, timeout=120, pause=2)
        return api

    def green(self, version: str) -> str:
        """Run the DAG; return the id of the run, whose log says which Airflow ran it."""
        api = self.api(version)
        run_id = start_run(api, DAG, timeout=180)
        assert finish(api, DAG, run_id, timeout=300) == "success"
        assert f"e2e-said by Airflow {version}" in log_text(api, DAG, run_id, "say")
        return run_id


@pytest.fixture(scope="module")
def mine(kit: Kit, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Upgraded]:
    """A small release that runs the oldest Airflow of the kit."""
    small = kit.sibling("e2e-airflow", "flow")
    file = values_file(tmp_path_factory.mktemp("values"), SMALL)
    small.env = {**kit.env, "KITCTL_VALUES": str(file), "KITCTL_NODE_PORT": "30837"}
    dags = tmp_path_factory.mktemp("dags")
    (dags / "e2e_upgrade.py").write_text(TEXT)
    found = Upgraded(small, dags, "", "")
    found.old, found.new = found.build(OLD), found.build(NEW)
    small("up", "--image", found.old, "--no-smoke", timeout=900).ok()
    yield found
    remove(small)


def test_the_old_airflow_runs_a_dag(mine: Upgraded) -> None:
    mine.first = mine.green(OLD)


def test_the_check_says_what_the_upgrade_changes(mine: Upgraded) -> None:
    # No index answers: the versions are those of both images.
    nowhere = {"PIP_INDEX_URL": "http://127.0.0.1:9/simple"}
    words = ("upgrade-check", "--to", NEW, "--new-image", mine.new, "--dags", mine.dags, "-o", "json")
    report = mine.kit(*words, timeout=600, env=nowhere).ok().json
    areas = {area["name"]: area for area in report["areas"]}
    assert (report["ok"], report["current"], report["target"]) == (True, OLD, NEW), report
    assert report["current_from"] == "The release flow runs"
    assert [one["id"] for one in areas["database"]["findings"]] == ["database-migration"]
    assert areas["dag-imports"]["message"].endswith("1, with 1 DAGs")
    assert {(one["old"], one["new"]) for one in report["packages"] if one["name"] == "apache-airflow"} == {(OLD, NEW)}
    assert not mine.kit.pods("upgrade-check")


def test_a_deploy_migrates_the_database_and_old_runs_stay_readable(mine: Upgraded) -> None:
    # The backup of docs/postgres.md, in the pod: what kubectl hands over here is text.
    mine.in_postgres("pg_dump", "-U", "airflow", "-d", "airflow", "-Fc", "-f", DUMP)
    before = mine.revisions()
    mine.kit("deploy", "--image", mine.new, timeout=900).ok()
    after = mine.revisions()
    assert after[0] != before[0]
    assert mine.kit("status", "-o", "json").ok().json["healthy"]
    images = {
        c["image"] for pod in mine.kit.at_rest().values() for c in pod["spec"]["containers"] if "dags" in c["image"]
    }
    assert images == {mine.new}
    api = mine.api(NEW)
    assert api.run(DAG, mine.first)["state"] == "success"
    assert f"e2e-said by Airflow {OLD}" in log_text(api, DAG, mine.first, "say")
    assert mine.green(NEW) != mine.first


def test_an_older_airflow_is_refused_in_words_and_changes_nothing(mine: Upgraded) -> None:
    before = mine.kit.lasting()
    checked = mine.kit("upgrade-check", "--to", OLD, "-o", "json", timeout=300)
    assert (checked.code, checked.error["id"]) == (ExitCode.USAGE, "upgrade-is-downgrade"), checked.out
    assert "restore a backup" in checked.error["fix"]
    done = mine.kit("deploy", "--image", mine.old, "-o", "json", timeout=300)
    assert (done.code, done.error["id"]) == (ExitCode.PREFLIGHT, "airflow-downgrade"), done.out + done.err
    assert mine.old in done.error["message"]
    assert "restore a backup" in done.error["fix"]
    assert mine.kit.lasting() == before
    assert mine.kit("status", "-o", "json").ok().json["healthy"]


def test_the_documented_way_back_needs_the_backup_and_brings_the_old_runs(mine: Upgraded) -> None:
    ours = f"app.kubernetes.io/instance={mine.kit.release}"
    part = f"app.kubernetes.io/part-of=airflow-kit,{ours}"
    mine.kit.kubectl("scale", "deployment", "-l", part, "--replicas=0").ok()
    gone = ("--for=delete", "pod", "--timeout=120s", "-l", f"{ours},app.kubernetes.io/component in ({CORE})")
    mine.kit.kubectl("wait", *gone, timeout=150).ok()
    mine.sql("DROP SCHEMA public CASCADE")
    mine.sql("CREATE SCHEMA public")
    mine.in_postgres("pg_restore", "-U", "airflow", "-d", "airflow", "--no-owner", "--exit-on-error", DUMP)
    mine.kit("deploy", "--image", mine.old, timeout=900).ok()
    api = mine.api(OLD)
    assert [run["dag_run_id"] for run in api.runs(DAG, 10)] == [mine.first]
    assert f"e2e-said by Airflow {OLD}" in log_text(api, DAG, mine.first, "say")
    mine.green(OLD)
