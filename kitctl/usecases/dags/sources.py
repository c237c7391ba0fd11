"""The texts of a DAG folder: its Python files, and those in its archives."""

from __future__ import annotations

import io
import tokenize
from collections.abc import Iterator, Sequence
from pathlib import Path
from zipfile import BadZipFile, ZipFile

from kitctl.model.dags.findings import Finding, Severity


def sources(folder: Path, files: Sequence[str]) -> tuple[dict[str, str], list[Finding]]:
    """Read the texts of DAG files.

    Args:
        folder: The DAG folder.
        files: Python files and zip archives in it.

    Returns:
        Text by name, `packed.zip/dag.py` for a file of an archive; and a finding for each archive that is none, and
        each file whose text Python could not read.
    """
    found: dict[str, bytes] = {}
    findings = []
    for name in files:
        if not name.endswith(".zip"):
            found[name] = (folder / name).read_bytes()
            continue
        try:
            found |= {f"{name}/{inner}": data for inner, data in _packed(folder / name)}
        except (BadZipFile, RuntimeError) as error:  # no archive; a password or an unknown compression
            message = f"The archive cannot be read, and Airflow finds no DAG in it: {error}"
            fix = f"python3 -m zipfile -l {folder / name}    # lists a sound archive"
            findings.append(Finding("archive-unreadable", name, 0, Severity.ERROR, message, fix))
    texts: dict[str, str] = {}
    for name, data in found.items():
        try:
            texts[name] = _text(data)
        except (SyntaxError, UnicodeDecodeError) as error:
            message = f"The file is not valid Python: {error}"
            fix = "Save the file as UTF-8, or name its encoding in its first line: # -*- coding: latin-1 -*-"
            findings.append(Finding("syntax-error", name, 0, Severity.ERROR, message, fix))
    return texts, findings


def _text(data: bytes) -> str:
    """Return the text of a Python file as Python reads it: by its mark of byte order, or the encoding that it names."""
    encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
    return data.decode(encoding)


def _packed(archive: Path) -> Iterator[tuple[str, bytes]]:
    """Yield name and content of an archive's Python files; Airflow reads those at its top."""
    with ZipFile(archive) as opened:
        for name in opened.namelist():
            if name.endswith(".py") and "/" not in name:
                yield name, opened.read(name)


def written(texts: dict[str, str], folder: Path) -> set[str]:
    """Write the texts that lie in archives as plain files, for tools that read no archives; return their names."""
    packed = {name: text for name, text in texts.items() if ".zip/" in name}
    for name, text in packed.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return set(packed)
