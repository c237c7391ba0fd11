"""The flags of `kitctl objects`."""

from __future__ import annotations

from typing import Annotated

from kitctl.commands.options.flag import once as _once

SecretName = Annotated[
    str,
    _once(
        "--secret",
        text="Secret whose keys stand for passwords and other secrets, instead of environment variables",
        env="KITCTL_OBJECTS_SECRET",
        default="",
        metavar="NAME",
    ),
]
Prune = Annotated[
    bool,
    _once(
        "--prune",
        text="Delete objects that the file does not name, in the sections that it names",
        env="KITCTL_OBJECTS_PRUNE",
        default=False,
    ),
]
