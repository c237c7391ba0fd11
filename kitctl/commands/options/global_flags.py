"""The flags that every command has, declared once; inject.py gives them to the commands."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from kitctl.commands.options import complete, read
from kitctl.commands.options.flag import flag as _flag
from kitctl.commands.options.flag import once as _once
from kitctl.model.settings import Output as OutputFormat
from kitctl.model.settings import Settings

Project = Annotated[
    Path | None,
    _once(
        "--project",
        text="Project file; without it, kitctl.yaml of this folder or of one above",
        env="KITCTL_PROJECT",
        metavar="FILE",
        is_eager=True,
    ),
]
Environment = Annotated[
    str | None,
    _once(
        "-e",
        "--environment",
        text="Environment of the project file, such as prod",
        env="KITCTL_ENVIRONMENT",
        is_eager=True,
    ),
]
Namespace = Annotated[
    str,
    _flag(
        "-n",
        "--namespace",
        text="Namespace of the release",
        env="KITCTL_NAMESPACE",
        autocompletion=complete.namespace,
        default=Settings.namespace,
    ),
]
Release = Annotated[
    str,
    _flag(
        "--release",
        text="Name of the Helm release",
        env="KITCTL_RELEASE",
        autocompletion=complete.release,
        default=Settings.release,
    ),
]
Context = Annotated[
    str | None, _flag("--context", text="Kube context", env="KITCTL_CONTEXT", autocompletion=complete.context)
]
Kubeconfig = Annotated[Path | None, _flag("--kubeconfig", text="Kubeconfig file", env="KITCTL_KUBECONFIG")]
Provider = Annotated[
    str,
    _flag(
        "--provider", text="auto, minikube, kind, node or existing", env="KITCTL_PROVIDER", default=Settings.provider
    ),
]
ClusterName = Annotated[
    str,
    _flag(
        "--cluster-name",
        text="Name of the cluster that kitctl creates",
        env="KITCTL_CLUSTER_NAME",
        default=Settings.cluster,
    ),
]
Values = Annotated[
    list[Path] | None,
    _flag(
        "-f",
        "--values",
        text="Values file, may be repeated",
        env="KITCTL_VALUES",
        metavar="FILE",
        callback=read.values,
    ),
]
Sets = Annotated[
    list[str] | None,
    _flag(
        "--set",
        text="key=value, in the syntax of Helm; may be repeated",
        env="KITCTL_SET",
        metavar="KEY=VALUE",
        callback=read.settings,
    ),
]
SetStrings = Annotated[
    list[str] | None,
    _flag(
        "--set-string",
        text="key=value whose value is always a string; may be repeated",
        env="KITCTL_SET_STRING",
        metavar="KEY=VALUE",
        callback=read.settings,
    ),
]
SetFiles = Annotated[
    list[str] | None,
    _flag(
        "--set-file",
        text="key=path whose value is the text of a file; may be repeated",
        env="KITCTL_SET_FILE",
        metavar="KEY=PATH",
        callback=read.settings,
    ),
]
SetJsons = Annotated[
    list[str] | None,
    _flag(
        "--set-json",
        text="key=json whose value is JSON; may be repeated",
        env="KITCTL_SET_JSON",
        metavar="KEY=JSON",
        callback=read.settings,
    ),
]
Output = Annotated[
    OutputFormat, _once("-o", "--output", text="Format of the report", env="KITCTL_OUTPUT", default=Settings.output)
]
Verbose = Annotated[
    int, _once("-v", "--verbose", text="Show the external commands", env="KITCTL_VERBOSE", default=0, count=True)
]
Quiet = Annotated[bool, _once("-q", "--quiet", text="Print only results and errors", env="KITCTL_QUIET", default=False)]
DryRun = Annotated[
    bool, _once("--dry-run", text="Change nothing, print what would be done", env="KITCTL_DRY_RUN", default=False)
]
Yes = Annotated[bool, _once("-y", "--yes", text="Answer every question with yes", env="KITCTL_YES", default=False)]
Wait = Annotated[
    bool, _flag("--wait/--no-wait", text="Wait until the result is ready", env="KITCTL_WAIT", default=True)
]
Timeout = Annotated[
    float,
    _flag(
        "--timeout",
        text="Time limit in seconds, without image builds",
        env="KITCTL_TIMEOUT",
        default=Settings.timeout,
        callback=read.seconds,
    ),
]
NoColor = Annotated[bool, _once("--no-color", text="Print without colours", env="KITCTL_NO_COLOR", default=False)]
