"""What an image tells of itself, or why it does not."""

from __future__ import annotations

import json

import pytest

from kitctl.errors import KitError
from kitctl.images import inventory
from kitctl.tools.process import Result
from tests.unit.fake_builder import FakeBuilder


def test_the_report_is_found_among_other_lines(tool: FakeBuilder) -> None:
    report = {"airflow": "3.3.2", "packages": {"a": "1"}, "removed": ["core.x"], "revisions": ["1", "2"]}
    tool.answer = Result(0, f"a warning\nKITCTL-REPORT {json.dumps(report)}\n", "")
    found = inventory.of_image("a:1")
    assert (found.airflow, found.packages, found.removed, found.revisions) == (
        "3.3.2",
        {"a": "1"},
        ("core.x",),
        ("1", "2"),
    )


@pytest.mark.parametrize(
    ("answer", "cause"),
    [
        (Result(1, "", "No module named airflow"), "No module named airflow"),
        (Result(124, "", ""), "It ended with exit code 124"),
    ],
)
def test_an_image_without_an_answer_is_an_error(tool: FakeBuilder, answer: Result, cause: str) -> None:
    tool.answer = answer
    with pytest.raises(KitError) as raised:
        inventory.of_image("a:1")
    assert (raised.value.id, raised.value.cause) == ("inventory-failed", cause)
