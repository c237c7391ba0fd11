"""Fixtures of the chart tests: each test that asks for `release` runs once for every story."""

from __future__ import annotations

import pytest

from tests.chart.release import STORIES, Release, story


@pytest.fixture(params=STORIES)
def release(request: pytest.FixtureRequest) -> Release:
    """The chart, rendered for one story."""
    return story(request.param)
