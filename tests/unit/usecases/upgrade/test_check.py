"""The verdict of `kitctl upgrade-check`: all areas are looked at, then one answer."""

import pytest

from kitctl.errors import ExitCode, KitError
from kitctl.model.settings import Settings
from kitctl.model.upgrade.findings import Finding, area, unchecked
from kitctl.usecases.upgrade import check as story
from tests.unit.fake_operation import Steps, as_json
from tests.unit.usecases.upgrade.test_areas import AWAY, Wish, facts

AREAS = [
    "version",
    "values",
    "options",
    "dag-rules",
    "image",
    "dag-imports",
    "packages",
    "database",
    "kubernetes",
    "helm",
]


@pytest.fixture
def known(monkeypatch):
    """Let the story take facts that are known already."""

    def use(wish=None, **more):
        wish = wish or Wish("3.3.2")
        found = facts(wish=wish, **more)
        monkeypatch.setattr(story, "Facts", lambda *_: found)
        return as_json(story.check(Settings(), wish, Steps()))

    return use


def test_all_areas_are_in_the_report_also_after_an_error(known):
    report = known(user={"airflowVersion": "3.2.2", "config": {"core": {"leaving": 1}}})
    assert [area["name"] for area in report["areas"]] == AREAS
    assert (report["ok"], report["complete"]) == (False, False)
    assert (report["current"], report["current_from"], report["target"]) == ("3.2.2", "The values name", "3.3.2")
    assert len(report["packages"]) == 4


def test_warnings_and_what_was_not_checked_forbid_it_only_with_strict(known):
    loose = known(user={"airflowVersion": "3.2.2"}, old=AWAY)
    assert (loose["ok"], loose["complete"]) == (True, False)
    assert known(Wish("3.3.2", strict=True), user={"airflowVersion": "3.2.2"}, old=AWAY)["ok"] is False
    warned = [area("packages", "", [Finding("package-major", "warning", "", "")])]
    for areas in (warned, [unchecked("database", "")]):
        assert [story._ok(areas, strict=strict) for strict in (False, True)] == [True, False]
    assert story._ok([area("helm", "")], strict=True) is True


def test_a_downgrade_ends_it_before_anything_is_built(known):
    with pytest.raises(KitError) as raised:
        known(user={"airflowVersion": "3.4.0"}, image=AWAY)
    assert (raised.value.id, raised.value.code) == ("upgrade-is-downgrade", ExitCode.USAGE)
