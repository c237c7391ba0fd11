"""Fixtures of the chart tests: each test that asks for `release` runs once for every story."""

from __future__ import annotations

import pytest

from tests.chart.release import STORIES, Release, story


# One group for each story: beside each other, two processes would both render it and make its typed objects.
@pytest.fixture(params=[pytest.param(name, marks=pytest.mark.xdist_group(name)) for name in STORIES])
def release(request: pytest.FixtureRequest) -> Release:
    """The chart, rendered for one story."""
    return story(request.param)
