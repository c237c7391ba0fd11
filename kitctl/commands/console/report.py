"""How every command prints its result: text for people, JSON or YAML for scripts; always on stdout."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, is_dataclass
from typing import Any, TextIO

from kitctl.model.settings import Output, Settings

_COLORS = {"red": "31", "green": "32", "yellow": "33", "dim": "2", "bold": "1"}


def emit(data: Any, output: Output, text: Callable[[], str], out: TextIO | None = None) -> None:
    """Print one report.

    Args:
        data: What `-o json` and `-o yaml` show: a frozen dataclass, or a document that is data already (values,
            manifests). Its keys are a contract.
        output: The chosen format.
        text: Makes the text for people; called only when text is wanted.
        out: Where to print; None means stdout.
    """
    stream = out or sys.stdout
    data = plain(data)
    if output is Output.JSON:
        body = json.dumps(data, indent=2, ensure_ascii=False, default=str)
    elif output is Output.YAML:
        body = as_yaml(data)
    else:
        body = text()
    stream.write(body.rstrip("\n") + "\n")
    stream.flush()


def plain(report: Any) -> Any:
    """Return a report as plain data; a frozen dataclass becomes a mapping with the keys in the order of its fields."""
    return asdict(report) if is_dataclass(report) and not isinstance(report, type) else report


def given(report: Any) -> Any:
    """Return a report as plain data without the keys that are None, for reports whose keys depend on the mode."""
    data = plain(report)
    if isinstance(data, dict):
        return {key: given(value) for key, value in data.items() if value is not None}
    return [given(value) for value in data] if isinstance(data, list | tuple) else data


def one(data: Any, output: Output) -> str:
    """Return one item of a stream: a line of JSON, or a document of YAML."""
    data = plain(data)
    if output is Output.YAML:
        return "---\n" + as_yaml(data).rstrip("\n")
    return json.dumps(data, ensure_ascii=False, default=str)


def as_yaml(data: Any) -> str:
    """Return YAML of plain data, keys in the order given."""
    import yaml  # noqa: PLC0415 - 20 ms that only `-o yaml` should pay

    return str(yaml.safe_dump(json.loads(json.dumps(data, default=str)), sort_keys=False, allow_unicode=True))


def table(headers: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Lay out rows in columns, as kubectl does: capital headers, two blanks between columns.

    Cells lose their line breaks, so that one row is one line and `grep` and `awk` work.
    """
    body = [[" ".join(str(cell).split()) if cell is not None else "-" for cell in row] for row in rows]
    lines = [[h.upper() for h in headers], *body]
    widths = [max(len(line[i]) for line in lines) for i in range(len(headers))]
    return "\n".join("  ".join(c.ljust(w) for c, w in zip(line, widths, strict=True)).rstrip() for line in lines)


def pairs(data: Mapping[str, object]) -> str:
    """Lay out a mapping as `key: value` lines with aligned values."""
    width = max((len(k) for k in data), default=0) + 1
    return "\n".join(f"{k + ':':<{width}} {v}" for k, v in data.items())


def paint(text: str, color: str, settings: Settings, out: TextIO | None = None) -> str:
    """Colour a text, on terminals only.

    Args:
        text: What to colour.
        color: One of red, green, yellow, dim, bold.
        settings: Carries --no-color and NO_COLOR.
        out: Where it will be printed; None means stdout.
    """
    stream = out or sys.stdout
    if not settings.color or not stream.isatty():
        return text
    return f"\033[{_COLORS[color]}m{text}\033[0m"


def teller(settings: Settings) -> Callable[[str], None]:
    """Return what use cases report their steps to: lines on stderr, silent with -q."""

    def tell(line: str) -> None:
        if not settings.quiet:
            sys.stderr.write(line + "\n")
            sys.stderr.flush()

    return tell
