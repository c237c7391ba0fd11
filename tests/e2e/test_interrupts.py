"""Ctrl-C and SIGTERM inside of Helm and while an image is loaded, and two kitctl at once: the next command goes on."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kitctl.errors import ExitCode
from tests.e2e.git.stories import SMALL, remove, values_file
from tests.e2e.kit import Kit, wait_for

pytestmark = [pytest.mark.e2e_all, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def mine(kit: Kit, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kit]:
    """A small release that runs."""
    small = kit.sibling("e2e-interrupt", "interrupt")
    small.cwd = tmp_path_factory.mktemp("project")
    file = values_file(tmp_path_factory.mktemp("values"), SMALL)
    small.env = {**kit.env, "KITCTL_VALUES": str(file), "KITCTL_NODE_PORT": "30828"}
    small("up", "--no-smoke", timeout=600).ok()
    yield small
    remove(small)


def mark(word: str) -> tuple[str, str]:
    """Return options that change one pod."""
    return "--set", f"dagProcessor.podAnnotations.round={word}"


def interrupted(
    kit: Kit, when: Callable[[str], object], how: signal.Signals, code: ExitCode, log: Path, *words: str | Path
) -> str:
    """Interrupt a command at a moment, as a terminal does: all of its processes get the signal; return what it said."""
    process = kit.start(*words, log=log)
    try:
        wait_for(
            f"the moment (see {log})",
            lambda: process.poll() is not None or when(log.read_text()),
            timeout=240,
            pause=0.02,
        )
        assert process.poll() is None, f"it had ended before:\n{log.read_text()[-3000:]}"
        if how is signal.SIGINT:
            os.killpg(process.pid, how)
        else:  # `kill` and a supervisor reach kitctl alone
            process.send_signal(how)
        assert process.wait(timeout=60) == code, log.read_text()[-3000:]
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
    said = log.read_text()
    assert "run the same command again" in said
    assert "Traceback" not in said
    return said


def healthy(kit: Kit, word: str) -> None:
    """Hold that the release is deployed, ready, and has the change."""
    assert kit.helm("status", kit.release, "-o", "json").ok().json["info"]["status"] == "deployed"
    assert kit("status", "-o", "json").ok().json["healthy"] is True
    (deployment,) = kit.get("deployments", "app.kubernetes.io/component=dag-processor")
    assert deployment["spec"]["template"]["metadata"]["annotations"]["round"] == word


@pytest.mark.parametrize(
    ("verb", "how", "code"),
    [("deploy", signal.SIGINT, ExitCode.INTERRUPTED), ("up", signal.SIGTERM, ExitCode.TERMINATED)],
)
def test_inside_of_helm(mine: Kit, tmp_path: Path, verb: str, how: signal.Signals, code: ExitCode) -> None:
    more = ("--no-smoke",) if verb == "up" else ()

    def pending(_: str) -> bool:
        return mine.release in mine.helm("list", "--pending", "-q").out.split()

    interrupted(mine, pending, how, code, tmp_path / "log", verb, *more, *mark(verb))
    mine(verb, *more, *mark(verb), timeout=600).ok()
    healthy(mine, verb)


def test_while_an_image_is_loaded(mine: Kit, tmp_path: Path) -> None:
    dags = tmp_path / "dags"
    dags.mkdir()
    (dags / "one.py").write_text("from airflow.sdk import DAG\n\nwith DAG('e2e_interrupt'):\n    pass\n")
    words = ("up", "--no-smoke", "--dags", dags)
    log = tmp_path / "log"
    said = interrupted(mine, lambda text: "loading" in text, signal.SIGINT, ExitCode.INTERRUPTED, log, *words)
    assert "✓ Images" not in said
    report = mine(*words, "-o", "json", timeout=600).ok().json
    (deployment,) = mine.get("deployments", "app.kubernetes.io/component=api-server")
    assert {c["image"] for c in deployment["spec"]["template"]["spec"]["containers"]} == {report["image"]}


def two(kit: Kit, folder: Path, *lines: tuple[str, ...]) -> list[tuple[dict[str, object], str]]:
    """Run command lines at once; return report and messages of each."""
    started = []
    for number, words in enumerate(lines):
        out, err = folder / f"{number}.out", folder / f"{number}.err"
        with out.open("wb") as to, err.open("wb") as errors:
            env = {**os.environ, **kit.environment()}
            argv = kit.argv(*words, "-o", "json")
            process = subprocess.Popen(argv, env=env, cwd=kit.cwd, stdin=subprocess.DEVNULL, stdout=to, stderr=errors)
        started.append((process, out, err))
    for process, out, err in started:
        assert process.wait(timeout=600) == ExitCode.OK, out.read_text() + err.read_text()
    return [(json.loads(out.read_text()), err.read_text()) for _, out, err in started]


def test_two_deploys_at_once(mine: Kit, tmp_path: Path) -> None:
    # Of the same change: one makes it, and the other waits and finds it there.
    found = two(mine, tmp_path, *[("deploy", *mark("twice"))] * 2)
    assert sorted(report["changed"] for report, _ in found) == [False, True]
    assert [said for _, said in found if "another kitctl is working on this release" in said]
    healthy(mine, "twice")


def test_two_ups_at_once(mine: Kit, tmp_path: Path) -> None:
    found = two(mine, tmp_path, *[("up", "--no-smoke", *mark("both"))] * 2)
    assert sorted(report["changed"] for report, _ in found) == [False, True]
    healthy(mine, "both")
