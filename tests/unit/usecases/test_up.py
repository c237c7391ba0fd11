"""The end of `up`: what it waits for, and what it tells."""

import pytest

from kitctl.errors import ExitCode, KitError
from kitctl.usecases import up
from tests.unit.fake_operation import Clock, operation
from tests.unit.fake_release import VALUES, add_release, make_release


@pytest.fixture
def release(fake):
    add_release(fake)
    return lambda values=VALUES: make_release(fake, values=values)


def test_a_password_that_is_not_there_is_not_told(fake, release):
    assert up._password(release()) == "p$%ä"
    del fake.objects["/api/v1/namespaces/airflow/secrets/airflow-keys"]
    assert up._password(release()) is None


def test_a_password_that_cannot_be_read_is_an_error(release):
    with pytest.raises(KitError) as raised:
        up._password(release(KitError("forbidden", "no secrets for you")))
    assert raised.value.id == "forbidden"


class Api:
    """Answers health in turn; the last answer stays."""

    def __init__(self, *answers):
        self.answers = list(answers)

    def health(self):
        statuses = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        parts = ("metadatabase", "scheduler", "triggerer", "dag_processor")
        return {part: {"status": status} for part, status in zip(parts, statuses, strict=True)}


def test_health_is_waited_for_until_every_part_that_runs_has_a_heartbeat(fake):
    add_release(fake)
    bad, young = ["unhealthy"] * 4, ["healthy", "healthy", None, None]
    api, clock = Api(bad, young, ["healthy", "healthy", "healthy", "healthy"]), Clock()
    op = operation(fake, clock=clock)
    up._healthy(op, api)
    assert op.steps.notes == ["waiting for " + words for words in WAITED] + ["every component that runs is healthy"]
    assert clock.now == 1.0


WAITED = ("dag-processor, metadatabase, scheduler, triggerer", "dag-processor, triggerer")


def test_a_part_that_stays_silent_is_named_when_the_time_is_over(fake):
    add_release(fake)
    api = Api(["healthy", "unhealthy", "healthy", "healthy"])
    with pytest.raises(KitError) as raised:
        up._healthy(operation(fake), api)
    assert (raised.value.id, raised.value.code) == ("airflow-unhealthy", ExitCode.TIMEOUT)
    assert "scheduler" in raised.value.message


@pytest.mark.parametrize("off", ["gone", "scaled to 0"])
def test_a_triggerer_that_was_switched_off_is_not_waited_for(fake, off):
    """Airflow remembers its last heartbeat, and calls it unhealthy for ever."""
    add_release(fake)
    (path,) = (path for path in fake.objects if path.endswith("deployments/airflow-triggerer"))
    if off == "gone":
        del fake.objects[path]
    else:
        fake.objects[path]["spec"]["replicas"] = 0
    clock = Clock()
    up._healthy(operation(fake, clock=clock), Api(["healthy", "healthy", "unhealthy", "healthy"]))
    assert clock.now == 0.0
