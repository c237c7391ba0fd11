"""The workflows of `kitctl init` and of this repository: judged by actionlint, and run with an image and a registry."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from kitctl.images import recipes
from kitctl.model.values.dags import DagMode
from kitctl.render.project import Ci
from kitctl.usecases.init import NewProject, init
from tests import go_programs
from tests.publish.conftest import MODULES
from tests.publish.registry import Registry
from tests.unit import ci_runner

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
REPO = "https://example.com/team/dags.git"


def actionlint(folder: Path) -> str:
    """Return what actionlint says of the workflows of a checkout; it judges their scripts with shellcheck."""
    program = go_programs.built(MODULES / "actionlint", "github.com/rhysd/actionlint/cmd/actionlint", "half a minute")
    files = sorted((folder / ".github" / "workflows").glob("*.yaml"))
    assert files
    env = {**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}"}
    argv = [program, "-shellcheck", BIN / "shellcheck", *files]
    done = subprocess.run(argv, cwd=folder, env=env, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


@pytest.mark.parametrize("builder_name", ["buildah", "docker"])
@pytest.mark.parametrize("mode", DagMode)
def test_actionlint_accepts_the_workflow_of_a_new_project(tmp_path: Path, mode: DagMode, builder_name: str) -> None:
    init(NewProject(tmp_path, release="etl", mode=mode, git_repo=REPO, builder=builder_name), dry_run=False)
    assert actionlint(tmp_path) == ""


def test_actionlint_accepts_the_workflows_of_this_repository_and_finds_mistakes(tmp_path: Path) -> None:
    assert actionlint(ROOT) == ""
    broken = tmp_path / ".github" / "workflows" / "broken.yaml"
    broken.parent.mkdir(parents=True)
    text = (ROOT / ".github" / "workflows" / "release.yaml").read_text()
    broken.write_text(text.replace("github.token", "github.tokem"))
    assert "tokem" in actionlint(tmp_path)


def test_actions_of_others_are_pinned_by_commit_and_rights_are_given_job_by_job() -> None:
    for file in (ROOT / ".github" / "workflows").glob("*.yaml"):
        text = file.read_text()
        used = re.findall(r"uses: (\S+)", text)
        assert [one for one in used if not re.search(r"@[0-9a-f]{40}$", one)] == []
        assert "\npermissions:\n  contents: read\n" in text


@pytest.mark.parametrize("ci", [Ci.GITHUB, Ci.GITLAB])
def test_a_push_ends_with_a_checked_image_in_the_registry_and_its_digest_at_the_deploy(
    registry: Registry, tmp_path: Path, ci: Ci
) -> None:
    folder, scratch, bin_ = (tmp_path / name for name in ("etl", "scratch", "bin"))
    for one in (scratch, bin_):
        one.mkdir()
    init(NewProject(folder, ci=ci, builder="buildah"), dry_run=False)
    base = recipes.ensure_airflow_image(lambda line: None)
    project = folder / "kitctl.yaml"
    project.write_text(re.sub(r"base-image: .*", f"base-image: {base}", project.read_text()))
    log = tmp_path / "log"
    # Only what needs the internet or a cluster is not real: the log-in, the installation, and the deploy.
    programs = {
        "kitctl": f'case $1 in deploy) echo "$* $KITCTL_IMAGE" >>{log}; [ "$2" != --diff ] || exit 7 ;;'
        f' *) exec {BIN}/kitctl "$@" ;; esac',
        "pip": "",
        "apk": "",
        "python3": f'mkdir -p "$3/bin"; ln -sf {bin_}/pip {bin_}/kitctl "$3/bin"',
        "buildah": f'if [ "$1" = login ]; then cat >/dev/null; else exec {shutil.which("buildah")} "$@"; fi',
    }
    for name, body in programs.items():
        (bin_ / name).write_text(f"#!/bin/sh\n{body}\n")
        (bin_ / name).chmod(0o755)
    image = f"{registry.address}/team/etl-{ci.value}"
    run = ci_runner.Ci(
        folder,
        scratch,
        ci_runner.path_with(bin_),
        variables={"KITCTL_SOURCE": "kit", "IMAGE": image, "CI_REGISTRY": registry.address, "CI_REGISTRY_IMAGE": image},
        secrets=dict.fromkeys(("REGISTRY_USER", "REGISTRY_PASSWORD", "CI_REGISTRY_USER", "CI_REGISTRY_PASSWORD"), "x"),
        environment={"KITCTL_CACHE": os.environ.get("KITCTL_CACHE", str(Path.home() / ".cache" / "kitctl"))},
    )
    config = scratch / ".config" / "containers" / "registries.conf"
    config.parent.mkdir(parents=True)
    config.write_text((Path(registry.env["HOME"]) / ".config" / "containers" / "registries.conf").read_text())
    assert run.run() == 0, run.text
    repository = image.removeprefix(f"{registry.address}/")
    [tag] = registry.tags(repository)
    digest, _ = registry.manifest(repository, tag)
    assert re.fullmatch(r"[0-9a-f]{12}", tag)
    assert log.read_text().splitlines() == [f"deploy --diff {image}@{digest}", f"deploy {image}@{digest}"]
    assert "6 passed" in run.text
