"""The deferred imports of a worker pod, at run time; lazy_imports.py makes its data when the image is built.

`start()` is called by sitecustomize.py in the process that supervises a task, and nowhere else. From then on

- the modules of lazy_imports.toml run the code that lazy_imports.py made of them: imports that no task needs wait;
- what those imports would have bound stays within reach: a name of such a module, or a submodule of a package
  ("sqlalchemy.orm"), is imported when somebody asks for it. `dir()` and `vars()` ask for all.

The files of the packages are untouched: every other process, and each Python that a task starts, runs them as released.
"""

from __future__ import annotations

import gc
import marshal
import os
import sys
from importlib import import_module
from importlib.util import MAGIC_NUMBER, source_hash
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

DATA = Path(__file__).with_suffix(".data")
SUPERVISOR = "airflow.sdk.execution_time.supervisor"
"""The last module that a worker pod imports before it forks the task."""
USERS = "airflow_local_settings"
"""A module of the user's that Airflow imports on the way."""

code: dict[str, tuple[bytes, CodeType]] = {}
"""Module → hash of the source that its deferred code was made from, and that code."""
steps: dict[str, dict[str, tuple[str, ...]]] = {}
"""Module → package → submodules that importing the module would have bound; "" is what every worker pod imports."""
later: dict[str, set[str]] = {}
"""Package → submodules that are imported when somebody asks for them."""

_contents = ModuleType.__dict__["__dict__"].__get__
_types: dict[type, type] = {}
"""Class of modules → the same, with what this file adds."""
_filling: set[str] = set()


class _Later:
    """Part of a module's class: the module imports what it lacks: Python asks it only for what it does not hold."""

    def __getattr__(self, name: str) -> Any:
        held = _contents(self)
        if _import_later(held, name):
            return held[name]
        if "__getattr__" in held:  # it has refused already, and says why in its own words
            return held["__getattr__"](name)
        if hasattr(above := super(), "__getattr__"):
            return above.__getattr__(name)
        raise AttributeError(f"module {held['__name__']!r} has no attribute {name!r}")

    def __dir__(self) -> list[str]:
        fill(self)
        return [name for name in super().__dir__() if not name.lower().startswith("_kit_")]

    @property
    def __dict__(self) -> dict[str, Any]:  # type: ignore[override]
        fill(self)
        return _contents(self)


def _import_later(held: dict[str, Any], name: str) -> bool:
    """Import one name into a module's contents; tell whether it is one that waits."""
    package = held["__name__"]
    if name in held.get("_KIT_LOADERS", ()):
        held["_KIT_LOADERS"][name]()
        return name in held
    if name not in later.get(package, ()):
        return False
    try:
        module = import_module(f"{package}.{name}")
    except ModuleNotFoundError as error:
        if error.name != f"{package}.{name}":
            raise
        return False  # a package of the user's that has the name of one of ours
    finally:
        later[package].discard(name)
    held.setdefault(name, module)
    return True


def fill(module: ModuleType) -> None:
    """Import all that a module lacks."""
    held = _contents(module)
    package = held["__name__"]
    if package in _filling:
        return
    _filling.add(package)
    try:
        for name in [*held.get("_KIT_LOADERS", ()), *later.get(package, ())]:
            if name not in held:
                _import_later(held, name)
    finally:
        _filling.discard(package)


def watch(module: ModuleType) -> None:
    """Make a module import what it lacks."""
    kind = type(module)
    if not issubclass(kind, _Later):
        if kind not in _types:
            _types[kind] = type(kind.__name__, (_Later, kind), {})
        module.__class__ = _types[kind]


def expect(step: str) -> None:
    """Take note of what one import would have bound."""
    for package, names in steps.pop(step, {}).items():
        later.setdefault(package, set()).update(names)
        if (module := sys.modules.get(package)) is not None:
            watch(module)


class Finder:
    """First of sys.meta_path: lets the others find a module, and has a word with those that this file is about."""

    @classmethod
    def find_spec(cls, name: str, path: Any = None, target: Any = None) -> Any:
        """Find a module as if this finder were not there."""
        if not (name in code or name in later or name in steps or name in _AFTER or name == USERS):
            return None
        found = (f.find_spec(name, path, target) for f in sys.meta_path if f is not cls and hasattr(f, "find_spec"))
        spec = next((s for s in found if s is not None), None)
        if spec is not None and hasattr(spec.loader, "exec_module"):
            spec.loader = _Loader(spec.loader)
        return spec


