"""`kitctl dags check`: what is read, how both views are joined, what is refused."""

import json
import os
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from kitctl.commands.console.report import given
from kitctl.errors import ExitCode, KitError
from kitctl.images import dag_import
from kitctl.images.dag_import import CheckOptions
from kitctl.model.dags.findings import Finding, Severity
from kitctl.model.user_values import UserValues
from kitctl.model.values.dags import DagMode
from kitctl.tools.builders.builder import Mount
from kitctl.tools.process import Result
from kitctl.usecases.dags import check
from tests.unit.fake_operation import as_json

TEXT_ONLY = CheckOptions(import_files=False)


def silent(line: str) -> None:
    """Take a line of progress."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "good.py").write_text("from airflow.sdk import DAG\nd = DAG('good')\n")
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "helper.py").write_text("import airflow.contrib\n")
    (tmp_path / ".airflowignore").write_text("lib/\n")
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "__pycache__" / "x.py").write_text("")
    (tmp_path / "notes.txt").write_text("")
    return tmp_path


def test_reads_python_and_archives_but_not_what_airflowignore_names(folder: Path):
    (folder / "packed.zip").write_bytes(b"")
    assert check.read(folder) == ["good.py", "packed.zip"]


def test_a_clean_folder_is_ok(folder: Path):
    report = check.check(folder, TEXT_ONLY, silent)
    assert as_json(given(report)) == {
        "ok": True,
        "image": "",
        "files": ["good.py"],
        "dags": [{"dag_id": "good", "file": "good.py"}],
        "findings": [],
    }


def test_one_file_of_a_folder_can_be_checked(folder: Path):
    (folder / "bad.py").write_text("import airflow.contrib\n")
    assert check.check(folder / "good.py", TEXT_ONLY, silent).files == ["good.py"]


def test_two_files_with_one_dag_id_are_an_error(folder: Path):
    (folder / "again.py").write_text("from airflow.sdk import DAG\nd = DAG('good')\n")
    report = check.check(folder, TEXT_ONLY, silent)
    assert not report.ok
    assert [(f.file, f.rule) for f in report.findings] == [("good.py", "dag-duplicate-id")]


def test_ruff_tells_what_airflow_3_renamed(folder: Path):
    (folder / "old.py").write_text("from airflow import DAG\nd = DAG('x', schedule_interval='@daily')\n")
    (folder / "pyproject.toml").write_text("[tool.ruff]\nexclude = ['old.py']\n")
    report = check.check(folder, TEXT_ONLY, silent)
    found = {(f.rule, f.line, f.severity) for f in report.findings if f.file == "old.py"}
    assert ("AIR301", 2, Severity.ERROR) in found
    assert not report.ok


def test_a_text_is_read_as_python_reads_it(folder: Path):
    text = "# größer\nfrom airflow.sdk import DAG\nd = DAG('{}')\n"
    (folder / "good.py").unlink()
    (folder / "mark.py").write_bytes(text.format("mark").encode("utf-8-sig"))
    (folder / "ends.py").write_bytes(text.format("ends").replace("\n", "\r\n").encode())
    (folder / "latin.py").write_bytes(b"# -*- coding: latin-1 -*-\n" + text.format("latin").encode("latin-1"))
    report = check.check(folder, TEXT_ONLY, silent)
    assert report.findings == []
    assert [dag.dag_id for dag in report.dags] == ["ends", "latin", "mark"]


@pytest.mark.parametrize("data", [b"# gr\xf6\xdfer\n", b"# -*- coding: klingon -*-\n"])
def test_a_text_that_python_cannot_read_is_an_error(folder: Path, data: bytes):
    (folder / "odd.py").write_bytes(data)
    with ZipFile(folder / "packed.zip", "w") as archive:
        archive.writestr("odd.py", data)
    report = check.check(folder, TEXT_ONLY, silent)
    assert {(f.file, f.rule) for f in report.findings} == {
        ("odd.py", "syntax-error"),
        ("packed.zip/odd.py", "syntax-error"),
    }
    assert not report.ok


@pytest.mark.parametrize("parts", [3000, 30_000])
def test_a_long_expression_hides_nothing_in_other_files(folder: Path, parts: int):
    (folder / "long.py").write_text("x = " + "1 + " * parts + "1\n")
    (folder / "old.py").write_text("from airflow import DAG\nd = DAG('x', schedule_interval='@daily')\n")
    report = check.check(folder, TEXT_ONLY, silent)
    found = {(f.file, f.rule, f.severity) for f in report.findings}
    assert ("long.py", "text-too-deep", Severity.WARNING) in found
    assert ("old.py", "AIR301", Severity.ERROR) in found
    assert "good" in {dag.dag_id for dag in report.dags}


def test_pipes_and_links_that_lead_nowhere_are_no_dag_files(folder: Path):
    os.mkfifo(folder / "pipe.py")
    (folder / "nowhere.py").symlink_to("gone.py")
    assert check.check(folder, TEXT_ONLY, silent).files == ["good.py"]


def test_a_folder_of_thousands_of_files_is_checked(folder: Path):
    for number in range(1200):
        (folder / f"dag_{number:04}.py").write_text(
            f"from airflow import DAG\nd = DAG('d{number}', schedule_interval='@daily')\n"
        )
    report = check.check(folder, TEXT_ONLY, silent)
    assert len(report.files) == 1201
    assert {f.file for f in report.findings} == set(report.files) - {"good.py"}


def test_a_file_that_is_no_dag_file_is_refused(folder: Path):
    with pytest.raises(KitError) as caught:
        check.check(folder / "notes.txt", TEXT_ONLY, silent)
    assert (caught.value.id, caught.value.code) == ("dags-empty", ExitCode.USAGE)


def test_ruff_reads_what_links_point_at(folder: Path, tmp_path_factory: pytest.TempPathFactory):
    shared = tmp_path_factory.mktemp("beside")
    (shared / "old.py").write_text("from airflow import DAG\nd = DAG('old', schedule_interval=None)\n")
    (folder / "linked").symlink_to(shared)
    (folder / "one.py").symlink_to(shared / "old.py")
    found = check.check(folder, TEXT_ONLY, silent).findings
    assert sorted(f.file for f in found if f.rule == "AIR301") == ["linked/old.py", "one.py"]


@pytest.mark.parametrize(("name", "error"), [("absent", "dags-missing"), ("empty", "dags-empty")])
def test_a_folder_that_cannot_be_one_is_a_usage_error(tmp_path: Path, name: str, error: str):
    (tmp_path / "empty").mkdir()
    with pytest.raises(KitError) as caught:
        check.check(tmp_path / name, TEXT_ONLY, silent)
    assert (caught.value.id, caught.value.code) == (error, ExitCode.USAGE)


def found(file: str, line: int, rule: str) -> Finding:
    return Finding(rule, file, line, Severity.ERROR, "")


def test_a_finding_of_the_text_hides_the_same_one_of_the_import():
    joined = check.merge([found("a.py", 3, "x")], [found("a.py", 0, "x"), found("b.py", 0, "x")])
    assert joined == [found("a.py", 3, "x"), found("b.py", 0, "x")]


def test_a_syntax_error_is_told_once():
    joined = check.merge([found("a.py", 3, "syntax-error")], [found("a.py", 3, "dag-import-error")])
    assert joined == [found("a.py", 3, "syntax-error")]


class FakeBuilder:
    """Answers a run as the image would, and remembers what it was asked."""

    name = "fake"

    def __init__(self, stdout: str, code: int = 0):
        self.result = Result(code, stdout, "the reason")
        self.seen: dict[str, Any] = {}

    def image_id(self, reference: str) -> str:
        return "id"

    def run(
        self, reference: str, argv: list[str], *, mounts: list[Mount], env: dict[str, str], timeout: float
    ) -> Result:
        modes = {p.stat().st_mode & 0o777 for m in mounts for p in [m.source, *m.source.rglob("*")]}
        self.seen = {
            "image": reference,
            "argv": argv,
            "targets": [m.target for m in mounts],
            "env": env,
            "modes": modes,
        }
        return self.result


def with_builder(monkeypatch: pytest.MonkeyPatch, stdout: str, code: int = 0) -> FakeBuilder:
    tool = FakeBuilder(stdout, code)
    monkeypatch.setattr(dag_import.builder, "find", lambda: tool)
    return tool


REPORT = {
    "dags": [{"dag_id": "good", "file": "good.py", "tasks": 0}],
    "findings": [
        {
            "rule": "dag-cycle",
            "file": "good.py",
            "line": 0,
            "severity": "error",
            "message": "m",
            "fix": "",
            "detail": "",
        }
    ],
}


def test_the_import_runs_in_the_named_image_on_a_copy_that_any_user_may_read(folder: Path, monkeypatch: Any):
    (folder / "good.py").chmod(0o600)
    tool = with_builder(monkeypatch, f"noise\nKITCTL-REPORT {json.dumps(REPORT)}\nmore\n")
    options = CheckOptions(image="example.com/dags:1", executors=["A", "B"], env={"X": "1"}, jobs=3)
    report = check.check(folder, options, silent)
    assert report.image == tool.seen["image"] == "example.com/dags:1"
    assert as_json(given(report))["dags"] == REPORT["dags"]
    assert [f.rule for f in report.findings] == ["dag-cycle"]
    assert "A,B" in tool.seen["argv"]
    assert tool.seen["env"] == {"X": "1"}
    assert tool.seen["modes"] == {0o755, 0o644}


def test_an_image_that_gives_no_report_is_an_error_with_its_words(folder: Path, monkeypatch: Any):
    with_builder(monkeypatch, "", 127)
    with pytest.raises(KitError) as caught:
        check.check(folder, CheckOptions(image="busybox:1"), silent)
    assert caught.value.id == "dags-check-failed"
    assert caught.value.cause == "the reason"


def against(values: dict[str, Any], **flags: Any) -> CheckOptions:
    given = {"reference": "", "requirements": None, "import_files": True, "executors": "", "jobs": 0} | flags
    return dag_import.against(UserValues(values), **given)


def test_image_executors_and_env_come_from_the_values():
    options = against(
        {
            "image": {"repository": "example.com/a", "tag": 1},
            "executors": ["LocalExecutor"],
            "env": [{"name": "A", "value": "1"}, {"name": "B", "valueFrom": {}}],
        }
    )
    assert (options.image, options.executors) == ("example.com/a:1", ["LocalExecutor"])
    assert options.env == {"A": "1", "AIRFLOW__CORE__EXECUTOR": "LocalExecutor"}


def test_a_digest_wins_over_the_tag_and_flags_win_over_values():
    values = {"image": {"repository": "r", "tag": "t", "digest": "sha256:1"}, "executors": ["LocalExecutor"]}
    assert against(values).image == "r@sha256:1"
    chosen = against(values, reference="mine", executors="A, B")
    assert (chosen.image, chosen.executors) == ("mine", ["A", "B"])


def test_without_values_it_is_the_kits_own_image_and_executor():
    options = against({})
    assert (options.image, options.executors) == ("", ["KubernetesExecutor"])


@pytest.mark.parametrize(
    ("workers", "names"),
    [
        ({}, ()),
        ({"profiles": {"big": {}}, "templates": {"own": ""}}, ("default", "big", "own")),
        ({"profiles": {}}, ("default",)),
    ],
)
def test_the_pod_templates_are_known_where_the_values_name_them(workers: Any, names: tuple[str, ...]):
    assert dag_import._templates(UserValues({"workers": workers})) == names


def test_the_image_is_told_the_pod_templates(folder: Path, monkeypatch: Any):
    tool = with_builder(monkeypatch, f"KITCTL-REPORT {json.dumps(REPORT)}\n")
    check.check(folder, CheckOptions(image="example.com/dags:1", templates=("default", "gpu")), silent)
    argv = tool.seen["argv"]
    assert argv[argv.index("--templates") + 1] == "default,gpu"


def test_archives_are_read_without_an_image(tmp_path: Path):
    with ZipFile(tmp_path / "packed.zip", "w") as packed:
        packed.writestr("good.py", "from airflow.sdk import DAG\nd = DAG('good')\n")
        packed.writestr(
            "old.py", "from airflow import DAG\nimport airflow.contrib\nd = DAG('x', schedule_interval=None)\n"
        )
        packed.writestr("lib/helper.py", "import airflow.contrib\n")
    (tmp_path / "broken.zip").write_text("no archive")
    report = check.check(tmp_path, TEXT_ONLY, silent)
    assert [(dag.dag_id, dag.file) for dag in report.dags] == [
        ("good", "packed.zip/good.py"),
        ("x", "packed.zip/old.py"),
    ]
    assert {(f.file, f.line, f.rule) for f in report.findings} >= {
        ("broken.zip", 0, "archive-unreadable"),
        ("packed.zip/old.py", 2, "import-removed"),
        ("packed.zip/old.py", 3, "AIR301"),
    }
    assert not [f for f in report.findings if "lib/" in f.file]


@pytest.mark.parametrize(
    ("values", "mode", "folder"),
    [
        ({"dags": {"plugins": "/plugins/"}}, DagMode.GIT, "/opt/airflow/dags/repo/plugins"),
        ({"dags": {"plugins": "plugins", "path": "/dags/"}}, DagMode.PVC, "/dags/plugins"),
        ({"config": {"core": {"plugins_folder": "/x"}}}, DagMode.IMAGE, "/x"),
        ({}, DagMode.GIT, None),
    ],
)
def test_the_folder_of_plugins_is_that_of_the_release(values: Any, mode: DagMode, folder: str | None):
    assert UserValues(values, mode).import_env().get("AIRFLOW__CORE__PLUGINS_FOLDER") == folder


@pytest.mark.parametrize(
    ("values", "names"),
    [
        ({}, "KubernetesExecutor"),
        ({"executors": ["CeleryExecutor", "KubernetesExecutor"]}, "CeleryExecutor,KubernetesExecutor"),
        ({"executors": "CeleryExecutor"}, "KubernetesExecutor"),
    ],
)
def test_files_are_imported_with_the_executors_that_their_tasks_may_name(values, names):
    assert UserValues(values).import_env()["AIRFLOW__CORE__EXECUTOR"] == names
