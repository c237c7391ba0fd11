"""`.airflowignore` as Airflow 3 reads it: the glob syntax of .gitignore, a file in any folder. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath

NAME = ".airflowignore"


def ignored(path: str, rules: Mapping[str, str]) -> bool:
    """Tell whether a file is left out.

    Args:
        path: Path of the file inside the DAG folder, with forward slashes.
        rules: Folder inside the DAG folder ("" for itself) → text of its .airflowignore.

    Returns:
        Whether the file, or a folder above it, is ignored; as in git, a later line and a deeper file win.
    """
    parts = PurePosixPath(path).parts
    # A folder that is left out takes everything below it along, whatever deeper lines say.
    return any(_decide("/".join(parts[:n]), n < len(parts), rules) for n in range(1, len(parts) + 1))


def _decide(path: str, is_folder: bool, rules: Mapping[str, str]) -> bool:
    out = False
    parents = [p.as_posix() for p in reversed(PurePosixPath(path).parents)]
    for parent in ("" if p == "." else p for p in parents):
        inner = path[len(parent) :].lstrip("/")
        for negated, only_folders, pattern in _lines(rules.get(parent, "").splitlines()):
            if (is_folder or not only_folders) and pattern.fullmatch(inner):
                out = not negated
    return out


def _lines(lines: Iterable[str]) -> Iterable[tuple[bool, bool, re.Pattern[str]]]:
    for raw in lines:
        line = raw.split(" #")[0].rstrip()
        if not line or line.startswith("#"):
            continue
        negated = line.startswith("!")
        line = line.lstrip("!")
        only_folders = line.endswith("/")
        line = line.rstrip("/")
        if not line:
            continue
        anchored = "/" in line
        yield negated, only_folders, _compile(line.lstrip("/"), anchored)


def _compile(glob: str, anchored: bool) -> re.Pattern[str]:
    """Turn a pattern into a regular expression over a whole path; without a slash it may match in any folder."""
    text = "" if anchored else "(?:.*/)?"
    position = 0
    while position < len(glob):
        if glob.startswith("**/", position):
            text, position = text + "(?:.*/)?", position + 3
        elif glob.startswith("/**", position) and position + 3 == len(glob):
            text, position = text + "/.*", position + 3
        elif glob[position] == "*":
            text, position = text + "[^/]*", position + 1
        elif glob[position] == "?":
            text, position = text + "[^/]", position + 1
        elif glob[position] == "[" and (end := glob.find("]", position + 2)) > 0:
            inner = glob[position + 1 : end].replace("\\", "\\\\")
            inner = "^" + inner[1:] if inner.startswith("!") else inner
            text, position = text + f"[{inner}]", end + 1
        else:
            text, position = text + re.escape(glob[position]), position + 1
    return re.compile(text)
