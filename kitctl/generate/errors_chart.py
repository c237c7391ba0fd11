"""The errors that the chart's own rules raise, read from its templates."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kitctl.generate.errors_code import Entry
from kitctl.model.values import DagMode
from kitctl.model.versions import data_dir

_RULE = re.compile(
    r'"id" "(?P<id>[a-z0-9-]+)"\s+"what" (?P<what>.*?)\s+"why" (?P<why>.*?)\s+"paste" (?P<paste>.*?)\) -\}\}', re.DOTALL
)
_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"')
_DEFINE = re.compile(r'\{\{- define "(?P<name>[^"]+)" -\}\}(?P<body>.*?)(?=\{\{- define |\Z)', re.DOTALL)
_PLACE = re.compile(r"\{\{-?\s*[^{}]*?([A-Za-z]*)\s*-?\}\}")
_LINE = re.compile(r"^(?P<key>(?:[^\s|{}]|\{\{[^|{}\n]*\}\})+): (?P<why>[^|\n]+) \| (?P<paste>.+)$", re.MULTILINE)
_OWNED = re.compile(r'^([a-z_]+\.[a-z_]+): ".*? \| (.*)"$', re.MULTILINE)
_KEY = {DagMode.GIT: "dags.git", DagMode.BUNDLE: "dags.bundle.items[N]"}
_RENAMED = re.compile(r'^ +"(\w+Executor)" "(.*)"', re.MULTILINE)


def of_chart() -> Iterator[Entry]:
    """Yield the rules of the chart's templates, and those of each DAG mode."""
    folder = data_dir("chart") / "templates"
    for path in sorted(folder.glob("_validate*.tpl")):
        text = path.read_text(encoding="utf-8")
        for rule in _RULE.finditer(text):
            fix = _go_text(rule["paste"]) if '"' in rule["paste"] else _by_name(rule["id"], text)
            yield Entry(rule["id"], _go_text(rule["what"]), _go_text(rule["why"]), fix, "PREFLIGHT")
    text = "\n".join(path.read_text(encoding="utf-8") for path in sorted((folder / "dags").glob("_*.tpl")))
    defines = {define["name"]: define["body"] for define in _DEFINE.finditer(text)}
    for mode in DagMode:
        body = defines[f"kit.dags.{mode.value}.validate"]
        if "kit.dags.validateCredentials" in body:
            body += defines["kit.dags.validateCredentials"].replace("{{ .key }}", _KEY.get(mode, "{…}"))
        for line in _LINE.finditer(body.replace("{{ $key }}", _KEY.get(mode, "{…}"))):
            key, why, paste = (_PLACE.sub(_placeholder, line[part]) for part in ("key", "why", "paste"))
            yield Entry(f"dags-{mode.value}-invalid", f"{key} does not fit", f"Because {why}.", paste, "PREFLIGHT")


def _by_name(error_id: str, text: str) -> str:
    """Return the fixes of a rule that has one for each name: what to write instead, under a comment that names it."""
    pairs = (_OWNED if error_id == "config-owned-by-chart" else _RENAMED).findall(text)
    by_paste: dict[str, list[str]] = {}
    for name, paste in pairs:
        by_paste.setdefault(_plain(paste), []).append(name)
    return "\n".join(f"# instead of {', '.join(names)}:\n{paste}" for paste, names in by_paste.items())


def _go_text(expression: str) -> str:
    """Return the first string of a Go template expression, with `{…}` for what printf fills in."""
    words = _STRING.search(expression)
    return re.sub(r"%[a-z]", "{…}", _plain(words[1]) if words else expression)


def _plain(text: str) -> str:
    return text.replace('\\"', '"').replace("\\n", "\n").replace("\\\\", "\\")


def _placeholder(found: re.Match[str]) -> str:
    return "{" + (found[1] or "…") + "}"
