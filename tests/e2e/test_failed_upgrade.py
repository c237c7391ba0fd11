"""An upgrade that never becomes ready: kitctl says that scheduling has stopped, and its own words lead back."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from kitctl.errors import ExitCode
from tests.e2e.git.stories import SMALL, remove, values_file
from tests.e2e.kit import Kit, wait_for

pytestmark = [pytest.mark.e2e_all, pytest.mark.timeout(900)]
BROKEN = "registry.invalid/no/such:1"


@pytest.fixture(scope="module")
def mine(kit: Kit, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kit]:
    """A small release that runs."""
    small = kit.sibling("e2e-upgrade", "upgrade")
    file = values_file(tmp_path_factory.mktemp("values"), SMALL)
    small.env = {**kit.env, "KITCTL_VALUES": str(file), "KITCTL_NODE_PORT": "30827"}
    small("up", "--no-smoke", timeout=600).ok()
    yield small
    remove(small)


def test_the_words_of_a_failed_upgrade_lead_back(mine: Kit) -> None:
    (before,) = mine.pods("api-server")
    words = ("--image", BROKEN, "--no-check-image", "--timeout", "100", "-o", "json")
    done = mine("deploy", *words, timeout=240)
    assert done.code in {ExitCode.UNHEALTHY, ExitCode.TIMEOUT}, done.out + done.err
    assert "Scheduling has stopped" in done.error["cause"]
    assert BROKEN in done.error["cause"]
    # The API server is replaced only when its successor is ready.
    assert before["metadata"]["uid"] in {p["metadata"]["uid"] for p in mine.pods("api-server")}
    command = shlex.split(done.error["fix"].splitlines()[0], comments=True)
    assert Path(command[0]).name == "helm"
    mine.helm(*command[1:], timeout=120).ok()
    wait_for("the old revision", lambda: mine("status", "-o", "json").json.get("healthy"), timeout=180, pause=3)
    images = {c["image"] for pod in mine.at_rest().values() for c in pod["spec"]["containers"]}
    assert BROKEN not in images


def test_a_diff_shows_what_restarts_and_changes_nothing(mine: Kit) -> None:
    assert mine("deploy", "--diff", timeout=240).ok().out == "No differences.\n"
    before = set(mine.at_rest())
    done = mine("deploy", "--diff", "--image", BROKEN, "-o", "json", timeout=240)
    assert done.code == ExitCode.DIFFERENT, done.out + done.err
    report = done.json
    changed = [field for obj in report["objects"] for field in obj["fields"] if field["path"].endswith(".image")]
    assert {field["new"] for field in changed} == {BROKEN}
    how = {one["component"]: one["how"] for one in report["restarts"]}
    assert (how["scheduler"], how["api-server"]) == ("recreate", "rolling")
    assert "postgres" not in how
    assert (report["refused"], report["volumes"]) == ([], [])
    assert set(mine.at_rest()) == before


def test_a_diff_of_up_builds_nothing_and_sees_new_dags(mine: Kit, tmp_path: Path) -> None:
    assert mine("up", "--diff", "--no-smoke", timeout=240).ok().out == "No differences.\n"
    (tmp_path / "mine.py").write_text('from airflow.sdk import DAG\nwith DAG("mine", schedule=None):\n    pass\n')
    done = mine("up", "--diff", "--no-smoke", "--dags", str(tmp_path), "-o", "json", timeout=240)
    assert done.code == ExitCode.DIFFERENT, done.out + done.err
    changed = {f["new"] for o in done.json["objects"] for f in o["fields"] if f["path"].endswith(".image")}
    (image,) = changed
    assert image.startswith("kitctl.local/dags:")
    assert "scheduler" in {one["component"] for one in done.json["restarts"]}
    # The name tells the content, so a build of it would find it by its name.
    assert mine("image", "build", "--dags", str(tmp_path), "--dry-run", "-o", "json").ok().json["built"] is False
    assert f"would build {image}" in mine("image", "build", "--dags", str(tmp_path), "--dry-run").ok().err


def test_an_upgrade_check_asks_the_release_and_its_database(mine: Kit, tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text('from airflow.sdk import DAG\nwith DAG("mine", schedule=None):\n    pass\n')
    # No index answers here: what it would tell is not checked, and all the rest is.
    nowhere = {"PIP_INDEX_URL": "http://127.0.0.1:9/simple"}
    report = mine("upgrade-check", "--dags", str(tmp_path), "-o", "json", timeout=600, env=nowhere).ok().json
    areas = {area["name"]: area for area in report["areas"]}
    unchecked = {name for name, area in areas.items() if area["status"] == "not-checked"}
    assert unchecked == {"version", "database", "kubernetes"}, report
    assert {area["status"] for name, area in areas.items() if name not in unchecked} == {"ok"}
    assert (report["ok"], report["current"]) == (True, report["target"])
    assert report["current_from"].startswith("The release ")
    assert areas["database"]["message"].startswith("PostgreSQL 17")
    assert areas["kubernetes"]["message"].startswith("Kubernetes 1.")
    assert (areas["packages"]["message"].endswith(": 0"), report["packages"]) == (True, [])
    assert not mine.pods("upgrade-check")


def test_it_goes_back_by_itself_if_asked_to(mine: Kit) -> None:
    words = ("--image", BROKEN, "--no-check-image", "--rollback-on-failure", "--timeout", "150", "-o", "json")
    done = mine("deploy", *words, timeout=480)
    assert done.code in {ExitCode.UNHEALTHY, ExitCode.TIMEOUT}, done.out + done.err
    assert BROKEN in done.error["cause"]
    assert "which is ready again" in done.error["cause"]
    assert mine("status", "-o", "json").ok().json["healthy"]
    images = {c["image"] for pod in mine.at_rest().values() for c in pod["spec"]["containers"]}
    assert BROKEN not in images
