"""`kitctl init`: a project that its own tools accept, in any folder, and nothing is overwritten."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from kitctl.commands.options import every, project
from kitctl.errors import KitError
from kitctl.images.dag_import import CheckOptions
from kitctl.model import names, project_file
from kitctl.model.values.dags import DagMode
from kitctl.model.values.root import Values
from kitctl.render.project import Ci
from kitctl.usecases import init as use_case
from kitctl.usecases.dags import check
from kitctl.usecases.init import NewProject, init, name_of, pip_source
from tests.unit.commands.test_tree import TREE

SOURCE = f"git+https://git.example.com/platform/tools/airflow-kit@{'0' * 40}"
REPO = "https://example.com/team/dags.git"
KINDS = [(mode, ci) for mode in DagMode for ci in Ci]
BIN = Path(sys.executable).parent


@pytest.fixture(params=["", SOURCE], ids=["unknown source", "source"])
def source(request, monkeypatch):
    monkeypatch.setattr(use_case, "kitctl_source", lambda: request.param)
    return request.param


@pytest.fixture
def made(tmp_path):
    """Write a project; returns its folder."""

    def write(mode=DagMode.IMAGE, ci=Ci.GITHUB, folder="etl", **more):
        found = init(NewProject(tmp_path / folder, mode=mode, git_repo=REPO, ci=ci, **more), dry_run=False)
        assert not found.kept
        return tmp_path / folder

    return write


def ran(*argv, cwd):
    done = subprocess.run([str(BIN / argv[0]), *argv[1:]], cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def workflow(folder):
    """The workflow of a project, and the scripts in it."""
    path = next(
        folder / name for name in (".github/workflows/airflow.yaml", ".gitlab-ci.yml") if (folder / name).exists()
    )
    document = yaml.safe_load(path.read_text())
    if "jobs" in document:
        steps = [step for job in document["jobs"].values() for step in job["steps"]]
        return document, [step["run"] for step in steps if "run" in step]
    jobs = [{**document.get(document[name].get("extends"), {}), **document[name]} for name in document["stages"]]
    return document, ["\n".join([*job.get("before_script", []), *job["script"]]) for job in jobs]


@pytest.mark.parametrize(("mode", "ci"), KINDS)
def test_linters_with_their_own_defaults_accept_each_file(made, monkeypatch, mode, ci):
    monkeypatch.setattr(use_case, "kitctl_source", lambda: SOURCE if mode is DagMode.IMAGE else "")
    folder = made(mode, ci)
    texts = {path: path.read_text() for path in folder.rglob("*") if path.is_file()}
    assert [
        path for path, text in texts.items() if re.search(r"\[[=%#] | [=%#]\]", text) or not text.endswith("\n")
    ] == []
    ran("yamllint", "--strict", "-d", "default", ".", cwd=folder)
    ran("ruff", "check", "--isolated", "--no-cache", ".", cwd=folder)
    ran("ruff", "format", "--isolated", "--no-cache", "--check", ".", cwd=folder)


@pytest.mark.parametrize("mode", DagMode)
def test_kitctl_accepts_its_own_file_in_each_environment(made, mode):
    file = project_file.read(made(mode) / "kitctl.yaml")
    every.judge(file)
    assert list(file.environments) == ["dev", "prod"]
    for environment in file.environments:
        found = {key: setting.value for key, setting in project.settings(file, environment).items()}
        assert (found["release"], found["namespace"], found["dag-mode"]) == ("etl", "etl", mode.value)
    assert file.default is not None
    assert file.default.value == "dev"


@pytest.mark.parametrize("mode", DagMode)
def test_the_values_are_values_of_the_chart_and_name_the_repository(made, mode):
    text = (made(mode) / "values.yaml").read_text()
    Values.model_validate(yaml.safe_load(text))
    assert (REPO in text) is (mode in {DagMode.GIT, DagMode.BUNDLE})


def test_the_example_has_no_findings(made):
    report = check.check(made() / "dags", CheckOptions(import_files=False), lambda line: None)
    assert (report.files, report.findings) == (["example_sales.py"], [])


@pytest.mark.parametrize("ci", [Ci.GITHUB, Ci.GITLAB])
@pytest.mark.parametrize("mode", DagMode)
def test_a_workflow_checks_then_deploys_what_its_mode_needs(made, source, mode, ci):
    document, scripts = workflow(made(mode, ci))
    text = "\n".join(scripts)
    assert re.search(r"dags check( --no-image)? --strict", text)
    assert "pytest" in text
    assert re.search(r"^kitctl deploy", text, re.MULTILINE)
    assert ("kitctl image build" in text) is (mode is DagMode.IMAGE)
    assert ("kitctl dags push" in text) is (mode is DagMode.PVC)
    assert (source in str(document)) or not source
    for script in scripts:
        done = subprocess.run(
            [str(BIN / "shellcheck"), "--shell=sh", "-"], input=script, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("ci", [Ci.GITHUB, Ci.GITLAB])
def test_secrets_reach_no_command_line(made, ci):
    _, scripts = workflow(made(ci=ci))
    # Commands of the shell itself have no command line that others on the machine could read.
    secret = re.compile(r"^(?!\s*(?:printf|\[) ).*\$\{?[A-Z_]*(PASSWORD|KUBECONFIG_TEXT)", re.MULTILINE)
    assert [script for script in scripts if secret.search(script)] == []
    assert any("--password-stdin" in script for script in scripts)


def test_the_options_in_the_workflow_exist(made):
    known = {path: {name for p in command.params for name in p.opts} for path, command in TREE}
    for ci in (Ci.GITHUB, Ci.GITLAB):
        for mode in DagMode:
            text = "\n".join(workflow(made(mode, ci, folder=f"{ci}-{mode}"))[1])
            for words in re.findall(r"\bkitctl\"? ((?:image build|image push|dags check|dags push|deploy)\b.*)", text):
                path = tuple(words.split()[: 1 if words.startswith("deploy") else 2])
                used = set(re.findall(r"(?<=\s)--?[a-z][a-z-]*", words))
                assert used <= known[path] | {"--no-image"}, words


def test_without_ci_there_is_no_workflow(made):
    folder = made(ci=Ci.NONE)
    assert not (folder / ".github").exists()
    assert not (folder / ".gitlab-ci.yml").exists()


def test_what_is_there_stays(tmp_path):
    (tmp_path / "dags").mkdir()
    (tmp_path / "kitctl.yaml").write_text("release: mine\n")
    (tmp_path / "values.yaml").symlink_to("nowhere")
    found = init(NewProject(tmp_path), dry_run=False)
    assert found.kept == ["kitctl.yaml", "values.yaml"]
    assert "dags/example_sales.py" in found.created
    assert (tmp_path / "kitctl.yaml").read_text() == "release: mine\n"
    assert not (tmp_path / "nowhere").exists()
    again = init(NewProject(tmp_path), dry_run=False)
    assert (again.created, sorted(again.kept)) == ([], sorted([*found.created, *found.kept]))


def contents(folder):
    return sorted(path.relative_to(folder) for path in folder.rglob("*"))


@pytest.mark.parametrize("taken", ["dags", "tests", ".github", ".github/workflows"])
def test_a_file_in_the_way_of_a_folder_ends_it_before_anything_is_written(tmp_path, taken):
    (tmp_path / taken).parent.mkdir(exist_ok=True)
    (tmp_path / taken).write_text("mine")
    before = contents(tmp_path)
    with pytest.raises(KitError) as error:
        init(NewProject(tmp_path), dry_run=False)
    assert (error.value.id, int(error.value.code)) == ("init-path-taken", 2)
    assert str(tmp_path / taken) in error.value.message
    assert contents(tmp_path) == before


def test_a_folder_in_the_way_of_a_file_and_a_file_as_the_project(tmp_path):
    (tmp_path / "kitctl.yaml").mkdir()
    with pytest.raises(KitError, match=r"kitctl\.yaml is a folder"):
        init(NewProject(tmp_path), dry_run=False)
    (tmp_path / "file").write_text("")
    for folder in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(KitError, match="file is a file"):
            init(NewProject(folder), dry_run=False)
    assert contents(tmp_path) == [Path("file"), Path("kitctl.yaml")]


def test_a_dry_run_writes_nothing_and_lists_what_is_missing(tmp_path):
    (tmp_path / "values.yaml").write_text("")
    found = init(NewProject(tmp_path), dry_run=True)
    assert f"write {tmp_path}/kitctl.yaml" in found.would
    assert f"write {tmp_path}/values.yaml" not in found.would
    assert contents(tmp_path) == [Path("values.yaml")]


def test_a_full_disk_leaves_no_half_file_that_the_next_call_would_keep(tmp_path, monkeypatch):
    """Files of a project are kept if they are there, so one must be there as a whole or not at all."""
    written = []

    def full(handle: int) -> None:
        written.append(handle)
        if len(written) == 3:
            raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch, pytest.raises(KitError) as error:
        patch.setattr(os, "fsync", full)
        init(NewProject(tmp_path), dry_run=False)
    assert (error.value.id, error.value.cause) == ("init-unwritable", "No space left on device")
    assert len(contents(tmp_path)) == 2
    assert all(path.stat().st_size for path in tmp_path.iterdir())
    again = init(NewProject(tmp_path), dry_run=False)
    whole = init(NewProject(tmp_path / "whole"), dry_run=False)
    assert sorted([*again.created, *again.kept]) == sorted(whole.created)
    plain = tmp_path / "plain"
    plain.touch()
    assert {(tmp_path / name).stat().st_mode for name in again.created} == {plain.stat().st_mode}


def test_a_folder_that_cannot_be_written_is_told(tmp_path, monkeypatch):
    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "mkdir", refuse)
    with pytest.raises(KitError) as error:
        init(NewProject(tmp_path / "x"), dry_run=False)
    assert (error.value.id, error.value.cause) == ("init-unwritable", "Permission denied")


@pytest.mark.parametrize("mode", [DagMode.GIT, DagMode.BUNDLE])
def test_a_mode_with_git_needs_a_repository(tmp_path, mode):
    with pytest.raises(KitError) as error:
        init(NewProject(tmp_path / "x", mode=mode), dry_run=False)
    assert error.value.id == "init-repository-missing"
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize(
    ("folder", "name"),
    [
        ("etl", "etl"),
        ("My DAGs_2", "my-dags-2"),
        ("2026-reports", "airflow-2026-reports"),
        ("Übung", "bung"),
        ("---", "airflow"),
        ("日本", "airflow"),
        ("a" * 80, "a" * 53),
        ("a" * 52 + "-b", "a" * 52),
    ],
)
def test_a_release_is_named_after_its_folder(folder, name):
    assert name_of(Path("/x") / folder) == name
    names.check(name, name)


def test_names_that_were_given_are_judged(tmp_path):
    found = init(NewProject(tmp_path / "a", release="r", namespace="n"), dry_run=False)
    assert (found.release, found.namespace) == ("r", "n")
    with pytest.raises(KitError, match="not a valid release name"):
        init(NewProject(tmp_path / "b", release="R!"), dry_run=False)
    assert not (tmp_path / "b").exists()


@pytest.mark.parametrize(
    ("remote", "wanted"),
    [
        ("https://example.com/kit.git", "git+https://example.com/kit.git@c0"),
        ("https://ana:secret@example.com:8443/kit.git", "git+https://example.com:8443/kit.git@c0"),
        ("git@example.com:team/kit.git", "git+ssh://git@example.com/team/kit.git@c0"),
        ("ssh://git@example.com:22/kit", "git+ssh://git@example.com:22/kit@c0"),
        ("/srv/kit.git", ""),
        ("file:///srv/kit.git", ""),
        ("http://localhost:3000/kit", ""),
        ("", ""),
    ],
)
def test_ci_gets_kitctl_from_where_this_one_came(remote, wanted):
    assert pip_source(remote, "c0") == wanted


def test_a_checkout_knows_its_remote(tmp_path, monkeypatch):
    monkeypatch.setattr(use_case, "data_dir", lambda: tmp_path)
    assert use_case.kitctl_source() == ""
    git = ["git", "-C", str(tmp_path), "-c", "user.name=a", "-c", "user.email=a@example.com"]
    subprocess.run([*git[:3], "init", "-q"], check=True)
    assert use_case.kitctl_source() == ""
    subprocess.run([*git, "commit", "-q", "--allow-empty", "-m", "x"], check=True)
    subprocess.run([*git, "remote", "add", "origin", "https://example.com/kit.git"], check=True)
    assert re.fullmatch(r"git\+https://example\.com/kit\.git@[0-9a-f]{40}", use_case.kitctl_source())


def test_a_missing_source_is_a_note(tmp_path, source):
    found = init(NewProject(tmp_path / "a"), dry_run=False)
    assert [("KITCTL_SOURCE" in note) for note in found.notes] == ([] if source else [True])
    assert init(NewProject(tmp_path / "b", ci=Ci.NONE), dry_run=False).notes == []
