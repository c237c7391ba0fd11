"""docker/airflow/lazy_imports.py: what it defers, what it leaves, and that a module means the same in a worker pod."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from kitctl.model.versions import data_dir

TOOL = data_dir("docker") / "airflow" / "lazy_imports.py"
RUNTIME = TOOL.with_name("airflow_kit_deferral.py")
FUTURE = "from __future__ import annotations\n"


class Site:
    """A folder of packages: `heavy` says when it is imported, `mod` gets a second version."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "heavy.py").write_text(
            "print('heavy')\nclass Base:\n    word = 'base'\ndef a(): return 'a'\nb = 'b'\n"
        )

    def rewrite(self, module: str, *targets: str, name: str = "mod") -> str:
        (self.folder / f"{name}.py").write_text(module)
        listed = self.folder / "list.toml"
        listed.write_text(f'[modules]\n"{name}" = {list(targets)}\n')
        argv = [sys.executable, str(TOOL), str(listed), str(self.folder)]
        return subprocess.run(argv, capture_output=True, text=True, check=True).stdout.strip()

    def run(self, code: str, *, worker: bool = True) -> list[str]:
        """Return the words that a program prints, in a worker pod or in a component."""
        (self.folder / "airflow_kit_deferral.py").write_text(RUNTIME.read_text())
        start = "import airflow_kit_deferral; airflow_kit_deferral.start()\n" if worker else ""
        argv = [sys.executable, "-c", start + code]
        env = {"PYTHONPATH": str(self.folder)}
        done = subprocess.run(argv, env=env, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout.split()


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


USER = f'''{FUTURE}from heavy import a, b


def f(x: a = 1):
    """Say a."""
    def inner():
        return a()
    return inner()


class C:
    async def g(self):
        return b
'''


def test_an_import_moves_to_the_functions_that_use_it(site: Site) -> None:
    assert site.rewrite(USER, "heavy") == "lazy_imports: mod: a, b deferred"
    assert site.run("import mod; print('then'); print(mod.f())") == ["then", "heavy", "a"]
    assert site.run("import mod; assert mod.f.__doc__ == 'Say a.'") == []


def test_components_import_as_before(site: Site) -> None:
    site.rewrite(USER, "heavy")
    assert site.run("import mod; print('then'); print(mod.f(), mod.b)", worker=False) == ["heavy", "then", "a", "b"]


def test_others_still_find_the_names_in_the_module(site: Site) -> None:
    site.rewrite(USER, "heavy")
    assert site.run("from mod import b; print(b); import mod; print(mod.a())") == ["heavy", "b", "a"]
    assert site.run("import mod\ntry: mod.zzz\nexcept AttributeError as e: print(e)")[-1] == "'zzz'"
    assert site.run("import mod\ntry: mod.zzz\nexcept AttributeError as e: print(e)") == [
        *("module", "'mod'", "has", "no", "attribute", "'zzz'")
    ]


def test_a_name_needed_at_import_stays_and_its_neighbours_go(site: Site) -> None:
    text = f"{FUTURE}from heavy import Base, b\nclass C(Base):\n    def f(self):\n        return b\n"
    assert site.rewrite(text, "heavy") == "lazy_imports: mod: b deferred, Base stays"
    assert site.run("import mod; print(mod.C().f(), mod.C.word)") == ["heavy", "b", "base"]


@pytest.mark.parametrize(
    "line",
    [
        "def f(x=b): ...",
        "f = lambda: b",
        "class C:\n    x: b",
        "def deco(f): return f\n@deco\n@(lambda f: b)\ndef f(): ...",
        "x = [b for _ in 'ab']",
    ],
)
def test_what_runs_at_import_keeps_its_names(site: Site, line: str) -> None:
    assert (
        site.rewrite(f"{FUTURE}from heavy import b\n{line}\n", "heavy")
        == "lazy_imports: mod: nothing deferred, b stays"
    )
    assert site.run("import mod") == ["heavy"]


def test_a_class_and_its_base_move_together(site: Site) -> None:
    text = f"{FUTURE}import heavy as h\n\nclass C(h.Base):\n    pass\n\ndef f():\n    return C.word\n"
    assert site.rewrite(text, "heavy", ".C") == "lazy_imports: mod: C, h deferred"
    assert site.run("import mod; print('then'); print(mod.f(), mod.C.__qualname__)") == ["then", "heavy", "base", "C"]


def test_a_variable_is_made_when_it_is_asked_for(site: Site) -> None:
    text = f"{FUTURE}def make():\n    from heavy import b\n    return b\n\nmade: str = 'x'\nvalue = make()\n"
    assert site.rewrite(text, ".value") == "lazy_imports: mod: value deferred"
    assert site.run("import mod; print('then'); print(mod.value)") == ["then", "heavy", "b"]


def test_a_try_around_imports_moves_with_its_alternative(site: Site) -> None:
    text = (
        f"{FUTURE}from heavy import b\ntry:\n    from heavy import c\nexcept ImportError:\n    c = b\n\n"
        "def f():\n    return c\n"
    )
    assert site.rewrite(text, "heavy") == "lazy_imports: mod: b, c deferred"
    assert site.run("import mod; print('then'); print(mod.f())") == ["then", "heavy", "b"]


def test_a_getattr_of_the_module_is_asked_first_and_finds_its_caller(site: Site) -> None:
    text = f"""{FUTURE}import sys
from heavy import b

def __getattr__(name):
    if name == "line":
        return sys._getframe(1).f_lineno
    raise AttributeError(f"no {{name}}")

def f():
    return b
"""
    site.rewrite(text, "heavy")
    code = "import mod\nprint(mod.b)\n\nprint(mod.line)\ntry: mod.other\nexcept AttributeError as e: print(e)"
    assert site.run(code) == ["heavy", "b", "5", "no", "other"]


def test_lines_are_added_to_the_end_of_the_second_version(site: Site) -> None:
    (site.folder / "base.py").write_text("x = 1\n")
    listed = site.folder / "list.toml"
    listed.write_text('[after]\nbase = """\ny = x + 1\n"""\n\n[modules]\n')
    argv = [sys.executable, str(TOOL), str(listed), str(site.folder)]
    said = subprocess.run(argv, capture_output=True, text=True, check=True).stdout
    assert said == "lazy_imports: base: nothing deferred, lines added\n"
    assert site.run("import base; print(base.y)") == ["2"]
    assert site.run("import base; print(hasattr(base, 'y'))", worker=False) == ["False"]


def test_only_what_is_listed_moves(site: Site) -> None:
    text = f"{FUTURE}import json\nfrom heavy import b\n\ndef f():\n    return json.dumps(b)\n"
    site.rewrite(text, "heavy")
    assert site.run("import mod, sys; print('json' in sys.modules, 'heavy' in sys.modules)") == ["True", "False"]


def test_a_module_that_it_cannot_judge_is_left_alone(site: Site) -> None:
    assert "nothing deferred, everything" in site.rewrite("from heavy import b\ndef f(x: b):\n    return b\n", "heavy")
    assert site.run("import mod; print('then')") == ["heavy", "then"]


def test_a_function_on_one_line_loads_what_it_uses(site: Site) -> None:
    site.rewrite(f"{FUTURE}from heavy import b\ndef f(): return b\n", "heavy")
    assert site.run("import mod; print('then'); print(mod.f())") == ["then", "heavy", "b"]


def test_the_files_stay_as_they_are_and_a_missing_module_is_passed_over(site: Site) -> None:
    site.rewrite(USER, "heavy")
    assert (site.folder / "mod.py").read_text() == USER
    (site.folder / "list.toml").write_text('[modules]\n"gone.away" = ["heavy"]\n')
    argv = [sys.executable, str(TOOL), str(site.folder / "list.toml"), str(site.folder)]
    assert "not in this version" in subprocess.run(argv, capture_output=True, text=True, check=True).stdout


def test_another_version_of_a_module_runs_as_it_is(site: Site) -> None:
    """A `pip install` on top of the image brings one."""
    site.rewrite(USER, "heavy")
    (site.folder / "mod.py").write_text(USER + "new = 1\n")
    assert site.run("import mod; print(mod.new, 'heavy' in __import__('sys').modules)") == ["heavy", "1", "True"]


def test_a_module_shows_its_names_and_no_trace(site: Site) -> None:
    site.rewrite(USER, "heavy")
    ask = "import mod; print(*sorted(n for n in {} if n != '__builtins__' and not n.lower().startswith('_kit')))"
    for names in ("dir(mod)", "vars(mod)"):
        plain = site.run(ask.format(names), worker=False)
        assert plain == site.run(ask.format(names))
        assert {"a", "b"} < set(plain)
    look = "(type(mod.__loader__), mod.__spec__.loader is mod.__loader__, mod.__file__, mod.__cached__)"
    assert site.run(f"import mod; print({look})") == site.run(f"import mod; print({look})", worker=False)[1:]
    assert site.run("import mod; print('_kit' in str(dir(mod)).lower())") == ["heavy", "False"]


def test_star_imports_sources_and_lines_are_those_of_the_file(site: Site) -> None:
    site.rewrite(USER, "heavy")
    assert site.run("from mod import *; print(a(), b)") == ["heavy", "a", "b"]
    code = "import inspect, mod; assert inspect.getsource(mod.f).splitlines()[2] == '    def inner():'"
    site.run(code)
    site.rewrite(f"{FUTURE}from heavy import a\n\ndef f():\n    a()\n    1 / 0\n", "heavy")
    code = (
        "import mod, traceback\ntry: mod.f()\nexcept ZeroDivisionError as e: print(e.__traceback__.tb_next.tb_lineno)"
    )
    assert site.run(code)[-1] == "6"


def test_what_somebody_set_is_not_loaded_over(site: Site) -> None:
    site.rewrite(USER, "heavy")
    code = "import mod\nmod.a = lambda: 'mine'\nprint(mod.f())\n"
    assert site.run(code) == ["heavy", "mine"]
    assert site.run(f"import mod\nmod.f()\n{code}") == ["heavy", "mine"]


def test_a_python_that_is_started_imports_as_before(site: Site) -> None:
    site.rewrite(USER, "heavy")
    code = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'import mod; print(\"then\")'], check=True)"
    assert site.run(code) == ["heavy", "then"]
