"""Takes the pictures of the docs (`make screenshots`): the real UI and Flower, after runs that ended well.

It is no part of `make e2e`, which would change files of the checkout. A release with both executors makes the pictures:
the runs of the example are task pods, and those of a DAG of this file are tasks of the Celery worker that Flower shows.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.doors import browser
from tests.e2e.git.stories import SMALL
from tests.e2e.kit import ROOT, Kit, finish, start_run

pytestmark = pytest.mark.timeout(1800)
IMAGES = ROOT / "docs/images"
EXAMPLE = "example_dynamic_mapping"
REPORTS = """
from airflow.sdk import dag, task


@dag(schedule=None, tags=["example"], default_args={"executor": "CeleryExecutor"})
def short_reports():
    @task
    def report(country):
        return f"The report of {country} is ready"

    report.expand(country=["Austria", "Brazil", "Chad", "Denmark", "Ecuador", "Fiji", "Ghana", "Haiti"])


short_reports()
"""
VALUES: dict[str, Any] = {
    **SMALL,
    # The home page shows the health of each component.
    "triggerer": {"resources": {"requests": {"cpu": "50m"}}},
    "executors": ["KubernetesExecutor", "CeleryExecutor"],
    "workers": {
        "resources": {"requests": {"cpu": "50m", "memory": "200Mi"}},
        "celery": {"replicas": 1, "concurrency": 4, "resources": {"requests": {"cpu": "50m"}}},
    },
    "flower": {"enabled": True},
}


@pytest.fixture(scope="module")
def release(kit: Kit, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kit]:
    """A release with the example DAGs, after a green run of two of them."""
    folder = tmp_path_factory.mktemp("pictures")
    shutil.copytree(ROOT / "dags", folder / "dags", ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "dags/short_reports.py").write_text(REPORTS)
    (folder / "values.yaml").write_text(json.dumps(VALUES))
    mine = kit.sibling("pictures", "airflow")
    mine.env = {**kit.env, "KITCTL_NODE_PORT": "30849"}
    mine("up", "--dags", folder / "dags", "-f", folder / "values.yaml", timeout=1500).ok()
    api = mine.api()
    runs = [(dag, start_run(api, dag, timeout=180)) for dag in ("short_reports", EXAMPLE, EXAMPLE)]
    assert {finish(api, dag, run, timeout=400) for dag, run in runs} == {"success"}
    yield mine
    mine("down", "--volumes", timeout=400).ok()


@pytest.fixture(scope="module")
def said(release: Kit) -> dict[str, Any]:
    found: dict[str, Any] = release("credentials", "-o", "json").ok().json
    return found


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser.chromium() as found:
        yield found


@pytest.fixture(scope="module")
def page(said: dict[str, Any], chromium: Browser) -> Page:
    """A page of the first user."""
    found = browser.visit(chromium)
    found.goto(said["url"])
    found.fill("#username", said["username"])
    found.fill("#password", said["password"])
    found.click("[type=submit]")
    expect(found.get_by_role("heading", name="Welcome")).to_be_visible()
    return found


def save(page: Page, name: str) -> None:
    """Save what a browser shows, once nothing is being loaded any more."""
    page.wait_for_load_state("networkidle")
    page.mouse.move(0, 0)
    page.screenshot(path=IMAGES / name, animations="disabled")


def test_the_home_page(page: Page) -> None:
    expect(page.get_by_text("Success").first).to_be_visible()
    save(page, "home.png")


def test_the_grid_and_the_tasks_of_a_run(page: Page, said: dict[str, Any]) -> None:
    page.goto(f"{said['url'].rstrip('/')}/dags/{EXAMPLE}/runs")
    page.locator(f"a[href*='/dags/{EXAMPLE}/runs/']").first.click()
    expect(page.get_by_role("heading", name="6 Task Instances")).to_be_visible()
    save(page, "run.png")


def test_the_log_of_a_task(page: Page) -> None:
    page.locator("a[href*='/runs/'][href*='/tasks/total']").first.click()
    # What the task itself printed is in a group that the page folds.
    expect(page.get_by_text("Returned value was: 30").first).to_be_visible()
    save(page, "task-log.png")


def test_flower(chromium: Browser, said: dict[str, Any], release: Kit) -> None:
    word = {"username": said["flower_username"], "password": said["flower_password"]}
    page = browser.visit(chromium, http_credentials=word)
    url = release("open", "flower", "--print").ok().out.strip().rstrip("/")
    page.goto(f"{url}/tasks")
    expect(page.get_by_text("SUCCESS").first).to_be_visible()
    page.goto(f"{url}/")
    expect(page.get_by_role("link", name=re.compile("celery@")).first).to_be_visible()
    save(page, "flower.png")
