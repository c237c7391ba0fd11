"""Programs that kitctl starts, and what becomes of them when it is interrupted."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kitctl.tools import handover, process


def test_a_program_that_does_not_listen_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "_END_SECONDS", 0.2)
    text = f"trap '' TERM; echo $$ >{tmp_path}/pid; kill -INT $PPID; while :; do sleep 0.1; done"
    with pytest.raises(KeyboardInterrupt):
        process.run(["sh", "-c", text])
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


def test_a_program_that_must_not_be_asked_is_killed_at_once(tmp_path: Path) -> None:
    text = f"trap 'touch {tmp_path}/asked; exit' TERM; kill -INT $PPID; sleep 20 & wait"
    with pytest.raises(KeyboardInterrupt):
        process.run(["sh", "-c", text], ask_first=False)
    assert not (tmp_path / "asked").exists()


@pytest.mark.parametrize("by", ["run", "relay", "stream_lines", "follow"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_no_program_outlives_an_interrupt_in_the_moment_of_its_start(
    number: signal.Signals, by: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Interrupted(subprocess.Popen[str]):
        """A program, and an interrupt before anybody holds it."""

        def __init__(self, *args: Any, **options: Any) -> None:
            super().__init__(*args, **options)
            (tmp_path / "pid").write_text(str(self.pid))
            signal.raise_signal(number)  # handled before it returns

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(subprocess, "Popen", Interrupted)
    starts: dict[str, Callable[[list[str]], object]] = {
        "run": process.run,
        "relay": lambda argv: handover.relay(argv, print),
        "stream_lines": lambda argv: list(handover.stream_lines(argv, print)),
        "follow": lambda argv: handover.follow(argv, print, timeout=60),
    }
    before = signal.signal(signal.SIGTERM, stop)
    try:
        with pytest.raises(KeyboardInterrupt):
            starts[by](["sleep", "20"])
        assert signal.getsignal(signal.SIGTERM) is stop
    finally:
        signal.signal(signal.SIGTERM, before)
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


def test_a_process_that_outlives_kitctl_may_have_a_umask_of_its_own(tmp_path: Path) -> None:
    said = {"own": "0077\n", "other": "0022\n"}
    for name in said:
        os.mkfifo(tmp_path / name)
    old = os.umask(0o077)
    try:
        process.spawn(["sh", "-c", f"umask >{tmp_path}/own"], log=tmp_path / "log")
        process.spawn(["sh", "-c", f"umask >{tmp_path}/other"], log=tmp_path / "log", umask=0o022)
    finally:
        os.umask(old)
    assert {name: (tmp_path / name).read_text() for name in said} == said
