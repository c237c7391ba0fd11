"""Ctrl-C and SIGTERM at every moment of `dags push`, `dags test` and `dags check`: nothing is left behind.

A fake program sends the signal itself, so that it comes while kitctl waits for that program. It then behaves as the
real one: what it had begun is put away if it is asked to end, and stays if it is killed at once.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from kitctl.cli import Terminated
from kitctl.model.image_choice import Choice
from kitctl.model.options.up import UpOptions
from kitctl.model.settings import Settings
from kitctl.release import image_choice
from kitctl.tools import process
from kitctl.tools.builders import buildah
from kitctl.tools.builders.builder import NAMES
from kitctl.tools.deadline import Deadline
from kitctl.usecases import deploy
from kitctl.usecases.dags import claim
from kitctl.usecases.dags import push as dags_push
from kitctl.usecases.dags.checkout import Checkout
from kitctl.usecases.dags.push import PushOptions
from tests.unit.commands.sandbox import Place, make_place
from tests.unit.fake_deploy import Steps, as_json, yes
from tests.unit.fake_kube import FakeKube
from tests.unit.fake_release import make_release
from tests.unit.usecases.dags.test_push import DEPLOYMENT, git
from tests.unit.usecases.test_interrupts import Moments, at_each_moment, breaking, files, free, fresh, picture

__all__ = ["breaking"]

CODES = {"INT": 130, "TERM": 143}
BUILDER = """#!/bin/sh
echo "$*" >>"{home}/calls"
if [ "$1" = "$STOP_AT" ]; then
  touch "{home}/half-done"
  trap 'rm "{home}/half-done"; exit 1' TERM
  [ "$1" = from ] && echo "$3" >>"{home}/containers"
  kill -"$STOP_WITH" "$PPID"
  sleep 20 >/dev/null 2>&1 & wait  # who keeps its output open is waited for as if it ran
fi
case "$1" in
  from) echo "$3" >>"{home}/containers" ;;
  rm) sed -i "/^$2\\$/d" "{home}/containers" ;;
  version | info) echo 1.0 ;;
  inspect) echo 0123456789abcdef ;;
  run) echo 'KITCTL-REPORT {{"state": "success", "tasks": [], "dags": [], "errors": {{}}}}' ;;
