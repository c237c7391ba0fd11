"""Programs that only tests need, built from their Go modules once for each version."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from kitctl.model.image_ref import digest
from kitctl.model.settings import cache_dir


def built(module: Path, package: str, duration: str) -> Path:
    """Return a program that is built here, unless an earlier run did.

    Args:
        module: Folder with the go.mod and go.sum that pin its modules.
        package: What is built.
        duration: How long that takes on two cores.
    """
    program = cache_dir() / "tests" / f"{module.name}-{digest([module / 'go.sum'])}" / Path(package).name
    if not program.exists():
        sys.stderr.write(f"building {program.name} for the tests: {duration}\n")
        # Under its own name only when it is whole: a build that was interrupted leaves no half program behind.
        part = program.with_name(f".{program.name}.{os.getpid()}")
        env = {**os.environ, "CGO_ENABLED": "0", "GOWORK": "off", "GOTOOLCHAIN": "auto"}
        argv = ["go", "build", "-buildvcs=false", "-o", str(part), package]
        subprocess.run(argv, cwd=module, check=True, env=env, timeout=3000)
        part.replace(program)
    return program
