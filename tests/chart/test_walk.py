"""A check of many cases lists every case that fails, and is no test if there is no case."""

from __future__ import annotations

import pytest

from tests.chart.walk import walk


def even(number: int) -> None:
    if number == 5:
        raise KeyError("five")
    assert number % 2 == 0, f"{number} is odd"


def test_every_case_that_fails_is_listed_with_its_reason() -> None:
    with pytest.raises(AssertionError) as error:
        walk([1, 2, 3], even)
    assert str(error.value).splitlines()[0] == "2 of 3 cases failed:"
    assert [line.split(":")[0] for line in str(error.value).splitlines() if "is odd" in line] == ["1", "3"]


def test_cases_that_all_hold_are_no_failure() -> None:
    walk([2, 4], even)


def test_another_error_names_its_case() -> None:
    with pytest.raises(KeyError) as error:
        walk([4, 5], even)
    assert error.value.__notes__ == ["while checking 5"]


def test_no_case_is_a_failure() -> None:
    with pytest.raises(AssertionError, match="nothing to check"):
        walk([], even)
