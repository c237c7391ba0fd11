"""The options that kitctl.yaml may set, found in the modules that declare them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from kitctl.commands.options import (
    doctor_flags,
    flags,
    global_flags,
    image_flags,
    log_flags,
    objects_flags,
    sandbox_flags,
    scale_flags,
    upgrade_flags,
)
from kitctl.commands.options.flag import Flag


@dataclass(frozen=True)
class Option:
    """An option of the command line.

    Attributes:
        alias: Name of its annotation in the module that declares it.
        kind: Type that its value has in the command.
        flag: What it is made of.
    """

    alias: str
    kind: Any
    flag: Flag

    @property
    def many(self) -> bool:
        """Whether it may be repeated."""
        return self.kind in (list[str] | None, list[Path] | None)

    @property
    def is_path(self) -> bool:
        """Whether its values are paths."""
        return self.kind in (Path, Path | None, list[Path] | None)


def _options(module: Any) -> list[Option]:
    found = [(name, get_args(alias)) for name, alias in vars(module).items()]
    return [Option(name, parts[0], parts[1]) for name, parts in found if len(parts) > 1 and isinstance(parts[1], Flag)]


HOMES = (flags, image_flags, sandbox_flags, log_flags, doctor_flags, scale_flags, objects_flags, upgrade_flags)
"""Modules that declare the options of single commands."""
_OF_COMMANDS = [one for module in HOMES for one in _options(module)]
OWN = {one.flag.key: one for one in _OF_COMMANDS if one.flag.in_file}
"""Those of single commands, by their key in the file."""
IN_FILE = {**{one.flag.key: one for one in _options(global_flags) if one.flag.in_file}, **OWN}
"""All of them."""
TYPED_ONLY = {one.flag.key for one in [*_options(global_flags), *_OF_COMMANDS]} - set(IN_FILE)
"""Keys of the other options."""
BY_VARIABLE = {one.flag.env[0]: key for key, one in IN_FILE.items()}
"""Keys by variable: what a command calls its parameter, or whether it is an argument, is its own business."""
LAYERS = {"values", "set", "set-string", "set-file", "set-json"}
"""Options of which Helm merges all, later ones winning: file, environment and command line add up."""
