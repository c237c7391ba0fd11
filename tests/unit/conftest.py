"""Shared by the unit tests: a Kubernetes API that lives in memory, and an environment without the caller's settings."""

import os

import pytest

from tests.unit.fake_deploy import world
from tests.unit.fake_down import installed
from tests.unit.fake_images import dags, tool
from tests.unit.fake_kube import FakeKube

__all__ = ["dags", "installed", "tool", "world"]


@pytest.fixture
def fake() -> FakeKube:
    return FakeKube()


@pytest.fixture(autouse=True)
def no_settings_of_the_caller(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every option has a KITCTL_* twin: what CI or a person's shell sets (KITCTL_YES in CI) would answer the tests."""
    for name in [name for name in os.environ if name.startswith("KITCTL_")]:
        monkeypatch.delenv(name)
