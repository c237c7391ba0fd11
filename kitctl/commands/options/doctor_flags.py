"""The flags of `kitctl doctor`."""

from __future__ import annotations

from typing import Annotated

from kitctl.commands.options.flag import flag as _flag
from kitctl.commands.options.flag import once as _once
from kitctl.model.options.purpose import Purpose

For = Annotated[
    Purpose,
    _once("--for", text="What to check for: up, deploy or build", env="KITCTL_DOCTOR_FOR", default=Purpose.UP),
]
Ignore = Annotated[
    list[str] | None,
    _flag(
        "--ignore",
        text="ID of a check that has no say in the verdict; may be repeated",
        env="KITCTL_DOCTOR_IGNORE",
        metavar="ID",
    ),
]
Fix = Annotated[
    bool,
    _once(
        "--fix",
        text="Also put right what is safe to (docs/doctor.md); with --dry-run, only list it",
        env="KITCTL_DOCTOR_FIX",
        default=False,
    ),
]
