"""Which pod a command runs in."""

import pytest

from kitctl.errors import ExitCode, KitError
from kitctl.release.components import exec_argv
from kitctl.tools.kube.objects import PART_OF
from tests.unit.fake_release import add_pod, add_release, add_workload, make_release


@pytest.fixture
def argv(fake, monkeypatch):
    monkeypatch.setattr("kitctl.tools.toolbox.tool", lambda name: name)
    add_release(fake)

    def call(component, command=(), *, stdin=True, tty=False):
        return exec_argv(make_release(fake), component, command, stdin=stdin, tty=tty)

    return call


def test_the_main_container_gets_the_command(argv):
    start = [
        "kubectl",
        "--context",
        "test",
        "-n",
        "airflow",
        "exec",
        "-i",
        "airflow-scheduler-0",
        "-c",
        "scheduler",
        "--",
    ]
    assert argv("scheduler", ["airflow", "dags", "list"]) == [*start, "airflow", "dags", "list"]


def test_a_shell_on_a_terminal(argv):
    words = argv("postgres", tty=True)
    assert words[-1] == "bash"
    assert words[5:8] == ["exec", "-i", "-t"]


def test_a_ready_pod_is_preferred_to_a_newer_one_that_is_not(fake, argv):
    newer = "2026-06-01T00:00:00Z"
    add_pod(fake, "scheduler", "airflow-scheduler-1", ready=False, creationTimestamp=newer)
    assert "airflow-scheduler-0" in argv("scheduler")
    add_pod(fake, "scheduler", "airflow-scheduler-2", creationTimestamp=newer)
    assert "airflow-scheduler-2" in argv("scheduler")


def test_a_pod_that_does_not_run_is_told_with_its_reason(fake, argv):
    waiting = {"name": "scheduler", "state": {"waiting": {"reason": "ErrImagePull", "message": "no route"}}}
    add_pod(
        fake,
        "scheduler",
        "airflow-scheduler-0",
        ready=False,
        status={"phase": "Pending", "containerStatuses": [waiting]},
    )
    with pytest.raises(KitError) as raised:
        argv("scheduler")
    assert (raised.value.id, raised.value.code) == ("component-not-running", ExitCode.UNHEALTHY)
    assert "ErrImagePull. no route" in raised.value.cause


def test_no_pod_at_all(fake, argv):
    del fake.objects["/api/v1/namespaces/airflow/pods/airflow-scheduler-0"]
    with pytest.raises(KitError, match="No pod of scheduler"):
        argv("scheduler")


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("webserver", "Did you mean api-server?"),
        ("schedular", "Did you mean scheduler?"),
        ("dag_processor", "Did you mean dag-processor?"),
        ("xyz", "Use one of these."),
    ],
)
def test_a_wrong_component_is_answered_with_the_one_that_was_meant(argv, word, meant):
    with pytest.raises(KitError) as raised:
        argv(word)
    assert raised.value.fix.startswith(meant)


@pytest.mark.parametrize("kind", ["redis", "rabbitmq"])
def test_the_broker_has_the_name_of_its_kind(fake, argv, kind):
    add_workload(fake, kind)
    test_a_wrong_component_is_answered_with_the_one_that_was_meant(argv, "broker", f"Did you mean {kind}?")


def test_a_pod_of_another_charts_release_of_that_name_gets_no_command(fake, argv):
    add_pod(fake, "scheduler", "bitnami-scheduler-0", created="2026-07-12T10:00:00Z")
    del fake.objects["/api/v1/namespaces/airflow/pods/bitnami-scheduler-0"]["metadata"]["labels"][PART_OF]
    assert "airflow-scheduler-0" in argv("scheduler")
