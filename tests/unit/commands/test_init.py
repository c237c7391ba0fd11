"""`kitctl init` as a user types it."""

import json
import shlex

import pytest

from kitctl import cli


@pytest.fixture
def kitctl(tmp_path, monkeypatch, capsys):
    """Run a command line in an empty folder; returns (exit code, stdout, stderr)."""
    monkeypatch.chdir(tmp_path)

    def run(line):
        monkeypatch.setattr("sys.argv", ["kitctl", *shlex.split(line)])
        with pytest.raises(SystemExit) as end:
            cli.main()
        out = capsys.readouterr()
        return end.value.code, out.out, out.err

    return run


def test_a_project_is_written_and_its_commands_find_it(kitctl, tmp_path, monkeypatch):
    code, out, _ = kitctl("init 'my etl'")
    assert code == 0
    assert "created kitctl.yaml" in out
    assert "cd 'my etl'" in out
    monkeypatch.chdir(tmp_path / "my etl" / "dags")
    shown = json.loads(kitctl("config show -o json")[1])
    found = {one["option"]: one["value"] for one in shown["options"]}
    assert (found["release"], found["namespace"]) == ("my-etl", "my-etl")
    assert found["dags"] == str(tmp_path / "my etl" / "dags")


def test_without_a_folder_it_is_the_current_one(kitctl, tmp_path):
    code, out, _ = kitctl("init --ci none --release r -n n -o json")
    found = json.loads(out)
    assert (code, found["folder"], found["release"], found["namespace"]) == (0, ".", "r", "n")
    assert (tmp_path / "kitctl.yaml").exists()
    code, out, _ = kitctl("init --ci none")
    assert code == 0
    assert "kept    kitctl.yaml, which was there" in out
    assert "cd " not in out


def test_a_dry_run_writes_nothing(kitctl, tmp_path):
    code, out, _ = kitctl("init a --dry-run")
    assert (code, list(tmp_path.iterdir())) == (0, [])
    assert "would write a/kitctl.yaml" in out.splitlines()
    assert json.loads(kitctl("init a --dry-run -o json")[1])["dry_run"] is True


@pytest.mark.parametrize("text", ["release: [", "release: other\n"])
def test_a_project_file_above_says_nothing_to_a_new_project(kitctl, tmp_path, text):
    (tmp_path / "kitctl.yaml").write_text(text)
    code, out, _ = kitctl("init sub -o json")
    assert (code, json.loads(out)["release"]) == (0, "sub")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("init --ci jenkins", "'jenkins' is not one of github, gitlab, none"),
        ("init --dag-mode ftp", "[dag-mode-unknown]"),
        ("init --dag-mode git", "[init-repository-missing]"),
        ("init --release R", "[release-name-invalid]"),
    ],
)
def test_mistakes_are_usage_errors_and_write_nothing(kitctl, tmp_path, line, words):
    code, _, err = kitctl(line)
    assert (code, list(tmp_path.iterdir())) == (2, [])
    assert words in err
