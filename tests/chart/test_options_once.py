"""An Airflow option has one home: the chart's environment or airflow.cfg. The environment wins without a word."""

from __future__ import annotations

import re
from configparser import RawConfigParser
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
import yaml

from kitctl.model.option_names import sensitive
from kitctl.render.airflow_cfg import render_cfg
from tests.chart.release import EXAMPLES, STORIES, Release, refusal, render, story


def named_in_file() -> set[str]:
    """Return the options of airflow.cfg as the variables that would replace them."""
    parser = RawConfigParser()
    parser.read_string(render_cfg())
    return {variable(section, key) for section in parser.sections() for key in parser[section]}


def variable(section: str, key: str) -> str:
    return f"AIRFLOW__{section.replace('.', '_').upper()}__{key.upper()}"


def option(name: str) -> str:
    """Return the option that a variable sets: `…_CMD` and `…_SECRET` give it another way."""
    for ending in ("_CMD", "_SECRET"):
        name = name.removesuffix(ending)
    return name


def said(release: Release) -> dict[str, set[str]]:
    """Return the options that the environment of each pod's containers sets, by the pod's owner."""
    return {
        pod.owner: {
            option(entry.name)
            for container in pod.containers
            for entry in container.env or []
            if entry.name.startswith("AIRFLOW__")
        }
        for pod in release.pods
    }


def of_the_user(name: str) -> set[str]:
    """Return the options in `config` of a story: those may replace what the file says."""
    found = next((yaml.safe_load(path.read_text()) for path in EXAMPLES if path.stem == name), {})
    return {variable(section, key) for section, options in found.get("config", {}).items() for key in options}


ALL_VARIABLES = (
    "executors={LocalExecutor,KubernetesExecutor}",
    "dags.loadExamples=true",
    "logs.remote.enabled=true",
    "logs.remote.folder=s3://bucket/logs",
    "logs.level=DEBUG",
    "apiServer.baseUrl=https://example.com/tools/airflow",
    "dags.mode=bundle",
    "dags.bundle.items[0].name=team",
    "dags.bundle.items[0].repo=https://git.example.com/dags.git",
)


AUTH = {"AIRFLOW__CORE__AUTH_MANAGER"}
"""FAB's stands in airflow.cfg; `auth.manager` replaces it by the environment, in every pod."""


@pytest.mark.parametrize("name", STORIES)
def test_no_option_is_said_by_the_environment_and_by_the_file(name: str) -> None:
    file = named_in_file() - of_the_user(name) - (AUTH if name in ("simple-auth", "keycloak") else set())
    assert {owner: found for owner, options in said(story(name)).items() if (found := options & file)} == {}


def test_none_is_said_twice_when_every_value_that_sets_an_option_is_used() -> None:
    everything = render(sets=ALL_VARIABLES)
    assert {owner: found for owner, options in said(everything).items() if (found := options & named_in_file())} == {}


def test_the_walk_sees_options_of_the_scheduler_and_of_worker_pods() -> None:
    found = said(story("defaults"))
    assert "AIRFLOW__KUBERNETES_EXECUTOR__DELETE_WORKER_PODS_ON_FAILURE" in found["Deployment/airflow-scheduler"]
    workers = [options for owner, options in found.items() if owner.startswith("worker/")]
    assert workers
    assert all("AIRFLOW__CORE__EXECUTION_API_SERVER_URL" in options for options in workers)
    assert "AIRFLOW__CORE__AUTH_MANAGER" in named_in_file()


def test_the_users_config_may_replace_what_the_file_says() -> None:
    mine = render(sets=("config.scheduler.orphaned_tasks_check_interval=7",))
    env = {entry.name: entry.value for entry in mine.pod("scheduler").spec.containers[0].env}
    assert env["AIRFLOW__SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL"] == "7"


def test_every_option_that_airflow_calls_sensitive_is_refused() -> None:
    words = refusal(*(f"config.{section}.{key}=x" for section, key in sensitive()))
    named = re.findall(r"^\[config-(?:secret|owned-by-chart)\] config\.(\w+)\.(\w+) ", words, re.MULTILINE)
    assert {("sentry", "sentry_dsn"), ("webserver", "secret_key")} <= set(sensitive())
    assert sorted(named) == sorted(sensitive())


@pytest.mark.parametrize(("section", "key"), [("sentry", "sentry_dsn"), ("secrets", "backend_kwargs")])
def test_what_the_refusal_shows_gives_the_secret_to_every_airflow_pod(section: str, key: str, tmp_path: Path) -> None:
    paste = refusal(f"config.{section}.{key}=x").split("\n\n    ")[1]
    (tmp_path / "values.yaml").write_text(dedent(f"    {paste}").split("\n\n")[0], encoding="utf-8")
    release = render(values=(str(tmp_path / "values.yaml"),))
    pods = [pod for pod in release.pods if any(variable("core", "executor") in names(c) for c in pod.containers)]
    assert {"scheduler", "dag-processor", "worker"} <= {pod.component for pod in pods}
    for pod in pods:
        (main, *_) = pod.containers
        (entry,) = [e for e in main.env if e.name == variable(section, key)]
        assert entry.value_from.secret_key_ref.key == key, pod


def names(container: Any) -> set[str]:
    return {entry.name for entry in container.env or []}
