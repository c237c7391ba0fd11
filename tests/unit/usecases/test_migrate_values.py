"""`kitctl values migrate`: which files it reads and writes, and what the chart says against the result."""

from __future__ import annotations

from pathlib import Path

import pytest

from kitctl.errors import ExitCode, KitError
from kitctl.model.settings import Settings
from kitctl.usecases import migrate_values
from kitctl.usecases.migrate_values import MigrateReport

OLD = "executor: KubernetesExecutor\nwebserver: {replicas: 2}\nuid: 50000\n"


def write(folder: Path, **texts: str) -> list[Path]:
    paths = []
    for name, text in texts.items():
        paths.append(folder / f"{name}.yaml")
        paths[-1].write_text(text, encoding="utf-8")
    return paths


def run(
    files: list[Path],
    out: Path | None = None,
    settings: Settings | None = None,
    chart: str = "auto",
    *,
    check: bool = False,
) -> MigrateReport:
    return migrate_values.run(settings or Settings(), files, chart, out, check=check)


def refused(*argv, **more) -> KitError:
    with pytest.raises(KitError) as caught:
        run(*argv, **more)
    return caught.value


def test_everything_carried_is_ok(tmp_path: Path) -> None:
    done = run(write(tmp_path, old=OLD), check=True)
    assert (done.ok, done.chart, done.sure, done.check, done.file) == (True, "official", "certain", "passed", None)


def test_helm_merges_several_files(tmp_path: Path) -> None:
    more = "webserver: {replicas: 5}\nuid: null\n"
    done = run(write(tmp_path, base=OLD, prod=more))
    assert "replicas: 5" in done.values
    assert "runAsUser" not in done.values
    (line,) = [line for line in done.lines if line.key == "webserver.replicas"]
    assert (Path(line.file).name, line.line) == ("prod.yaml", 1)


def test_what_the_chart_refuses_is_told_with_the_lines_that_it_comes_from(tmp_path: Path) -> None:
    old = OLD + "dags:\n  gitSync:\n    enabled: true\n    subPath: dags\nscheduler: {replicas: many}\n"
    done = run(write(tmp_path, old=old), check=True)
    (refusal,) = done.refusals
    assert (done.ok, done.check, refusal.id) == (False, "refused", "values-wrong-type")
    assert refusal.lines == [f"{tmp_path}/old.yaml:8 scheduler.replicas"]
    assert "kitctl-values-" not in f"{refusal.message}{refusal.cause}{refusal.fix}"


def test_a_rule_of_the_chart_is_told_too(tmp_path: Path) -> None:
    old = OLD + "dags:\n  gitSync:\n    enabled: true\n    subPath: dags\n"
    (refusal,) = run(write(tmp_path, old=old), check=True).refusals
    assert refusal.id == "dags-git-invalid"
    assert refusal.lines == [f"{tmp_path}/old.yaml:7 dags.gitSync.subPath"]
    assert run(write(tmp_path, old=old)).check == "skipped"


def test_from_wins_over_the_keys(tmp_path: Path) -> None:
    done = run(write(tmp_path, old=OLD), chart="community")
    assert (done.chart, done.sure, done.ok) == ("community", "given", False)


def test_keys_of_several_charts_are_refused_with_the_ways_out(tmp_path: Path) -> None:
    (path,) = files = write(tmp_path, old="dags: {gitSync: {enabled: true}}\n")
    error = refused(files)
    assert (error.id, error.code) == ("values-origin-unknown", ExitCode.USAGE)
    assert error.fix == (f"kitctl values migrate {path} --from official\nkitctl values migrate {path} --from community")


def test_the_new_file_is_written_once(tmp_path: Path) -> None:
    files, out = write(tmp_path, old=OLD), tmp_path / "new" / "values.yaml"
    done = run(files, out)
    assert (out.read_text(), done.file) == (done.values, str(out))
    out.write_text("mine")
    error = refused(files, out)
    assert (error.id, error.code, out.read_text()) == ("values-file-exists", ExitCode.USAGE, "mine")
    run(files, out, Settings(yes=True))
    assert out.read_text() == done.values


def test_a_dry_run_writes_nothing(tmp_path: Path) -> None:
    out = tmp_path / "values.yaml"
    assert run(write(tmp_path, old=OLD), out, Settings(dry_run=True)).file is None
    assert not out.exists()


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (blocked,) = write(tmp_path, blocked="")
    assert refused(write(tmp_path, old=OLD), blocked / "values.yaml").id == "values-not-written"


@pytest.mark.parametrize(
    ("text", "id_"),
    [
        (None, "values-missing"),
        ("a: [", "values-invalid"),
        ("- a\n", "values-invalid"),
    ],
)
def test_a_file_that_helm_cannot_read_is_refused(tmp_path: Path, text: str | None, id_: str) -> None:
    files = [tmp_path / "absent.yaml"] if text is None else write(tmp_path, old=text)
    assert refused(files, chart="official").id == id_


def test_an_empty_file_has_nothing_to_tell_its_chart(tmp_path: Path) -> None:
    assert refused(write(tmp_path, old="# nothing\n")).id == "values-origin-unknown"
