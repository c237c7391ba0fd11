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
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from kube_schemas import CUSTOM, LOCATION, minors, schema_root

from kitctl.errors import KitError
from kitctl.model.versions import pin
from kitctl.tools.toolbox import tool

ROOT = Path(__file__).resolve().parent.parent
BIN = ROOT / ".venv" / "bin"
CHART = "chart"
SCORED = ("defaults", "git-mode")
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


def command(*argv: str | Path) -> str:
    """Run a program in the checkout; return its output when it failed, else ""."""
    try:
        done = subprocess.run([str(a) for a in argv], cwd=ROOT, capture_output=True, text=True, check=False)
    except FileNotFoundError as error:
        return f"missing program: {error.filename}"
    return "" if done.returncode == 0 else f"{done.stdout}\n{done.stderr}".strip() or f"exit code {done.returncode}"


def render(values: dict[str, list[str]], folder: Path) -> str:
    """Render the chart once for each set of values into `<folder>/<name>.yaml`, two at a time."""

    def one(item: tuple[str, list[str]]) -> str:
        name, arguments = item
        argv = [str(tool("helm")), "template", "airflow", CHART, "--namespace", "airflow", *arguments]
        argv += ["--kube-version", pin("kubernetes.version")]
        done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=False)
        (folder / f"{name}.yaml").write_text(done.stdout, encoding="utf-8")
        return f"{name}: {done.stderr}" if done.returncode else ""

    with ThreadPoolExecutor(max_workers=2) as pool:
        return "\n".join(filter(None, pool.map(one, values.items())))


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


def kubeconform(minor: str, folder: Path) -> str:
    """Judge all renders by the schemas of one Kubernetes version; one process, so that it reads each schema once."""
    version = ["-kubernetes-version", f"{minor}.0", "-schema-location", str(schema_root() / LOCATION)]
    version += ["-schema-location", str(ROOT / "tests" / "data" / "keda" / CUSTOM)]
    # One goroutine: several of them compile the same schema at the same time, which costs twice the CPU.
    return command(tool("kubeconform"), "-n", "1", "-strict", *version, folder)


def kube_score(manifests: Path) -> str:
    """Return the CRITICAL findings of kube-score in one render."""
    version = f"v{'.'.join(pin('kubernetes.version').split('.')[:2])}"
    argv = [tool("kube-score"), "score", "--kubernetes-version", version, "--output-format", "ci", manifests]
    done = subprocess.run([str(a) for a in argv], capture_output=True, text=True, check=False)
    if not done.stdout.strip():
        return f"kube-score said nothing: {done.stderr}"
    return "\n".join(line for line in done.stdout.splitlines() if line.startswith("[CRITICAL]"))


def suites(folder: Path) -> str:
    """Run the helm-unittest suites of one component."""
    pattern = f"tests/{folder.name}/*_test.yaml"
    # Its output lists every passing suite too; a process per component keeps both cores busy.
    return command(tool("helm-unittest"), "--strict", "-f", pattern, CHART)


def site() -> str:
    """Build the site of the docs; a broken link is a failure."""
    with tempfile.TemporaryDirectory() as folder:
        # The variable silences what the theme says about its successor.
        return command("env", "NO_MKDOCS_2_WARNING=1", BIN / "mkdocs", "build", "--site-dir", folder)


def steps(values: dict[str, list[str]], renders: Path) -> list[Step]:
    """Return all checks, the slow ones first so that the cores end together."""
    components = sorted(p for p in (ROOT / CHART / "tests").iterdir() if p.is_dir())
    lint = (tool("helm"), "lint", "--strict", CHART, "--kube-version", pin("kubernetes.version"))
    return [
        Step("mypy", lambda: command(BIN / "mypy")),
        *(Step(f"helm-unittest: {folder.name}", partial(suites, folder)) for folder in components),
        *(Step(f"kubeconform: Kubernetes {minor}", partial(kubeconform, minor, renders)) for minor in minors()),
        Step("yamllint", lambda: command(BIN / "yamllint", "--strict", ".")),
        Step("import-linter", lambda: command(BIN / "lint-imports")),
        Step("site of the docs", site),
        Step("generated files", lambda: command(sys.executable, "-m", "kitctl.generate", "check")),
        *(Step(f"kube-score: {name}", partial(kube_score, renders / f"{name}.yaml")) for name in SCORED),
        *(Step(f"helm lint: {name}", partial(command, *lint, *arguments)) for name, arguments in values.items()),
        Step("shellcheck", lambda: command(BIN / "shellcheck", *shell_files())),
        Step("ruff check", lambda: command(BIN / "ruff", "check", "--quiet", ".")),
        Step("ruff format", lambda: command(BIN / "ruff", "format", "--check", "--quiet", ".")),
    ]


def outcomes(folder: Path) -> Iterator[Outcome]:
    """Run everything, two steps at a time on two cores, and yield in the order of the list."""
    examples = sorted((ROOT / "values-examples").glob("*.yaml"))
    if not examples:
        yield Outcome("values-examples", 0.0, "the folder values-examples holds no *.yaml")
    values = {"defaults": [], "git-mode": GIT_MODE} | {e.stem: ["-f", str(e)] for e in examples}
    schema_root()
    yield Step("helm template", lambda: render(values, folder)).run()
    with ThreadPoolExecutor(max_workers=os.cpu_count() or 2) as pool:
        yield from pool.map(Step.run, steps(values, folder))


def main() -> int:
    """Run all steps; exit code 1 when one found something."""
    start, count, failed = time.monotonic(), 0, []
    with tempfile.TemporaryDirectory() as scratch:
        for outcome in outcomes(Path(scratch)):
            print(f"{'FAIL' if outcome.problem else 'ok':4} {outcome.name:34} {outcome.seconds:6.1f} s", flush=True)
            count += 1
            failed += [outcome] if outcome.problem else []
    for outcome in failed:
        print(f"\n--- {outcome.name}\n{outcome.problem}")
    print(f"\ncheck: {count - len(failed)} passed, {len(failed)} failed in {time.monotonic() - start:.0f} s")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
