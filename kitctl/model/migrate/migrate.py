"""Carries the values of another chart over: each key by the rule that its table has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kitctl.model.migrate.changes import CHANGES, EACH, SCALAR
from kitctl.model.migrate.changes.airflow import executors_of
from kitctl.model.migrate.document import Document
from kitctl.model.migrate.origin import KIT, Origin
from kitctl.model.migrate.result import Line, Migration, NewSecret, Verdict
from kitctl.model.migrate.work import KEYS_SECRET, Item, Outcome, Work, empty, worst
from kitctl.model.values.keys.allowed import exists, own
from kitctl.model.values.keys.peers import Answer, Names, names, peer

_EXECUTOR = {"official": "executor", "community": "airflow.executor", "kube-airflow": "executors"}

_OF_KIT = {"executors": "executors", "dags.mode": "dag-mode", "env": "env"}
"""What earlier versions of the kit took in another form, such as names of Airflow 2."""


def implied(chart: str, merged: Mapping[str, Any]) -> dict[str, Any]:
    """Return the defaults of another chart that count and differ from those of the kit, by dotted key."""
    if chart == KIT:
        return {}
    table = peer(chart)
    plain = Document(merged, {}, {})
    return {
        default.old: default.value
        for default in table.defaults
        if not default.when or all(plain.find(key) is True for key in default.when)
    }


def migrate(merged: Mapping[str, Any], texts: Mapping[str, str], origin: Origin) -> Migration:
    """Make a values file of the kit.

    Args:
        merged: The old files as Helm merges them.
        texts: Text of each file by name, in the order of `-f`.
        origin: For which chart they were written.

    Returns:
        The new file, and what became of each key. No secret is in either.
    """
    defaults = implied(origin.chart, merged)
    old = Document(merged, texts, defaults)
    work = Work(old, origin.chart, _executors(old, origin.chart))
    for group in _groups(work):
        _carry(work, *group)
    work.lines.sort(key=lambda line: (line.file != "", list(texts).index(line.file) if line.file else 0, line.line))
    head = tuple(line for line in old.head() if not _old_license(line))
    return Migration(origin.chart, origin.sure, origin.reason, work.lines, _once(work), work.new.text(head))


def _executors(old: Document, chart: str) -> tuple[str, ...]:
    """Return the executors of the old release; a file of the kit itself is carried as if it had all."""
    if chart == KIT:
        return ("CeleryExecutor", "KubernetesExecutor")
    value = old.find(_EXECUTOR[chart], "CeleryExecutor")
    return tuple(executors_of(",".join(map(str, value)) if isinstance(value, list) else value))


def _old_license(line: str) -> bool:
    return "License" in line or "ASF" in line


def _once(work: Work) -> list[NewSecret]:
    """Return each Secret and key once; those of keys.existingSecret only if the new file names it."""
    own = work.new.get(("keys", "existingSecret"))
    found = [secret for secret in work.secrets if own or secret.name != KEYS_SECRET]
    # A value that the old file has is better than a new one.
    by_key = {(one.name, one.key): one for one in sorted(found, key=lambda one: not one.source.startswith("new"))}
    return [by_key[key] for key in sorted(by_key)]


Group = tuple[Answer | None, Names, dict[Names, Any]]
"""An answer of the table, the key that it is about, and the keys below with their values."""


def _groups(work: Work) -> Iterator[Group]:
    """Yield the keys of the old files, those together that one change is about."""
    groups: dict[Names, Group] = {}
    for key, value in work.old.leaves():
        answer = _lookup(work, key)
        depth = next((n for n in range(1, len(key) + 1) if answer and ".".join(key[:n]) == answer.old), len(key))
        together = answer is not None and bool(answer.how) and answer.how.split()[0] not in EACH
        about = key[:depth] if together else key
        groups.setdefault(about, (answer, about, {}))[2][key] = value
    yield from groups.values()


def _lookup(work: Work, key: Names) -> Answer | None:
    dotted = ".".join(key)
    if work.chart == KIT:
        how = _OF_KIT.get(dotted, "option" if key[0] == "config" else "")
        kept = ".".join(key[: own(key)])
        return Answer(kept, (kept,), how=how) if exists(key) else None
    answer = peer(work.chart).lookup(key)
    # A default of the other chart may be written with a key of the kit, if that chart has none.
    return Answer(dotted, (dotted,)) if answer is None and work.old.is_default(key) else answer


def _carry(work: Work, answer: Answer | None, about: Names, leaves: dict[Names, Any]) -> None:
    """Carry keys of one rule, and note what became of each."""
    used: list[str] = []
    try:
        verdict, why = _outcome(work, answer, about, leaves, used)
    except (TypeError, ValueError, AttributeError, KeyError, IndexError):
        where = ", ".join(answer.new) if answer and answer.new else ".".join(about)
        verdict, why = Verdict.DECIDE, f"set {where}: the old value has another form than the other chart takes"
    if verdict is Verdict.CHANGED and used and _same(work, leaves, used):
        verdict = Verdict.CARRIED
    for key in leaves:
        place = work.old.place(key)
        reason = why or ("a default of the other chart" if work.old.is_default(key) else "")
        work.lines.append(Line(place.file, place.line, ".".join(key), verdict, list(dict.fromkeys(used)), reason))


def _same(work: Work, leaves: dict[Names, Any], used: list[str]) -> bool:
    """Say whether the new keys have the old value."""
    values = list(leaves.values())
    return len(values) == 1 and all(work.new.get(names(key)) == values[0] for key in used)


def _outcome(work: Work, answer: Answer | None, about: Names, leaves: dict[Names, Any], used: list[str]) -> Outcome:
    if answer is None:
        chart = "this chart" if work.chart == KIT else peer(work.chart).title
        return Verdict.DROPPED, f"{chart} has no such key"
    # An empty value of this chart may be there to replace a default.
    if all(empty(value) for value in leaves.values()) and work.chart != KIT:
        return Verdict.UNSET, "it is empty"
    if work.chart != KIT and (section := work.section_off(about)) and not answer.how.startswith("outside"):
        return Verdict.UNSET, f"{section} is switched off"
    value = leaves[about] if about in leaves else _nested(about, leaves)
    how, *args = answer.how.split() or [""]
    if how in SCALAR and isinstance(value, list | Mapping) and how != "executors":
        raise TypeError(how)
    item = Item(work, about, value, answer.new, tuple(args), answer.gone or answer.change or answer.note, used)
    return CHANGES[how](item) if how else _by_words(item, answer)


def _by_words(item: Item, answer: Answer) -> Outcome:
    """Do what a rule without code says."""
    if answer.gone:
        off = item.key[-1] == "enabled" and item.value is False
        return (Verdict.UNSET, "it is switched off") if off else (Verdict.DROPPED, answer.gone)
    if answer.change:
        return Verdict.DECIDE, f"set {', '.join(answer.new)}: {answer.change}"
    return _moved(item, answer)


def _nested(about: Names, leaves: dict[Names, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in leaves.items():
        node = found
        for name in key[len(about) : -1]:
            node = node.setdefault(name, {})
        node[key[-1]] = value
    return found


def _moved(item: Item, answer: Answer) -> Outcome:
    """Move a value as it is; `item.key` may be inside of the key that the answer is about."""
    depth = next(n for n in range(1, len(item.key) + 1) if ".".join(item.key[:n]) == answer.old)
    if answer.new[0].endswith("env") and isinstance(item.value, list):
        return CHANGES["env"](item)
    targets = [(*key, *item.key[depth:]) for key in item.targets()]
    if not targets:
        return Verdict.UNSET, next(filter(None, (item.work.off(tuple(to.split("."))) for to in answer.new)), "")
    verdict, why = worst(item.put(key, item.value, verbatim=True) for key in targets)
    if verdict is not Verdict.CHANGED:
        return verdict, why
    return Verdict.CARRIED, answer.note
