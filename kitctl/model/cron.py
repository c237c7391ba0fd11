"""Cron schedules as Kubernetes reads them: five fields or a word such as @daily; see `Schedule` in the values."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

_WORDS = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}


def next_time(schedule: str, after: datetime, zone: str = "") -> datetime | None:
    """Return when a schedule is due next, in UTC; None if it never is, or cannot be read.

    Args:
        schedule: A schedule of a CronJob.
        after: A time with a time zone.
        zone: Name of a time zone; "" means UTC, which clusters usually have.
    """
    try:
        place: tzinfo = ZoneInfo(zone) if zone else UTC
        # Without a zone, since Kubernetes skips a time that the clock leaves out in spring, where cron moves it.
        times = CronSim(_WORDS.get(schedule, schedule).replace("?", "*"), after.astimezone(place).replace(tzinfo=None))
    except (CronSimError, ValueError, KeyError, OSError):
        return None
    for local in times:
        found = local.replace(tzinfo=place).astimezone(UTC)
        if found > after and found.astimezone(place).replace(tzinfo=None) == local:
            return found
    return None
