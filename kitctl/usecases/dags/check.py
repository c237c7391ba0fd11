"""`kitctl dags check`: judge a folder of DAGs before anybody waits for a run.

1. Read the files. 2. Judge their text. 3. Ask ruff what Airflow 3 renamed. 4. Import each in the image that runs it.
Steps 2 to 4 run side by side; the image is by far the slowest.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from kitctl.errors import ExitCode, KitError
from kitctl.images.dag_import import CheckOptions, Progress, imported
from kitctl.model.dags import airflowignore
from kitctl.model.dags import rules as dag_rules
from kitctl.model.dags.findings import DagOfFile, Finding, Severity, by_place
from kitctl.model.image_ref import files as content
from kitctl.render.pod_override import STAND_IN
from kitctl.tools import ruff
from kitctl.usecases.dags import pods
from kitctl.usecases.dags.imports import explained
from kitctl.usecases.dags.sources import sources, written


@dataclass(frozen=True)
class CheckReport:
    """What was read, and what was found.

    Attributes:
        ok: Whether nothing would break: no finding is an error.
        image: Image that imported the files; "" if their text was checked only.
        files: The files, relative to the DAG folder.
        dags: The DAGs in them.
        findings: What is wrong, in the order of files and lines.
    """

    ok: bool
    image: str
    files: list[str]
    dags: list[DagOfFile]
    findings: list[Finding]

    @classmethod
    def of(cls, files: list[str], dags: list[DagOfFile], findings: list[Finding], image: str = "") -> CheckReport:
        """Make the report of these findings."""
        return cls(not any(f.severity is Severity.ERROR for f in findings), image, files, dags, findings)


def check(path: Path, options: CheckOptions, progress: Progress) -> CheckReport:
    """Check a DAG folder, or one file of it.

    Raises:
        KitError: `dags-missing`, `dags-empty` (usage), `dags-check-failed`, and what the image's build may raise.
    """
    if not path.exists():
        raise KitError(
            "dags-missing",
            f"{path} does not exist",
            cause=f"Relative paths start at {Path.cwd()}",
            fix="kitctl dags check PATH",
            code=ExitCode.USAGE,
        )
    if not path.is_dir() and path.suffix not in {".py", ".zip"}:
        raise KitError(
            "dags-empty",
            f"{path} is no DAG file",
            cause="The names of DAG files end in .py or .zip",
            fix="kitctl dags check PATH    # a DAG folder, or one file in it",
            code=ExitCode.USAGE,
        )
    folder = path if path.is_dir() else path.parent
    files = read(folder) if path.is_dir() else [path.name]
    if not files:
        cause = "It contains no .py and no .zip file, or .airflowignore excludes all of them"
        fix = f"ls -la {path}    # then name the folder with your DAG files: kitctl dags check PATH"
        raise KitError("dags-empty", f"{path} contains no DAG file", cause=cause, fix=fix, code=ExitCode.USAGE)
    texts, broken = sources(folder, files)
    with ThreadPoolExecutor(2) as pool:
        linted = pool.submit(_linted, folder, texts)
        judged = pool.submit(_judged, texts, options)
        # In this thread, which Ctrl-C and SIGTERM interrupt: the container of the import is asked to end then. Those of
        # the pool are waited for, and take seconds.
        seen = imported(folder, files, options, progress) if options.import_files else None
        findings = [*judged.result(), *broken, *linted.result()]
    if seen is None:
        dags, doubles = by_text(texts)
        return CheckReport.of(files, dags, sorted([*findings, *doubles], key=by_place))
    told = [explained(found, folder, options) for found in seen.findings]
    told += pods.findings(seen.pods, volumes=options.pods.get("default") != STAND_IN)
    return CheckReport.of(files, seen.dags, merge(findings, told), seen.image)


def _judged(texts: Mapping[str, str], options: CheckOptions) -> list[Finding]:
    """Judge the text of each file."""
    return [found for name, text in texts.items() for found in dag_rules.check(text, name, options.executors)]


def _linted(folder: Path, texts: dict[str, str]) -> list[Finding]:
    """Run ruff over the folder, and over what lies in its archives, which ruff does not open."""
    with TemporaryDirectory(prefix="kitctl-archives-") as unpacked:
        packed = written(texts, Path(unpacked))
        found = ruff.air_findings(folder, set(texts) - packed)
        return found + (ruff.air_findings(Path(unpacked), packed) if packed else [])


def read(folder: Path) -> list[str]:
    """List the DAG folder's Python files and archives that `.airflowignore` does not leave out."""
    found = [p.relative_to(folder) for p in content(folder)]
    rules = {
        "" if p.parent == Path() else p.parent.as_posix(): (folder / p).read_text(encoding="utf-8", errors="replace")
        for p in found
        if p.name == airflowignore.NAME
    }
    names = (p.as_posix() for p in found if p.suffix in {".py", ".zip"})
    return sorted(name for name in names if not airflowignore.ignored(name, rules))


def by_text(sources: Mapping[str, str]) -> tuple[list[DagOfFile], list[Finding]]:
    """Return the DAGs whose id stands in the text, and a finding for each id that two files have."""
    dags: list[DagOfFile] = []
    findings, first = [], dict[str, str]()
    for file, text in sorted(sources.items()):
        for dag_id, line in dag_rules.dag_ids(text):
            dags.append(DagOfFile(dag_id, file))
            if first.setdefault(dag_id, file) != file:
                message = f"The DAG id {dag_id!r} is also defined in {first[dag_id]}"
                fix = "Give one of them another id"
                findings.append(Finding("dag-duplicate-id", file, line, Severity.ERROR, message, fix))
    return dags, findings


def merge(by_text: Sequence[Finding], by_import: Iterable[Finding]) -> list[Finding]:
    """Join both views. A text finding has the line, so it hides the same rule's finding of the import."""
    told = {(f.file, f.rule) for f in by_text}
    broken = {f.file for f in by_text if f.rule == "syntax-error"}
    kept = [f for f in by_import if (f.file, f.rule) not in told and not (f.file in broken and f.line)]
    return sorted([*by_text, *kept], key=by_place)
