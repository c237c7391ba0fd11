"""The CronJobs that delete what is old: where the logs are, which schedules there are, and what is refused."""

from __future__ import annotations

import re

import pytest

from kitctl.model.values import _patterns
from tests.chart.release import refusal, render, template
from tests.unit.model.test_cron import test_the_next_time

HYBRID = (
    "executors={KubernetesExecutor,CeleryExecutor}",
    "logs.persistence.subPath=team/logs",
    "workers.profiles.big.nodeSelector.a=b",
)
SHARE_LOGS = {"api-server", "triggerer", "worker", "celery", "clean-logs"}


def test_every_pod_with_the_claim_of_the_logs_has_the_same_folder() -> None:
    found = {}
    for pod in render(sets=HYBRID).pods:
        claims = {v.name for v in pod.spec.volumes if v.persistent_volume_claim}
        mounts = [m for c in pod.containers for m in c.volume_mounts if m.name in claims & {"logs", "log-claim"}]
        found |= {pod.owner: (pod.component, {m.sub_path for m in mounts})} if mounts else {}
    assert {component for component, _ in found.values()} == SHARE_LOGS
    assert {owner for owner, (_, folders) in found.items() if folders != {"team/logs"}} == set()
    assert "worker/big" in found


def test_a_folder_that_is_not_shared_has_no_name() -> None:
    """The scheduler writes its own logs to a directory of its pod."""
    (mount,) = [m for m in render(sets=HYBRID).pod("scheduler").containers[-1].volume_mounts if m.name == "logs"]
    assert mount.sub_path is None


SCHEDULES = [mark.args[1] for mark in test_the_next_time.pytestmark if mark.name == "parametrize"]


@pytest.mark.parametrize("schedule", [schedule for schedule, _ in SCHEDULES[0]])
def test_a_schedule_that_kubernetes_takes_is_taken(schedule: str) -> None:
    assert re.fullmatch(_patterns.CRON, schedule)


@pytest.mark.parametrize(
    "schedule",
    [
        "every day",
        "61 * * * *",
        "* 24 * * *",
        "* * 0 * *",
        "* * * 13 *",
        "* * * * 7",
        "* * * *",
        "* * * * * *",
        "@reboot",
        "TZ=UTC * * * * *",
        "* * * * */0",
        "",
        "@every 1h",
    ],
)
def test_any_other_is_refused_with_an_example(schedule: str) -> None:
    assert not re.fullmatch(_patterns.CRON, schedule)
    done = template(sets=(f"databaseCleanup.schedule={schedule}",))
    assert done.returncode != 0
    assert "a cron schedule such as 17 * * * *" in done.stderr


@pytest.mark.parametrize(
    ("sets", "words"),
    [
        (("databaseCleanup.schedule=30 4 * * fri-mon",), "[schedule-range-backwards] databaseCleanup.schedule"),
        (("workers.cleanup.schedule=50-10 * * * *",), "the range 50-10 ends before it starts"),
        (("logs.persistence.retention.maxSize=6Gi",), "[retention-larger-than-claim]"),
        (("logs.persistence.retention.days=0",), "logs"),
        (("databaseCleanup.retentionDays=0",), "databaseCleanup"),
        (
            ("logs.persistence.enabled=false", "logs.persistence.retention.enabled=true"),
            "[retention-without-claim]",
        ),
        (
            (
                "logs.persistence.existingClaim=mine",
                "logs.persistence.retention.enabled=true",
                "logs.persistence.retention.days=null",
            ),
            "[retention-without-limit]",
        ),
        (("executors={CeleryExecutor}", "workers.cleanup.enabled=true"), "[cleanup-without-worker-pods]"),
    ],
)
def test_bad_input_is_refused(sets: tuple[str, ...], words: str) -> None:
    assert words in refusal(*sets)


def test_a_range_in_order_is_taken() -> None:
    assert template(sets=("databaseCleanup.schedule=0 1-23/2 * jan-mar mon-fri",)).returncode == 0
