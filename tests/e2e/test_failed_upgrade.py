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
