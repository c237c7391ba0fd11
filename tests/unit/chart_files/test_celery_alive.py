"""celery_alive.py: a silent worker fails the probe, a broker that does not answer only the probe of a start."""

from __future__ import annotations

import socket
import sys
from collections.abc import Callable
from types import ModuleType, TracebackType
from typing import Any

import pytest

Script = Callable[[str], ModuleType]


class OperationalError(Exception):
    """What kombu makes of the errors of a client library; the script knows it by its name."""


class Connection:
    """A connection to a broker that answers, or raises `error`."""

    connection_errors = (ConnectionError,)
    channel_errors = ()

    def __init__(self, error: Exception | None) -> None:
        self.error = error

    def __enter__(self) -> Connection:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""

    def ensure_connection(self, **_: object) -> None:
        if self.error:
            raise self.error


class App:
    """Celery with these workers."""

    workers: tuple[str, ...] = ()
    error: Exception | None = None

    def __init__(self, broker: str, **_: object) -> None:
        assert broker == "redis://redis.local:6379/0"
        self.conf = type("Conf", (), {})()
        self.control = self

    def connection_for_write(self) -> Connection:
        return Connection(self.error)

    def ping(self, destination: list[str], **_: object) -> list[dict[str, Any]]:
        return [{name: {"ok": "pong"}} for name in destination if name in self.workers]


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> type[App]:
    fake = type("Fake", (App,), {})
    module = ModuleType("celery")
    module.Celery = fake  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "celery", module)
    monkeypatch.setenv("KIT_BROKER_HOST", "redis.local")
    monkeypatch.setenv("KIT_BROKER_PORT", "6379")
    return fake


@pytest.mark.parametrize("strict", [True, False])
def test_a_worker_that_answers_is_alive(script: Script, app: type[App], strict: bool) -> None:
    app.workers = (f"celery@{socket.gethostname()}",)
    assert script("celery_alive").answers(strict) == ""


@pytest.mark.parametrize("strict", [True, False])
def test_the_answer_of_another_worker_does_not_count(script: Script, app: type[App], strict: bool) -> None:
    app.workers = ("celery@another",)
    assert "did not answer" in script("celery_alive").answers(strict)


@pytest.mark.parametrize("error", [ConnectionError("refused"), OSError("no route"), OperationalError("refused")])
def test_a_restart_repairs_no_broker(script: Script, app: type[App], error: Exception) -> None:
    app.error = error
    assert script("celery_alive").answers(strict=False) == ""
    assert str(error) in script("celery_alive").answers(strict=True)


def test_any_other_error_is_shown(script: Script, app: type[App]) -> None:
    app.error = TypeError("a fault of ours")
    with pytest.raises(TypeError):
        script("celery_alive").answers(strict=False)


def test_workers_without_remote_control_cannot_be_asked(
    script: Script, app: type[App], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRFLOW__CELERY__WORKER_ENABLE_REMOTE_CONTROL", "False")
    assert script("celery_alive").answers(strict=True) == ""
