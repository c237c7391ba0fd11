"""What can be told about a DAG file from its text alone. Pure: source in, findings out.

Ruff's AIR rules know what Airflow 3 renamed; here stands what they leave out: modules that are gone even where nothing
of them is used, `executor_config` of Airflow 2, executors that the release does not have, renamed options of
airflow.cfg that a file asks for, and lookups at the top level.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from kitctl.model.dags.findings import Finding, Severity, by_place
from kitctl.model.dags.legacy import GONE_EXECUTORS, RENAMED_ARGUMENTS, renamed_option, replacement
from kitctl.model.executors import selectable
from kitctl.model.option_names import gone

_LOOKUPS = {"Variable.get", "BaseHook.get_connection", "Connection.get"}
_SHORTER = "Join long texts with ''.join([…]), or read them from a file beside the DAG"
_OPTION_GETTERS = {"get", "getboolean", "getint", "getfloat", "get_mandatory_value"}


def check(source: str, file: str, executors: Sequence[str]) -> list[Finding]:
    """Return the findings of one file.

    Args:
        source: Text of the file.
        file: Its path inside the DAG folder.
        executors: Executors of the release, in order.
    """
    visitor = _Visitor(file, executors)
    try:
        visitor.visit(ast.parse(source, filename=file))
    except (SyntaxError, ValueError) as error:
        line = getattr(error, "lineno", 0) or 0
        return [Finding("syntax-error", file, line, Severity.ERROR, f"The file is not valid Python: {error}")]
    except RecursionError:
        message = "An expression has so many parts that kitctl cannot check all of the file"
        visitor.findings.append(Finding("text-too-deep", file, 0, Severity.WARNING, message, _SHORTER))
    return sorted(visitor.findings, key=by_place)


def dag_ids(source: str) -> Iterator[tuple[str, int]]:
    """Yield (DAG id, line) of the DAGs whose id stands in the text.

    Only what surely becomes a DAG counts: `with DAG("x")`, `name = DAG("x")` outside of functions, and functions under
    @dag that the file calls. An id that is put together at run time is not seen.
    """
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError):
        return
    called = {_name(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    for node in _outside_functions(tree):
        if isinstance(node, ast.FunctionDef) and node.name in called:
            for decorator in filter(_is_dag_decorator, node.decorator_list):
                given = _keyword(decorator, "dag_id") if isinstance(decorator, ast.Call) else None
                if given is None:
                    yield node.name, node.lineno
                elif isinstance(given, ast.Constant):
                    yield str(given.value), node.lineno
        for call in _kept_calls(node):
            first = call.args[0] if call.args else _keyword(call, "dag_id")
            if _name(call.func).split(".")[-1] == "DAG" and isinstance(first, ast.Constant):
                yield str(first.value), call.lineno


def _outside_functions(node: ast.AST) -> Iterator[ast.AST]:
    # With a list of its own: an expression of a thousand parts is deeper than Python's stack.
    waiting = list(ast.iter_child_nodes(node))[::-1]
    while waiting:
        child = waiting.pop()
        yield child
        if not isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            waiting += list(ast.iter_child_nodes(child))[::-1]


def _kept_calls(node: ast.AST) -> list[ast.Call]:
    """Return the calls whose result a statement keeps: a DAG that nobody holds is none."""
    values: list[ast.expr | None] = []
    if isinstance(node, (ast.With, ast.AsyncWith)):
        values = [item.context_expr for item in node.items]
    elif isinstance(node, (ast.Assign, ast.AnnAssign, ast.NamedExpr)):
        values = [node.value]
    return [value for value in values if isinstance(value, ast.Call)]


class _Visitor(ast.NodeVisitor):
    def __init__(self, file: str, executors: Sequence[str]) -> None:
        self.file = file
        self.executors = executors
        self.findings: list[Finding] = []
        self.depth = 0  # functions around the node; the body of a @dag function runs at every parse and does not count

    def add(self, node: ast.AST, rule: str, message: str, fix: str = "", severity: Severity = Severity.ERROR) -> None:
        self.findings.append(Finding(rule, self.file, getattr(node, "lineno", 0), severity, message, fix))

    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            self._module(node, alias.name)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        if node.module and not node.level:
            for alias in node.names:
                if self._module(node, node.module, alias.name):
                    return

    def _module(self, node: ast.AST, module: str, name: str = "") -> bool:
        found = replacement(module, name)
        if found is None:
            return False
        what = f"{module}.{name}" if found.whole else module
        self.add(node, "import-removed", f"{what} is not in Airflow 3", found.text)
        return True

    def visit_Dict(self, node: ast.Dict) -> None:
        if any(isinstance(key, ast.Constant) and key.value == "KubernetesExecutor" for key in node.keys):
            self.add(
                node,
                "executor-config-airflow2",
                "executor_config with the key KubernetesExecutor is Airflow 2's form; the task will fail",
                'executor_config={"pod_override": k8s.V1Pod(spec=k8s.V1PodSpec(containers=['
                'k8s.V1Container(name="base", image=..., resources=...)]))}',
            )
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        name = _name(node.func)
        for keyword in node.keywords:
            if keyword.arg == "executor" and isinstance(keyword.value, ast.Constant):
                self._executor(keyword.value)
            if keyword.arg in RENAMED_ARGUMENTS:
                severity, new = RENAMED_ARGUMENTS[keyword.arg]
                self.add(keyword, "argument-renamed", f"The argument {keyword.arg} has had its day", new, severity)
        if name in _LOOKUPS and self.depth == 0:
            self.add(
                node,
                "top-level-lookup",
                f"{name} at the top level is asked at each parse, and once in each task pod",
                "Call it inside a task, or write {{ var.value.name }} in a template",
                Severity.WARNING,
            )
        if name.split(".")[0] == "conf" and name.split(".")[-1] in _OPTION_GETTERS:
            self._option(node)
        self.generic_visit(node)

    def _executor(self, value: ast.Constant) -> None:
        name = value.value
        if not isinstance(name, str):
            return
        if name in GONE_EXECUTORS:
            self.add(value, "executor-unknown", f"{name} is not in Airflow 3", GONE_EXECUTORS[name])
        elif name not in selectable(self.executors):
            listed = ", ".join(self.executors)
            self.add(
                value,
                "executor-unknown",
                f"The release has no executor {name!r}, only {listed}",
                f"Add it to the values (executors: [{listed}, {name}]), or name one of them",
            )

    def _option(self, node: ast.Call) -> None:
        words = [a.value for a in node.args[:2] if isinstance(a, ast.Constant) and isinstance(a.value, str)]
        if len(words) != 2:  # noqa: PLR2004 - section and option
            return
        old = f"[{words[0]}] {words[1]}"
        if new := renamed_option(words[0], words[1]):
            self.add(node, "option-renamed", f"The option {old} has another name in Airflow 3", f"conf.get: {new}")
        elif why := gone(words[0], words[1]):
            # With a fallback it is never more than the fallback; without one the file does not import.
            severity = Severity.ERROR if _keyword(node, "fallback") is None else Severity.WARNING
            self.add(node, "option-removed", f"The option {old} {why}", "Remove what reads it", severity)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        inside = 0 if any(_is_dag_decorator(d) for d in node.decorator_list) else 1
        for decorator in node.decorator_list:
            self.visit(decorator)
        self.depth += inside
        for child in node.body:
            self.visit(child)
        self.depth -= inside


def _is_dag_decorator(node: ast.expr) -> bool:
    called = node.func if isinstance(node, ast.Call) else node
    return _name(called).split(".")[-1] == "dag"


def _keyword(call: ast.Call, name: str) -> ast.expr | None:
    return next((k.value for k in call.keywords if k.arg == name), None)


def _name(node: ast.expr) -> str:
    """Return a dotted name such as "conf.get", or "" for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and (inner := _name(node.value)):
        return f"{inner}.{node.attr}"
    return ""
