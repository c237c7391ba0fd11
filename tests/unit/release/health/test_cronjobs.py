"""The CronJobs of a release in `kitctl status` and `kitctl logs`."""

from datetime import UTC, datetime

import pytest

from kitctl.commands.status import as_text
from kitctl.errors import ExitCode, KitError
from kitctl.release.components import pods_of
from kitctl.release.health.cronjobs import cron_jobs
from kitctl.usecases.logs import Wanted, component_argv
from kitctl.usecases.status import read_status
from tests.unit.fake_release import add_pod, add_release, labels, make_release

NOW = datetime(2026, 3, 14, 15, 9, 26, tzinfo=UTC)


@pytest.fixture(autouse=True)
def kubectl(monkeypatch):
    monkeypatch.setattr("kitctl.tools.toolbox.tool", lambda name: name)


def add_cron(fake, component="clean-logs", *, status=None, **spec):
    meta = {"name": f"airflow-{component}", "labels": labels(component)}
    body = {"schedule": "17 * * * *", **spec}
    fake.add({"apiVersion": "batch/v1", "kind": "CronJob", "metadata": meta, "spec": body, "status": status or {}})


def add_run(fake, name, condition="", created="2026-03-14T14:17:00Z", component="clean-logs"):
    owner = {"kind": "CronJob", "name": f"airflow-{component}", "controller": True}
    meta = {"name": name, "labels": labels(component), "creationTimestamp": created, "ownerReferences": [owner]}
    found = [{"type": condition, "status": "True", "message": "reached backoff limit"}] if condition else []
    fake.add({"apiVersion": "batch/v1", "kind": "Job", "metadata": meta, "status": {"conditions": found}})


@pytest.fixture
def state(fake):
    add_release(fake)

    def look():
        (one,) = cron_jobs(make_release(fake), NOW)
        return one.last_run, one.result, one.message, one.next_run

    return look


def test_one_that_never_ran(fake, state):
    add_cron(fake)
    assert state() == ("", "", "", "2026-03-14T15:17:00Z")


@pytest.mark.parametrize(
    ("condition", "result", "message"),
    [("Complete", "succeeded", ""), ("Failed", "failed", "reached backoff limit"), ("", "running", "")],
)
def test_the_last_run_counts(fake, state, condition, result, message):
    add_cron(fake)
    add_run(fake, "older", "Complete", "2026-03-14T13:17:00Z")
    add_run(fake, "newer", condition)
    add_run(fake, "of-another", "Failed", "2026-03-14T15:00:00Z", component="clean-db")
    assert state() == ("2026-03-14T14:17:00Z", result, message, "2026-03-14T15:17:00Z")


def test_a_suspended_one_is_never_due(fake, state):
    add_cron(fake, suspend=True)
    assert state()[-1] == ""


def test_without_a_history_of_runs_the_cronjob_knows(fake, state):
    add_cron(fake, status={"lastScheduleTime": "2026-03-14T14:17:00Z", "lastSuccessfulTime": "2026-03-14T14:17:09Z"})
    assert state()[:2] == ("2026-03-14T14:17:00Z", "succeeded")


def test_a_failed_run_is_a_warning_and_the_release_stays_healthy(fake):
    add_release(fake)
    add_cron(fake)
    add_run(fake, "one", "Failed")
    release = make_release(fake)
    report = read_status(release)
    assert report.healthy is True
    assert report.problems == ["clean-logs: its last run failed: reached backoff limit; kitctl logs clean-logs"]
    text = as_text(report, release.settings)
    assert "clean-logs  17 * * * *  2026-03-14 14:17 UTC  failed" in text


def test_the_log_of_the_last_run_is_shown(fake):
    add_release(fake)
    add_cron(fake)
    for name, hour in (("airflow-clean-logs-1-x", 13), ("airflow-clean-logs-2-y", 14)):
        created = f"2026-03-14T{hour}:17:00Z"
        add_pod(fake, "clean-logs", name, ready=False, status={"phase": "Succeeded"}, creationTimestamp=created)
    argv = component_argv(make_release(fake), Wanted("clean-logs"))
    assert argv[-4:] == ["airflow-clean-logs-2-y", "--all-containers", "--ignore-errors", "--prefix"]


def test_one_without_a_run_says_how_to_run_it(fake):
    add_release(fake)
    add_cron(fake)
    with pytest.raises(KitError) as raised:
        component_argv(make_release(fake), Wanted("clean-logs"))
    error = raised.value
    assert (error.id, error.code) == ("component-not-running", ExitCode.UNHEALTHY)
    assert "create job --from=cronjob/airflow-clean-logs airflow-clean-logs-now" in error.fix


def test_it_is_a_component_only_where_the_release_has_it(fake):
    add_release(fake)
    with pytest.raises(KitError, match="no component 'clean-logs'"):
        pods_of(make_release(fake), "clean-logs")
