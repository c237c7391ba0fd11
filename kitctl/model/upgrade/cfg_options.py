"""Options in a text of airflow.cfg, and the line of the user's file that sets each."""

from __future__ import annotations

import configparser
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from kitctl.model.upgrade.options import Setting

_SECTION = re.compile(r"^\[([^\]]+)\]")
_OPTION = re.compile(r"^([^\s=:#;\[{%][^=:]*?)\s*[=:]")
_BLOCK = re.compile(r"\{%-?\s*block\b")


@dataclass(frozen=True)
class _Line:
    file: str
    number: int
    section: str
    option: str


def settings(text: str, sources: Mapping[str, str], own: Collection[tuple[str, str]] = ()) -> list[Setting]:
    """Return the options of a text, as the user wrote them.

    Args:
        text: airflow.cfg as it is mounted.
        sources: The user's files that it was made of, by name; the last one is named where no line sets an option.
        own: Options of the kit's own text, which are left out unless a line of the user's sets them.

    Returns:
        Settings; none of a text that Airflow could not read.
    """
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string(text)
    except configparser.Error:
        return []
    lines = [line for name, source in sources.items() for line in _lines(name, source)]
    found = []
    for section in parser.sections():
        for option in parser.options(section):
            line = _line(lines, section, option)
            if line or (section, option) not in own:
                place = f"{line.file}:{line.number}" if line else next(reversed(list(sources)), "airflow.cfg")
                found.append(Setting(f"{place} ([{section}] {option})", section, option, in_text=True))
    return found


def names(text: str) -> set[tuple[str, str]]:
    """Return section and option of each option in a text that Airflow can read."""
    return {(one.section, one.option) for one in settings(text, {})}


def _lines(name: str, source: str) -> Iterator[_Line]:
    """Yield the lines that set an option. A block of a template may begin without its section, which is "" then."""
    section = ""
    for number, line in enumerate(source.splitlines(), 1):
        if _BLOCK.search(line):
            section = ""
        elif found := _SECTION.match(line):
            section = found[1]
        elif found := _OPTION.match(line):
            yield _Line(name, number, section, found[1].lower())


def _line(lines: list[_Line], section: str, option: str) -> _Line | None:
    """Return the last line that sets an option, before all one that names its section."""
    for wanted in (section, ""):
        for line in reversed(lines):
            if (line.section, line.option) == (wanted, option):
                return line
    return None
