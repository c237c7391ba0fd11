"""What a killed `up` leaves behind is taken away, and what may still live is not."""

import pytest

from kitctl.errors import KitError
from kitctl.release.cleanup import pending
from tests.unit.fake_operation import Clock, operation


def nobody(question):
    raise KitError("confirmation-needed", question)


def unlock(fake, ask=nobody, clock=None):
    """Return the newest record after the dead ones are gone."""

    def never(_):
        raise AssertionError("slept")

    op = operation(fake, ask=ask, clock=clock or Clock(never))
    history = pending.settle(op)
    pending.forget(op, history)
    return history.newest


def names(fake):
    return sorted(path.rpartition("/")[2] for path in fake.objects)


def test_a_healthy_release_is_left_alone(fake):
    fake.add_record("deployed", revision=3)
    assert unlock(fake).revision == 3
    assert fake.writes == []


def test_no_release_is_no_error(fake):
    assert unlock(fake) is None


@pytest.mark.parametrize("status", ["pending-install", "pending-upgrade", "pending-rollback", "uninstalling"])
def test_our_own_dead_operation_is_forgotten(fake, status):
    fake.add_record("superseded", revision=1, age=900)
    fake.add_record("deployed", revision=2, age=800)
    fake.add_record(status, revision=3, age=pending.SETTLE + 5)
    assert unlock(fake).revision == 2
    assert names(fake) == ["sh.helm.release.v1.airflow.v1", "sh.helm.release.v1.airflow.v2"]


def test_several_dead_operations_are_forgotten_together_and_none_before_all_is_known(fake):
    fake.add_record("deployed", revision=1, age=900)
    for revision in (2, 3):
        fake.add_record("pending-upgrade", revision=revision, age=pending.SETTLE + 5)
    history = pending.settle(operation(fake))
    assert fake.writes == []
    assert ([r.revision for r in history.living], [r.revision for r in history.dead]) == ([1], [2, 3])


def test_our_own_young_operation_may_end_by_itself(fake):
    path = fake.add_record("pending-install", age=1)

    def change(_):
        fake.objects[path]["metadata"]["labels"]["status"] = "deployed"

    clock = Clock(change)
    assert unlock(fake, clock=clock).status == "deployed"
    assert clock.waits == [1.0]
    assert fake.writes == []


def test_a_young_operation_of_another_tool_is_not_touched(fake):
    fake.add_record("pending-upgrade", age=60, ours=False)
    with pytest.raises(KitError) as raised:
        unlock(fake)
    assert raised.value.id == "release-busy"
    assert fake.writes == []


def test_unless_the_user_knows_that_it_is_dead(fake):
    fake.add_record("pending-upgrade", age=60, ours=False)
    assert unlock(fake, ask=lambda _: True) is None
    assert names(fake) == []


def test_an_old_operation_of_another_tool_is_dead(fake):
    fake.add_record("pending-install", age=pending.FOREIGN + 10, ours=False)
    assert unlock(fake) is None
    assert names(fake) == []


def test_a_dead_operation_of_another_chart_is_none_of_our_business(fake):
    fake.add_record("pending-install", age=pending.FOREIGN + 10, ours=False, manifest="kind: Deployment")
    assert unlock(fake).status == "pending-install"
    assert fake.writes == []
