"""The keys of other charts for Airflow, and what the kit has instead of each: the tables in kitctl/model/data/peers.

A table has groups of rules. The form of a rule:

- `old`: keys of the other chart as dotted paths. `*` is any one name. A rule also covers the keys below its own, unless
  a rule with more names, or else with fewer `*`, matches them.
- `new`: keys of the kit. Without a `change` the value moves as it is, and keys below move along: with `dags.gitSync` →
  `dags.git`, `dags.gitSync.depth` is `dags.git.depth`. A leading `*` is what the section became that the last `*` of
  `old` stands for: with `webserver` → `apiServer` and `*.hpa` → `*.replicas`, `webserver.hpa` is `apiServer.replicas`.
  If that section itself is gone or changed, this says enough about all in it, and the rule with `*` does not apply.
- `change`: how the value changes. Then it cannot be moved as it is.
- `note`: what else is good to know about a key that moves.
- `gone`: the reason why there is no key, instead of `new`.
- `how`: the change as code, by which `kitctl values migrate` carries a value: a name of kitctl/model/migrate/changes,
  and words for it. Without it, a value with a `change` is left to the reader.

`defaults` of a table are values of the other chart that count where a file does not set them, and differ from those of
the kit: `old` (a key of the other chart, or of the kit if that chart has none), `value`, and `when`, keys that must be
true for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from typing import Any

from kitctl.model.values.keys.allowed import exists, own

Names = tuple[str, ...]
"""A key as the names of its path; a name may contain dots, as those of annotations do."""

PEERS = ("official", "community", "kube-airflow")
"""Names of the tables."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What became of some keys of another chart, as the table has it."""

    old: tuple[str, ...]
    new: tuple[str, ...]
    change: str = ""
    note: str = ""
    gone: str = ""
    how: str = ""


@dataclass(frozen=True, slots=True)
class Default:
    """A value that counts in another chart where a file does not set it."""

    old: str
    value: Any
    when: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one key.

    Attributes:
        old: The key that the answer is about: `statsd` for `statsd.args`, as the answer is the same for all keys below.
        new: Keys of the kit that exist; empty if there is none.
        change: How the value changes; empty if it moves as it is.
        note: What else is good to know.
        gone: The reason why there is no key; empty if there is one.
        how: How code changes the value; empty if it moves as it is, or people have to.
    """

    old: str
    new: tuple[str, ...] = ()
    change: str = ""
    note: str = ""
    gone: str = ""
    how: str = ""

    def words(self) -> str:
        """Say it in one line, for example "executor is now: executors (a list)"."""
        if self.gone:
            return f"Remove {self.old}: {self.gone}"
        more = self.change or self.note
        return f"{self.old} is now: {', '.join(self.new)}" + (f" ({more})" if more else "")


@dataclass(frozen=True)
class Peer:
    """Another chart.

    Attributes:
        name: One of PEERS.
        title: How texts call it.
        origin: Its values file, and the versions that the table is about.
        groups: The rules under the heading of each group.
        defaults: Its defaults that differ from those of the kit.
    """

    name: str
    title: str
    origin: str
    groups: dict[str, tuple[Rule, ...]]
    defaults: tuple[Default, ...] = ()

    def patterns(self) -> Iterator[tuple[Names, Rule]]:
        """Yield each old key, split at its dots, with its rule."""
        for rules in self.groups.values():
            for rule in rules:
                for old in rule.old:
                    yield names(old), rule

    @cached_property
    def _split(self) -> tuple[tuple[Names, Rule], ...]:
        return tuple(self.patterns())

    def lookup(self, key: Names) -> Answer | None:
        """Say what became of a key, for example of ("webserver", "defaultUser", "role").

        Returns:
            None if the table does not know the key, or a key above it moved to a section that has no such key.
        """
        matches = [pair for pair in self._split if _covers(pair[0], key)]
        for pattern, rule in sorted(matches, key=lambda pair: _weight(pair[0]), reverse=True):
            if "*" not in pattern:
                return _answer(key, len(pattern), rule, rule.new)
            section = self.lookup(key[: len(pattern) - pattern[::-1].index("*")])
            if section is None:
                continue
            if section.gone or section.change:
                return section
            new = [n.replace("*", s) for n in rule.new for s in (section.new if "*" in n else ("",))]
            return _answer(key, len(pattern), rule, new)
        return None


def names(dotted: str) -> Names:
    """Split a dotted path."""
    return tuple(dotted.split("."))


def _covers(pattern: Names, key: Names) -> bool:
    return len(pattern) <= len(key) and all(p in ("*", name) for p, name in zip(pattern, key, strict=False))


def _weight(pattern: Names) -> tuple[int, int]:
    return len(pattern), -pattern.count("*")


def _answer(key: Names, depth: int, rule: Rule, new: Sequence[str]) -> Answer | None:
    """Answer with a rule for the first `depth` names of a key."""
    above = ".".join(key[:depth])
    if rule.gone:
        return Answer(above, gone=rule.gone, how=rule.how)
    if rule.change:
        return Answer(above, tuple(n for n in new if exists(names(n))), rule.change, how=rule.how)
    moved = [place for n in new if exists(place := (*names(n), *key[depth:]))]
    if not moved:
        return None
    # What is in a value, such as the limits in `resources`, moves with it.
    inside = min(len(key) - depth, *(len(place) - own(place) for place in moved))
    old = key[: len(key) - inside]
    return Answer(
        ".".join(old),
        tuple(".".join(place[: len(place) - inside]) for place in moved),
        note=rule.note if len(old) == depth else "",
        how=rule.how if len(old) == depth else "",
    )


@cache
def peer(name: str) -> Peer:
    """Read the table of one of PEERS."""
    import yaml  # noqa: PLC0415 - only errors and pages need the tables

    text = (files("kitctl.model") / "data" / "peers" / f"{name}.yaml").read_text(encoding="utf-8")
    data: dict[str, Any] = yaml.safe_load(text)
    groups = {heading: tuple(_rule(rule) for rule in rules) for heading, rules in data["groups"].items()}
    defaults = tuple(Default(**{**one, "when": tuple(one.get("when", ()))}) for one in data["defaults"])
    return Peer(name, data["title"], data["origin"], groups, defaults)


def _rule(data: dict[str, Any]) -> Rule:
    """Read a rule.

    Raises:
        TypeError: A name that rules do not have.
        ValueError: Both a new key and a reason, or none of them.
    """
    rule = Rule(**{**data, "old": tuple(data["old"]), "new": tuple(data.get("new", ()))})
    if bool(rule.new) == bool(rule.gone):
        raise ValueError(f"{rule.old}: either `new` or `gone`")
    return rule