esac
exit 0
"""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Place:
    """A place with one image builder, which has every image, and a folder for temporary files of its own."""
    made = make_place(tmp_path, monkeypatch, capsys)
    (tmp_path / "tmp").mkdir()
    (tmp_path / "containers").touch()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    monkeypatch.setattr(process, "_END_SECONDS", 60.0)  # a busy machine needs some for a line of shell
    for name in set(NAMES) - {"buildah"}:
        (made.programs / name).write_text("#!/bin/sh\nexit 1\n")
        (made.programs / name).chmod(0o755)
    (made.programs / "buildah").write_text(BUILDER.format(home=tmp_path))
    (made.programs / "buildah").chmod(0o755)
    for name in ("sh", "sed", "touch", "rm", "sleep", "timeout"):
        (made.programs / name).symlink_to(Path("/usr/bin" if Path("/usr/bin", name).exists() else "/bin", name))
    buildah.storage.cache_clear()
    yield made
    buildah.storage.cache_clear()


TESTS = {"dags test": ("etl",), "dags check": ("dags",)}


@pytest.mark.parametrize("how", CODES)
@pytest.mark.parametrize("verb", ["version", "inspect", "from", "run", "rm"])
@pytest.mark.parametrize("name", TESTS)
def test_a_check_in_an_image(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, verb: str, how: str
) -> None:
    monkeypatch.setenv("STOP_AT", verb)
    monkeypatch.setenv("STOP_WITH", how)
    done = place.run(*name.split(), *TESTS[name], "--image", "a/b:1")
    assert verb in {line.split()[0] for line in (tmp_path / "calls").read_text().splitlines()}
    assert done.code == CODES[how]
    assert "run the same command again" in done.err
    assert not (tmp_path / "half-done").exists(), "the program was not asked to end"
    assert list((tmp_path / "tmp").iterdir()) == []
    if verb != "rm":
        assert (tmp_path / "containers").read_text() == ""
    monkeypatch.setenv("STOP_AT", "")
    again = place.run(*name.split(), *TESTS[name], "--image", "a/b:1", "-q")
    assert "Traceback" not in again.err
    assert list((tmp_path / "tmp").iterdir()) == []


class Running(FakeKube):
    """A cluster whose pods run at once; each request is two moments: before it arrives, and before its answer does."""

    def __init__(self, moments: Moments) -> None:
        super().__init__()
        self.moments = moments

    def answer(self, request: httpx.Request) -> httpx.Response:
        if request.method == "DELETE":  # what puts away is not counted: nobody presses Ctrl-C twice here
            return super().answer(request)
        self.moments()
        answer = super().answer(request)
        for path, obj in self.objects.items():
            if "/pods/" in path:
                obj["status"] = {"phase": "Running"}
        self.moments()
        return answer


@pytest.mark.parametrize("how", [KeyboardInterrupt, Terminated])
def test_a_push_into_a_claim_leaves_no_pod(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: type) -> None:
    moments = Moments()
    (tmp_path / "dag.py").write_text("d = DAG('d')\n")
    report = 'KITCTL-REPORT {"changed": ["dag.py"], "removed": 0, "files": 1, "foreign": 0, "time": 1}'

    def kubectl(*_: Any, **__: Any) -> SimpleNamespace:
        moments()
        return SimpleNamespace(stdout=report, stderr="")

    monkeypatch.setattr(claim, "run", kubectl)
    fake = Running(moments)
    monkeypatch.setattr(claim, "dag_processor", lambda _: DEPLOYMENT)
    release = make_release(fake, values={"dags": {"mode": "pvc"}})

    def push() -> claim.Copied:
        return claim.push(release, tmp_path, lambda _: None, Deadline(5))

    def check(number: int) -> None:
        assert [path for path in fake.objects if "/pods/" in path] == [], f"after an interrupt at moment {number}"
        assert push().changed == ("dag.py",)

    assert at_each_moment(moments, push, check, how) > 5


@pytest.mark.parametrize("how", [KeyboardInterrupt, Terminated])
def test_a_push_of_an_image(breaking: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: type) -> None:
    dags = tmp_path / "dags"
    dags.mkdir()
    (dags / "dag.py").write_text("d = DAG('d')\n")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    (tmp_path / "tmp").mkdir()

    def provide(*_: Any, **__: Any) -> Choice:
        breaking.moments()
        return Choice("a/b:2", "3.3.2")

    monkeypatch.setattr(image_choice, "provide", provide)
    monkeypatch.setattr(dags_push, "_as_before", lambda job: UpOptions(dags=job.options.path))
    monkeypatch.setattr(dags_push, "mode_of", lambda _: dags_push.DagMode.IMAGE)

    def installed() -> None:
        moments, breaking.moments = breaking.moments, Moments()
        fresh(breaking)
        deploy.deploy(Settings(), UpOptions(), Steps(), yes)
        breaking.helm.image = "a/b:2"
        breaking.moments = moments

    def push() -> dict[str, Any]:
        return as_json(dags_push.push(Settings(wait=False), PushOptions(dags), Steps(), yes))

    installed()
    push()
    whole, written = picture(breaking), files(tmp_path)

    def run() -> None:
        installed()
        push()

    def check(number: int) -> None:
        assert free(tmp_path)
        assert list((tmp_path / "tmp").iterdir()) == []
        push()
        assert picture(breaking) == whole, f"after an interrupt at moment {number}"
        assert files(tmp_path) == written

    assert at_each_moment(breaking.moments, run, check, how) > 10


def test_git_leaves_no_lock_in_the_checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # As git does: the lock is removed on SIGTERM, and stays in the user's checkout after SIGKILL.
    programs = tmp_path / "bin"
    programs.mkdir()
    lock = tmp_path / "index.lock"
    text = f"#!/bin/sh\ntouch {lock}\ntrap 'rm {lock}; exit 1' TERM\nkill -INT $PPID\nsleep 20 & wait\n"
    (programs / "git").write_text(text)
    (programs / "git").chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
    with pytest.raises(KeyboardInterrupt):
        Checkout(tmp_path).pushed_commit(lambda _: None)
    assert not lock.exists()


def test_looking_for_changes_writes_nothing_into_the_checkout(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "-b", "main")
    (tmp_path / "dag.py").write_text("")
    git(tmp_path, "add", "dag.py")
    git(tmp_path, "commit", "-q", "-m", "one")
    os.utime(tmp_path / "dag.py", (1, 1))  # git would refresh its index
    index = (tmp_path / ".git/index").read_bytes()
    Checkout(tmp_path).pushed_commit(lambda _: None)
    assert (tmp_path / ".git/index").read_bytes() == index
