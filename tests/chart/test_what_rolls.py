"""Files that a pod reads from a ConfigMap of the chart are new in it at once: the pod starts anew when they change."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from kitctl.tools.toolbox import tool
from tests.chart.release import CHART, MODES, Release, render

GIT = ("dags.mode=git", "dags.git.repo=https://git.example.com/dags.git")


def templates(release: Release) -> dict[str, object]:
    """Return the pod template of each workload."""
    found = {}
    for document in release.documents:
        if document["kind"] in {"Deployment", "StatefulSet"}:
            found[document["metadata"]["labels"]["app.kubernetes.io/component"]] = document["spec"]["template"]
    return found


def rolled(before: tuple[str, ...], *changes: str) -> set[str]:
    """Return the components whose pods start anew when values change."""
    old, new = templates(render(sets=before)), templates(render(sets=(*before, *changes)))
    assert old.keys() == new.keys()
    return {name for name in old if old[name] != new[name]}


@pytest.mark.parametrize(
    "change",
    [
        "workers.resources.requests.cpu=321m",
        "workers.tmpSizeLimit=3Gi",
        "workers.profiles.gpu.nodeSelector.gpu=yes",
        "workers.templates.mine=kind: Pod\nspec: {containers: [{name: base\\, image: x}]}",
    ],
)
def test_a_new_pod_template_replaces_the_scheduler_and_nothing_else(change: str) -> None:
    assert rolled((), change) == {"scheduler"}


def test_another_commit_reaches_every_pod_that_reads_it_and_the_scheduler_that_launches_such_pods() -> None:
    assert rolled(GIT, "dags.git.ref=v2") == {"dag-processor", "triggerer", "scheduler"}


def test_other_sparse_patterns_reach_git_sync_at_once() -> None:
    old = (*GIT, "dags.git.sparsePaths[0]=a")
    assert rolled(old, "dags.git.sparsePaths[0]=b") == {"dag-processor", "triggerer", "scheduler"}


def test_templates_that_nobody_reads_replace_nothing() -> None:
    assert rolled(("executors={LocalExecutor}",), "workers.tmpSizeLimit=3Gi") == set()


def job(release: Release) -> str:
    """Return the name of the migration's Job, which runs again under another one."""
    return next(j.metadata.name for j in release.all("Job") if "-migrate-" in j.metadata.name)


POOLED = ("pgbouncer.enabled=true",)


@pytest.mark.parametrize(
    "change",
    ["pgbouncer.poolSize=7", "pgbouncer.settings.server_round_robin=on", "pgbouncer.image.tag=1.25.0"],
)
def test_other_sizes_of_the_pool_replace_pgbouncer_alone(change: str) -> None:
    assert rolled(POOLED, change) == {"pgbouncer"}
    old, new = (render(sets=(*POOLED, *more)) for more in ((), (change,)))
    assert job(old) == job(new)


SIMPLE = ("auth.manager=simple",)
CELERY = ("executors[0]=CeleryExecutor", "flower.enabled=true")
ALL = {"api-server", "scheduler", "dag-processor", "triggerer"}
READ: dict[str, tuple[str, set[str], bool]] = {
    "airflow.cfg": ("image", ALL, True),
    "database.py": ("image", ALL, True),
    "database_url.py": ("image", ALL, True),
    "wait_for_database.py": ("image", ALL, True),
    "heartbeat.py": ("image", {"dag-processor", "triggerer"}, False),
    "simple_passwords.py": ("simple", {"api-server"}, False),
    "migrate.py": ("image", set(), True),
    "make_keys.py": ("image", set(), False),
    "kube_api.py": ("image", set(), False),
    "clean_logs.py": ("image", set(), False),
    "clean_database.py": ("image", set(), False),
    "clean_worker_pods.py": ("image", set(), False),
    "celery_alive.py": ("celery", {"celery"}, False),
    "broker_url.py": ("celery", {"scheduler", "celery", "flower"}, False),
    "start_flower.py": ("celery", {"flower"}, False),
    "git_credential.py": ("bundle", {"dag-processor", "triggerer"}, False),
    "airflow_kit_pooler.py": ("pgbouncer", ALL, False),
    "policy/guard.py": ("image", {"api-server", "scheduler"}, False),
    "policy/scope.py": ("image", {"api-server", "scheduler"}, False),
    "policy/redelivery.py": ("celery", {"celery"}, False),
    "policy/operator_pods.py": ("image", {"scheduler"}, False),
}
"""File → DAG mode or executor that has it, components that read it, and whether the migration reads it."""


def test_every_file_of_the_configuration_has_its_readers() -> None:
    files = [path for path in (CHART / "files").rglob("*.py") if path.name != "__init__.py"]
    # Those of the folder objects are read by a Job alone, which has a ConfigMap of its own (test_objects.py).
    names = {path.relative_to(CHART / "files").as_posix() for path in files}
    assert {name for name in names if not name.startswith("objects/")} <= READ.keys() | {"smoke/kit_smoke.py"}


@pytest.mark.parametrize(
    ("option", "again"), [("scheduler.max_tis_per_query=16", False), ("core.parallelism=64", True)]
)
def test_the_migration_runs_again_only_for_options_that_it_may_read(option: str, again: bool) -> None:
    before, after = job(render()), job(render(sets=(f"config.{option}",)))
    assert (before != after) == again


def test_other_local_settings_reach_every_pod_that_runs_airflow() -> None:
    sets = ("executors={CeleryExecutor,KubernetesExecutor}", "flower.enabled=true")
    text = "airflowLocalSettings.text=x = 1"
    assert rolled(sets, text) == {*ALL, "celery"}
    assert rolled((*sets, text), "airflowLocalSettings.text=x = 2") == {*ALL, "celery"}
    assert job(render(sets=(text,))) != job(render(sets=("airflowLocalSettings.text=x = 2",)))


@pytest.mark.parametrize("file", READ)
def test_a_file_restarts_what_reads_it_and_nothing_else(tmp_path: Path, file: str) -> None:
    mode, readers, migrates = READ[file]
    modes = {**MODES, "celery": CELERY, "pgbouncer": POOLED, "simple": SIMPLE}
    sets = [word for pair in modes[mode] for word in ("--set", pair)]

    def rendered(chart: Path) -> Release:
        argv = [str(tool("helm")), "template", "airflow", str(chart), *sets]
        return Release(subprocess.run(argv, capture_output=True, text=True, check=True, timeout=60).stdout)

    changed = tmp_path / "chart"
    shutil.copytree(CHART, changed)
    with (changed / "files" / file).open("a", encoding="utf-8") as text:
        text.write("# a comment\n")
    before, after = rendered(CHART), rendered(changed)
    old, new = templates(before), templates(after)
    assert {name for name in old if old[name] != new[name]} == readers
    assert (job(before) != job(after)) == migrates
