"""Options of Airflow that values set, judged by the names of the new version."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from kitctl.model import option_names
from kitctl.model.upgrade.findings import Finding

_VARIABLE = re.compile(r"^AIRFLOW__([A-Z0-9_.-]+?)__([A-Z0-9_.-]+)$")
_FETCHED = ("_cmd", "_secret")


@dataclass(frozen=True)
class Names:
    """The options of one Airflow.

    Attributes:
        version: Its version.
        known: Options by section.
        renamed: Older `section.option` and the one of that version.
        removed: `section.option` that are gone in it.
        still_read: Older names that it still reads; it ignores the others.
    """

    version: str
    known: Mapping[str, Any]
    renamed: Mapping[str, str]
    removed: tuple[str, ...] = ()
    still_read: tuple[str, ...] = ()

    def has(self, section: str, option: str) -> bool:
        """Whether it reads an option, or fetches it by `<option>_cmd` or `<option>_secret`."""
        if section in option_names.rules().open_sections or option_names.is_unlisted(section, option):
            return True
        # The name of a variable has `_` where that of a section has a dot, as in common.io.
        names = next((found for name, found in self.known.items() if section in {name, name.replace(".", "_")}), ())
        return option in names or any(option.removesuffix(end) in names for end in _FETCHED if option.endswith(end))

    def now(self, section: str, option: str) -> tuple[str, str] | None:
        """Return section and option that took the place of an older name, or None.

        `<option>_cmd` and `<option>_secret` follow their option.
        """
        last = self._last(section, option)
        if self.has(*last):
            return last
        if (split := option_names.rules().split.get(section)) and self.has(split, option):
            return split, option
        for end in _FETCHED:
            base = self.now(section, option.removesuffix(end)) if option.endswith(end) else None
            if base:
                return base[0], base[1] + end
        return None

    def _last(self, section: str, option: str) -> tuple[str, str]:
        """Return the name at the end of all renames: one may lead to a name that is an older one itself."""
        name, seen = (option_names.rules().moved.get(section, section), option), set[tuple[str, str]]()
        while name not in seen and not self.has(*name) and (target := self.renamed.get(".".join(name))):
            seen.add(name)
            before, _, last = target.rpartition(".")
            name = (before, last)
        return name

    def dropped(self, section: str, option: str) -> bool:
        """Whether an option is gone, or the one that took its place."""
        return bool({f"{section}.{option}", ".".join(self._last(section, option))} & set(self.removed))

    def reads(self, section: str, option: str) -> bool:
        """Whether it reads an option by an older name; by `<option>_cmd` and `<option>_secret`, as their option."""
        names = {option, *(option.removesuffix(end) for end in _FETCHED)}
        return any(f"{section}.{name}" in self.still_read for name in names)


def of_kit() -> Names:
    """Return the names that this kitctl knows without asking an image."""
    rules = option_names.rules()
    return Names(option_names.airflow(), option_names.known(), rules.renamed, rules.removed, rules.still_read)


@dataclass(frozen=True)
class Setting:
    """An option that the values or a text of airflow.cfg set.

    Attributes:
        place: Key of the values, or file and line.
        section: Section of airflow.cfg.
        option: Option in it.
        in_text: Whether it stands in a text of airflow.cfg.
    """

    place: str
    section: str
    option: str
    in_text: bool = False


def settings(document: Mapping[str, Any]) -> Iterator[Setting]:
    """Yield the options in `config`, and in each list of variables."""
    config = document.get("config")
    for section, options in (config if isinstance(config, Mapping) else {}).items():
        for option in options if isinstance(options, Mapping) else ():
            yield Setting(f"config.{section}.{option}", str(section).lower(), str(option).lower())
    for place, name in _variables(document, ""):
        if found := _VARIABLE.match(name):
            yield Setting(f"{place} ({name})", found[1].lower(), found[2].lower())


def _variables(node: Any, above: str) -> Iterator[tuple[str, str]]:
    if isinstance(node, Mapping):
        for key, value in node.items():
            yield from _variables(value, f"{above}.{key}" if above else str(key))
    elif isinstance(node, list):
        for number, item in enumerate(node):
            if isinstance(item, Mapping) and isinstance(item.get("name"), str):
                yield f"{above}[{number}]", item["name"]
            else:
                yield from _variables(item, f"{above}[{number}]")


def judge(setting: Setting, new: Names, old: Names) -> Finding | None:
    """Return what becomes of an option, or None if it stays.

    Args:
        setting: The option.
        new: Names of the new version.
        old: Names of the version of today, or of kitctl.
    """
    section, option = setting.section, setting.option
    if new.has(section, option):
        return None
    if target := new.now(section, option):
        return _renamed(setting, target, new)
    if new.dropped(section, option) or old.has(section, option) or option_names.gone(section, option):
        return Finding(
            "option-removed",
            "error",
            setting.place,
            f"Airflow {new.version} no longer has the option [{section}] {option}",
            "It would be ignored without a word",
            "Remove it; the release notes of Airflow say what to use instead",
        )
    return Finding(
        "option-unknown",
        "warning",
        setting.place,
        f"Airflow {new.version} does not know the option [{section}] {option}",
        "It is misspelt, or belongs to a plugin or a provider that the image does not have",
        "Check the name, or add the provider to the image (--requirements)",
    )


def _renamed(setting: Setting, target: tuple[str, str], new: Names) -> Finding:
    """Return the finding of an older name: an error where the new version ignores it."""
    section, option = target
    still = new.reads(setting.section, setting.option)
    if option == setting.option:
        words = f"has moved [{setting.section}] {option} to [{section}]"
    else:
        words = f"calls [{setting.section}] {setting.option} now [{section}] {option}"
    variable = f"AIRFLOW__{section.upper().replace('.', '_')}__{option.upper()}"
    return Finding(
        "option-renamed",
        "warning" if still else "error",
        setting.place,
        f"Airflow {new.version} {words}",
        "It still reads the older name, and warns" if still else "It ignores the older name without a word",
        f"[{section}]\n{option} = …"
        if setting.in_text
        else f"config: {{{section}: {{{option}: …}}}}\nor as a variable: {variable}",
    )


def other_defaults(
    old: Mapping[str, Mapping[str, Any]], new: Mapping[str, Mapping[str, Any]], asked: set[tuple[str, str]]
) -> list[Finding]:
    """Return the options with another default, those left out that the values set."""
    found = []
    for section, options in sorted(new.items()):
        before = old.get(section, {})
        for option, default in sorted(options.items()):
            if option in before and before[option] != default and (section, option) not in asked:
                words = f"The default of [{section}] {option} changes from {before[option]!r} to {default!r}"
                found.append(Finding("option-default-changed", "info", f"config.{section}.{option}", words))
    return found
