"""Waiting until the dag-processor has read what a push brought."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from kitctl.errors import ExitCode, KitError
from kitctl.model.dags import rules
from kitctl.tools import ruff
from kitctl.tools.deadline import Deadline
from kitctl.usecases.dags.check import read
from kitctl.usecases.dags.sources import sources

if TYPE_CHECKING:
    from kitctl.tools.airflow.api import AirflowApi

FOLDER_BUNDLE = "dags-folder"
"""Airflow's name for the one folder of the modes image, pvc and git."""

_POKE_SECONDS = 10.0


ERROR_ONLY = ""
"""In place of the id of a DAG: the file will only ever have an import error."""


@dataclass(frozen=True)
class Wanted:
    """What must be seen.

    Attributes:
        ids: File inside the DAG folder → ids of its DAGs, as far as the text tells them.
        since: Time (seconds since 1970, the cluster's clock) from which on a parse counts.
        fresh: Files that must be read anew; None means all. Of the others an older reading does.
        bundle: Name of the bundle.
        exact: Whether DAGs of other files must be gone.
    """

    ids: Mapping[str, set[str]]
    since: float
    fresh: set[str] | None = None
    bundle: str = FOLDER_BUNDLE
    exact: bool = True

    def since_of(self, file: str) -> float:
        """Return the time from which on a parse of one file counts."""
        # Airflow names a DAG of an archive `packed.zip/dag.py`; what is brought is the archive.
        names = {file, *(parent.as_posix() for parent in PurePosixPath(file).parents)}
        return self.since if self.fresh is None or names & self.fresh else 0.0


@dataclass(frozen=True)
class FileError:
    """A DAG file that does not import, and the last line of its traceback."""

    file: str
    message: str


@dataclass(frozen=True)
class Parsed:
    """What Airflow has read.

    Attributes:
        dags: Ids of the DAGs.
        import_errors: Files that do not import.
    """

    dags: tuple[str, ...] = ()
    import_errors: tuple[FileError, ...] = ()


def expected(folder: Path) -> dict[str, set[str]]:
    """Return the DAG ids that each file of a folder, or of an archive in it, names in its text.

    A file that is no Python names none, but Airflow will have an error of it: its only id is ERROR_ONLY.
    """
    texts, _ = sources(folder, read(folder))
    ids = {file: {dag_id for dag_id, _ in rules.dag_ids(text)} for file, text in texts.items()}
    silent = {file for file, found in ids.items() if not found and _airflow_reads(texts[file])}
    return ids | {file: {ERROR_ONLY} for file in ruff.not_python(folder, silent)}


def _airflow_reads(text: str) -> bool:
    """Whether Airflow imports the file: it passes over those that lack one of these words (its "safe mode")."""
    return all(word in text.lower() for word in ("dag", "airflow"))


def wait_parsed(api: AirflowApi, wanted: Wanted, note: Callable[[str], None], deadline: Deadline) -> Parsed:
    """Wait until every file was read anew, and what is gone is gone from the list, too.

    Raises:
        KitError: `dags-not-parsed` (code TIMEOUT), naming the files that were not.
    """
    for line in doubled(wanted.ids):
        note(line)
    next_poke, missing, left = deadline.now(), [], []

    def look() -> Parsed | None:
        nonlocal next_poke, missing, left
        known = [d for d in api.dags(bundle_name=wanted.bundle, exclude_stale=False) if not d.get("is_stale")]
        errors = {e["filename"]: e for e in api.import_errors() if e.get("bundle_name") == wanted.bundle}
        missing = _unread(wanted, known, errors)
        left = sorted({str(d["relative_fileloc"]) for d in known} - set(wanted.ids)) if wanted.exact else []
        if not missing and not left:
            ids = sorted(d["dag_id"] for d in known if d["relative_fileloc"] in wanted.ids)
            told = [FileError(f, last_line(e["stack_trace"])) for f, e in errors.items() if f in wanted.ids]
            return Parsed(tuple(ids), tuple(told))
        note(f"waiting until {len(missing)} files are read" if missing else f"waiting until {left[0]} is forgotten")
        if deadline.now() >= next_poke:
            next_poke = deadline.now() + _POKE_SECONDS
            poke(api, known)
        return None

    if found := deadline.until(look, every=1.0):
        return found
    raise KitError(
        "dags-not-parsed",
        f"Airflow has not parsed {', '.join((missing or left)[:5])} in time",
        cause="The files are in the release, but the DAG processor has not read them yet",
        fix="kitctl logs dag-processor    # or use a longer --timeout",
        code=ExitCode.TIMEOUT,
    )


def poke(api: AirflowApi, known: Iterable[Mapping[str, Any]]) -> None:
    """Ask the dag-processor to look at the bundle now: a request to parse one file refreshes the whole of it."""
    for dag in known:
        if token := dag.get("file_token"):
            with suppress(KitError):  # the same request may be queued already; it comes around by itself, too
                api.call("PUT", f"/api/v2/parseDagFile/{token}")
            return


def _unread(wanted: Wanted, known: list[dict[str, Any]], errors: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Return the files that were not read since they were brought."""
    read: set[str] = set()
    for dag in known:
        file = str(dag.get("relative_fileloc"))
        began = when(dag.get("last_parsed_time")) - float(dag.get("last_parse_duration") or 0.0)
        # An id of two files is known by one of them at a time: whichever was read last.
        if began >= wanted.since_of(file) and dag["dag_id"] in wanted.ids.get(file, ()):
            read.add(dag["dag_id"])
    broken = {file for file, error in errors.items() if when(error["timestamp"]) >= wanted.since_of(file)}
    return sorted(f for f, ids in wanted.ids.items() if ids - read and f not in broken)


def doubled(ids: Mapping[str, set[str]]) -> list[str]:
    """Return a sentence for each DAG id that several files name."""
    files: dict[str, list[str]] = {}
    for file in sorted(ids):
        for dag_id in ids[file] - {ERROR_ONLY}:
            files.setdefault(dag_id, []).append(file)
    several = sorted((dag_id, names) for dag_id, names in files.items() if len(names) > 1)
    return [f"the id {i} is in {' and '.join(names)}: Airflow runs whichever it read last" for i, names in several]


def when(text: str | None) -> float:
    """Read a time of the API as seconds since 1970; 0 for none."""
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp() if text else 0.0


def last_line(trace: str) -> str:
    """Return the last line of a traceback that says something."""
    return next((line.strip() for line in reversed(trace.splitlines()) if line.strip()), "")
