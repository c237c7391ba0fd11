"""docker/git/look.py, which asks a repository as the pods will: here with git itself and repositories on disk."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

SCRIPT = Path(__file__).parents[2] / "docker" / "git" / "look.py"


@pytest.fixture
def look(tmp_path: Path) -> Any:
    spec = importlib.util.spec_from_file_location("look", SCRIPT)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.TMP, module.HELPER = tmp_path, tmp_path / "helper.py"
    return module


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    path = tmp_path / "repo"
    name = ["-c", "user.name=x", "-c", "user.email=x@example.com"]
    for words in (["init", "-q", "-b", "main"], ["commit", "-q", "--allow-empty", "-m", "x"], ["tag", "v1"]):
        path.mkdir(exist_ok=True)
        subprocess.run(["git", *name, *words], cwd=path, check=True)
    return path


def target(repo: object, ref: str = "main", **more: Any) -> dict[str, Any]:
    usual = {"key": "dags.git", "repo": str(repo), "ref": ref, "type": "none", "folder": "/none", "wanted": []}
    return {**usual, "sub_path": "", "strict": True, "options": [], "ca": "", **more}


@pytest.mark.parametrize("ref", ["main", "v1", "HEAD", "refs/heads/main", "0" * 40])
def test_branch_tag_head_and_any_commit_are_found(look: Any, repo: Path, ref: str) -> None:
    found = look.look(target(repo, ref))
    assert (found["code"], found["found"]) == (0, 1)


def test_a_ref_that_is_not_there_gives_no_line(look: Any, repo: Path) -> None:
    assert look.look(target(repo, "mai"))["found"] == 0


def test_git_is_quoted_where_it_refuses(look: Any, tmp_path: Path) -> None:
    found = look.look(target(tmp_path / "none"))
    assert found["code"] == 128
    assert "does not appear to be a git repository" in found["said"]


def test_files_that_are_not_mounted_are_told_before_git_is_asked(look: Any, tmp_path: Path) -> None:
    more = {"type": "https", "folder": str(tmp_path), "wanted": ["username", "password"]}
    assert look.look(target("https://none.invalid/x.git", **more))["missing"] == ["username", "password"]


def test_the_helper_gets_folder_and_options_and_no_other_helper_is_asked(look: Any) -> None:
    more = {"type": "github-app", "folder": "/a b", "options": ["--app-id", "1"]}
    words, env = look.settings(target("https://h/x.git", **more))
    assert words[:3] == ["-c", "credential.helper=", "-c"]
    assert words[3] == f"credential.helper=!python3 -I {look.HELPER} '/a b' --app-id 1"
    assert env["GIT_TERMINAL_PROMPT"] == "0"


def test_ssh_trusts_nobody_but_the_mounted_list(look: Any) -> None:
    command = look.settings(target("git@h:x.git", type="ssh", folder="/f"))[1]["GIT_SSH_COMMAND"]
    assert "StrictHostKeyChecking=yes" in command
    assert "UserKnownHostsFile=/f/known-hosts" in command
    loose = look.settings(target("git@h:x.git", type="ssh", folder="/f", strict=False))[1]["GIT_SSH_COMMAND"]
    assert "StrictHostKeyChecking=no" in loose


def test_it_reports_in_the_order_that_it_was_asked(repo: Path) -> None:
    spec = {"targets": [target(repo), {**target(repo, "none"), "key": "b"}], "helper": ""}
    done = subprocess.run([sys.executable, "-I", SCRIPT, json.dumps(spec)], capture_output=True, text=True, check=True)
    report = json.loads(done.stdout.removeprefix("KITCTL-REPORT "))
    assert [(r["key"], r["found"]) for r in report["results"]] == [("dags.git", 1), ("b", 0)]


@pytest.fixture
def folders(repo: Path) -> Path:
    (repo / "flows" / "a b").mkdir(parents=True)
    (repo / "flows" / "a b" / "x.py").write_text("x")
    (repo / "linked").symlink_to("flows")
    name = ["-c", "user.name=x", "-c", "user.email=x@example.com"]
    submodule = ["update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},sub"]
    for words in (["add", "-A"], submodule, ["commit", "-q", "-m", "x"], ["config", "uploadpack.allowFilter", "true"]):
        subprocess.run(["git", *name, *words], cwd=repo, check=True)
    return repo


@pytest.mark.parametrize(
    ("path", "there"),
    [
        *[(path, True) for path in ("", "flows", "flows/a b", "./flows", "linked", "linked/a b", "sub/deeper")],
        *[(path, False) for path in ("nope", "flows/nope", "flows/a b/x.py", "flow*")],
    ],
)
def test_the_folder_of_the_dags_is_looked_for(look: Any, folders: Path, path: str, there: bool) -> None:
    assert look.look(target(f"file://{folders}", sub_path=path))["folder"] is there


def test_a_folder_at_a_ref_that_cannot_be_fetched_is_taken_for_there(look: Any, folders: Path) -> None:
    assert look.look(target(f"file://{folders}", "0" * 40, sub_path="nope"))["folder"]


@pytest.mark.parametrize(
    ("words", "rounds"),
    [
        ("Failed to connect to git.example.com port 443", 3),
        ("ssh: connect: Connection refused", 3),
        ("Could not resolve host: git.example.com", 3),
        ("ssh: Could not resolve hostname git.example.com: Name or service not known", 3),
        ("Not found", 1),
    ],
)
def test_it_asks_again_where_no_connection_was_made(
    look: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: str, rounds: int
) -> None:
    asked = tmp_path / "asked"
    git = tmp_path / "bin" / "git"
    git.parent.mkdir()
    git.write_text(f"#!/bin/sh\necho x >> {asked}\necho '{words}' >&2\nexit 128\n")
    git.chmod(0o755)
    monkeypatch.setenv("PATH", str(git.parent), prepend=":")
    monkeypatch.setattr(look, "PAUSES", (0, 0))
    assert look.look(target("https://git.example.com/dags.git"))["code"] == 128
    assert len(asked.read_text().split()) == rounds
