"""What DAG code reaches in a task's process, one statement after the other; runs inside an Airflow environment.

Reads {"deferred": bool, "base": modules, "jobs": [{"kind", "modules"}]} as JSON from stdin; prints a result per job.
Each job runs in a fork of its own, taken when the base has been imported, as the supervisor forks the task.
"""

import gc
import importlib
import json
import os
import pickle
import resource
import signal
import sys
import typing
import warnings
from types import FunctionType, ModuleType


def shape(value):
    """Return what two processes can compare of a value."""
    if isinstance(value, ModuleType):
        return f"module {value.__name__}"
    name = getattr(value, "__qualname__", None)
    return f"{type(value).__name__} {name if isinstance(name, str) else ''}"


def reach(dotted):
    """Run `import top; top.path.to.name`."""
    top, _, path = dotted.partition(".")
    try:
        value = __import__(top)
        for name in filter(None, path.split(".")):
            value = getattr(value, name)
    except (AttributeError, ImportError) as error:
        return f"{type(error).__name__}: {error}"
    return shape(value)


def names(module):
    """Return the names of a module that are not the kit's own."""
    return sorted(n for n in module if not n.lower().startswith("_kit_") and n != "__builtins__")


def star(name):
    """Run `from name import *`."""
    space = {}
    try:
        exec(f"from {name} import *", space)  # noqa: S102
    except AttributeError as error:
        return str(error)
    return {n: shape(v) for n, v in space.items() if n in names(space)}


def hints(name):
    """Resolve the annotations of a module's own functions and classes."""
    module, found = importlib.import_module(name), {}
    for key, value in sorted(vars(module).items()):
        if isinstance(value, FunctionType | type) and value.__module__ == name and not key.startswith("_kit_"):
            try:
                found[key] = sorted(typing.get_type_hints(value))
            except Exception as error:  # noqa: BLE001
                found[key] = f"{type(error).__name__}: {error}"
    return found


def pickled(name):
    """Pickle what a module holds, by name."""
    module = importlib.import_module(name)
    return [n for n in names(vars(module)) if isinstance(v := getattr(module, n), type) and not _kept(v)]


def garbage(_):
    """Make 400 MiB of garbage in cycles, and return by how many MiB the process has grown at most."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for _ in range(4000):
        cycle = [bytearray(100_000)]
        cycle.append(cycle)
    return (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024


def _kept(value):
    try:
        return pickle.loads(pickle.dumps(value)) is value  # noqa: S301
    except Exception:  # noqa: BLE001
        return False


KINDS = {
    "attribute": reach,
    "names": lambda name: names(dir(importlib.import_module(name))),
    "held": lambda name: names(vars(importlib.import_module(name))),
    "star": star,
    "hints": hints,
    "pickled": pickled,
    "settings": lambda _: [gc.get_threshold(), gc.get_freeze_count(), signal.signal.__module__],
    "garbage": garbage,
    "modules": lambda _: sorted(n for n, m in sys.modules.items() if m is not None and not n.startswith("__m")),
}


def run(job):
    """Run a job in a fork of its own and return its results."""
    ours, theirs = os.pipe()
    if (child := os.fork()) == 0:
        result = {name: KINDS[job["kind"]](name) for name in job["modules"]}
        with os.fdopen(theirs, "w") as pipe:
            json.dump(result, pipe)
        os._exit(0)
    os.close(theirs)
    with os.fdopen(ours) as pipe:
        text = pipe.read()
    os.waitpid(child, 0)
    return json.loads(text)


if __name__ == "__main__":
    asked = json.load(sys.stdin)
    warnings.simplefilter("ignore")
    if asked["deferred"]:
        import airflow_kit_deferral

        airflow_kit_deferral.start()
    for each in asked["base"]:
        importlib.import_module(each)
    # The first thing that the supervisor does in the fork.
    sys.modules["airflow.sdk.execution_time.supervisor"].block_orm_access()
    sys.stdout.write(json.dumps([run(job) for job in asked["jobs"]]) + "\n")
