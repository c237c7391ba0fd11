"""What a DAG reaches in a worker pod of the kit's image is what it reaches with the packages as released."""

from __future__ import annotations

import json
import tomllib
from collections import defaultdict
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from kitctl.model.versions import data_dir
from tests.airflow.environment import deferring, interpreter, run_python

SCRIPT = str(Path(__file__).with_name("names.py"))
LIST = tomllib.loads((data_dir("docker") / "airflow" / "lazy_imports.toml").read_text())
DAGS_WRITE = [
    "sqlalchemy.orm.Session",
    "sqlalchemy.dialects.postgresql.JSONB",
    "airflow.models.DAG",
    "airflow.models.taskinstance.TaskInstance",
    "airflow.models.nothing",
    "airflow.nothing",
    "airflow.settings.Session",
    "airflow.settings.engine",
    "airflow.settings.sessionmaker",
    "sqlalchemy.nothing",
    "cryptography.fernet.Fernet",
    "kubernetes.client.models.v1_pod.V1Pod",
    "kubernetes.client.nothing",
]
TOPS = [("airflow",), ("sqlalchemy", "cryptography"), ("kubernetes", "libcst")]
Job = tuple[str, tuple[str, ...]]


def ask(jobs: Iterable[Job], *, deferred: bool) -> dict[Job, dict[str, Any]]:
    """Run jobs of names.py in one of the two environments."""
    listed = [{"kind": kind, "modules": names} for kind, names in jobs]
    request = {"deferred": deferred, "base": LIST["base"], "jobs": listed}
    done = run_python([SCRIPT], json.dumps(request), python=deferring() if deferred else interpreter())
    assert done.ok, done.stderr[-4000:]
    return dict(zip(jobs, json.loads(done.stdout.splitlines()[-1]), strict=True))


@cache
def skipped() -> dict[str, tuple[str, ...]]:
    """Return the packages whose modules wait, with those modules, by what the packages as released import."""
    job = ("modules", ("all",))
    plain, lazy = (ask([job], deferred=deferred)[job]["all"] for deferred in (False, True))
    found = defaultdict(list)
    for name in sorted(set(plain) - set(lazy)):
        found[name.rpartition(".")[0]].append(name)
    del found[""]
    found.pop("_openssl", None)  # no file: an extension of cryptography puts it into sys.modules
    return {package: tuple(names) for package, names in found.items()}


def of_tops(tops: tuple[str, ...]) -> tuple[str, ...]:
    """Return packages with modules that wait, and the modules that have a second version, by top-level package."""
    listed = {*skipped(), *LIST["modules"], *LIST["packages"]}
    return tuple(sorted(n for n in listed if n.partition(".")[0] in tops))


@cache
def answers() -> tuple[dict[Job, dict[str, Any]], dict[Job, dict[str, Any]]]:
    """Run everything once in each environment."""
    jobs = [("attribute", (dotted,)) for dotted in DAGS_WRITE]
    jobs += [("attribute", names) for names in skipped().values()]
    jobs += [(kind, of_tops(tops)) for kind in ("names", "held", "star") for tops in TOPS]
    jobs += [(kind, tuple(LIST["modules"])) for kind in ("hints", "pickled")]
    jobs += [("settings", ("all",)), ("garbage", ("all",))]
    return ask(jobs, deferred=False), ask(jobs, deferred=True)


def compare(*jobs: Job) -> int:
    """Compare the results of jobs, and return how many statements they hold."""
    plain, lazy = answers()
    different = {
        (kind, name): (plain[kind, names][name], lazy[kind, names][name])
        for kind, names in jobs
        for name in names
        if plain[kind, names][name] != lazy[kind, names][name]
    }
    assert different == {}
    return sum(len(names) for _, names in jobs)


def test_hundreds_of_imports_wait() -> None:
    assert sum(map(len, skipped().values())) > 300
    assert {"sqlalchemy", "sqlalchemy.dialects", "cryptography", "airflow.models"} < set(skipped())


def test_every_submodule_is_an_attribute_of_its_package() -> None:
    assert compare(*(("attribute", names) for names in skipped().values())) > 300


@pytest.mark.parametrize("dotted", DAGS_WRITE)
def test_what_dags_write_is_reached(dotted: str) -> None:
    compare(("attribute", (dotted,)))


@pytest.mark.parametrize("kind", ["names", "held", "star"])
@pytest.mark.parametrize("tops", TOPS, ids=str)
def test_dir_vars_and_star_imports_give_the_same_names(kind: str, tops: tuple[str, ...]) -> None:
    assert compare((kind, of_tops(tops))) > 5


@pytest.mark.parametrize("kind", ["hints", "pickled"])
def test_annotations_resolve_and_classes_are_pickled(kind: str) -> None:
    assert compare((kind, tuple(LIST["modules"]))) > 10


def test_a_task_finds_pythons_own_settings() -> None:
    compare(("settings", ("all",)))


def test_a_task_that_makes_garbage_in_cycles_needs_no_more_memory() -> None:
    plain, lazy = (answer["garbage", ("all",)]["all"] for answer in answers())
    assert 0 < lazy <= plain * 1.2 + 10
