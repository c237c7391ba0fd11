"""Shared by the unit tests: a Kubernetes API that lives in memory, and an environment without the caller's settings."""

import os
import signal
from pathlib import Path

import pytest

from kitctl.clusters import kind, minikube
from kitctl.tools.process import which
from tests.unit.fake_deploy import world
from tests.unit.fake_down import installed
from tests.unit.fake_images import dags, tool
from tests.unit.fake_kube import FakeKube

# A shell ignores SIGINT for what it runs in the background, and processes inherit that: no test could press Ctrl-C.
signal.signal(signal.SIGINT, signal.default_int_handler)

__all__ = ["dags", "installed", "tool", "world"]


@pytest.fixture
def fake() -> FakeKube:
    return FakeKube()


@pytest.fixture(autouse=True)
def no_settings_of_the_caller(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every option has a KITCTL_* twin: what CI or a person's shell sets (KITCTL_YES in CI) would answer the tests."""
    for name in [name for name in os.environ if name.startswith("KITCTL_")]:
        monkeypatch.delenv(name)


@pytest.fixture(autouse=True)
def no_clusters_of_the_caller(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A minikube or kind of the machine's own would be the first choice of `up`; those of a test lie in its folder."""

    def found(name: str) -> Path | None:
        path = which(name)
        return path if path and tmp_path in path.parents else None

    monkeypatch.setattr(minikube, "which", found)
    monkeypatch.setattr(kind, "which", found)
    monkeypatch.setenv("MINIKUBE_HOME", str(tmp_path))
    for name in ("KUBERNETES_VERSION", "MINIKUBE_VERSION", "MINIKUBE_DRIVER", "KIND_EXPERIMENTAL_PROVIDER"):
        monkeypatch.delenv(name, raising=False)
