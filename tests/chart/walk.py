"""Makes one test of a check over many renders: it walks them all and lists each that fails, with the reason."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import update_wrapper
from typing import TypeVar

from tests.chart.release import STORIES, Release, story

T = TypeVar("T")


def walk(cases: Iterable[T], check: Callable[[T], None]) -> None:
    """Check each case and fail once, with a line for each case that does not hold.

    Args:
        cases: What to check; its text names it in the failure.
        check: Raises AssertionError for a case that does not hold. Any other error ends the walk and names its case.
    """
    failures = []
    count = 0
    for count, case in enumerate(cases, 1):  # noqa: B007 - how many there were
        try:
            check(case)
        except AssertionError as error:
            failures.append(f"{case}: {error}")
        except Exception as error:
            error.add_note(f"while checking {case}")
            raise
    assert count, "there was nothing to check"
    assert not failures, f"{len(failures)} of {count} cases failed:\n" + "\n".join(failures)


def every_story(check: Callable[[Release], None]) -> Callable[[], None]:
    """Turn a check of one render into a test of all stories (tests/chart/release.py)."""

    def test() -> None:
        walk(STORIES, lambda name: check(story(name)))

    update_wrapper(test, check)
    # pytest reads the signature of what is wrapped, and would look for a fixture `release`.
    del test.__wrapped__  # type: ignore[attr-defined]
    return test
