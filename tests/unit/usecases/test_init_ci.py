"""The workflows that `kitctl init` writes, run line by line with programs that write down how they were called."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from kitctl.errors import KitError
from kitctl.model.values.dags import DagMode
from kitctl.render import project
from kitctl.usecases import init as use_case
from kitctl.usecases.init import NewProject, init
from tests.unit import ci_runner

BIN = Path(sys.executable).parent
PASSWORD = "p@ss $word"
IMAGE = "registry.example.com/team/etl"
DIGEST = f"sha256:{'0a' * 32}"
BUILDERS = ["buildah", "podman", "docker"]
SERVICES = [project.Ci.GITHUB, project.Ci.GITLAB]
KINDS = [(mode, ci, builder) for mode in DagMode for ci in SERVICES for builder in BUILDERS]

RECORD = 'echo "$(basename "$0") $*" >>"$LOG"\n'
PROGRAMS = {
    "kitctl": """echo "image=$KITCTL_IMAGE env=$KITCTL_ENVIRONMENT cache=$KITCTL_LAYER_CACHE" >>"$LOG.env"
case "$*" in
    'image build --repository '*) [ -z "$BUILD_FAILS" ] || exit 3; echo "$4:0123456789ab" ;;
    'image push '*) echo DIGEST >"$5" ;;
    'deploy --diff') echo 'Deployment airflow-scheduler changes'; exit "${DIFF:-7}" ;;
esac""".replace("DIGEST", DIGEST),
    "pip": "",
    "pytest": "",
    "apk": "",
    # Makes the environment of the GitLab jobs, and that of the check without an image.
    "python3": '[ "$1 $2" = "-m venv" ] || exit 1; mkdir -p "$3/bin"; ln -sf "$BIN/pip" "$BIN/kitctl" "$3/bin"',
    "python": 'exec python3 "$@"',
    **dict.fromkeys(BUILDERS, 'cat >"$LOG.stdin"'),
}


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    folder = tmp_path / "bin"
    folder.mkdir()
    for name, body in PROGRAMS.items():
        (folder / name).write_text(f"#!/bin/sh\n{'' if name == 'python' else RECORD}{body}\n")
        (folder / name).chmod(0o755)
    return folder


class Run:
    """A workflow's run, and what its programs wrote down."""

    def __init__(self, ci: ci_runner.Ci, log: Path) -> None:
        self.ci, self.log = ci, log
        self.code = ci.run()

    @property
    def calls(self) -> list[str]:
        return [line for line in self.log.read_text().splitlines() if not line.startswith(("python3 ", "apk "))]

    @property
    def kitctl(self) -> list[str]:
        return [line.removeprefix("kitctl ") for line in self.calls if line.startswith("kitctl ")]


@pytest.fixture
def run(tmp_path: Path, programs: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Run]:
    monkeypatch.setattr(use_case, "kitctl_source", lambda: "")

    def make(
        ci: project.Ci,
        mode: DagMode = DagMode.IMAGE,
        builder: str = "",
        branch: str = "main",
        fork: bool = False,
        **env: str,
    ) -> Run:
        folder = tmp_path / "etl"
        init(NewProject(folder, mode=mode, git_repo="https://example.com/a/b", ci=ci, builder=builder), dry_run=False)
        scratch = tmp_path / "scratch"
        scratch.mkdir()
        log = tmp_path / "log"
        log.touch()
        given = {"KITCTL_SOURCE": "kit.whl", "IMAGE": IMAGE}
        secrets = {"REGISTRY_USER": "robot", "REGISTRY_PASSWORD": PASSWORD, "KUBECONFIG": "apiVersion: v1"}
        if ci is project.Ci.GITLAB:
            given = {"KITCTL_SOURCE": "kit.whl", "CI_REGISTRY": "registry.example.com", "CI_REGISTRY_IMAGE": IMAGE}
            secrets = {"CI_REGISTRY_USER": "robot", "CI_REGISTRY_PASSWORD": PASSWORD}
        more = {"LOG": str(log), "BIN": str(programs), **env}
        run = ci_runner.Ci(
            folder,
            scratch,
            ci_runner.path_with(programs),
            branch=branch,
            variables=given,
            secrets={} if fork else secrets,
            environment=more,
        )
        return Run(run, log)

    return make


CHECKED = [f"image build --repository {IMAGE}", "dags check --strict", "pytest"]
PUSHED = [f"image push {IMAGE}:0123456789ab --digest-file digest"]
DEPLOYED = ["deploy --diff", "deploy"]


@pytest.mark.parametrize("builder", BUILDERS)
@pytest.mark.parametrize("ci", SERVICES)
def test_a_push_builds_checks_pushes_and_deploys_by_the_digest(
    run: Callable[..., Run], ci: project.Ci, builder: str
) -> None:
    done = run(ci, builder=builder)
    assert done.code == 0, done.ci.text
    assert done.kitctl == [*CHECKED, *PUSHED, *DEPLOYED]
    seen = Path(f"{done.log}.env").read_text().splitlines()
    cache = f"{IMAGE}/layers" if ci is project.Ci.GITLAB else f"{IMAGE}-layers"
    assert seen[0] == f"image= env=prod cache={cache}"
    assert {line.split()[0] for line in seen[1:4]} == {f"image={IMAGE}:0123456789ab"}
    assert {line.split()[0] for line in seen[4:]} == {f"image={IMAGE}@{DIGEST}"}
    assert "Deployment airflow-scheduler changes" in done.ci.text


