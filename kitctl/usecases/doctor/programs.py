"""The programs that kitctl calls, with their versions."""

from __future__ import annotations

from dataclasses import dataclass

from kitctl.tools import toolbox
from kitctl.tools.process import run, which


@dataclass(frozen=True)
class Program:
    """A program as it was found.

    Attributes:
        words: Name, version and place, or that it is missing.
        version: Its version, None if unknown.
        suits: Whether kitctl uses it.
    """

    words: str
    version: tuple[int, int, int] | None
    suits: bool


def program(name: str, *arguments: str) -> Program:
    """Find a program: the one that kitctl uses, else the one on PATH that it refuses.

    Args:
        name: Its name.
        arguments: With which it prints its version.
    """
    used = toolbox.find(name)
    path = used or which(name)
    if path is None:
        return Program(f"{name} was not found", None, suits=False)
    have = toolbox.version(run([str(path), *arguments], check=False, timeout=20).stdout)
    number = ".".join(map(str, have)) if have else "of unknown version"
    words = f"{name} {number} ({path})" if used else f"{path} is {name} {number}"
    return Program(words, have, suits=used is not None)
