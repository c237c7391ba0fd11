"""Every command in bad conditions: no cluster, a wrong context, missing programs, odd paths, a reader that is gone."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.commands.sandbox import FILES, LINES, Done, Place, leaves, make_place

GONE = ("--provider", "existing", "--context", "gone", "-o", "json")
OF_A_CLUSTER = {
    *("up", "down", "status", "credentials", "open", "run", "logs", "exec", "scale", "deploy"),
    *("dags push", "objects apply", "objects diff", "objects export"),
}
"""Commands that do nothing without a cluster."""
WITHOUT = {
    "cluster create": ("cluster-not-answering", 4),
    "cluster delete": ("cluster-not-ours", 2),
    "image load": ("image-load-unsupported", 2),
    "image restore": ("archive-invalid", 2),
    **dict.fromkeys(("image build", "image prepare", "image push", "image save"), ("builder-missing", 3)),
    **dict.fromkeys(("dags check", "dags test", "pytest"), ("builder-missing", 3)),
    "doctor": ("", 3),
}
"""How the others end in the place, which has no image builder; those that are not listed succeed."""
OF_HELM = {"up", "deploy", "values migrate", "render cfg", "render pod", "render values", "render manifests"}
"""Commands that ask helm before they ask a cluster."""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Place:
    return make_place(tmp_path, monkeypatch, capsys)


def clean(done: Done) -> Done:
    """Hold what is true of every end: no traceback, no bug of kitctl, no colours where nobody sees them."""
    assert "Traceback" not in done.err + done.out
    assert "\x1b" not in done.err + done.out
    assert "internal-error" not in done.out + done.err
    return done


def expected(name: str) -> tuple[str, int]:
    return ("cluster-unreachable", 4) if name in OF_A_CLUSTER else WITHOUT.get(name, ("", 0))


def test_every_command_has_a_line() -> None:
    assert set(LINES) == leaves()
    assert set(LINES) >= OF_A_CLUSTER | set(WITHOUT) | OF_HELM


@pytest.mark.parametrize("name", LINES)
def test_a_cluster_that_does_not_answer(place: Place, name: str) -> None:
    done = clean(place.command(name, *GONE))
    assert (done.id, done.code) == expected(name)


@pytest.mark.parametrize("name", sorted(OF_A_CLUSTER))
def test_a_context_that_does_not_exist(place: Place, name: str) -> None:
    done = clean(place.command(name, "--context", "nowhere", "-o", "json"))
    assert (done.id, done.code) == ("context-missing", 4)
    assert "nowhere" in done.out


@pytest.mark.parametrize("name", sorted(OF_A_CLUSTER))
def test_without_kubectl(place: Place, name: str) -> None:
    (place.programs / "kubectl").unlink()
    done = clean(place.command(name, *GONE))
    assert (done.id, done.code) == ("tool-missing", 3)
    assert "kubectl" in done.out


@pytest.mark.parametrize("name", sorted(OF_HELM))
def test_without_helm(place: Place, name: str) -> None:
    (place.programs / "helm").unlink()
    done = clean(place.command(name, *GONE))
    assert (done.id, done.code) == ("tool-missing", 3)
    assert "scripts/get-tools helm" in done.out


ODD = "-ä b'c"


@pytest.mark.parametrize("name", LINES)
def test_odd_names_of_folders(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    (tmp_path / ODD).mkdir()
    odd = make_place(tmp_path / ODD, monkeypatch, capsys, work=ODD)
    (odd.folder / f"{ODD}.yaml").write_text("scheduler: {replicas: 1}\n")
    done = clean(odd.command(name, *GONE, f"--values={ODD}.yaml", f"--kubeconfig={tmp_path / ODD / 'config'}"))
    assert (done.id, done.code) == expected(name)


def snapshot(folder: Path) -> dict[str, object]:
    """Return what is below a folder: texts of files, and names of folders."""
    found = sorted(path for path in folder.rglob("*") if "bin" not in path.relative_to(folder).parts)
    return {str(p.relative_to(folder)): p.read_bytes() if p.is_file() else None for p in found}


@pytest.mark.parametrize("name", LINES)
def test_a_dry_run_writes_no_file(place: Place, name: str) -> None:
    before = snapshot(place.folder)
    clean(place.command(name, "--dry-run", *GONE))
    assert snapshot(place.folder) == before
    assert set(FILES) <= set(before)


READERS = [(name, "json") for name in LINES] + [(name, "text") for name in LINES if expected(name)[1] in {0, 3}]


@pytest.mark.parametrize(("name", "output"), READERS)
def test_a_reader_that_is_gone(place: Place, name: str, output: str) -> None:
    # As in `kitctl … | head -1`, at its worst: nobody has read anything.
    ours, theirs = os.pipe()
    os.close(ours)
    argv = [sys.executable, "-m", "kitctl", *name.split(), *GONE[:-1], output, *LINES[name]]
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}
    done = subprocess.run(
        argv, stdin=subprocess.DEVNULL, stdout=theirs, stderr=subprocess.PIPE, text=True, env=env, check=False
    )
    os.close(theirs)
    assert re.findall("Traceback|Exception ignored|BrokenPipe|internal-error", done.stderr) == []
    # A report that nobody reads is no failure; an error keeps its code.
    assert done.returncode in {0, expected(name)[1]}, done.stderr
