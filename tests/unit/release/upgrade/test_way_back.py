"""An upgrade that does not become ready says what it means for tasks, and how to go back."""

import pytest
import yaml

from kitctl.errors import ExitCode, KitError
from kitctl.model.settings import Settings
from kitctl.release.upgrade import way_back
from kitctl.tools.helm.records import records
from tests.unit.fake_operation import operation
from tests.unit.fake_release import add_pod, add_workload

BROKEN = KitError("container-crashes", "It crashes", cause="said so", fix="look", code=ExitCode.UNHEALTHY)


def objects(version="3.3.2"):
    labels = {"app.kubernetes.io/part-of": "airflow-kit", "app.kubernetes.io/version": version}
    return [{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "airflow-config", "labels": labels}}]


class Helm:
    def __init__(self):
        self.back = []

    def rollback(self, release, namespace, revision):
        self.back.append((release, namespace, revision))


def nobody(_):
    raise KitError("confirmation-needed", "?")


@pytest.fixture
def told(fake):
    fake.add_record("deployed", revision=3, manifest=yaml.safe_dump_all(objects()))
    add_workload(fake, "scheduler", ready=0)
    fake.helm = Helm()

    def explain(error=BROKEN, *, ask=nobody, settings=None, new="3.3.2", before="?"):
        op = operation(fake, settings, ask=ask)
        op.__dict__["helm"] = fake.helm
        known = records(fake.kube, "airflow", "airflow")[-1] if before == "?" else before
        return way_back.explained(op, known, objects(new), error)

    return explain


def test_scheduling_that_stopped_is_told_with_the_command_that_goes_back(fake, told):
    error = told()
    assert (error.id, error.code) == ("container-crashes", ExitCode.UNHEALTHY)
    assert "Scheduling has stopped" in error.cause
    assert error.cause.startswith("said so\n")
    assert error.fix.startswith("helm -n airflow rollback airflow 3    #")
    assert error.fix.endswith("\nlook")
    assert fake.helm.back == []


def test_whoever_can_answer_is_offered_it(fake, told):
    asked = []
    error = told(ask=lambda question: asked.append(question) or True)
    assert "revision 3" in asked[0]
    assert fake.helm.back == [("airflow", "airflow", 3)]
    assert "went back to revision 3" in error.cause
    assert error.code == ExitCode.UNHEALTHY


def test_a_no_goes_nowhere(fake, told):
    assert "rollback airflow 3" in told(ask=lambda _: False).fix
    assert fake.helm.back == []


def test_yes_was_said_to_the_upgrade_and_not_to_its_end(fake, told):
    told(ask=lambda _: True, settings=Settings(yes=True))
    assert fake.helm.back == []


def test_a_scheduler_that_runs_is_nothing_to_tell(fake, told):
    add_pod(fake, "scheduler", "airflow-scheduler-old")
    assert told() is BROKEN


def test_an_install_has_no_way_back(told):
    assert told(before=None) is BROKEN


def test_another_airflow_may_have_migrated_the_database(fake, told):
    error = told(new="3.4.0", ask=lambda _: True)
    assert fake.helm.back == []
    assert "from Airflow 3.4.0 to 3.3.2 may also need the backup" in error.cause


def test_another_error_stays_as_it_is(told):
    error = KitError("forbidden", "no", code=ExitCode.PREFLIGHT)
    assert told(error) is error
