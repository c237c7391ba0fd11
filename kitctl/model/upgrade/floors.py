"""Which servers an Airflow is tested with: the table in the description of the package apache-airflow."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from packaging.version import Version

_SERIES = re.compile(r"^\d+(\.\d+)*$")


@dataclass(frozen=True)
class Floors:
    """Versions that an Airflow is tested with, in order; () where the table does not tell.

    Attributes:
        kubernetes: Minor versions of Kubernetes.
        postgres: Major versions of PostgreSQL.
        python: Minor versions of Python.
    """

    kubernetes: tuple[str, ...] = ()
    postgres: tuple[str, ...] = ()
    python: tuple[str, ...] = ()


def read(description: str, version: Version) -> Floors:
    """Read the column of a version from the table; the empty Floors if there is none.

    Args:
        description: Text of the package, in Markdown.
        version: Version of Airflow. A pre-release has the column of its release.
    """
    rows = [
        [cell.strip() for cell in line.strip().strip("|").split("|")]
        for line in description.splitlines()
        if line.strip().startswith("|")
    ]
    names = {f"({version.base_version})", f"({version})"}
    for number, head in enumerate(rows):
        column = next((i for i, cell in enumerate(head) if any(name in cell for name in names)), None)
        if column is not None:
            found = {row[0]: _versions(row[column]) for row in rows[number + 1 :] if len(row) > column}
            return Floors(found.get("Kubernetes", ()), found.get("PostgreSQL", ()), found.get("Python", ()))
    return Floors()


def _versions(cell: str) -> tuple[str, ...]:
    words = [word for part in cell.split(",") if _SERIES.match(word := part.strip())]
    return tuple(sorted(words, key=Version))


def below(version: str, tested: Sequence[str]) -> bool:
    """Whether a version is older than the oldest that is tested."""
    return bool(tested) and _key(version, tested[0]) < _key(tested[0], tested[0])


def above(version: str, tested: Sequence[str]) -> bool:
    """Whether a version is newer than the newest that is tested."""
    return bool(tested) and _key(version, tested[-1]) > _key(tested[-1], tested[-1])


def _key(version: str, like: str) -> tuple[int, ...]:
    """Return as many numbers of a version as another one has: 17.6 is one of 17."""
    numbers = tuple(int(number) for number in re.findall(r"\d+", version))
    return numbers[: len(like.split("."))]
