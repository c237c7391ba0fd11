"""The flags of `kitctl logs`."""

from __future__ import annotations

from typing import Annotated

from kitctl.commands.options import complete
from kitctl.commands.options.flag import once as _once

LogsDag = Annotated[
    str,
    _once("--dag", text="DAG of the task", env="KITCTL_LOGS_DAG", default="", autocompletion=complete.dag),
]
LogsTask = Annotated[str, _once("--task", text="Task ID", env="KITCTL_LOGS_TASK", default="")]
LogsRun = Annotated[str | None, _once("--run", text="Run ID; without it, the newest run", env="KITCTL_LOGS_RUN")]
LogsTry = Annotated[
    int | None, _once("--try", text="Number of the try; without it, the last one", env="KITCTL_LOGS_TRY", min=1)
]
LogsMapIndex = Annotated[
    int | None, _once("--map-index", text="Index of a mapped task", env="KITCTL_LOGS_MAP_INDEX", min=-1)
]
LogsFollow = Annotated[
    bool, _once("-f", "--follow", text="Print new lines as they arrive", env="KITCTL_LOGS_FOLLOW", default=False)
]
LogsTail = Annotated[
    int | None, _once("--tail", text="Show the last N lines", env="KITCTL_LOGS_TAIL", min=0, metavar="N")
]
LogsPrevious = Annotated[
    bool,
    _once(
        "-p",
        "--previous",
        text="Show the container before its last restart",
        env="KITCTL_LOGS_PREVIOUS",
        default=False,
    ),
]
LogsBundle = Annotated[
    bool,
    _once(
        "--bundle",
        text="Write a support archive to FILE: reports, objects, logs; secrets are hidden",
        env="KITCTL_LOGS_BUNDLE",
        default=False,
    ),
]
