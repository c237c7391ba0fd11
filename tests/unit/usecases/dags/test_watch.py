"""`kitctl dags push --watch`: every change is pushed, and one that fails ends nothing."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

from kitctl.errors import ExitCode, KitError
from kitctl.model.settings import Settings
from kitctl.tools.watch_files import changes
from kitctl.usecases.dags import watch as use_case
from kitctl.usecases.dags.push import PushOptions, PushReport, WouldPush
from tests.unit.usecases.dags.test_push import Quiet, fake_release


class World:
    """A release, and pushes that end as they are told."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, mode: str, *ends: object) -> None:
        self.ends, self.steps = list(ends), Quiet()
        self.shown: list[Any] = []
        self.broken: list[str] = []
        monkeypatch.setattr(use_case, "attach", lambda _: fake_release(mode))
        monkeypatch.setattr(use_case, "push", self.push)

    def push(self, *_: object) -> Any:
        end = self.ends.pop(0)
        if isinstance(end, KitError):
            raise end
        return end

    def watch(self, folder: Path, *batches: set[Path], **settings: Any) -> None:
        use_case.watch(
            Settings(**settings),
            PushOptions(folder),
            self.steps,
            lambda *_: True,
            changes=lambda path: iter(batches) if path == folder else iter(()),
            show=self.shown.append,
            broken=lambda error: self.broken.append(error.id),
        )


def failed() -> KitError:
    return KitError("push-failed", "x", cause="y", fix="z")


def test_each_change_is_pushed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    first, second = PushReport(dags=("a",)), PushReport(dags=("a", "b"))
    world = World(monkeypatch, "pvc", first, second)
    world.watch(tmp_path, {tmp_path / "b.py", tmp_path / "c" / "d.py"})
    assert world.shown == [first, second]
    assert any("b.py, c/d.py" in note for note in world.steps.notes)


def test_a_later_push_that_fails_is_told_and_the_next_save_is_pushed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    first, third = PushReport(), PushReport(ok=False)
    world = World(monkeypatch, "image", first, failed(), third)
    world.watch(tmp_path, {tmp_path / "b.py"}, {tmp_path / "b.py"})
    assert (world.shown, world.broken) == ([first, third], ["push-failed"])


def test_a_first_push_that_fails_is_the_end(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    world = World(monkeypatch, "pvc", failed())
    with pytest.raises(KitError, match="x"):
        world.watch(tmp_path, {tmp_path / "b.py"})
    assert world.shown == []


@pytest.mark.parametrize("mode", ["git", "bundle"])
def test_modes_that_read_commits_are_refused_before_anything_is_pushed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, mode: str
) -> None:
    world = World(monkeypatch, mode)
    with pytest.raises(KitError) as raised:
        world.watch(tmp_path)
    assert (raised.value.id, raised.value.code) == ("push-watch-git", ExitCode.USAGE)


def test_a_dry_run_does_not_stay(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    would = WouldPush(mode="pvc", would="copy")
    world = World(monkeypatch, "pvc", would)
    world.watch(tmp_path, {tmp_path / "b.py"}, dry_run=True)
    assert world.shown == [would]


def test_many_files_are_counted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    world = World(monkeypatch, "pvc", PushReport(), PushReport())
    world.watch(tmp_path, {tmp_path / f"{number}.py" for number in range(5)})
    assert "changed: 0.py, 1.py, 2.py and 2 more" in world.steps.notes


def test_saved_files_are_seen_and_caches_are_not(tmp_path: Path) -> None:
    found = changes(tmp_path)
    seen: set[Path] = set()
    thread = threading.Thread(target=lambda: seen.update(next(found)), daemon=True)
    thread.start()
    cached = tmp_path / "__pycache__"
    cached.mkdir()
    for number in range(100):
        (cached / "a.pyc").write_text(str(number))
        (tmp_path / "a.py").write_text(str(number))
        thread.join(0.1)
        if not thread.is_alive():
            break
    assert seen == {tmp_path / "a.py"}
