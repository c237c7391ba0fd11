"""Files that a pod reads from a ConfigMap of the chart are new in it at once: the pod starts anew when they change."""

from __future__ import annotations

import pytest

from tests.chart.release import Release, render

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
