"""When a schedule is due next, as Kubernetes computes it."""

from datetime import UTC, datetime

import pytest

from kitctl.model.cron import next_time

NOW = datetime(2026, 3, 14, 15, 9, 26, tzinfo=UTC)  # a Saturday


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        ("17 * * * *", "2026-03-14 15:17"),
        ("9 * * * *", "2026-03-14 16:09"),
        ("*/30 * * * *", "2026-03-14 15:30"),
        ("5/20 * * * *", "2026-03-14 15:25"),
        ("43 2 * * 0", "2026-03-15 02:43"),
        ("43 2 * * SUN", "2026-03-15 02:43"),
        ("0 0 1 jan *", "2027-01-01 00:00"),
        ("0 12 * * mon-fri", "2026-03-16 12:00"),
        ("0 0 20 * 1", "2026-03-16 00:00"),  # the 20th or a Monday
        ("0 0 */2 * 1", "2026-03-23 00:00"),  # a star with a step is a star: both must hold
        ("0 0 ? * 1", "2026-03-16 00:00"),
        ("1,2,3-5 8-9/1 * * *", "2026-03-15 08:01"),
        ("0 0 29 2 *", "2028-02-29 00:00"),
        ("@hourly", "2026-03-14 16:00"),
        ("@daily", "2026-03-15 00:00"),
        ("@weekly", "2026-03-15 00:00"),
        ("@monthly", "2026-04-01 00:00"),
        ("@yearly", "2027-01-01 00:00"),
    ],
)
def test_the_next_time(schedule, expected):
    assert next_time(schedule, NOW) == datetime.strptime(expected, "%Y-%m-%d %H:%M").replace(tzinfo=UTC)


def test_the_time_zone_counts():
    assert next_time("0 9 * * *", NOW, "Asia/Tokyo") == datetime(2026, 3, 15, 0, 0, tzinfo=UTC)


def test_an_hour_that_the_clock_leaves_out_is_none():
    before = datetime(2026, 3, 28, 12, 0, tzinfo=UTC)  # 2:30 on the 29th does not exist there
    assert next_time("30 2 * * *", before, "Europe/Berlin") == datetime(2026, 3, 30, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize("schedule", ["0 0 30 2 *", "every day", "61 * * * *", "5-1 * * * *", "", "* * * *", "@reboot"])
def test_what_never_comes_or_cannot_be_read_has_none(schedule):
    assert next_time(schedule, NOW) is None


def test_an_unknown_time_zone_has_none():
    assert next_time("@daily", NOW, "Mars/Olympus") is None
