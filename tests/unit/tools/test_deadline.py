"""What is left of an operation's time, and waiting within it."""

from tests.unit.fake_operation import Clock


def test_it_looks_until_something_is_seen():
    clock, looks = Clock(), iter([None, None, "there"])
    assert clock.deadline(10).until(lambda: next(looks), every=2.0) == "there"
    assert clock.waits == [2.0, 2.0]


def test_false_is_an_answer():
    assert Clock().deadline(10).until(lambda: False) is False


def test_it_looks_once_more_when_the_time_is_over():
    clock, seen = Clock(), []
    assert clock.deadline(5).until(lambda: seen.append(clock.now), every=2.0) is None
    assert seen == [0.0, 2.0, 4.0, 5.0]


def test_without_any_time_it_looks_once():
    seen = []
    assert Clock().deadline(0).until(lambda: seen.append(1)) is None
    assert seen == [1]


def test_what_is_left():
    clock = Clock()
    deadline = clock.deadline(10)
    clock.now = 4.0
    assert deadline.left() == 6.0
    assert deadline.left(at_least=30.0) == 30.0
    assert not deadline.over
    clock.now = 12.0
    assert deadline.left() == 0.0
    assert deadline.over


def test_a_step_ends_no_later_than_the_operation():
    clock = Clock()
    deadline = clock.deadline(10)
    assert deadline.sooner(3).left() == 3.0
    clock.now = 8.0
    assert deadline.sooner(3).left() == 2.0


def test_a_stopped_clock_does_not_count():
    clock = Clock()
    deadline = clock.deadline(10)
    with deadline.stopped():
        clock.now = 100.0
    assert deadline.left() == 10.0


def test_a_pause_ends_with_the_operation():
    clock = Clock()
    clock.deadline(1.5).pause(4.0)
    assert clock.waits == [1.5]
