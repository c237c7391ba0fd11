"""Build step: packages that only gather names load each when it is asked for.

The client of Kubernetes gathers a thousand classes, one module each, in three __init__.py files; whoever needs one pays
for all (40 MiB and 0.3 CPU-seconds, and the same again for the asynchronous client). This rewrites the __init__.py of
each package that lazy_imports.toml lists: its imports become a table for the module's `__getattr__` (PEP 562). What the
package offers stays the same, star imports included, and so do its other statements.

Usage: lazy_packages.py LIST SITE-PACKAGES
"""

from __future__ import annotations

import ast
import sys
import tomllib
from pathlib import Path

GETATTR = """

def __getattr__(name):
    if name in _KIT_NAMES:
        module, attribute = _KIT_NAMES[name]
        value = getattr(__import__("importlib").import_module(module), attribute)
    elif name.startswith("__"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    else:
        # Importing the names used to import these modules too, which made them attributes.
        module = f"{__name__}.{name}"
        try:
            value = __import__("importlib").import_module(module)
        except ModuleNotFoundError as exc:
            if exc.name != module:
                raise
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}") from None
    globals()[name] = value
    return value


def __dir__():
    return sorted({*globals(), *_KIT_NAMES})
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
    declared = any(isinstance(n, ast.Assign) and ast.unparse(n.targets[0]) == "__all__" for n in tree.body)
    every = [] if declared else ["__all__ = list(_KIT_NAMES)"]
    return "\n".join([*kept, "_KIT_NAMES = {", *table, "}", *every]) + "\n" + GETATTR, len(names)


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
