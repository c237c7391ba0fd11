"""The texts of a DAG folder: its Python files, and those in its archives."""

from __future__ import annotations

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
        Text by name, `packed.zip/dag.py` for a file of an archive; and a finding for each archive that is none.
    """
    texts: dict[str, str] = {}
    findings = []
    for name in files:
        if not name.endswith(".zip"):
            texts[name] = (folder / name).read_text(encoding="utf-8", errors="replace")
            continue
        try:
            texts |= {f"{name}/{inner}": text for inner, text in _packed(folder / name)}
        except (BadZipFile, RuntimeError) as error:  # no archive; a password or an unknown compression
            message = f"The archive cannot be read, and Airflow finds no DAG in it: {error}"
            fix = f"python3 -m zipfile -l {folder / name}    # lists a sound archive"
            findings.append(Finding("archive-unreadable", name, 0, Severity.ERROR, message, fix))
    return texts, findings


def _packed(archive: Path) -> Iterator[tuple[str, str]]:
    """Yield name and text of an archive's Python files; Airflow reads those at its top."""
    with ZipFile(archive) as opened:
        for name in opened.namelist():
            if name.endswith(".py") and "/" not in name:
                yield name, opened.read(name).decode(errors="replace")


def written(texts: dict[str, str], folder: Path) -> set[str]:
    """Write the texts that lie in archives as plain files, for tools that read no archives; return their names."""
    packed = {name: text for name, text in texts.items() if ".zip/" in name}
    for name, text in packed.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return set(packed)
