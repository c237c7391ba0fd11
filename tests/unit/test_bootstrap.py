"""scripts/bootstrap on machines that lack something."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A PATH without uv and with no Python but what a test puts there."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("awk", "bash", "dirname", "head", "mkdir", "mv", "realpath", "rm", "sort", "ln"):
        (folder / name).symlink_to(shutil.which(name) or "/bin/false")
    program(folder, "id", "echo 1000")
    return folder


def program(folder: Path, name: str, body: str) -> None:
    (folder / name).write_text(f"#!/bin/bash\n{body}\n")
    (folder / name).chmod(0o755)


def bootstrap(machine: Path) -> subprocess.CompletedProcess[str]:
    env = {"PATH": str(machine), "HOME": str(machine.parent), "KITCTL_CACHE": str(machine.parent / "cache")}
    call = [str(machine / "bash"), str(ROOT / "scripts" / "bootstrap"), "--uv"]
    return subprocess.run(call, env=env, capture_output=True, text=True, check=False)


def test_an_old_python_is_refused_with_what_to_install(machine: Path) -> None:
    program(machine, "python3", "exit 1")
    done = bootstrap(machine)
    assert done.returncode == 3
    assert "[python-missing]" in done.stderr
    assert "Fix:   sudo apt-get install python3 python3-venv" in done.stderr


def test_a_uv_that_cannot_be_had_is_said_and_leaves_nothing(machine: Path) -> None:
    broken = r'mkdir -p "$3/bin"; printf "#!/bin/bash\necho no network >&2; exit 1\n" >"$3/bin/python"'
    program(machine, "python3", f'[[ $2 == venv ]] || exit 0\n{broken}; /bin/chmod +x "$3/bin/python"')
    done = bootstrap(machine)
    assert done.returncode == 1
    assert "no network" in done.stderr
    assert "[uv-missing]" in done.stderr
    assert "HTTPS_PROXY" in done.stderr
    assert done.stdout == ""
    assert [p.name for p in (machine.parent / "cache").iterdir() if not p.name.endswith(".new")] == []
