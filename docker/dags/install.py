"""Install a user's requirements on top of an Airflow image without changing anything that the image already holds.

Runs inside the image, with its interpreter and its user: `install.py REQUIREMENTS`. A requirement that needs another
version of an installed package ends the build with one line, `KITCTL-ERROR {json}`, that names both versions.
The secret `pip` (JSON) holds variables that pip replaces in the requirements, such as the token of an index.
"""

import importlib.util
import json
import os
import py_compile
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

SECRET = Path("/run/secrets/pip")
SHORTEST = 5
"""Characters of a secret; what is shorter is no token, and stands in other words as well."""


def fail(error_id: str, **facts: object) -> None:
    """End the build with an error that kitctl can read."""
    sys.exit("KITCTL-ERROR " + json.dumps({"id": error_id, **facts}))


def installed() -> dict[str, str]:
    """Return name → version of every installed distribution."""
    return {canonicalize_name(d.metadata["Name"]): d.version for d in metadata.distributions() if d.metadata["Name"]}


def direct_conflicts(lines: list[str], have: dict[str, str]) -> list[dict[str, str]]:
    """Find the requirements that exclude the version in the image."""
    conflicts = []
    for line in lines:
        try:
            wanted = Requirement(line.partition(" #")[0].partition(" --hash")[0].strip())
        except InvalidRequirement:
            continue  # an option, a URL or a path: pip judges it
        if wanted.marker is not None and not wanted.marker.evaluate():
            continue
        name = canonicalize_name(wanted.name)
        if name in have and not wanted.specifier.contains(have[name], prereleases=True):
            conflicts.append({"package": name, "wanted": str(wanted.specifier), "installed": have[name], "by": ""})
    return conflicts


def indirect_conflicts(said: str, have: dict[str, str]) -> list[dict[str, str]]:
    """Read pip's explanation: `NAME VERSION depends on PACKAGE<SPEC>` against a version in the image."""
    conflicts = []
    for by, text in re.findall(r"^\s+(\S+ \S+|The user requested) depends on (.+)$", said, re.MULTILINE):
        try:
            wanted = Requirement(text.strip())
        except InvalidRequirement:
            continue
        name = canonicalize_name(wanted.name)
        if name in have and not wanted.specifier.contains(have[name], prereleases=True):
            conflicts.append({"package": name, "wanted": str(wanted.specifier), "installed": have[name], "by": by})
    return conflicts


def constraint_conflicts(said: str, have: dict[str, str]) -> list[dict[str, str]]:
    """Read pip's explanation of the user's own constraints that exclude a version in the image."""
    conflicts = []
    for text in dict.fromkeys(re.findall(r"^\s+The user requested \(constraint\) (\S+)$", said, re.MULTILINE)):
        try:
            wanted = Requirement(text)
        except InvalidRequirement:
            continue
        name = canonicalize_name(wanted.name)
        if name in have and not wanted.specifier.contains(have[name], prereleases=True):
            # pip joins the user's constraint and the pin of what is installed: ==1.0,==2.0
            excludes = ",".join(
                str(part) for part in wanted.specifier if not part.contains(have[name], prereleases=True)
            )
            conflicts.append({"package": name, "wanted": excludes, "installed": have[name], "by": "constraints"})
    return conflicts


def without(secrets: Iterable[str], text: str) -> str:
    """Return a text with stars for secrets: pip hides passwords in some of its messages only."""
    for secret in sorted((s for s in secrets if len(s) >= SHORTEST), key=len, reverse=True):
        text = text.replace(secret, "****")
    return text


def forget(secrets: Iterable[str], before: Iterable[str]) -> None:
    """Take secrets out of what pip notes about new packages: it keeps the whole address of one that has an address."""
    for found in metadata.distributions():
        said = found.read_text("direct_url.json")
        if not said or canonicalize_name(found.metadata["Name"]) in before:
            continue
        if (clean := without(secrets, said)) != said:
            folder = getattr(found, "_path")  # noqa: B009 - of every distribution on disk
            Path(folder, "direct_url.json").write_text(clean, encoding="utf-8")


def compile_new() -> None:
    """Compile what has no bytecode yet, independent of mtimes: those change when the layer is unpacked."""
    for root in {p for p in sys.path if p.endswith(("site-packages", "dist-packages")) and os.access(p, os.W_OK)}:
        for source in Path(root).rglob("*.py"):
            pyc = Path(importlib.util.cache_from_source(str(source)))
            if not pyc.exists():
                mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
                py_compile.compile(str(source), invalidation_mode=mode, quiet=2)


def main(path: Path) -> None:
    """Check, install, verify, compile."""
    text = path.read_text(encoding="utf-8")
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    have = installed()
    secrets: dict[str, str] = json.loads(SECRET.read_text(encoding="utf-8")) if SECRET.is_file() else {}
    if not lines:
        return
    if conflicts := direct_conflicts(lines, have):
        fail("requirements-conflict", conflicts=conflicts)
    with tempfile.TemporaryDirectory() as scratch:
        pins = Path(scratch) / "constraints.txt"
        # Local versions and direct references of the base cannot be constraints; what they hold is checked afterwards.
        pins.write_text("".join(f"{name}=={version}\n" for name, version in sorted(have.items())), encoding="utf-8")
        done = subprocess.run(
            [sys.executable, "-m", "pip", "install", "--no-compile", "--no-input", "--disable-pip-version-check",
             "--progress-bar", "off", "--constraint", str(pins), "--requirement", str(path)],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, env={**os.environ, **secrets},
        )  # fmt: skip
    said = without(secrets.values(), done.stdout)
    sys.stdout.write(said)
    if done.returncode:
        if conflicts := indirect_conflicts(said, have) + constraint_conflicts(said, have):
            fail("requirements-conflict", conflicts=conflicts)
        fail("requirements-not-installed", cause="\n".join(said.strip().splitlines()[-12:]))
    forget(secrets.values(), have)
    now = installed()
    if changed := [n for n, v in have.items() if now.get(n) != v]:
        fail("requirements-conflict", conflicts=[
            {"package": n, "wanted": now.get(n, "removed"), "installed": have[n], "by": "pip"} for n in changed
        ])  # fmt: skip
    compile_new()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
