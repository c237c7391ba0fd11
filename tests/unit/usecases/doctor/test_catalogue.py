"""Every check of the catalogue, both ways; the page that lists them."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from kitctl.errors import ExitCode, KitError
from kitctl.model.versions import data_dir
from kitctl.tools.process import run
from kitctl.usecases.doctor.catalogue import GROUPS, Entry, catalogue, known
from kitctl.usecases.doctor.checks.release import keys
from tests.unit.fake_doctor import CASES, Case, World, judge
from tests.unit.usecases.doctor import cases_cluster, cases_host, cases_inside, cases_release, cases_tools

assert cases_cluster
assert cases_host
assert cases_inside
assert cases_release
assert cases_tools

PAGE = Path(__file__).parents[4] / "docs" / "doctor.md"
BY_ID = {entry.id: entry for entry in catalogue()}


@pytest.fixture
def world(fake, monkeypatch, tmp_path) -> World:
    return World(fake, monkeypatch, tmp_path)


@pytest.mark.parametrize("one", CASES, ids=lambda c: f"{c.check}-{c.status}")
def test_it_finds(one: Case, world: World) -> None:
    judge(one, BY_ID[one.check].look(one.make(world)))


@pytest.mark.parametrize("entry", catalogue(), ids=lambda e: e.id)
def test_it_is_seen_to_fire_and_to_be_silent(entry: Entry) -> None:
    seen = {case.status for case in CASES if case.check == entry.id}
    assert "ok" in seen
    assert entry.check.level in seen
    assert not (entry.check.level == "warning" and "error" in seen)


def test_each_case_is_about_a_check_that_exists() -> None:
    assert [case.check for case in CASES if case.check not in BY_ID] == []


def test_ids_are_unique() -> None:
    assert len(BY_ID) == len(catalogue())
    assert {entry.group for entry in catalogue()} == set(GROUPS)


def mending() -> Iterator[tuple[Entry, Case]]:
    for case in CASES:
        entry = BY_ID.get(case.check)
        if entry and entry.mend and case.status in {"warning", "error"} and len(case.words) > 1:
            yield entry, case


@pytest.mark.parametrize(("entry", "one"), list(mending()), ids=lambda v: getattr(v, "id", ""))
def test_a_safe_act_puts_it_right(entry: Entry, one: Case, world: World) -> None:
    facts = one.make(world)
    assert entry.look(facts).status == one.status
    assert entry.mend is not None
    assert entry.mend(facts)
    assert entry.look(facts).status == "ok"


def test_each_safe_act_is_described_and_tried() -> None:
    acting = {entry.id for entry in catalogue() if entry.mend}
    assert {entry.id for entry in catalogue() if entry.check.mends} == acting
    assert {entry.id for entry, _ in mending()} == acting


def test_only_checks_of_the_catalogue_can_be_ignored() -> None:
    assert known(["clock", "clock"]) == {"clock"}
    with pytest.raises(KitError) as caught:
        known(["clok"])
    assert (caught.value.id, caught.value.code) == ("check-unknown", ExitCode.USAGE)
    assert "Did you mean clock?" in caught.value.fix


def row(entry: Entry) -> str:
    """Return a check's line of the page."""
    check = entry.check
    purposes = ", ".join(sorted(purpose.value for purpose in check.purposes))
    cells = (f"`{entry.id}`", check.requires, check.applies, check.level, purposes, f"{check.seconds:.0f} s")
    return f"| {' | '.join(cells)} |"


def test_the_page_lists_the_catalogue() -> None:
    text = PAGE.read_text(encoding="utf-8")
    for group in GROUPS:
        section = text.split(f"\n## {group.capitalize()}\n")[1].split("\n## ")[0]
        shown = [line for line in section.splitlines() if line.startswith("| `")]
        assert shown == [row(entry) for entry in catalogue() if entry.group == group]


def test_the_page_lists_the_safe_acts() -> None:
    section = PAGE.read_text(encoding="utf-8").split("\n## What --fix does\n")[1].split("\n## ")[0]
    shown = [line for line in section.splitlines() if line.startswith("| `")]
    assert shown == [f"| `{entry.id}` | {entry.check.mends} |" for entry in catalogue() if entry.check.mends]


def test_the_program_in_pods_makes_the_fingerprints_that_kitctl_makes(tmp_path: Path) -> None:
    (tmp_path / "fernet-key").write_text("f\n")
    (tmp_path / "..data").mkdir()
    program = data_dir("docker") / "keys" / "fingerprints.py"
    said = json.loads(run([sys.executable, "-I", str(program), "salt", str(tmp_path)]).stdout)
    assert said == {"fernet-key": keys._fingerprint("salt", "f")}
    assert said != {"fernet-key": keys._fingerprint("other", "f")}
    assert "f" not in said.values()
