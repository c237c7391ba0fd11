"""start_postgres.sh: no server starts on the data of another major version."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.unit.chart_files.conftest import FILES

SCRIPT = (FILES / "start_postgres.sh").read_text()


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """An image of PostgreSQL 17, whose entrypoint prints its arguments."""
    programs = {
        "postgres": 'echo "postgres (PostgreSQL) 17.6 (Debian 17.6-1.pgdg13+1)"',
        "docker-entrypoint.sh": 'echo "started: $*"',
    }
    folder = tmp_path / "bin"
    folder.mkdir()
    for name, line in programs.items():
        (folder / name).write_text(f"#!/bin/sh\n{line}\n")
        (folder / name).chmod(0o755)
    return tmp_path


def start(image: Path, version: str | None) -> subprocess.CompletedProcess[str]:
    """Run the script as the chart does, on a data directory of this version."""
    data = image / "pgdata"
    if version is not None:
        data.mkdir()
        (data / "PG_VERSION").write_text(f"{version}\n")
    env = {"PATH": f"{image / 'bin'}:{os.environ['PATH']}", "PGDATA": str(data)}
    argv = ["sh", "-c", SCRIPT, "start_postgres.sh", "postgres", "-c", "max_connections=200"]
    return subprocess.run(argv, env=env, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("version", [None, "17"])
def test_the_server_starts_on_no_data_and_on_its_own(image: Path, version: str | None) -> None:
    done = start(image, version)
    assert (done.returncode, done.stdout) == (0, "started: postgres -c max_connections=200\n")


@pytest.mark.parametrize("version", ["16", "18", "9.6"])
def test_data_of_another_major_version_is_refused_in_words(image: Path, version: str) -> None:
    done = start(image, version)
    assert (done.returncode, done.stdout) == (1, "")
    assert f"PostgreSQL {version} wrote the data" in done.stderr
    assert f"postgres.image.tag={version}" in done.stderr
    assert "docs/postgres.md" in done.stderr
    assert (Path(__file__).parents[3] / "docs" / "postgres.md").exists()


def test_the_versions_of_official_images_are_read(image: Path) -> None:
    (image / "bin" / "postgres").write_text("#!/bin/sh\necho 'postgres (PostgreSQL) 18rc1'\n")
    assert start(image, "18").returncode == 0
