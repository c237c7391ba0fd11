"""Runs every static check at once and prints one line per step, then what the failing ones said.

A tool that is missing is a failure, never a skipped step.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from kube_schemas import LOCATION, minors, schema_root

from kitctl.errors import KitError
from kitctl.tools.toolbox import tool

ROOT = Path(__file__).resolve().parent.parent
BIN = ROOT / ".venv" / "bin"
CHART = "chart"
GIT_MODE = ["--set", "dags.mode=git", "--set", "dags.git.repo=https://git.example.com/dags.git"]
_SHELL = re.compile(rb"^#!.*\b(ba|da)?sh\b")
_NOT_OURS = {".git", ".venv", "build", "dist", ".kit", "node_modules"}


@dataclass(frozen=True)
class Outcome:
    """How a step ended."""

    name: str
    seconds: float
    problem: str


@dataclass(frozen=True)
class Step:
    """One check: returns "" when all is well, else what to show."""

    name: str
    work: Callable[[], str]

    def run(self) -> Outcome:
        """Do the work; an error of a tool's absence is a problem like any other."""
        start = time.monotonic()
        try:
            problem = self.work()
        except KitError as error:
            problem = f"{error}\n{error.cause}\nFix: {error.fix}"
        return Outcome(self.name, time.monotonic() - start, problem)


def command(*argv: str | Path, text: str | None = None) -> str:
    """Run a program in the checkout; return its output when it failed, else ""."""
    try:
        done = subprocess.run([str(a) for a in argv], cwd=ROOT, input=text, capture_output=True, text=True, check=False)
    except FileNotFoundError as error:
        return f"missing program: {error.filename}"
    return "" if done.returncode == 0 else f"{done.stdout}\n{done.stderr}".strip() or f"exit code {done.returncode}"


def helm_template(*arguments: str) -> str:
    """Return the rendered chart.

    Raises:
        KitError: `tool-missing`.
        RuntimeError: With Helm's words when it refuses.
    """
    argv = [str(tool("helm")), "template", "airflow", CHART, "--namespace", "airflow", *arguments]
    done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(done.stderr)
    return done.stdout


def shell_files() -> list[Path]:
    """Return every file of the checkout whose first line names a shell."""
    found = []
    for folder, folders, files in os.walk(ROOT):
        folders[:] = sorted(set(folders) - _NOT_OURS)
        for name in sorted(files):
            path = Path(folder, name)
            if path.is_file() and not path.is_symlink():
                with path.open("rb") as stream:
                    if _SHELL.match(stream.read(64)):
                        found.append(path)
    return found


def kubeconform(*arguments: str) -> str:
    """Judge one render by the schemas of every supported Kubernetes version."""
    try:
        manifests = helm_template(*arguments)
    except RuntimeError as error:
        return str(error)
    program, location = tool("kubeconform"), str(schema_root() / LOCATION)
    said = []
    for minor in minors():
        argv: list[str | Path] = [
            program,
            "-strict",
            "-kubernetes-version",
            f"{minor}.0",
            "-schema-location",
            location,
            "-",
        ]
        if problem := command(*argv, text=manifests):
            said.append(f"Kubernetes {minor}:\n{problem}")
    return "\n".join(said)


def kube_score(*arguments: str) -> str:
    """Return the CRITICAL findings of kube-score in one render."""
    try:
        manifests = helm_template(*arguments)
    except RuntimeError as error:
        return str(error)
    argv = [tool("kube-score"), "score", "--kubernetes-version", "v1.34", "--output-format", "ci", "-"]
    done = subprocess.run([str(a) for a in argv], input=manifests, capture_output=True, text=True, check=False)
    if not done.stdout.strip():
        return f"kube-score said nothing: {done.stderr}"
    return "\n".join(line for line in done.stdout.splitlines() if line.startswith("[CRITICAL]"))


def unittest() -> str:
    """Run the helm-unittest suites, however deep their folders are."""
    return command(tool("helm-unittest"), "--strict", "-f", "tests/**/*_test.yaml", CHART)


def steps() -> list[Step]:
    """Return all checks, the slow ones first so that two cores end together."""
    examples = sorted((ROOT / "values-examples").glob("*.yaml"))
    values = {"defaults": [], "git mode": GIT_MODE} | {e.stem: ["-f", str(e)] for e in examples}
    listed = [
        Step("mypy", lambda: command(BIN / "mypy")),
        Step("helm-unittest", unittest),
        *(Step(f"kubeconform: {name}", lambda a=args: kubeconform(*a)) for name, args in values.items()),  # type: ignore[misc]
        Step("yamllint", lambda: command(BIN / "yamllint", "--strict", ".")),
        Step("import-linter", lambda: command(BIN / "lint-imports")),
        Step("generated files", lambda: command(sys.executable, "-m", "kitctl.generate", "check")),
        Step("kube-score: defaults", kube_score),
        Step("kube-score: git mode", lambda: kube_score(*GIT_MODE)),
        *(
            Step(f"helm lint: {name}", lambda a=args: command(tool("helm"), "lint", "--strict", CHART, *a))  # type: ignore[misc]
            for name, args in values.items()
        ),
        Step("shellcheck", lambda: command(BIN / "shellcheck", *shell_files())),
        Step("ruff check", lambda: command(BIN / "ruff", "check", "--quiet", ".")),
        Step("ruff format", lambda: command(BIN / "ruff", "format", "--check", "--quiet", ".")),
    ]
    if not examples:
        listed.append(Step("values-examples", lambda: "the folder values-examples holds no *.yaml"))
    return listed


def main() -> int:
    """Run all steps; exit code 1 when one found something."""
    start = time.monotonic()
    with tempfile.TemporaryDirectory() as scratch:
        os.environ.setdefault("HELM_CACHE_HOME", scratch)
        schema_root()
        with ThreadPoolExecutor(max_workers=os.cpu_count() or 2) as pool:
            outcomes = []
            for outcome in pool.map(Step.run, steps()):
                print(f"{'FAIL' if outcome.problem else 'ok':4} {outcome.name:34} {outcome.seconds:6.1f} s", flush=True)
                outcomes.append(outcome)
    failed = [o for o in outcomes if o.problem]
    for outcome in failed:
        print(f"\n--- {outcome.name}\n{outcome.problem}")
    passed = len(outcomes) - len(failed)
    print(f"\ncheck: {passed} passed, {len(failed)} failed in {time.monotonic() - start:.0f} s")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
