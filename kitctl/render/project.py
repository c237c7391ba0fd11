"""The files of a new project, as `kitctl init` writes them.

Their templates have brackets of their own, `[= … =]` and `[% … %]`: workflows and DAGs are full of curly ones.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING

from kitctl.render.environment import OURS

if TYPE_CHECKING:
    from jinja2 import Environment

_FILES = {
    "kitctl.yaml": "kitctl.yaml",
    "values.yaml": "values.yaml",
    "requirements.txt": "requirements.txt",
    "requirements-dev.txt": "requirements-dev.txt",
    ".gitignore": "gitignore",
    "dags/.airflowignore": "airflowignore",
    "dags/example_sales.py": "dag.py",
    "tests/conftest.py": "conftest.py",
    "tests/test_dags.py": "test_dags.py",
}


class Ci(StrEnum):
    """Where the workflow runs."""

    GITHUB = "github"
    GITLAB = "gitlab"
    NONE = "none"


_WORKFLOWS = {
    Ci.GITHUB: {".github/workflows/airflow.yaml": "github.yaml"},
    Ci.GITLAB: {".gitlab-ci.yml": "gitlab.yaml"},
    Ci.NONE: {},
}


@dataclass(frozen=True)
class Facts:
    """What the templates know.

    Attributes:
        release: Helm release.
        namespace: Its namespace.
        mode: DAG mode.
        git_repo: Repository of the modes git and bundle.
        git_ref: Its branch, tag or commit.
        git_sub_path: Folder of the DAGs in it.
        airflow: Version of Airflow.
        airflow_image: Official image of that version.
        python: Version of Python for the tests.
        source: What pip installs kitctl from in CI; "" if nobody knows.
        builder: Image builder of CI.
    """

    release: str
    namespace: str
    mode: str
    git_repo: str
    git_ref: str
    git_sub_path: str
    airflow: str
    airflow_image: str
    python: str
    source: str
    builder: str

    @property
    def builds(self) -> bool:
        """Whether CI builds an image."""
        return self.mode == "image"

    @property
    def pushes(self) -> bool:
        """Whether CI copies the DAGs to the release."""
        return self.mode == "pvc"

    @property
    def docker(self) -> bool:
        """Whether CI needs a docker daemon."""
        return self.builds and self.builder == "docker"

    @property
    def what(self) -> str:
        """What CI does on the main branch, in words."""
        return "deploys the release" + (" and copies the DAGs to it" if self.pushes else "")


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # noqa: PLC0415 - only rendering pays for it

    return Environment(
        loader=FileSystemLoader(OURS / "project"),
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701 - no HTML
        keep_trailing_newline=True,
        block_start_string="[%",
        block_end_string="%]",
        variable_start_string="[=",
        variable_end_string="=]",
        comment_start_string="[#",
        comment_end_string="#]",
    )


def files(facts: Facts, ci: Ci) -> dict[str, str]:
    """Return the text of each file of a project, by its path."""
    told = {"builds": facts.builds, "pushes": facts.pushes, "docker": facts.docker, "what": facts.what}
    known = {**asdict(facts), **told}
    wanted = {**_FILES, **_WORKFLOWS[ci]}
    return {path: _environment().get_template(f"{name}.j2").render(known) for path, name in wanted.items()}
