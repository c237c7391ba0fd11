"""The options that `kitctl up` and `kitctl deploy` share."""

from __future__ import annotations

import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from kitctl.model.options.overlay import UpOptions


def _opt(*names: str, text: str, env: str | list[str]) -> Any:
    names_of_env = [env] if isinstance(env, str) else env
    return typer.Option(*names, help=text, envvar=[f"KITCTL_{names_of_env[0]}", *names_of_env[1:]])


Mode = Annotated[
    str | None,
    _opt("--dag-mode", text="image, pvc (persistent_mode), git (git_mode) or bundle", env="DAG_MODE"),
]
Dags = Annotated[Path | None, _opt("--dags", text="Folder of DAGs to bake into the image", env="DAGS")]
Requirements = Annotated[
    Path | None, _opt("--requirements", text="Python requirements of the DAGs", env="REQUIREMENTS")
]
Image = Annotated[str | None, _opt("--image", text="Airflow image to run instead of building one", env="IMAGE")]
CheckImage = Annotated[
    bool,
    _opt("--check-image/--no-check-image", text="Look for Airflow in an image of yours first", env="CHECK_IMAGE"),
]
# The second names are those of the minikube tutorial that the kit succeeds.
GitRepo = Annotated[
    str | None, _opt("--git-repo", text="Repository of the DAGs", env=["GIT_REPO", "CONFIGMAP_GIT_REPO"])
]
GitRef = Annotated[str | None, _opt("--git-ref", text="Branch, tag or commit", env=["GIT_REF", "CONFIGMAP_BRANCH"])]
GitSubPath = Annotated[
    str | None, _opt("--git-sub-path", text="Folder of the DAGs in the repository", env="GIT_SUB_PATH")
]
GitSecret = Annotated[str | None, _opt("--git-secret", text="Secret with its credentials", env="GIT_SECRET")]
GitAuth = Annotated[
    str | None, _opt("--git-auth", text="What that Secret holds: none, https, ssh or github-app", env="GIT_AUTH")
]
CheckRepo = Annotated[
    bool,
    _opt("--check-repo/--no-check-repo", text="Ask the repository from inside the cluster first", env="CHECK_REPO"),
]
TemplateDir = Annotated[
    Path | None, _opt("--template-dir", text="Your own Jinja templates, which extend the kit's", env="TEMPLATE_DIR")
]
Smoke = Annotated[bool, _opt("--smoke/--no-smoke", text="Prove the release by a DAG run the first time", env="SMOKE")]
NodePort = Annotated[
    int | None, typer.Option("--node-port", help="NodePort of the UI", envvar="KITCTL_NODE_PORT", min=30000, max=32767)
]
Builder = Annotated[str | None, _opt("--builder", text="Image builder: docker, podman or buildah", env="BUILDER")]
CaBundle = Annotated[
    Path | None, _opt("--ca-bundle", text="CA certificates (PEM) for image builds in your network", env="CA_BUNDLE")
]


@dataclass(frozen=True)
class Typed:
    """The options of `up` in the order of its help, as they were typed; `with_options` makes options of the fields.

    `UpOptions` has the same fields and says what they mean.
    """

    dag_mode: Mode = None
    dags: Dags = None
    requirements: Requirements = None
    image: Image = None
    check_image: CheckImage = True
    git_repo: GitRepo = None
    git_ref: GitRef = None
    git_sub_path: GitSubPath = None
    git_secret: GitSecret = None
    git_auth: GitAuth = None
    check_repo: CheckRepo = True
    template_dir: TemplateDir = None
    smoke: Smoke = True
    node_port: NodePort = None
    builder: Builder = None
    ca_bundle: CaBundle = None

    def read(self) -> UpOptions:
        """Return the options of the use case.

        Raises:
            KitError: `dag-mode-unknown`.
        """
        from kitctl.model.options import overlay  # noqa: PLC0415 - pydantic is slow to import, and --help needs none of it

        return overlay.UpOptions(**{**vars(self), "dag_mode": overlay.dag_mode(self.dag_mode)})


def program() -> str:
    """Return how this program can be called from here: its name where PATH has it, else its file."""
    if shutil.which("kitctl"):
        return "kitctl"
    path = Path(sys.argv[0]).absolute()
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


def next_commands(report: dict[str, Any]) -> str:
    """Return a finished report for people: how to get in, and what to type next."""
    if report.get("dry_run"):
        return "\n".join(f"would {line}" for line in report["would"] or ["change nothing"])
    where = "".join(
        f" {option} {report[key]}"
        for option, key, usual in (("-n", "namespace", "airflow"), ("--release", "release", "airflow"))
        if report[key] != usual
    )
    lines = [f"{key + ':':<10}{report[key]}" for key in ("url", "username", "password") if report.get(key)]
    return "\n".join(
        [
            *lines,
            "",
            "Next:",
            f"  {program()} status{where}        # health, components, task pods",
            f"  {program()} open{where}          # the UI in your browser",
            f"  {program()} down{where}          # remove it; the data stays",
        ]
    )
