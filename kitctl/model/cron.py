"""Cron schedules as Kubernetes reads them: five fields or a word such as @daily; see `Schedule` in the values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

_WORDS = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_DAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]
_RANGES = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 6))
_YEARS = 8
"""The 29th of February may be that far away."""


@dataclass(frozen=True)
class _Field:
    """The numbers of one field, and whether it is * or ?, with or without a step."""

    numbers: frozenset[int]
    star: bool


def next_time(schedule: str, after: datetime, zone: str = "") -> datetime | None:
    """Return when a schedule is due next, in UTC; None if it never is, or cannot be read.

    Args:
        schedule: A schedule of a CronJob.
        after: A time with a time zone.
        zone: Name of a time zone; "" means UTC, which clusters usually have.
    """
    try:
        minute, hour, day, month, weekday = _fields(schedule)
        place: tzinfo = ZoneInfo(zone) if zone else UTC
    except (ValueError, KeyError, OSError):
        return None
    start = after.astimezone(place)
    for days in range(366 * _YEARS):
        date = start.date() + timedelta(days=days)
        in_month, in_week = date.day in day.numbers, date.isoweekday() % 7 in weekday.numbers
        # If both name days, either of them will do.
        fits = in_month and in_week if day.star or weekday.star else in_month or in_week
        if date.month not in month.numbers or not fits:
            continue
        for at_hour in sorted(hour.numbers):
            for at_minute in sorted(minute.numbers):
                found = datetime(date.year, date.month, date.day, at_hour, at_minute, tzinfo=place).astimezone(UTC)
                # An hour that the clock leaves out in spring has no such time.
                if found > after and found.astimezone(place).hour == at_hour:
                    return found
    return None


def _fields(schedule: str) -> list[_Field]:
    words = _WORDS.get(schedule, schedule).lower().split()
    if len(words) != len(_RANGES):
        raise ValueError(schedule)
    names: tuple[list[str], ...] = ([], [], [], ["", *_MONTHS], _DAYS)
    return [_field(word, least, most, known) for word, (least, most), known in zip(words, _RANGES, names, strict=True)]


def _field(text: str, least: int, most: int, names: list[str]) -> _Field:
    found: set[int] = set()
    star = False
    for part in text.split(","):
        span, _, step = part.partition("/")
        first, _, last = span.partition("-")
        if first in ("*", "?"):
            low, high, star = least, most, True
        else:
            low = _number(first, names)
            high = _number(last, names) if last else most if step else low
        if not least <= low <= high <= most:
            raise ValueError(text)
        found |= set(range(low, high + 1, int(step or 1)))
    return _Field(frozenset(found), star)


def _number(text: str, names: list[str]) -> int:
    return names.index(text) if text in names else int(text)
