"""`kitctl logs --bundle` as a user meets it."""

import json
import re
import shlex

import pytest

from kitctl import cli
from kitctl.release import handle
from kitctl.usecases.bundle import bundle
from kitctl.usecases.bundle.archive import Part
from kitctl.usecases.bundle.bundle import BundleReport


@pytest.fixture
def asked(monkeypatch):
    """What the use case was asked for."""
    found = []

    def write(release, file, steps):
        found.append(file)
        parts = [Part("logs", 2, 4096), Part("README.txt", 1, 100)]
        return BundleReport(
            str(file), 2048, "airflow", "airflow", "test", parts, 3, 7, ["airflow/keys name"], ["Nodes: no right"]
        )

    monkeypatch.setattr(handle, "attach", lambda settings: settings)
    monkeypatch.setattr(bundle, "write_bundle", write)
    return found


@pytest.fixture
def kitctl(monkeypatch, capsys, tmp_path):
    """Run a command line in an empty folder; returns (exit code, stdout, stderr)."""
    monkeypatch.chdir(tmp_path)

    def run(line):
        monkeypatch.setattr("sys.argv", ["kitctl", *shlex.split(line)])
        with pytest.raises(SystemExit) as end:
            cli.main()
        out = capsys.readouterr()
        return int(end.value.code or 0), out.out, out.err

    return run


def test_without_a_name_it_gets_one_with_release_and_time(kitctl, asked):
    assert kitctl("logs --bundle --release mine")[0] == 0
    assert re.fullmatch(r"kitctl-mine-\d{8}-\d{6}\.tar\.gz", str(asked[0]))


@pytest.mark.parametrize(
    "line", ["logs --bundle 'my ä.tgz'", "logs 'my ä.tgz' --bundle", "logs --bundle -- 'my ä.tgz'"]
)
def test_the_argument_names_the_file(kitctl, asked, line):
    assert kitctl(line)[0] == 0
    assert str(asked[0]) == "my ä.tgz"


def test_a_name_may_begin_with_a_dash(kitctl, asked):
    assert kitctl("logs --bundle -- -x.tgz")[0] == 0
    assert str(asked[0]) == "-x.tgz"


def test_the_summary_says_what_is_in_it_and_what_is_not(kitctl, asked):
    _, out, _ = kitctl("logs --bundle a.tgz")
    assert out.startswith("a.tgz (2 KiB)\n")
    assert "logs        2      4 KiB" in out
    assert "The values of 3 Secrets are hidden in it, in 7 places." in out
    assert "! Not hidden, as it is a name of the release: Secret airflow/keys name" in out
    assert "! Not in it: Nodes: no right" in out
    report = json.loads(kitctl("logs --bundle a.tgz -o json")[1])
    assert report["contents"][0] == {"name": "logs", "files": 2, "bytes": 4096}


@pytest.mark.parametrize("more", ["--dag d --task t", "--tail 3", "-f", "--previous", "--run r", "--try 2"])
def test_options_of_a_single_log_do_not_go_with_it(kitctl, asked, more):
    code, out, err = kitctl(f"logs --bundle {more}")
    assert (code, out, asked) == (2, "", [])
    assert "[logs-of-what]" in err


def test_a_dry_run_says_what_would_be_in_it_and_writes_nothing(kitctl, asked, tmp_path):
    code, out, _ = kitctl("logs --bundle a.tgz --dry-run -o json")
    assert code == 0
    assert json.loads(out)["would"][0] == "write a.tgz with:"
    assert (asked, list(tmp_path.iterdir())) == ([], [])


def test_a_dry_run_refuses_what_the_command_would_refuse(kitctl, asked, tmp_path):
    (tmp_path / "a.tgz").touch()
    assert kitctl("logs --bundle a.tgz --dry-run")[0] == 2
