"""Runs the scripts of a workflow as GitHub and GitLab do: their jobs in order, with variables, secrets and outputs."""

from __future__ import annotations

import os
import re
import string
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml


@dataclass
class Ci:
    """One run of a workflow.

    Attributes:
        folder: The checkout.
        scratch: Folder for what the service keeps between steps.
        path: PATH of the scripts.
        branch: Branch that was pushed; "" for a pull request.
        variables: Variables of the repository.
        secrets: Secrets of the repository.
        text: What the scripts printed.
        steps: Names of the steps or jobs that ran.
        environment: Variables that the scripts have besides those of the workflow.
    """

    folder: Path
    scratch: Path
    path: str
    branch: str = "main"
    variables: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    text: str = ""
    steps: list[str] = field(default_factory=list)
    environment: Mapping[str, str] = field(default_factory=dict)

    def run(self) -> int:
        """Run all jobs; returns the exit code of the first script that failed, else 0."""
        github = self.folder / ".github" / "workflows" / "airflow.yaml"
        if github.exists():
            return self._github(yaml.safe_load(github.read_text()))
        return self._gitlab(yaml.safe_load((self.folder / ".gitlab-ci.yml").read_text()))

    def _script(self, script: str, env: Mapping[str, str], shell: list[str]) -> int:
        given = {"PATH": self.path, "HOME": str(self.scratch), "CI": "true", **self.environment, **env}
        argv = [*shell, "-c", script]
        done = subprocess.run(
            argv, cwd=self.folder, env=given, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
        )
        self.text += done.stdout
        return done.returncode

    def _github(self, document: Any) -> int:
        assert document["defaults"]["run"]["shell"] == "bash"
        known: dict[str, Mapping[str, str]] = {"vars": self.variables, "secrets": self.secrets}
        for name, job in document["jobs"].items():
            if not self._wanted(job):
                continue
            own = {**document.get("env", {}), **job.get("env", {})}
            later = self.scratch / f"{name}.env"
            for step in job["steps"]:
                if not self._wanted(step):
                    continue
                self.steps.append(step.get("name", step.get("uses")))
                if "run" not in step:
                    continue
                output = self.scratch / f"{name}.{len(self.steps)}.output"
                env = {key: _filled(value, known) for key, value in {**own, **step.get("env", {})}.items()}
                env |= dict(_pairs(later)) | {"RUNNER_TEMP": str(self.scratch), "GITHUB_ENV": str(later)}
                env |= {"GITHUB_OUTPUT": str(output), "GITHUB_STEP_SUMMARY": str(self.scratch / "summary.md")}
                shell = ["bash", "--noprofile", "--norc", "-eo", "pipefail"]
                if code := self._script(step["run"], env, shell):
                    return code
                known[f"steps.{step.get('id')}.outputs"] = dict(_pairs(output))
            outputs = {key: _filled(value, known) for key, value in job.get("outputs", {}).items()}
            known[f"needs.{name}.outputs"] = outputs
        return 0

    def _wanted(self, what: Any) -> bool:
        """Judge the only condition that the workflows have."""
        if "if" not in what:
            return True
        assert what["if"] == "github.ref == 'refs/heads/main' && github.event_name == 'push'"
        return self.branch == "main"

    def _gitlab(self, document: Any) -> int:
        of_service = {"CI_DEFAULT_BRANCH": "main"} | ({"CI_COMMIT_BRANCH": self.branch} if self.branch else {})
        passed: dict[str, str] = {}
        for stage in document["stages"]:
            job = {**document.get(document[stage].get("extends"), {}), **document[stage]}
            if job.get("rules") and self.branch != "main":
                assert job["rules"] == [{"if": "$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH"}]
                continue
            self.steps.append(stage)
            known = {**of_service, **self.variables, **self.secrets, **passed}
            own = {**document["variables"], **job.get("variables", {})}
            known |= {key: string.Template(value).substitute(known) for key, value in own.items()}
            script = "\n".join(["set -e", *job.get("before_script", []), *job["script"]])
            # The one path outside of the checkout.
            here = script.replace("/tmp/kitctl", f"{self.scratch}/kitctl")  # noqa: S108 - named, never opened
            if code := self._script(here, known, ["sh"]):
                return code
            if file := job.get("artifacts", {}).get("reports", {}).get("dotenv"):
                passed |= dict(_pairs(self.folder / file))
        return 0


def _filled(text: str, known: Mapping[str, Mapping[str, str]]) -> str:
    """Put values in the place of GitHub's expressions; what is not set is empty."""

    def value(found: re.Match[str]) -> str:
        home, _, key = found[1].rpartition(".")
        return known.get(home, {}).get(key, "")

    return re.sub(r"\$\{\{ ([\w.]+) \}\}", value, text)


def _pairs(file: Path) -> Iterator[tuple[str, str]]:
    for line in file.read_text().splitlines() if file.exists() else []:
        key, _, value = line.partition("=")
        yield key, value


def path_with(folder: Path) -> str:
    """Return a PATH that starts with a folder."""
    return f"{folder}{os.pathsep}{os.environ['PATH']}"
