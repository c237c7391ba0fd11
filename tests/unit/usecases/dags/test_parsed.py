"""Waiting until Airflow has read what was pushed."""

from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from kitctl.errors import ExitCode, KitError
from kitctl.usecases.dags.parsed import ERROR_ONLY, Wanted, expected, last_line, wait_parsed, when
from tests.unit.fake_operation import Clock, as_json

NOW = 1_000_000_000.0


def at(seconds: float) -> str:
    from datetime import UTC, datetime  # noqa: PLC0415

    return datetime.fromtimestamp(NOW + seconds, UTC).isoformat().replace("+00:00", "Z")


def dag(dag_id: str, file: str, parsed: float, *, stale: bool = False, took: float = 0.5) -> dict[str, Any]:
    return {
        "dag_id": dag_id,
        "relative_fileloc": file,
        "last_parsed_time": at(parsed),
        "last_parse_duration": took,
        "is_stale": stale,
        "file_token": f"token-{dag_id}",
    }


def error(file: str, seconds: float) -> dict[str, Any]:
    return {
        "filename": file,
        "bundle_name": "dags-folder",
        "timestamp": at(seconds),
        "stack_trace": "Traceback\nNameError: x\n\n",
    }


class FakeApi:
    """Shows one state after the other; the last one stays."""

    def __init__(self, *states: tuple[list[dict[str, Any]], list[dict[str, Any]]]):
        self.states = list(states)
        self.poked: list[str] = []
        self.clock = Clock(self.change)

    def dags(self, **query: Any) -> list[dict[str, Any]]:
        return self.states[0][0]

    def import_errors(self) -> list[dict[str, Any]]:
        return self.states[0][1]

    def call(self, method: str, path: str) -> None:
        self.poked.append(f"{method} {path}")

    def change(self, _: float) -> None:
        if len(self.states) > 1:
            self.states.pop(0)

    def wait(self, wanted: Wanted, limit: float = 60) -> dict[str, Any]:
        told: list[str] = []
        found = wait_parsed(self, wanted, told.append, self.clock.deadline(limit))  # type: ignore[arg-type]
        return {**as_json(found), "told": told, "seconds": self.clock.now}


IDS = {"a.py": {"a"}, "lib.py": set()}


def test_an_older_reading_does_not_count_and_the_processor_is_asked_to_hurry():
    api = FakeApi(([dag("a", "a.py", -5)], []), ([dag("a", "a.py", 2)], []))
    found = api.wait(Wanted(IDS, NOW))
    assert (found["dags"], found["import_errors"], found["seconds"]) == (["a"], [], 1.0)
    assert api.poked == ["PUT /api/v2/parseDagFile/token-a"]


def test_a_reading_that_began_before_the_push_does_not_count():
    api = FakeApi(([dag("a", "a.py", 2, took=3)], []), ([dag("a", "a.py", 9, took=3)], []))
    assert api.wait(Wanted(IDS, NOW))["seconds"] == 1.0


def test_a_new_dag_is_waited_for():
    api = FakeApi(([], []), ([dag("a", "a.py", 1)], []))
    assert api.wait(Wanted(IDS, NOW))["dags"] == ["a"]


def test_a_file_that_does_not_import_is_read_as_well():
    api = FakeApi(([dag("a", "a.py", -5)], [error("a.py", 3)]))
    assert api.wait(Wanted(IDS, NOW))["import_errors"] == [{"file": "a.py", "message": "NameError: x"}]


def test_an_error_of_before_does_not_count():
    api = FakeApi(([], [error("a.py", -3)]), ([dag("a", "a.py", 3)], []))
    assert api.wait(Wanted(IDS, NOW))["import_errors"] == []


def test_what_is_gone_must_become_stale():
    old, new = dag("b", "b.py", -50), dag("b", "b.py", -50, stale=True)
    api = FakeApi(([dag("a", "a.py", 1), old], []), ([dag("a", "a.py", 1), new], []))
    found = api.wait(Wanted(IDS, NOW))
    assert found["dags"] == ["a"]
    assert "b.py" in found["told"][0]


