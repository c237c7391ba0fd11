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
    images = {c["image"] for pod in mine.pods() for c in pod["spec"]["containers"]}
    assert BROKEN not in images


def test_a_diff_shows_what_restarts_and_changes_nothing(mine: Kit) -> None:
    assert mine("deploy", "--diff", timeout=240).ok().out == "No differences.\n"
    before = {pod["metadata"]["uid"] for pod in mine.pods()}
    done = mine("deploy", "--diff", "--image", BROKEN, "-o", "json", timeout=240)
    assert done.code == ExitCode.DIFFERENT, done.out + done.err
    report = done.json
    changed = [field for obj in report["objects"] for field in obj["fields"] if field["path"].endswith(".image")]
    assert {field["new"] for field in changed} == {BROKEN}
    how = {one["component"]: one["how"] for one in report["restarts"]}
    assert (how["scheduler"], how["api-server"]) == ("recreate", "rolling")
    assert "postgres" not in how
    assert (report["refused"], report["volumes"]) == ([], [])
    assert {pod["metadata"]["uid"] for pod in mine.pods()} == before


def test_it_goes_back_by_itself_if_asked_to(mine: Kit) -> None:
    words = ("--image", BROKEN, "--no-check-image", "--rollback-on-failure", "--timeout", "150", "-o", "json")
    done = mine("deploy", *words, timeout=480)
    assert done.code in {ExitCode.UNHEALTHY, ExitCode.TIMEOUT}, done.out + done.err
    assert BROKEN in done.error["cause"]
    assert "which is ready again" in done.error["cause"]
    assert mine("status", "-o", "json").ok().json["healthy"]
    images = {c["image"] for pod in mine.pods() for c in pod["spec"]["containers"]}
    assert BROKEN not in images
