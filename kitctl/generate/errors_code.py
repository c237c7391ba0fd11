"""The errors that the kit's Python code can raise, read from the code itself.

A message stands in the code once, with the names that it fills in as `{name}`; the page shows it the same way. Ids that
reach `KitError` by a parameter are found at the callers of that function.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

_Known = Mapping[str, str]
"""Texts of names: constants of a module, arguments of a call, local names."""


@dataclass(frozen=True)
class Entry:
    """One place that raises an error; texts hold `{name}` where the code fills something in."""

    id: str
    message: str
    cause: str = ""
    fix: str = ""
    code: str = "FAILURE"


def of_code(package: Path | None = None) -> list[Entry]:
    """Return the errors that the Python code raises.

    Args:
        package: Folder of the code; None means the kit's own.
    """
    root = package or Path(__file__).resolve().parent.parent
    modules = [_Module(ast.parse(path.read_text(encoding="utf-8"))) for path in sorted(root.rglob("*.py"))]
    phrases: dict[str, ast.expr | ast.FunctionDef] = {}
    for module in modules:
        phrases.update({name: value for name, value in module.constants.items() if not name.startswith("_")})
        phrases.update({f.name: f for f in module.functions if _phrase(f)})
    found = []
    for module in modules:
        for call, function in module.calls:
            if _name(call) == "KitError" and isinstance(call.args[0], ast.Constant):
                found.append(_entry(call, _Reader(module, function, phrases)))
    # `run` comes last: a call that hands it an id says less than a KitError of that id elsewhere.
    raisers = [(module, call, f) for module in modules for call, f in module.calls if _name(call) == "KitError"]
    for module, error, function in sorted(raisers, key=lambda each: each[2] is not None and each[2].name == "run"):
        if function is not None and isinstance(error.args[0], ast.Name):
            callers = [module] if function.name.startswith("_") else modules
            known = {entry.id for entry in found} if function.name == "run" else set()
            by_callers = _by_callers(function, error, _Reader(module, function, phrases), callers)
            found += [entry for entry in by_callers if entry.id not in known]
    return found


class _Module:
    """A parsed file: its constants, its functions, and each call with the function around it."""

    def __init__(self, tree: ast.Module) -> None:
        self.constants = dict(_assigned(tree.body))
        self.functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
        owner = {call: function for function in self.functions for call in ast.walk(function)}
        self.calls = [(n, owner.get(n)) for n in ast.walk(tree) if isinstance(n, ast.Call)]


class _Reader:
    """Writes expressions of one function as text."""

    def __init__(
        self, module: _Module, function: ast.FunctionDef | None, phrases: Mapping[str, ast.expr | ast.FunctionDef]
    ) -> None:
        self.module, self.function, self.phrases = module, function, phrases

    def locals_before(self, line: int) -> dict[str, ast.expr]:
        """Return what the function's own names hold where a line begins, as far as the order of lines tells."""
        body = [n for n in ast.walk(self.function) if isinstance(n, ast.stmt)] if self.function else []
        return dict(_assigned(sorted((n for n in body if n.lineno < line), key=lambda n: n.lineno)))

    def text(self, node: ast.expr | None, given: _Known, near: Mapping[str, ast.expr] | None = None) -> str:
        """Write an expression as text, `{…}` for what is only known at run time.

        Args:
            node: The expression; None is "".
            given: Texts of names.
            near: Expressions of local names, which only fixes look up: a cause mostly has several.
        """
        match node:
            case None:
                text = ""
            case ast.Constant(value=value):
                text = str(value)
            case ast.JoinedStr(values=parts):
                text = "".join(self.text(part, given, near) for part in parts)
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                text = self.text(left, given, near) + self.text(right, given, near)
            case ast.FormattedValue(value=inner):
                text = self.text(inner, given, near)
            case ast.Name(id=name):
                text = self._of_name(name, given, near)
            case ast.BoolOp(op=ast.Or(), values=[*_, last]) if near is not None:
                told = [self.text(value, given) for value in node.values[:-1]]
                text = next((t for t in told if t and not t.startswith("{")), "") or self.text(last, given, near)
            case ast.IfExp(body=body, orelse=other) if near is not None:
                text = "\nor: ".join(filter(None, (self.text(body, given, near), self.text(other, given, near))))
            case ast.Call(func=ast.Name(id="str"), args=[only]):
                text = self.text(only, given, near)
            case ast.Call(func=ast.Name(id=name)) if isinstance(function := self.phrases.get(name), ast.FunctionDef):
                text = self._phrase(node, function, given)
            case _:
                text = "{" + _word(node) + "}"
        return text

    def _of_name(self, name: str, given: _Known, near: Mapping[str, ast.expr] | None) -> str:
        if name in given:
            return given[name]
        if name in (near or {}):
            return self.text((near or {})[name], given, {k: v for k, v in (near or {}).items() if k != name})
        constant = self.module.constants.get(name) or self.phrases.get(name)
        return self.text(constant, given) if isinstance(constant, ast.expr) else "{" + name + "}"

    def _phrase(self, call: ast.Call, function: ast.FunctionDef, given: _Known) -> str:
        """Write out a function that only returns a text."""
        handed = zip((a.arg for a in function.args.args), call.args, strict=False)
        return self.text(_phrase(function), {name: self.text(value, given) for name, value in handed})