@pytest.mark.parametrize("builder", BUILDERS)
@pytest.mark.parametrize("ci", SERVICES)
def test_the_password_reaches_the_builder_by_its_standard_input_alone(
    run: Callable[..., Run], ci: project.Ci, builder: str
) -> None:
    done = run(ci, builder=builder)
    assert f"{builder} login --username robot --password-stdin registry.example.com" in done.calls
    assert Path(f"{done.log}.stdin").read_text() == PASSWORD
    assert PASSWORD not in done.log.read_text() + done.ci.text


@pytest.mark.parametrize("ci", SERVICES)
def test_a_pull_request_builds_and_checks_but_pushes_and_deploys_nothing(
    run: Callable[..., Run], ci: project.Ci
) -> None:
    done = run(ci, branch="")
    assert (done.code, done.kitctl) == (0, CHECKED)


def test_a_fork_has_no_secrets_and_builds_without_the_cache_of_layers(run: Callable[..., Run]) -> None:
    done = run(project.Ci.GITHUB, branch="", fork=True)
    assert (done.code, done.kitctl) == (0, CHECKED)
    assert Path(f"{done.log}.env").read_text().splitlines()[0] == "image= env=prod cache="
    assert not any(" login " in line for line in done.calls)


@pytest.mark.parametrize(("code", "deploys"), [("0", True), ("7", True), ("1", False), ("4", False)])
@pytest.mark.parametrize("ci", SERVICES)
def test_differences_are_no_failure_and_every_other_code_of_the_diff_ends_the_job(
    run: Callable[..., Run], ci: project.Ci, code: str, deploys: bool
) -> None:
    done = run(ci, DIFF=code)
    assert ("deploy" in done.kitctl) is deploys
    assert done.code == (0 if deploys else int(code))


def test_github_shows_the_differences_in_the_summary_of_the_run(run: Callable[..., Run]) -> None:
    done = run(project.Ci.GITHUB)
    assert (done.ci.scratch / "summary.md").read_text() == "```\nDeployment airflow-scheduler changes\n```\n"
    kubeconfig = done.ci.scratch / "kubeconfig"
    assert (kubeconfig.read_text(), kubeconfig.stat().st_mode & 0o077) == ("apiVersion: v1\n", 0)


@pytest.mark.parametrize("ci", SERVICES)
def test_a_build_that_fails_ends_the_run(run: Callable[..., Run], ci: project.Ci) -> None:
    done = run(ci, BUILD_FAILS="yes")
    assert (done.code, done.kitctl) == (3, CHECKED[:1])


@pytest.mark.parametrize("mode", [DagMode.GIT, DagMode.BUNDLE, DagMode.PVC])
@pytest.mark.parametrize("ci", SERVICES)
def test_without_an_image_the_dags_are_checked_and_the_release_is_deployed(
    run: Callable[..., Run], ci: project.Ci, mode: DagMode
) -> None:
    done = run(ci, mode=mode)
    assert done.code == 0, done.ci.text
    wanted = ["dags check --no-image --strict", *DEPLOYED, *(["dags push"] if mode is DagMode.PVC else [])]
    assert done.kitctl == wanted
    assert "pytest " in done.log.read_text()


@pytest.mark.parametrize(("mode", "ci", "builder"), KINDS)
def test_the_services_own_schemas_accept_the_workflow(
    tmp_path: Path, mode: DagMode, ci: project.Ci, builder: str
) -> None:
    wanted = NewProject(tmp_path / "p", mode=mode, git_repo="https://example.com/a/b", ci=ci, builder=builder)
    init(wanted, dry_run=False)
    file = ".github/workflows/airflow.yaml" if ci is project.Ci.GITHUB else ".gitlab-ci.yml"
    schema = "github-workflows" if ci is project.Ci.GITHUB else "gitlab-ci"
    argv = [str(BIN / "check-jsonschema"), "--builtin-schema", f"vendor.{schema}", str(tmp_path / "p" / file)]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_only_docker_needs_a_service_beside_the_job_of_gitlab(tmp_path: Path) -> None:
    for builder in BUILDERS:
        init(NewProject(tmp_path / builder, ci=project.Ci.GITLAB, builder=builder), dry_run=False)
        text = (tmp_path / builder / ".gitlab-ci.yml").read_text()
        assert ("dind" in text) is (builder == "docker")
        assert (f"apk add --no-cache {builder} git" in text) is (builder != "docker")


def test_an_unknown_builder_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(KitError) as error:
        init(NewProject(tmp_path / "p", builder="kaniko"), dry_run=False)
    assert (error.value.id, int(error.value.code)) == ("builder-unknown", 2)
    assert not (tmp_path / "p").exists()
