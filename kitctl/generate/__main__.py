"""`python -m kitctl.generate write|check [--root DIR]`: writes the generated files, or lists those that drifted."""

from __future__ import annotations

import argparse
import difflib
import sys
from collections.abc import Iterator
from pathlib import Path

from kitctl.commands.console import reference
from kitctl.generate import targets as of_the_model
from kitctl.generate.targets import Render


def targets() -> dict[str, Render]:
    """Return every generated file: those of the model, and the page of the commands, which stand above this layer."""
    return {**of_the_model.targets(), "docs/reference/cli.md": reference.render}


def write(root: Path) -> list[str]:
    """Write every generated file under `root` and return the paths that changed."""
    changed = []
    for path, _, fresh in _different(root):
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(fresh, encoding="utf-8")
        changed.append(path)
    return sorted(changed)


def drifted(root: Path) -> dict[str, str]:
    """Compare every generated file under `root` with a fresh render in memory.

    Returns:
        For each file that differs or is absent, a unified diff.
    """
    found = {}
    for path, now, fresh in _different(root):
        lines = difflib.unified_diff(now.splitlines(), fresh.splitlines(), path, f"{path} (generated)", "", "", 1)
        found[path] = "\n".join(lines)
    return found


def _different(root: Path) -> Iterator[tuple[str, str, str]]:
    """Yield each file that is absent or not as generated: its path, its text, and a fresh render."""
    for path, render in targets().items():
        file = root / path
        now = file.read_text(encoding="utf-8") if file.is_file() else ""
        fresh = render()
        if now != fresh:
            yield path, now, fresh


def main(argv: list[str] | None = None) -> int:
    """Run the command; exit code 1 when `check` finds drift."""
    parser = argparse.ArgumentParser(prog="python -m kitctl.generate", description=__doc__)
    parser.add_argument("verb", choices=["write", "check"])
    parser.add_argument("--root", type=Path, default=Path(), help="the checkout (default: here)")
    options = parser.parse_args(argv)
    if options.verb == "write":
        changed = write(options.root)
        sys.stderr.write("".join(f"wrote {path}\n" for path in changed) or "everything was up to date\n")
        return 0
    found = drifted(options.root)
    for path, diff in sorted(found.items()):
        sys.stdout.write(f"drifted: {path}\n{diff}\n")
    if found:
        sys.stderr.write(f"{len(found)} generated file(s) drifted; run `make generate`\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
