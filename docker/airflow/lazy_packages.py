"""Build step: packages that only gather names load each when it is asked for.

The client of Kubernetes gathers a thousand classes, one module each, in three __init__.py files; whoever needs one pays
for all (40 MiB and 0.3 CPU-seconds, and the same again for the asynchronous client). This rewrites the __init__.py of
each package that lazy_imports.toml lists: its imports become a table. A name is imported when somebody asks for it, and
all of them by a star import, `dir()` or `vars()`, so that the package offers what it always did; its other statements
stay. With AIRFLOW_KIT_DEFER_IMPORTS=False the package imports all at once, as released.

Usage: lazy_packages.py LIST SITE-PACKAGES
"""

from __future__ import annotations

import ast
import sys
import tomllib
from pathlib import Path

LATER = """

def _kit_later(names):
    import importlib
    import os
    import sys
    import types

    module, held, filling = sys.modules[__name__], globals(), []

    def find(name):
        if name in names:
            value = getattr(importlib.import_module(names[name][0]), names[name][1])
        elif name.startswith("__"):
            return False
        else:
            # Importing the names used to import these modules too, which made them attributes.
            try:
                value = importlib.import_module(f"{__name__}.{name}")
            except ModuleNotFoundError as exc:
                if exc.name != f"{__name__}.{name}":
                    raise
                return False
        held.setdefault(name, value)
        return True

    def fill():
        if not filling:
            filling.append(True)
            try:
                for name in names:
                    name in held or find(name)
            finally:
                filling.clear()
            module.__class__ = types.ModuleType

    class Later(types.ModuleType):
        def __getattr__(self, name):
            if find(name):
                return held[name]
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

        def __dir__(self):
            fill()
            return types.ModuleType.__dir__(self)

        @property
        def __dict__(self):
            fill()
            return held

    module.__class__ = Later
    if os.environ.get("AIRFLOW_KIT_DEFER_IMPORTS", "True").lower() == "false":
        fill()


"""


def rewrite(text: str, package: str) -> tuple[str, int]:
    """Return the new text of a package's __init__.py, and how many names it loads later.

    Args:
        text: The file.
        package: Its name; only imports of its own modules move.
    """
    source = text.splitlines()
    names: dict[str, tuple[str, str]] = {}
    gone: set[int] = set()
    tree = ast.parse(text)
    for node in tree.body:
        if not isinstance(node, ast.ImportFrom) or node.level or node.names[0].name == "*":
            continue
        if not f"{node.module}.".startswith(f"{package.partition('.')[0]}."):
            continue
        names |= {alias.asname or alias.name: (str(node.module), alias.name) for alias in node.names}
        gone |= set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    if not names:
        return text, 0
    kept = [line for number, line in enumerate(source, 1) if number not in gone]
    table = [f"    {name!r}: {place!r}," for name, place in names.items()]
    call = ["_kit_later(", "    {", *(f"    {line}" for line in table), "    }", ")", "del _kit_later"]
    return "\n".join(kept) + LATER + "\n".join(call) + "\n", len(names)


def main() -> None:
    """Rewrite every package of the list; one that is not installed is passed over."""
    listed, site = tomllib.loads(Path(sys.argv[1]).read_text()), Path(sys.argv[2])
    for package in listed["packages"]:
        path = site.joinpath(*package.split("."), "__init__.py")
        if not path.is_file():
            sys.stdout.write(f"lazy_packages: {package}: not installed\n")
            continue
        text, count = rewrite(path.read_text(), package)
        ast.parse(text)
        path.write_text(text)
        sys.stdout.write(f"lazy_packages: {package}: {count} names on demand\n")


if __name__ == "__main__":
    main()
