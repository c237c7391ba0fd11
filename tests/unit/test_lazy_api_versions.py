"""docker/airflow/defer.sh: only the Cadwyn that the kit knows makes versions on demand."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from kitctl.model.versions import data_dir

TRANSFORMER = "class _EndpointTransformer:\n    def transform(self):\n        return {}\n"
APPLICATION = "class Cadwyn:\n    def _cadwyn_initialize(self):\n        return 'all at once'\n"


class Site:
    """A virtual environment with a Cadwyn of the test's, and the image's build steps for it."""

    def __init__(self, folder: Path) -> None:
        self.steps, self.venv = folder / "build", folder / "venv"
        shutil.copytree(data_dir("docker") / "airflow", self.steps)
        (self.steps / "lazy_imports.toml").write_text('base = ["mod"]\nother = []\npackages = []\n[modules]\n')
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(self.venv)], check=True)
        (self.site,) = self.venv.glob("lib/python*/site-packages")
        self.write("mod.py", "")

    def cadwyn(self) -> None:
        self.write("fastapi/routing.py", "APIRoute = object\n")
        self.write("cadwyn/route_generation.py", TRANSFORMER)
        self.write("cadwyn/applications.py", APPLICATION)

    def write(self, path: str, text: str) -> None:
        (self.site / path).parent.mkdir(exist_ok=True)
        (self.site / path).write_text(text)

    def know(self) -> None:
        """Let the kit know the Cadwyn that is there."""
        look = "import inspect, hashlib, cadwyn.route_generation as r; "
        look += "print(hashlib.sha256(inspect.getsource(r._EndpointTransformer.transform).encode()).hexdigest())"
        known = self.run(look)
        runtime = self.steps / "airflow_kit_api_versions.py"
        before = runtime.read_text()
        (line,) = (line for line in before.splitlines() if line.startswith("KNOWN = "))
        runtime.write_text(before.replace(line, f'KNOWN = "{known}"'))

    def defer(self, **more: str) -> subprocess.CompletedProcess[str]:
        env = {**os.environ, **more, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
        argv = [str(self.steps / "defer.sh"), str(self.venv)]
        return subprocess.run(argv, env=env, capture_output=True, text=True, check=False)

    def run(self, code: str, **env: str) -> str:
        argv = [str(self.venv / "bin" / "python"), "-c", code]
        done = subprocess.run(argv, capture_output=True, text=True, check=False, env={**os.environ, **env})
        return (done.stdout + done.stderr).strip()

    @property
    def changed(self) -> bool:
        hooked = (self.site / "cadwyn" / "applications.py").read_text() != APPLICATION
        assert hooked == (self.site / "airflow_kit_api_versions.py").exists()
        return hooked


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


ASK = "import cadwyn.applications as a; print(a.Cadwyn()._cadwyn_initialize())"


def test_the_known_one_gets_the_lines_and_the_switch_turns_them_off(site: Site) -> None:
    site.cadwyn()
    site.know()
    done = site.defer()
    assert done.returncode == 0, done.stderr
    assert site.changed
    assert "no attribute 'router'" in site.run(ASK)  # it came to the kit's own code
    assert site.run(ASK, AIRFLOW_KIT_DEFER_IMPORTS="False") == "all at once"


def test_another_one_fails_the_build_of_the_locked_airflow(site: Site) -> None:
    site.cadwyn()
    done = site.defer()
    assert done.returncode == 1
    assert "this Cadwyn is not the one of airflow_kit_api_versions.py" in done.stderr
    assert not site.changed


def test_another_one_stays_as_released_with_another_airflow(site: Site) -> None:
    site.cadwyn()
    done = site.defer(AIRFLOW_VERSION="9.9.9")
    assert done.returncode == 0, done.stderr
    assert "Airflow 9.9.9 is not the locked version: it makes all versions" in done.stderr
    assert not site.changed
    assert site.run(ASK) == "all at once"


def test_an_environment_without_cadwyn_is_passed_over(site: Site) -> None:
    done = site.defer()
    assert done.returncode == 0, done.stderr
    assert "cadwyn: not installed" in done.stdout
    assert not list(site.site.glob("airflow_kit_api*"))
