"""The flags of `dags test` and `pytest`, which run in the image of the DAGs without a cluster."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from kitctl.commands.options.flag import flag as _flag
from kitctl.commands.options.flag import once as _once

EnvFile = Annotated[
    Path | None,
    _flag("--env-file", text="File with a line NAME=value for each variable", env="KITCTL_ENV_FILE"),
]
Date = Annotated[
    str, _once("--date", text="Logical date of the run, such as 2026-01-31", env="KITCTL_DATE", default="")
]
Tests = Annotated[Path, _flag("--tests", text="Folder of the tests", env="KITCTL_TESTS", default=Path("tests"))]
TestRequirements = Annotated[
    Path | None,
    _flag(
        "--test-requirements",
        text="Packages that the tests need; else requirements-test.txt, or pytest alone",
        env="KITCTL_TEST_REQUIREMENTS",
    ),
]
