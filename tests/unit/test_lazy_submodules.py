"""docker/airflow/defer.sh: what deferred imports would have bound is reached all the same, or the build fails."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from kitctl.model.versions import data_dir

FUTURE = "from __future__ import annotations\n"
MODULE = f"{FUTURE}from pack.inner.sub import x\n\n\ndef f():\n    return x\n"


class Site:
    """A virtual environment whose module `mod` imports `pack.inner.sub`, and the image's build steps for it."""

    def __init__(self, folder: Path) -> None:
        self.steps, self.venv = folder / "build", folder / "venv"
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(self.venv)], check=True)
        (self.site,) = self.venv.glob("lib/python*/site-packages")
        for name, text in {"": "", "inner/": "", "inner/sub": "x = 'x'\n", "inner/other": ""}.items():
            path = (
                self.site / "pack" / (f"{name}__init__.py" if not name.strip("/") or name[-1] == "/" else f"{name}.py")
            )
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)
        shutil.copytree(data_dir("docker") / "airflow", self.steps)
        (self.steps / "lazy_imports.toml").write_text(
            'base = ["mod"]\nother = []\npackages = []\n[modules]\nmod = ["pack"]\nlater_mod = ["json"]\n'
        )
        self.write("mod", MODULE)
        self.write("later_mod", f"{FUTURE}import json.tool\n\n\ndef f():\n    return json\n")

    def write(self, module: str, text: str) -> None:
        (self.site / f"{module}.py").write_text(text)

    def defer(self, **more: str) -> subprocess.CompletedProcess[str]:
        env = {**os.environ, **more, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
        argv = [str(self.steps / "defer.sh"), str(self.venv)]
        return subprocess.run(argv, env=env, capture_output=True, text=True, check=False)

    def run(self, code: str) -> str:
        start = "import airflow_kit_deferral; assert airflow_kit_deferral.start()\nimport mod, sys\n"
        argv = [str(self.venv / "bin" / "python"), "-c", start + code]
        return subprocess.run(argv, capture_output=True, text=True, check=True).stdout.strip()


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


def test_a_submodule_that_waits_is_an_attribute_of_its_package(site: Site) -> None:
    done = site.defer()
    assert done.returncode == 0, done.stderr
    assert "submodules on demand" in done.stdout
    assert site.run("print('pack' in sys.modules)") == "False"
    assert site.run("import pack; print(pack.inner.sub.x, hasattr(pack, 'nothing'))") == "x False"
    # What no import of the package as released would bind is not there either.
    assert site.run("import pack.inner; print(hasattr(pack.inner, 'other'), 'sub' in dir(pack.inner))") == "False True"


def test_a_module_that_is_imported_later_brings_what_it_would_have_bound(site: Site) -> None:
    site.defer()
    assert site.run("import json; print(hasattr(json, 'tool'))") == "False"
    assert site.run("import json, later_mod; print('json.tool' in sys.modules, hasattr(json, 'tool'))") == "False True"


def test_a_name_that_would_be_another_fails_the_build(site: Site) -> None:
    site.write("mod", f"{MODULE}\n\ndef __getattr__(name):\n    return 1\n")
    done = site.defer()
    assert done.returncode == 1
    assert "are missing or of another type:\nmod.x" in done.stderr


def test_another_airflow_than_the_locked_one_is_left_as_released(site: Site) -> None:
    site.write("mod", f"{MODULE}\n\ndef __getattr__(name):\n    return 1\n")
    done = site.defer(AIRFLOW_VERSION="9.9.9")
    assert done.returncode == 0
    assert "Airflow 9.9.9 is not the locked version: its imports are not deferred" in done.stderr
    assert not list(site.site.glob("airflow_kit*"))


def test_an_import_that_fails_fails_the_build(site: Site) -> None:
    site.write("mod", "import nowhere\n")
    done = site.defer()
    assert done.returncode == 1
    assert "No module named 'nowhere'" in done.stderr
