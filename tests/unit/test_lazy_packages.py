"""docker/airflow/lazy_packages.py: a package that gathers names offers the same ones, later."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from kitctl.model.versions import data_dir

TOOL = data_dir("docker") / "airflow" / "lazy_packages.py"
INIT = '''"""Doc."""

from __future__ import absolute_import

import json

__version__ = "1"

# models
from pack.one import One
from pack.two import (
    Two as Zwei,
    three,
)
'''


class Site:
    """A folder with the package `pack`, whose modules print their names when they are imported."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "pack").mkdir()
        (folder / "pack" / "one.py").write_text("print('one')\nclass One: pass\n")
        (folder / "pack" / "two.py").write_text("print('two')\nclass Two: pass\nthree = 3\n")
        (folder / "pack" / "broken.py").write_text("import nowhere\n")

    def rewrite(self, text: str = INIT) -> str:
        (self.folder / "pack" / "__init__.py").write_text(text)
        (self.folder / "list.toml").write_text('packages = ["pack", "absent"]\n')
        argv = [sys.executable, str(TOOL), str(self.folder / "list.toml"), str(self.folder)]
        return subprocess.run(argv, capture_output=True, text=True, check=True).stdout

    def run(self, code: str, **env: str) -> list[str]:
        env = {"PYTHONPATH": str(self.folder), **env}
        done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout.split()


@pytest.fixture
def site(tmp_path: Path) -> Site:
    made = Site(tmp_path)
    made.said = made.rewrite()
    return made


def test_it_says_what_it_did(site: Site) -> None:
    assert site.said.splitlines() == ["lazy_packages: pack: 3 names on demand", "lazy_packages: absent: not installed"]


def test_names_load_their_module_alone_and_once(site: Site) -> None:
    code = "import pack; print('then'); print(pack.Zwei.__name__, pack.three, pack.Zwei is pack.Zwei)"
    assert site.run(code) == ["then", "two", "Two", "3", "True"]


def test_from_imports_and_star_imports_work(site: Site) -> None:
    assert site.run("from pack import One; print(One.__name__)") == ["one", "One"]
    code = "from pack import *; print(One.__name__, Zwei.__name__, three, one.__name__)"
    assert site.run(code) == ["one", "two", "One", "Two", "3", "pack.one"]


def test_modules_of_the_package_are_attributes_as_before(site: Site) -> None:
    assert site.run("import pack; print(pack.two.three)") == ["two", "3"]


def test_everything_else_of_the_file_stays(site: Site) -> None:
    assert site.run("import pack; print(pack.__doc__, pack.__version__, pack.json.__name__)") == ["Doc.", "1", "json"]
    assert site.run("import pack; print({'One', 'Zwei', 'json'} <= set(dir(pack)))")[-1] == "True"


def test_what_is_not_there_is_an_attribute_error_and_what_is_broken_says_why(site: Site) -> None:
    assert site.run("import pack; print(hasattr(pack, 'Nope'), hasattr(pack, '__wrapped__'))") == ["False", "False"]
    code = "import pack\ntry: pack.broken\nexcept ModuleNotFoundError as exc: print(exc.name)"
    assert site.run(code) == ["nowhere"]


ASK = (
    "import pack; print(*sorted({} - {{'__builtins__', '__spec__', '__loader__'}}))",
    "before = set(globals()); from pack import *; print(*sorted(set(globals()) - before))",
)


@pytest.mark.parametrize("ask", [ASK[0].format("set(dir(pack))"), ASK[0].format("vars(pack).keys()"), ASK[1]])
def test_its_names_are_those_of_the_package_as_released(site: Site, ask: str) -> None:
    later = site.run(ask)
    (site.folder / "pack" / "__init__.py").write_text(INIT)
    assert later == site.run(ask)
    assert {"One", "Zwei", "three", "one", "two"} < set(later)


def test_what_somebody_set_is_kept(site: Site) -> None:
    assert site.run("import pack; pack.One = 'mine'; print(pack.One, vars(pack)['One'])") == ["two", "mine", "mine"]


def test_a_switch_imports_all_at_once(site: Site) -> None:
    assert site.run("import pack; print('then')", AIRFLOW_KIT_DEFER_IMPORTS="False") == ["one", "two", "then"]
    assert site.run("import pack; print('then')", AIRFLOW_KIT_DEFER_IMPORTS="True") == ["then"]


def test_a_declared_list_of_names_is_kept(site: Site) -> None:
    site.rewrite('__all__ = ["One"]\nfrom pack.one import One\nfrom pack.two import three\n')
    assert site.run("from pack import *; print('three' in globals(), One.__name__)") == ["one", "False", "One"]


def test_a_second_run_changes_nothing(site: Site) -> None:
    once = (site.folder / "pack" / "__init__.py").read_text()
    assert "0 names on demand" in site.rewrite(once)
    assert (site.folder / "pack" / "__init__.py").read_text() == once
