"""apiServer.databaseConnections: how many connections Airflow's pools of the API server may open."""

from __future__ import annotations

import pytest

from tests.chart.release import Release, render

OPTIONS = {"AIRFLOW__DATABASE__SQL_ALCHEMY_POOL_SIZE", "AIRFLOW__DATABASE__SQL_ALCHEMY_MAX_OVERFLOW"}
HANDLED_AT_ONCE = 40
"""Threads of the API server (AnyIO's default): as many requests may want a connection at the same time."""


def pool(release: Release, component: str = "api-server") -> dict[str, int]:
    env = release.pod(component).spec.containers[0].env
    return {e.name: int(e.value) for e in env if e.name in OPTIONS}


def test_each_request_that_is_handled_finds_a_connection() -> None:
    assert sum(pool(render()).values()) >= 2 * HANDLED_AT_ONCE


@pytest.mark.parametrize("most", [1, 5, 6, 200])
def test_no_more_are_opened(most: int) -> None:
    found = pool(render(sets=(f"apiServer.databaseConnections={most}",)))
    assert set(found) == OPTIONS
    assert sum(found.values()) == most


@pytest.mark.parametrize("component", ["scheduler", "dag-processor", "triggerer"])
def test_the_other_components_keep_what_airflow_has(component: str) -> None:
    assert pool(render(), component) == {}


def test_the_option_of_the_user_wins() -> None:
    found = pool(render(sets=("config.database.sql_alchemy_max_overflow=7",)))
    assert found["AIRFLOW__DATABASE__SQL_ALCHEMY_MAX_OVERFLOW"] == 7
