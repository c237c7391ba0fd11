"""The flags of `kitctl image` alone."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from kitctl.commands.options.flag import flag as _flag
from kitctl.commands.options.flag import once as _once

Platform = Annotated[
    str,
    _flag(
        "--platform",
        text="Platform of the image, or several: linux/amd64,linux/arm64",
        env="KITCTL_PLATFORM",
        default="",
    ),
]
AirflowVersion = Annotated[
    str,
    _flag("--airflow-version", text="Airflow version of the kit's own image", env="KITCTL_AIRFLOW_VERSION", default=""),
]
PythonVersion = Annotated[
    str,
    _flag(
        "--python-version", text="Python version that the base image must have", env="KITCTL_PYTHON_VERSION", default=""
    ),
]
Extras = Annotated[
    str,
    _flag(
        "--extras",
        text="Providers to add to the kit's own image, separated by commas: amazon,google",
        env="KITCTL_EXTRAS",
        default="",
    ),
]
Example = Annotated[
    str,
    _flag(
        "--example",
        text="Example image to build on top; zip adds the program zip",
        env="KITCTL_EXAMPLE",
        default="",
    ),
]
Tag = Annotated[str, _flag("--tag", text="Additional name for the image", env="KITCTL_TAG", default="")]
CheckDags = Annotated[
    bool, _flag("--check/--no-check", text="Refuse DAGs that do not import", env="KITCTL_CHECK", default=True)
]
Repository = Annotated[
    str,
    _flag(
        "--repository",
        text="Also name the image by its content in this repository: registry.example.com/team/dags",
        env="KITCTL_REPOSITORY",
        default="",
    ),
]
LayerCache = Annotated[
    str,
    _flag(
        "--layer-cache",
        text="Repository that keeps the layers of builds for other machines, such as those of CI",
        env="KITCTL_LAYER_CACHE",
        default="",
    ),
]
DigestFile = Annotated[
    Path | None,
    _once("--digest-file", text="Write the digest of the pushed image to this file", env="KITCTL_DIGEST_FILE"),
]
