"""All that a deploy with the new version would refuse in the user's values and templates, each problem once.

Helm stops at the first kind of problem: the schema of the values, a worker pod, the rules between keys. So the chart is
rendered again without the keys that were refused, until nothing new is found.
"""

from __future__ import annotations

import copy
import json
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from kitctl.errors import KitError
from kitctl.model.upgrade.findings import Finding, of_error
from kitctl.model.values.dags import DagMode
from kitctl.model.versions import data_dir
from kitctl.release import templates, values
from kitctl.render import airflow_cfg, template_dir
from kitctl.render.check import FIX, check_pod
from kitctl.render.check_cfg import check_cfg
from kitctl.tools.helm.client import Helm
from kitctl.tools.helm.refusals import Refusal
from kitctl.tools.helm.sources import Sources
from kitctl.usecases.upgrade.upgrade_facts import Facts

_ROUNDS = 20
"""Renders at most, of about 0.2 s each: one for the schema, one for each broken worker pod, one for the rules."""
Place = tuple[str, ...]


def find(facts: Facts) -> list[Finding]:
    """Return what a deploy would refuse."""
    texts, found = _templates(facts)
    try:
        document = dict(facts.user.document)
    except KitError as error:
        return [*_unreadable(facts, error), *found]
    return list(dict.fromkeys([*found, *_chart(facts, document, texts)]))


def _templates(facts: Facts) -> tuple[dict[str, str], list[Finding]]:
    """Compile the user's templates as a deploy does: the texts by the value that takes each, and the problems."""
    folder = facts.wish.template_dir
    if folder is None:
        return {}, []
    found: list[Finding] = []
    try:
        mode = facts.user.mode
    except KitError:  # told with the values
        mode = DagMode.IMAGE
    texts: dict[str, str] = {}
    try:
        texts["templates.airflowCfg"] = _cfg(folder, found)
    except KitError as error:
        found.append(of_error(error))
    try:
        texts["templates.podTemplate"] = templates.render_pod(mode, folder)
    except KitError as error:
        found.append(of_error(error))
    return texts, found


def _cfg(folder: Path, found: list[Finding]) -> str:
    """Return airflow.cfg, and add each of its own problems to what was found."""
    template_dir.check(folder)
    text = airflow_cfg.render_cfg(folder)
    broken = [one for one in check_cfg(text) if one.level == "error"]
    if not broken:
        return templates.render_cfg(folder)  # also refuses a file of the older kit
    name, fix = folder / template_dir.CFG, "Correct it; `kitctl render cfg` shows the file that the kit makes"
    found += [Finding("airflow-cfg-invalid", "error", f"{name} ({one.field})", one.rule, "", fix) for one in broken]
    return ""


def _unreadable(facts: Facts, first: KitError) -> list[Finding]:
    """Return the files and options that Helm cannot read: it names one of them only."""
    given = Sources.of(facts.settings)
    alone = [Sources(files=(path,)) for path in given.files]
    for kind in ("sets", "set_strings", "set_files", "set_jsons"):
        alone += [replace(Sources(), **{kind: (text,)}) for text in getattr(given, kind)]
    errors = [error for one in alone if (error := _raised(lambda one=one: Helm().merge(one)))]  # type: ignore[misc]
    return list(dict.fromkeys(of_error(error) for error in errors or [first]))


def _raised(act: Callable[[], object]) -> KitError | None:
    try:
        act()
    except KitError as error:
        return error
    return None


def _chart(facts: Facts, document: dict[str, Any], texts: dict[str, str]) -> Iterator[Finding]:
    """Let the chart judge the values, again and again without what it refused."""
    nulls = values.nulls(facts.user)
    for one in nulls:
        yield of_error(values.null_error([one]))
    left = copy.deepcopy({**document, "airflowVersion": str(facts.target)})
    gone = {key for key, _ in nulls}
    _remove(left, gone)
    for number in range(_ROUNDS):
        manifest, found = _rendered(facts, left, texts)
        fresh = [one for one in found if not number or (one.by_kit and not _follows(one, gone))]
        yield from (of_error(one.error) for one in fresh)
        places = {one.place for one in fresh if one.place}
        if manifest:
            yield from _pods(manifest)
        if not places - gone:
            return
        gone |= places
        _remove(left, places)
        texts = {key: text for key, text in texts.items() if tuple(key.split(".")) not in gone}


def _rendered(facts: Facts, document: dict[str, Any], texts: dict[str, str]) -> tuple[str, list[Refusal]]:
    settings = facts.settings
    with tempfile.TemporaryDirectory(prefix="kitctl-upgrade-") as folder:
        path = Path(folder, "values.json")
        path.write_text(json.dumps(document), encoding="utf-8")  # JSON is YAML
        files = {key: Path(folder, key) for key, text in texts.items() if text}
        for key, file in files.items():
            file.write_text(texts[key], encoding="utf-8")
        sources = Sources(files=(path,)).with_texts(files)
        named = Sources.of(settings)
        return Helm().refusals(data_dir("chart"), settings.release, settings.namespace, sources, named)


def _follows(one: Refusal, gone: Iterable[Place]) -> bool:
    """Whether a refusal only speaks of a key that was left out here, and that was told already."""
    words = f"{one.error.message}\n{one.error.cause}\n{one.error.fix}"
    return any(".".join(key) in words for key in gone if key)


def _remove(document: dict[str, Any], places: Iterable[Place]) -> None:
    """Remove keys, and items of lists; from behind, so that the numbers of the items before stay."""
    for place in sorted(places, key=lambda key: [part.zfill(6) for part in key], reverse=True):
        node: Any = document
        for part in place[:-1]:
            node = _at(node, part)
        if isinstance(node, dict):
            node.pop(place[-1], None)
        elif isinstance(node, list) and place[-1].isdigit() and int(place[-1]) < len(node):
            node.pop(int(place[-1]))


def _at(node: Any, part: str) -> Any:
    if isinstance(node, list):
        return node[int(part)] if part.isdigit() and int(part) < len(node) else None
    return node.get(part) if isinstance(node, dict) else None


def _pods(manifest: str) -> Iterator[Finding]:
    """Yield each problem of the worker pods; what is wrong in the pod of all tasks is told once."""
    texts = templates.pod_texts(manifest)
    told = set[tuple[str, str]]()
    for name in sorted(texts, key=lambda one: (one != "default", one)):
        for one in check_pod(texts[name]):
            if one.level == "error" and (one.field, one.rule) not in told:
                told.add((one.field, one.rule))
                yield Finding("pod-template-invalid", "error", f"worker pod {name}", str(one), "", FIX)
