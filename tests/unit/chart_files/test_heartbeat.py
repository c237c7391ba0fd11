"""heartbeat.py: when a pod counts as alive."""

from __future__ import annotations

import socket
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

Script = Callable[[str], ModuleType]


class Database:
    """One answer, and what was asked."""

    def __init__(self, age: float | None) -> None:
        self.age = age
        self.asked: tuple[Any, ...] = ()

    def cursor(self) -> Database:
        return self

    def __enter__(self) -> Database:
        return self

    def __exit__(self, *_: object) -> None: ...

    def execute(self, _: str, values: tuple[Any, ...]) -> None:
        self.asked = values

    def fetchone(self) -> tuple[float | None]:
        return (self.age,)

    def close(self) -> None: ...


@pytest.mark.parametrize(
    ("age", "code", "said"),
    [(3.0, 0, ""), (60.0, 0, ""), (61.0, 1, "61 s old"), (None, 1, "no running SchedulerJob")],
)
@pytest.mark.parametrize("strict", [True, False])
def test_a_young_heartbeat_is_life(
    script: Script,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    age: float | None,
    code: int,
    said: str,
    strict: bool,
) -> None:
    monkeypatch.setattr(script("heartbeat"), "connect", lambda: Database(age))
    assert script("heartbeat").main("SchedulerJob", strict=strict) == code
    assert said in capsys.readouterr().out


@pytest.mark.parametrize(("strict", "code"), [(True, 1), (False, 0)])
def test_an_outage_of_the_database_kills_nobody_but_starts_nobody(
    script: Script, monkeypatch: pytest.MonkeyPatch, strict: bool, code: int
) -> None:
    def refuse() -> None:
        raise script("database").NotYetError("connection refused")

    monkeypatch.setattr(script("heartbeat"), "connect", refuse)
    assert script("heartbeat").main("TriggererJob", strict=strict) == code


def test_it_asks_for_the_job_of_this_pod_under_each_of_its_names(
    script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "gethostname", lambda: "pod-1")
    monkeypatch.setattr(socket, "getfqdn", lambda: "pod-1.local")
    monkeypatch.setattr(socket, "gethostbyname", lambda _: "10.1.2.3")
    database = Database(1.0)
    assert script("heartbeat").age(database, "DagProcessorJob") == 1.0
    assert database.asked == ("DagProcessorJob", ["10.1.2.3", "pod-1", "pod-1.local"])


def test_a_name_without_an_address_is_fine(script: Script, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: str) -> str:
        raise OSError

    monkeypatch.setattr(socket, "gethostname", lambda: "pod-1")
    monkeypatch.setattr(socket, "getfqdn", lambda: "pod-1")
    monkeypatch.setattr(socket, "gethostbyname", fail)
    assert script("heartbeat").names() == ["pod-1"]
