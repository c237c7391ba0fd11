"""The flags of `kitctl upgrade-check`."""

from __future__ import annotations

from typing import Annotated

from kitctl.commands.options.flag import flag as _flag
from kitctl.commands.options.flag import once as _once

To = Annotated[
    str | None,
    _once(
        "--to",
        text="Airflow version to upgrade to, as on PyPI; without it, the one that this kitctl installs",
        env="KITCTL_UPGRADE_TO",
        metavar="VERSION",
    ),
]
NewImage = Annotated[
    str | None,
    _once(
        "--new-image",
        text="Your image with the new version, instead of one that kitctl builds",
        env="KITCTL_UPGRADE_NEW_IMAGE",
    ),
]
AskCluster = Annotated[
    bool,
    _flag(
        "--ask-cluster/--no-cluster",
        text="Also ask the release that runs, and its cluster",
        env="KITCTL_UPGRADE_ASK_CLUSTER",
        default=True,
    ),
]
