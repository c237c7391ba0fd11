"""`kitctl status --watch` as a user meets it: a table that moves on a terminal, lines and documents elsewhere."""

import json
import re
from datetime import datetime
from types import SimpleNamespace

import pytest

from kitctl import cli
from kitctl.commands.console import live
from kitctl.errors import KitError
from kitctl.model.settings import Settings
from kitctl.release import handle
from kitctl.usecases import status_watch
from kitctl.usecases.status import Component, TaskPod
from kitctl.usecases.status_watch import ComponentChange, Picture
from tests.unit.fake_release import make_release

POD = {"pod": "p", "dag_id": "d", "task_id": "t", "run_id": "r", "try_number": 1, "phase": "Pending", "reason": ""}
TASK = TaskPod(**POD, age_seconds=5)
PARTS = {"scheduler": Component(1, 1, 0), "triggerer": Component(0, 1, 3)}


@pytest.fixture
def kitctl(fake, monkeypatch, capsys):
    """Run a command line; returns (exit code, stdout, stderr)."""
    monkeypatch.setattr(handle, "attach", lambda _: make_release(fake))

    def run(*line):
        monkeypatch.setattr("sys.argv", ["kitctl", *line])
        with pytest.raises(SystemExit) as end:
            cli.main()
        out = capsys.readouterr()
        return int(end.value.code or 0), out.out, out.err

    return run


def ends(*items):
    """Return a stream that the user interrupts."""

    def stream(*_):
        yield from items
        raise KeyboardInterrupt

    return stream


def test_elsewhere_each_change_is_a_line(kitctl, monkeypatch):
    found = [ComponentChange(name, one) for name, one in PARTS.items()]
    monkeypatch.setattr(status_watch, "changes", ends(*found, TASK))
    code, out, err = kitctl("status", "--watch")
    assert (code, out.splitlines()) == (
        130,
        [
            "Ready       scheduler  1/1 ready, 0 restarts",
            "NotReady    triggerer  0/1 ready, 3 restarts",
            "Pending     p  d t r try 1",
        ],
    )
    assert "Interrupted" in err


@pytest.mark.parametrize(
    ("output", "text"),
    [("json", json.dumps({**POD, "age_seconds": 5}) + "\n"), ("yaml", "---\npod: p\ndag_id: d\n")],
)
def test_as_data_each_change_of_a_task_pod_is_a_document(kitctl, monkeypatch, output, text):
    monkeypatch.setattr(status_watch, "watch_task_pods", ends(TASK))
    code, out, _ = kitctl("status", "--watch", "-o", output)
    assert code == 130
    assert out.startswith(text)


def test_a_cluster_that_goes_away_is_told_on_stderr(kitctl, monkeypatch):
    def stream(release, lost):
        lost(KitError("cluster-unreachable", "The cluster does not answer"))
        lost(None)
        yield TASK
        raise KeyboardInterrupt

    monkeypatch.setattr(status_watch, "watch_task_pods", stream)
    _, out, err = kitctl("status", "--watch", "-o", "json")
    assert err.startswith("The cluster does not answer; trying again\nThe cluster answers again\n")
    assert len(out.splitlines()) == 1


@pytest.fixture
def terminal(monkeypatch):
    """A stdout that is a terminal of 60 columns and 12 lines."""
    # pytest's own stdout changes between a fixture and its test.
    monkeypatch.setattr(live, "sys", SimpleNamespace(stdout=SimpleNamespace(isatty=lambda: True)))
    for name, value in {"TERM": "xterm", "COLUMNS": "60", "LINES": "12"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("NO_COLOR", raising=False)


def test_on_a_terminal_the_table_is_drawn_again_in_its_place(kitctl, monkeypatch, terminal):
    later = {**PARTS, "triggerer": Component(1, 1, 3)}
    monkeypatch.setattr(status_watch, "pictures", ends(Picture(PARTS), Picture(later, [TASK])))
    code, out, err = kitctl("status", "--watch")
    assert code == 130
    assert "Interrupted" in err
    assert "\x1b[1A\x1b[2K" in out, "goes up and clears the line"
    assert out.count("TRIGGERER".lower()) == 3, "drawn, drawn again, and left at the end"
    assert out.index("0/1") < out.rindex("1/1")
    assert out.rstrip("\n").endswith("\x1b[?25h"), "the cursor is visible again"


@pytest.mark.parametrize("term", ["dumb", ""])
def test_a_terminal_that_cannot_draw_gets_lines(kitctl, monkeypatch, terminal, term):
    monkeypatch.setenv("TERM", term)
    monkeypatch.setattr(status_watch, "changes", ends(TASK))
    assert kitctl("status", "--watch")[1] == "Pending     p  d t r try 1\n"


def test_no_color_means_no_style_at_all(kitctl, monkeypatch, terminal):
    monkeypatch.setattr(status_watch, "pictures", ends(Picture(PARTS)))
    assert "\x1b[33m" in kitctl("status", "--watch")[1]
    monkeypatch.setenv("NO_COLOR", "1")
    assert re.findall(r"\x1b\[[\d;]*m", kitctl("status", "--watch")[1]) == []


def test_no_line_is_wider_than_the_terminal(monkeypatch, terminal, capsys):
    pod = TaskPod(**{**POD, "pod": "a" * 80, "reason": "ü" * 50}, age_seconds=0)
    live.show("T" * 100, [Picture(PARTS, [pod])], Settings(color=False))
    shown = [re.sub(r"\x1b\[[?\d;]*[a-zA-Z]", "", line).strip("\r") for line in capsys.readouterr().out.splitlines()]
    assert max(map(len, shown)) == 60


def test_a_long_table_keeps_the_newest_and_fits():
    pods = [TaskPod(**{**POD, "pod": f"p{n}"}, age_seconds=n) for n in range(30)]
    lines = [line for line, _ in live.lines("T", Picture(PARTS, pods), 12, datetime(2026, 1, 1, 10, 0))]
    assert lines[0] == "T, 10:00:00"
    assert len(lines) <= 11
    assert lines[-1].endswith("older ones")
    assert lines[-2].startswith("p29 ")


def test_a_cluster_that_goes_away_is_told_above_the_table():
    lines = live.lines("T", Picture(PARTS, [], "The cluster does not answer"), 20)
    assert lines[1] == ("! The cluster does not answer; trying again", "red")


@pytest.mark.parametrize(("seconds", "age"), [(0, "0s"), (119, "119s"), (120, "2m"), (7200, "2h"), (200000, "2d")])
def test_ages_are_those_of_kubectl(seconds, age):
    pod = TaskPod(**POD, age_seconds=seconds)
    assert any(f" {age} " in f"{line} " for line, _ in live.lines("T", Picture({}, [pod]), 20))
