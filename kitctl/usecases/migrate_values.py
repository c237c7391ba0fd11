"""`kitctl values migrate`: values files of another chart become one of this chart, which is then rendered."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from kitctl.errors import ExitCode, KitError
from kitctl.model.migrate.document import Document
from kitctl.model.migrate.migrate import migrate
from kitctl.model.migrate.origin import CHARTS, Origin, origin
from kitctl.model.migrate.result import LOST, Line, Migration, NewSecret
from kitctl.model.settings import Settings
from kitctl.model.versions import data_dir
from kitctl.tools.helm.client import Helm
from kitctl.tools.helm.sources import Sources
from kitctl.tools.replace_file import replace_text

_NEW_FILE = "the new file"


@dataclass(frozen=True)
class Refusal:
    """What the chart says against the new file.

    Attributes:
        id: Id of the error.
        message: What is wrong.
        cause: Why.
        fix: What to write instead.
        lines: Places of the old files from which it comes.
    """

    id: str
    message: str
    cause: str
    fix: str
    lines: list[str]


@dataclass(frozen=True)
class MigrateReport:
    """The report of `kitctl values migrate`.

    Attributes:
        ok: Everything was carried, and the chart takes the new file.
        chart: The chart for which the old files were written.
        sure: `given` by --from, `certain` or `likely`.
        reason: Why.
        lines: What became of each key.
        secrets: Secrets to create before the install.
        check: `passed`, `refused`, or `skipped` with --no-check.
        refusals: What the chart says against the new file.
        file: The file that was written; null for stdout and with --dry-run.
        values: The new file.
    """

    ok: bool
    chart: str
    sure: str
    reason: str
    lines: list[Line]
    secrets: list[NewSecret]
    check: str
    refusals: list[Refusal]
    file: str | None
    values: str


def run(settings: Settings, files: Sequence[Path], chart: str, out: Path | None, *, check: bool) -> MigrateReport:
    """Carry values files over.

    Args:
        settings: Release and namespace of the check, --yes and --dry-run.
        files: Values files of one chart, in the order of Helm's `-f`.
        chart: One of CHARTS, or `auto`.
        out: File to write; None leaves it to the caller to print the values.
        check: Render the chart with the new file.

    Raises:
        KitError: `values-missing`, `values-invalid`; `values-origin-unknown` (code USAGE) where the keys do not
            tell the chart; `values-file-exists` (code USAGE); `values-not-written`.
    """
    _refuse_existing(settings, out)
    merged = Helm().merge(Sources(files=tuple(path.absolute() for path in files)))
    texts = {str(path): path.read_text(encoding="utf-8") for path in files}
    done = migrate(merged, texts, _origin(merged, files, chart))
    refusals = _judge(settings, done) if check else []
    if out and not settings.dry_run:
        _write(out, done.values)
    return MigrateReport(
        ok=not refusals and not any(line.verdict in LOST for line in done.lines),
        chart=done.chart,
        sure=done.sure,
        reason=done.reason,
        lines=done.lines,
        secrets=done.secrets,
        check=("refused" if refusals else "passed") if check else "skipped",
        refusals=refusals,
        file=str(out) if out and not settings.dry_run else None,
        values=done.values,
    )


def _origin(merged: dict[str, object], files: Sequence[Path], chart: str) -> Origin:
    """Return for which chart the files were written."""
    if chart != "auto":
        return Origin(chart, "given", "--from")
    found = origin([key for key, _ in Document(merged, {}, {}).leaves()])
    if found.chart:
        return found
    charts = [name for name in CHARTS if name in found.likely]
    names = " ".join(str(path) for path in files)
    raise KitError(
        "values-origin-unknown",
        f"The keys of {names} do not say for which chart it was written",
        cause=f"It has as many keys of {' as of '.join(charts)}. {found.reason[0].upper()}{found.reason[1:]}",
        fix="\n".join(f"kitctl values migrate {names} --from {name}" for name in charts),
        code=ExitCode.USAGE,
    )


def _refuse_existing(settings: Settings, out: Path | None) -> None:
    if out and out.exists() and not settings.yes:
        raise KitError(
            "values-file-exists",
            f"The file {out} exists already",
            cause="kitctl replaces a file only if you say so",
            fix="--yes    # replaces it; or choose another name for --out",
            code=ExitCode.USAGE,
        )


def _write(out: Path, text: str) -> None:
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        replace_text(out, text)
    except OSError as error:
        raise KitError(
            "values-not-written",
            f"The file {out} cannot be written",
            cause=str(error),
            fix=f"df -h {out.parent}    # is the disk full? Or choose another folder, or leave out --out",
        ) from error


def _judge(settings: Settings, done: Migration) -> list[Refusal]:
    """Render the chart with the new file."""
    with tempfile.TemporaryDirectory(prefix="kitctl-values-") as folder:
        path = Path(folder, "values.yaml")
        path.write_text(done.values, encoding="utf-8")
        try:
            Helm().template(data_dir("chart"), settings.release, settings.namespace, Sources(files=(path,)))
        except KitError as error:
            message, cause, fix = (
                text.replace(str(path), _NEW_FILE) for text in (error.message, error.cause, error.fix)
            )
            return [Refusal(error.id, message, cause, fix, _lines(done, f"{message} {cause}"))]
    return []


def _lines(done: Migration, words: str) -> list[str]:
    """Return the old lines that set keys which an error names, or else those that set others of the same section."""
    named = [tuple(name.split(".")) for name in re.findall(r"[A-Za-z]\w*(?:\.[\w-]+)+", words.replace("/", "."))]
    keys = [(line, [tuple(to.split(".")) for to in line.to]) for line in done.lines]
    for cut in range(max(map(len, named), default=0)):
        sections = [name[: len(name) - cut] for name in named if len(name) > cut]
        found = [line for line, to in keys if any(_related(key, name) for key in to for name in sections)]
        if found:
            return [f"{line.place} {line.key}" for line in found]
    return []


def _related(key: tuple[str, ...], name: tuple[str, ...]) -> bool:
    """Say whether one key is the other, or is in it."""
    short = min(len(key), len(name))
    return key[:short] == name[:short]
