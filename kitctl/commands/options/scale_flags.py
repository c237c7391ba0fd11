"""The flags of `kitctl scale`."""

from __future__ import annotations

from typing import Annotated

from kitctl.commands.options.flag import once as _once

Workers = Annotated[
    int | None, _once("--workers", text="Number of Celery workers", env="KITCTL_WORKERS", min=0, metavar="N")
]
WorkerGroup = Annotated[
    str, _once("--group", text="Group of Celery workers that --workers means", env="KITCTL_GROUP", default="")
]
ApiServers = Annotated[
    int | None, _once("--api-server", text="Number of API servers", env="KITCTL_API_SERVER", min=0, metavar="N")
]
Schedulers = Annotated[
    int | None, _once("--scheduler", text="Number of schedulers", env="KITCTL_SCHEDULER", min=0, metavar="N")
]
DagProcessors = Annotated[
    int | None,
    _once("--dag-processor", text="Number of DAG processors", env="KITCTL_DAG_PROCESSOR", min=0, metavar="N"),
]
Triggerers = Annotated[
    int | None, _once("--triggerer", text="Number of triggerers", env="KITCTL_TRIGGERER", min=0, metavar="N")
]