def _by_callers(function: ast.FunctionDef, error: ast.Call, reader: _Reader, modules: list[_Module]) -> Iterator[Entry]:
    """Yield an entry for each caller that hands over a literal id."""
    positional = [a.arg for a in function.args.args]
    wanted = error.args[0]
    for module in modules:
        for call, around in module.calls:
            given = dict(zip(positional, call.args, strict=False))
            given.update({k.arg: k.value for k in call.keywords if k.arg})
            # Other functions pass an `error_id` on to `run`, so any call that names one counts, whatever it calls.
            if _name(call) != function.name and not (function.name == "run" and "error_id" in given):
                continue
            if isinstance(wanted, ast.Name) and isinstance(given.get(wanted.id), ast.Constant):
                there = _Reader(module, around, reader.phrases)
                near = there.locals_before(call.lineno)
                yield _entry(
                    error, reader, {k: there.text(v, {}, near if k == "fix" else None) for k, v in given.items()}
                )


def _entry(error: ast.Call, reader: _Reader, given: _Known | None = None) -> Entry:
    fields = dict(zip(("id", "message", "cause", "fix", "code"), error.args, strict=False))
    fields.update({k.arg: k.value for k in error.keywords if k.arg})
    code, known = fields.get("code"), given or {}
    return Entry(
        id=reader.text(fields["id"], known),
        message=reader.text(fields["message"], known),
        cause=reader.text(fields.get("cause"), known),
        fix=reader.text(fields.get("fix"), known, reader.locals_before(error.lineno)),
        code=code.attr if isinstance(code, ast.Attribute) else "FAILURE",
    )


def _assigned(body: list[ast.stmt]) -> Iterator[tuple[str, ast.expr]]:
    """Yield the names that get a text, with it; `a, b = …` gives several."""
    for node in body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            pairs = [(node.targets[0], node.value)]
        elif (
            isinstance(node, ast.Assign)
            and isinstance(node.targets[0], ast.Tuple)
            and isinstance(node.value, ast.Tuple)
        ):
            pairs = [
                (t, v) for t, v in zip(node.targets[0].elts, node.value.elts, strict=False) if isinstance(t, ast.Name)
            ]
        else:
            continue
        yield from ((t.id, v) for t, v in pairs if isinstance(v, ast.Constant | ast.JoinedStr | ast.BinOp))


def _phrase(function: ast.FunctionDef) -> ast.expr | None:
    """Return the text that a function returns, where it does nothing else."""
    body = function.body[1:] if ast.get_docstring(function) else function.body
    only = body[0] if len(body) == 1 else None
    return only.value if isinstance(only, ast.Return) and isinstance(only.value, ast.JoinedStr) else None


def _word(node: ast.expr) -> str:
    """Name an expression in one word: the last attribute or name in it."""
    if isinstance(node, ast.Attribute):
        return node.attr
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        return _word(node.func.value) if not isinstance(node.func.value, ast.Constant) else "list"
    if isinstance(node, ast.Subscript):
        return _word(node.value)
    return "…"


def _name(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
