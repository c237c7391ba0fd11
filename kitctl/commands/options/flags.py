"""The flags of single commands, declared once: their names, help, environment variables and default.

Those that every command has are in global_flags.py; commands with many flags of their own have a file beside this one.

`_once` declares those that only make sense for a single call: kitctl.yaml cannot set them.

A command takes a flag by annotating a keyword parameter with it, without a default (`dags: flags.Dags`).
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from kitctl.commands.options import read
from kitctl.commands.options.flag import flag as _flag
from kitctl.commands.options.flag import once as _once

_KUBERNETES_VERSION = ("KITCTL_KUBERNETES_VERSION", "KUBERNETES_VERSION")

# DAGs and images.
DagMode = Annotated[
    str | None,
    _flag(
        "--dag-mode",
        text="image, pvc (persistent_mode), git (git_mode) or bundle; without it, the values decide",
        env="KITCTL_DAG_MODE",
    ),
]
Dags = Annotated[Path | None, _flag("--dags", text="DAG folder; `up` copies it into the image", env="KITCTL_DAGS")]
Requirements = Annotated[
    Path | None,
    _flag("--requirements", text="Python requirements file to install in the image", env="KITCTL_REQUIREMENTS"),
]
Image = Annotated[
    str | None,
    _flag("--image", text="Airflow image to use, instead of the one of kitctl", env="KITCTL_IMAGE"),
]
CheckImage = Annotated[
    bool,
    _flag(
        "--check-image/--no-check-image",
        text="First check that your own image contains Airflow",
        env="KITCTL_CHECK_IMAGE",
        default=True,
    ),
]
Builder = Annotated[
    str | None, _flag("--builder", text="Image builder: auto, docker, podman or buildah", env="KITCTL_BUILDER")
]
CaBundle = Annotated[
    Path | None,
    _flag("--ca-bundle", text="CA certificates (PEM) for the downloads of image builds", env="KITCTL_CA_BUNDLE"),
]
BaseImage = Annotated[
    str,
    _flag(
        "--base-image",
        text="Base image: Airflow below your DAGs, or Debian below Airflow",
        env="KITCTL_BASE_IMAGE",
        default="",
    ),
]

# The repository of the DAGs. The second variables are those of the minikube tutorial that the kit succeeds.
GitRepo = Annotated[
    str | None,
    _flag("--git-repo", text="Repository of the DAGs", env=("KITCTL_GIT_REPO", "CONFIGMAP_GIT_REPO")),
]
GitRef = Annotated[
    str | None, _flag("--git-ref", text="Branch, tag or commit", env=("KITCTL_GIT_REF", "CONFIGMAP_BRANCH"))
]
GitSubPath = Annotated[
    str | None, _flag("--git-sub-path", text="Folder of the DAGs in the repository", env="KITCTL_GIT_SUB_PATH")
]
GitSecret = Annotated[
    str | None, _flag("--git-secret", text="Secret with the credentials of the repository", env="KITCTL_GIT_SECRET")
]
GitAuth = Annotated[
    str | None,
    _flag("--git-auth", text="Kind of those credentials: none, https, ssh or github-app", env="KITCTL_GIT_AUTH"),
]
CheckRepo = Annotated[
    bool,
    _flag(
        "--check-repo/--no-check-repo",
        text="First check from inside the cluster that the repository can be read",
        env="KITCTL_CHECK_REPO",
        default=True,
    ),
]
CheckDatabase = Annotated[
    bool,
    _flag(
        "--check-database/--no-check-database",
        text="First check from inside the cluster that an external database can be used",
        env="KITCTL_CHECK_DATABASE",
        default=True,
    ),
]
CheckLogs = Annotated[
    bool,
    _flag(
        "--check-logs/--no-check-logs",
        text="First check from inside the cluster that task logs can be kept in their remote store",
        env="KITCTL_CHECK_LOGS",
        default=True,
    ),
]
CheckBroker = Annotated[
    bool,
    _flag(
        "--check-broker/--no-check-broker",
        text="First check from inside the cluster that Celery can use an external broker",
        env="KITCTL_CHECK_BROKER",
        default=True,
    ),
]

# Values files of other charts.
FromChart = Annotated[
    str,
    _once(
        "--from",
        text="Chart that the files were written for: auto, official, community, kube-airflow or airflow-kit",
        env="KITCTL_FROM",
        default="auto",
    ),
]
Out = Annotated[Path | None, _once("--out", text="Write the new file here, instead of to stdout", env="KITCTL_OUT")]
CheckValues = Annotated[
    bool,
    _once(
        "--check/--no-check",
        text="Render the chart with the new file, and report what it refuses",
        env="KITCTL_CHECK_VALUES",
        default=True,
    ),
]

# The release.
Diff = Annotated[
    bool,
    _once(
        "--diff",
        text="Only show what would change; exit code 7 if something would",
        env="KITCTL_DIFF",
        default=False,
    ),
]
RollbackOnFailure = Annotated[
    bool,
    _flag(
        "--rollback-on-failure",
        text="Go back to the revision before if the new one does not become ready",
        env="KITCTL_ROLLBACK_ON_FAILURE",
        default=False,
    ),
]
TemplateDir = Annotated[
    Path | None,
    _flag(
        "--template-dir",
        text="Folder with your Jinja templates, which extend those of the kit",
        env="KITCTL_TEMPLATE_DIR",
    ),
]
Smoke = Annotated[
    bool,
    _flag("--smoke/--no-smoke", text="Run a test DAG after the first install", env="KITCTL_SMOKE", default=True),
]
NodePort = Annotated[
    int | None, _flag("--node-port", text="NodePort of the UI", env="KITCTL_NODE_PORT", min=30000, max=32767)
]
KubernetesVersion = Annotated[
    str | None,
    _flag("--kubernetes-version", text="Version of a new cluster, such as v1.34.4", env=_KUBERNETES_VERSION),
]
Driver = Annotated[
    str | None, _flag("--driver", text="Driver of a new cluster of minikube, for example kvm2", env="KITCTL_DRIVER")
]
Cpus = Annotated[
    str | None, _flag("--cpus", text="Processors of each node of a new cluster of minikube", env="KITCTL_CPUS")
]
Memory = Annotated[
    str | None,
    _flag("--memory", text="Memory of each node of a new cluster of minikube, for example 6g", env="KITCTL_MEMORY"),
]
Ports = Annotated[
    list[str] | None,
    _flag(
        "--ports",
        text="Port of this machine that leads to a NodePort of a new cluster of minikube or kind; may be repeated",
        env="KITCTL_PORTS",
        metavar="HOST:NODE",
        callback=read.port_pairs,
    ),
]
Conf = Annotated[
    str,
    _once("--conf", text="JSON object that the run gets, as in Airflow", env="KITCTL_CONF", default="", metavar="JSON"),
]
Unpause = Annotated[
    bool,
    _once("--unpause", text="Unpause the DAG, so that its schedule starts too", env="KITCTL_UNPAUSE", default=False),
]
Volumes = Annotated[
    bool, _once("--volumes", text="Also delete database, logs and keys", env="KITCTL_VOLUMES", default=False)
]
WholeCluster = Annotated[
    bool,
    _once("--cluster", text="Delete the cluster, if kitctl created it", env="KITCTL_DOWN_CLUSTER", default=False),
]
Watch = Annotated[
    bool,
    _once("-w", "--watch", text="Stay, and go on with each change until Ctrl-C", env="KITCTL_WATCH", default=False),
]
OnlyPrint = Annotated[bool, _once("--print", text="Only print the URL", env="KITCTL_OPEN_PRINT", default=False)]

# dags check and dags push.
ImportFiles = Annotated[
    bool,
    _flag(
        "--import/--no-image",
        text="Import each file in the image, or only read the files",
        env="KITCTL_IMPORT",
        default=True,
    ),
]
Executors = Annotated[
    str,
    _flag("--executors", text="Executors of the release, separated by commas", env="KITCTL_EXECUTORS", default=""),
]
Jobs = Annotated[
    int,
    _flag("--jobs", text="Number of files imported at once; 0 means one per core", env="KITCTL_JOBS", default=0, min=0),
]
Strict = Annotated[bool, _flag("--strict", text="Treat warnings as errors", env="KITCTL_STRICT", default=False)]
Prune = Annotated[
    bool,
    _once(
        "--prune",
        text="Mode pvc: also delete files that were not copied by a push",
        env="KITCTL_PRUNE",
        default=False,
    ),
]

# init.
Ci = Annotated[
    str,
    _once(
        "--ci", text="Workflow to write: github, gitlab or none", env="KITCTL_CI", default="github", callback=read.ci
    ),
]

# render.
CheckFile = Annotated[
    Path | None, _once("--check", text="Check this file, instead of rendering one", env="KITCTL_CHECK_FILE")
]
Profile = Annotated[
    str, _once("--profile", text="Worker profile or template of the values", env="KITCTL_PROFILE", default="")
]
DagFile = Annotated[Path | None, _once("--dag", text="Show the pod of a task in this DAG file", env="KITCTL_DAG_FILE")]
TaskOfFile = Annotated[str, _once("--task", text="Task ID", env="KITCTL_TASK_ID", default="")]
DagId = Annotated[
    str, _once("--dag-id", text="DAG of the task, if several DAGs have it", env="KITCTL_DAG_ID", default="")
]