class _Loader:
    """Loads a module and leaves no trace in it."""

    def __init__(self, real: Any) -> None:
        self._real = real

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def create_module(self, spec: Any) -> ModuleType | None:
        module: ModuleType | None = self._real.create_module(spec)
        return module

    def exec_module(self, module: ModuleType) -> None:
        name = module.__name__
        if module.__spec__ is not None:
            module.__spec__.loader = self._real
        module.__loader__ = self._real
        expect(name)
        usual = gc.get_threshold()
        if name == USERS:
            gc.set_threshold(*_PYTHONS_OWN)
        if (deferred := self._deferred(name)) is not None:
            exec(deferred, _contents(module))  # noqa: S102 - the code of this very module
        else:
            self._real.exec_module(module)
        if name == USERS:
            gc.set_threshold(*usual)
        module = sys.modules.get(name, module)
        if name in later or "_KIT_LOADERS" in _contents(module):
            watch(module)
        if name in _AFTER:
            _AFTER[name](module)

    def _deferred(self, name: str) -> CodeType | None:
        """Return a module's deferred code, unless somebody installed another version of the module."""
        if name not in code:
            return None
        made_from, deferred = code[name]
        source = self._real.get_data(self._real.get_filename(name))
        return deferred if source_hash(source) == made_from else None


_PYTHONS_OWN = gc.get_threshold()


def _airflow(module: ModuleType) -> None:
    """Do what Airflow leaves out together with the engine of the database: mask secrets of the configuration."""
    if os.environ.get(_MARK):
        module.configuration.conf.mask_secrets()


def _supervisor(_: ModuleType) -> None:
    """All imports are done: user code may come, and finds Python's own settings."""
    gc.set_threshold(*_PYTHONS_OWN)
    # The last collections of the interpreter would walk over all that was imported. Objects made from here on, an open
    # file among them, are collected as ever.
    gc.freeze()
    _frozen.append(True)


def _before_fork() -> None:
    if _marked:
        _marked.clear()
        os.environ.pop(_MARK, None)


def _in_child() -> None:
    """Give the task a collector that knows all objects; what the task freezes before forks of its own stays frozen."""
    if _frozen:
        _frozen.clear()
        gc.unfreeze()


class _Signals:
    """The module `signal` as Airflow's reader of DAG files sees it: without a handler for crashes.

    The reader leaves its handler in place. Python runs handlers between two instructions, and the one that crashed is
    repeated instead: the task would burn a core for ever while its supervisor reports that it lives.
    """

    def __init__(self, real: ModuleType) -> None:
        self._real = real

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def signal(self, number: int, handler: Any) -> Any:
        """Register a handler, but none for a crash."""
        crash = number == self._real.SIGSEGV
        return self._real.getsignal(number) if crash else self._real.signal(number, handler)


def _reader(module: ModuleType) -> None:
    module.signal = _Signals(module.signal)  # type: ignore[attr-defined]


_marked: list[bool] = []
_frozen: list[bool] = []
_MARK = "_AIRFLOW__REEXECUTED_PROCESS"
_AFTER = {
    "airflow": _airflow,
    SUPERVISOR: _supervisor,
    "airflow.dag_processing.importers.python_importer": _reader,
}


def _read() -> bool:
    """Read the data of the build; tell whether it was made for this Python."""
    try:
        magic, made_code, made_steps = marshal.loads(DATA.read_bytes())  # noqa: S302 - made by the build
    except (OSError, ValueError, EOFError, TypeError):
        return False
    if magic != MAGIC_NUMBER:
        return False
    code.update(made_code)
    steps.update(made_steps)
    return True


def start() -> bool:
    """Defer imports in this process and its forks; tell whether the build made data for this Python."""
    if not _read():
        return False
    # With Python's thresholds the collector walks the growing heap hundreds of times during the imports and finds
    # nothing. The first number is allocations minus deallocations between two young collections (2000 in 3.13).
    gc.set_threshold(100_000, 50, 100)
    # A supervisor holds no database, and yet `import airflow` would set up one's engine. Airflow spares this step in a
    # process that it started anew for a task; the mark goes before the task's own process starts, which looks for it to
    # tell whether `run_as_user` was dealt with.
    os.environ[_MARK] = "1"
    _marked.append(True)
    os.register_at_fork(before=_before_fork, after_in_child=_in_child)
    sys.meta_path.insert(0, Finder)  # type: ignore[arg-type]
    expect("")
    return True
