"""A repository of a realistic size, made by `git fast-import` within seconds: 300 files, 500 commits, 18 MB of history.

The tree is small (modules of 6 kB); what makes the history large is a fixture of 36 kB that every commit replaced.
"""

from __future__ import annotations

import base64
import random
import subprocess
from collections.abc import Iterator
from pathlib import Path

from tests.e2e.git.server import GitServer

FILES, COMMITS = 300, 500
FILE_BYTES, FIXTURE_BYTES = 6_000, 36_000
_DAG = """
from airflow.sdk import dag, task

@dag(schedule=None, tags=["VERSION"])
def bench_story():
    @task
    def tell():
        return "VERSION"
    tell()

bench_story()
"""


def story(version: str) -> str:
    """Return the one DAG of the repository, at a version."""
    return _DAG.replace("VERSION", version)


def fill(git: GitServer, version: str) -> str:
    """Make the repository and push it; returns its commit."""
    git.work.mkdir(parents=True)
    git.git("init", "-q", "-b", "main")
    stream = b"".join(_stream(random.Random(4)))  # noqa: S311 - the same repository each time
    subprocess.run(["git", "fast-import", "--quiet"], input=stream, cwd=git.work, check=True, timeout=120)
    git.git("reset", "-q", "--hard", "main")
    return git.commit({"bench_story.py": story(version), ".airflowignore": "lib/\n"})


def size(folder: Path) -> float:
    """Return the size of a folder in MB."""
    return sum(p.stat().st_size for p in folder.rglob("*") if p.is_file() and not p.is_symlink()) / 1e6


def _stream(chance: random.Random) -> Iterator[bytes]:
    """Yield the commits for fast-import: the first brings all files, each later one changes one, and the fixture."""

    def text(length: int) -> bytes:
        return base64.encodebytes(chance.randbytes(length * 3 // 4))

    for number in range(COMMITS):
        names = range(FILES) if number == 0 else [chance.randrange(FILES)]
        yield b"commit refs/heads/main\ncommitter e2e <e2e@example.com> %d +0000\n" % (1_700_000_000 + 3600 * number)
        yield b"data 5\nbench\n"
        for name in names:
            body = b'"""A module of the bench.\n' + text(FILE_BYTES) + b'"""\n'
            yield b"M 644 inline lib/part%d/module%d.py\ndata %d\n%s\n" % (name % 10, name, len(body), body)
        body = text(FIXTURE_BYTES)
        yield b"M 644 inline lib/fixture.txt\ndata %d\n%s\n" % (len(body), body)
