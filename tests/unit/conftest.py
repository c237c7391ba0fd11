"""Shared by the unit tests: a Kubernetes API that lives in memory."""

import pytest

from tests.unit.fake_kube import FakeKube


@pytest.fixture
def fake() -> FakeKube:
    return FakeKube()