def test_files_of_others_may_stay():
    api = FakeApi(([dag("a", "a.py", 1), dag("b", "b.py", -50)], []))
    assert api.wait(Wanted(IDS, NOW, exact=False))["seconds"] == 0.0


def test_of_a_file_that_did_not_change_an_older_reading_does():
    api = FakeApi(([dag("a", "a.py", -50)], []))
    assert api.wait(Wanted(IDS, NOW, fresh=set()))["dags"] == ["a"]


def test_in_vain_it_tells_which_file_was_not_read():
    with pytest.raises(KitError) as caught:
        FakeApi(([], [])).wait(Wanted(IDS, NOW), limit=3)
    assert (caught.value.id, caught.value.code) == ("dags-not-parsed", ExitCode.TIMEOUT)
    assert "a.py" in caught.value.message
    assert "lib.py" not in caught.value.message


def test_expected_reads_the_ids_of_the_folder(tmp_path: Path):
    (tmp_path / "a.py").write_text("d = DAG('a')\n")
    (tmp_path / "lib.py").write_text("x = 1\n")
    assert expected(tmp_path) == IDS


def test_dags_of_an_archive_are_waited_for_by_the_name_that_airflow_gives_them(tmp_path: Path):
    with ZipFile(tmp_path / "packed.zip", "w") as packed:
        packed.writestr("in_zip.py", "d = DAG('z')\n")
        packed.writestr("lib/helper.py", "d = DAG('no')\n")
    (tmp_path / "broken.zip").write_text("no archive")
    ids = expected(tmp_path)
    assert ids == {"packed.zip/in_zip.py": {"z"}}
    file = "packed.zip/in_zip.py"
    api = FakeApi(([dag("z", file, -5)], []), ([dag("z", file, 2)], []))
    assert api.wait(Wanted(ids, NOW, {"packed.zip"}))["seconds"] == 1.0
    assert FakeApi(([dag("z", file, -5)], [])).wait(Wanted(ids, NOW, {"other.py"}))["dags"] == ["z"]


def test_an_id_of_two_files_is_told_and_not_waited_for_twice():
    ids = {"a.py": {"a"}, "copy.py": {"a"}}
    found = FakeApi(([dag("a", "copy.py", 2)], [])).wait(Wanted(ids, NOW))
    assert found["dags"] == ["a"]
    assert found["told"] == ["the id a is in a.py and copy.py: Airflow runs whichever it read last"]


def test_an_id_that_went_to_another_file_is_waited_for_there():
    ids: dict[str, set[str]] = {"a.py": set(), "b.py": {"a"}}
    api = FakeApi(([dag("a", "a.py", 2)], []), ([dag("a", "b.py", 3)], []))
    assert api.wait(Wanted(ids, NOW))["seconds"] == 1.0


def test_times_and_traces():
    assert when(None) == 0.0
    assert when("2001-09-09T01:46:40Z") == NOW
    assert last_line("") == ""


def test_the_error_of_a_file_that_is_no_python_is_waited_for(tmp_path: Path):
    (tmp_path / "a.py").write_text("d = DAG('a')\n")
    (tmp_path / "broken.py").write_text("from airflow.sdk import DAG\n\nthis is no Python\n")
    (tmp_path / "passed_over.py").write_text("this is no Python\n")
    (tmp_path / "newer.py").write_text("from airflow.sdk import DAG\n\ntype Id = str\nx = {'a': 1}\ny = f'{x['a']}'\n")
    ids = expected(tmp_path)
    assert ids == {"a.py": {"a"}, "broken.py": {ERROR_ONLY}, "passed_over.py": set(), "newer.py": set()}
    read = dag("a", "a.py", 2)
    found = FakeApi(([read], []), ([read], [error("broken.py", 2)])).wait(Wanted(ids, NOW))
    assert (found["seconds"], found["import_errors"]) == (1.0, [{"file": "broken.py", "message": "NameError: x"}])
