"""Build step: find what deferred imports would have bound, so that it stays within reach.

`import sqlalchemy.orm` anywhere makes `orm` an attribute of `sqlalchemy`, for everybody. This imports what a worker pod
imports twice, with the files as they are and with the second versions that lazy_imports.py made, and writes the
difference down for airflow_kit_deferral.py. Then it asks for each name of each module once more, and fails when one is
missing: a release of Airflow that moves things stops the build, not a DAG.

Usage: lazy_submodules.py LIST PYTHON
PYTHON is the interpreter of the environment.
"""

from __future__ import annotations

import json
import marshal
import os
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

DATA = "airflow_kit_deferral.data"
MEASURE = r"""
import importlib, json, sys, types
job = json.load(sys.stdin)
if job["deferred"]:
    import airflow_kit_deferral
    assert airflow_kit_deferral.start(), "no data for this Python"
contents = types.ModuleType.__dict__["__dict__"].__get__

def bound():
    for name, module in list(sys.modules.items()):
        package, _, child = name.rpartition(".")
        if package in sys.modules and contents(sys.modules[package]).get(child) is module:
            yield name

seen, steps = set(), {}
for step, names in job["steps"].items():
    for name in names:
        importlib.import_module(name)
    steps[step] = sorted(set(bound()) - seen)
    seen.update(steps[step])

def kind(name, attribute):
    try:
        return type(getattr(importlib.import_module(name), attribute)).__name__
    except Exception: # a lazy attribute of the package's own may want what is not installed
        return ""

if "airflow.sdk.execution_time.supervisor" in sys.modules: # as it does before a task runs: it takes the engine away
    sys.modules["airflow.sdk.execution_time.supervisor"].block_orm_access()
other = [f"{name}.{a}" for name, wanted in job["ask"].items() for a in wanted if kind(name, a) != wanted[a]]
names = {}
if job["names"]:
    names = {name: dir(module) for name, module in list(sys.modules.items()) if module and "__m" not in name}
    names = {name: {a: found for a in held if (found := kind(name, a))} for name, held in names.items()}
print(json.dumps({"steps": steps, "names": names, "other": other}))
"""


def measure(python: str, steps: dict[str, list[str]], *, deferred: bool, **more: Any) -> Any:
    """Import modules in a process of its own, as a worker pod would.

    Returns:
        {"steps": {step: submodules that it bound}, "names": {module: {name: type}}, "other": what is not as `ask` says}
    """
    job = {"steps": steps, "deferred": deferred, "ask": {}, "names": False, **more}
    with tempfile.TemporaryDirectory() as home:
        env = {**os.environ, "AIRFLOW_HOME": home, "AIRFLOW_IS_K8S_EXECUTOR_POD": "True"}
        argv = [python, "-P", "-W", "ignore", "-c", MEASURE]  # -P: the folder of this file is not the environment
        done = subprocess.run(argv, input=json.dumps(job), env=env, text=True, stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def by_package(names: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Sort submodules by their packages."""
    found: dict[str, list[str]] = {}
    for name in names:
        package, _, child = name.rpartition(".")
        found.setdefault(package, []).append(child)
    return {package: tuple(children) for package, children in found.items()}


def main() -> None:
    """Measure, write the data, and ask for everything once more."""
    listed, python = tomllib.loads(Path(sys.argv[1]).read_text()), sys.argv[2]
    where = "import sysconfig; print(sysconfig.get_path('purelib'))"
    site = subprocess.run([python, "-c", where], text=True, stdout=subprocess.PIPE, check=True).stdout.strip()
    data = Path(site, DATA)
    magic, code, _ = marshal.loads(data.read_bytes())  # noqa: S302 - made by lazy_imports.py
    steps = {"": listed["base"], **{module: [module] for module in code}}
    plain = measure(python, steps, deferred=False, names=True)
    lazy = measure(python, steps, deferred=True)
    # What a worker pod imports anyway is no step of its own.
    missing = {step: by_package(sorted(set(plain["steps"][step]) - set(lazy["steps"][step]))) for step in steps}
    data.write_bytes(marshal.dumps((magic, code, {step: found for step, found in missing.items() if found})))
    count = sum(len(children) for found in missing.values() for children in found.values())
    sys.stdout.write(f"lazy_submodules: {count} submodules on demand\n")
    ask = {name: held for name, held in plain["names"].items() if name not in listed["other"]}
    checked = measure(python, steps, deferred=True, ask=ask)
    if checked["other"]:
        other = "\n".join(checked["other"])
        sys.exit(f"lazy_submodules: with deferred imports these are missing or of another type:\n{other}")


if __name__ == "__main__":
    main()
