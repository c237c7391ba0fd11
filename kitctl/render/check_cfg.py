"""Checks airflow.cfg and values.config: syntax, secrets, and options that Airflow 3 knows not or by another name."""

from __future__ import annotations

import configparser
import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches

from kitctl.model import option_names
from kitctl.render.findings import Finding, refuse
from kitctl.render.placeholders import explain

SECRETS = {*option_names.sensitive(), ("smtp", "smtp_password")}
"""
Options that hold secrets: a ConfigMap, and the values in the release's history, are read by many. Airflow 3 has no
password of SMTP any more, but values that come from Airflow 2 may.
"""


def check_option(section: str, option: str) -> str:
    """Tell what Airflow 3 says of an option.

    Args:
        section: Section of airflow.cfg.
        option: Option in it.

    Returns:
        A sentence with the new name or a similar one; "" when Airflow knows the option.
    """
    if option_names.is_known(section, option):
        return ""
    if new := option_names.renamed(section, option):
        return "is called [{}] {} in Airflow 3".format(*new)
    if why := option_names.gone(section, option):
        return why
    known, version = option_names.known(), option_names.airflow()
    if section not in known:
        near = get_close_matches(section, known, n=1, cutoff=0.75)
        return f"[{section}] is not a section of Airflow {version}" + (
            f"; did you mean [{near[0]}]?"
            if near
            else " or of the kit's providers; ignore this if another provider adds it"
        )
    near = get_close_matches(option, known[section], n=1, cutoff=0.75)
    return f"is unknown to Airflow {version}" + (f"; did you mean {near[0]}?" if near else "")


def check_config(config: Mapping[str, Mapping[str, object] | None], where: str = "config.{}.{}") -> list[Finding]:
    """Check options by section, e.g. `values.config`.

    Args:
        config: Options by section.
        where: How a place is written, with section and option filled in.

    Returns:
        Warnings; never errors, as providers and plugins bring options of their own.
    """
    found = []
    for section, options in config.items():
        for option, value in (options or {}).items():  # null takes a section of an earlier values file away
            place = where.format(section, option)
            if said := check_option(section, option):
                found.append(Finding(place, said, "warning"))
            if (section, option) in SECRETS and value:
                rule = "is a secret, which many can read here; use existingSecret, or `<option>_cmd`"
                found.append(Finding(place, rule, "warning"))
    return found


def check_env(values: object, where: str = "") -> list[Finding]:
    """Check the options that stand as `AIRFLOW__SECTION__OPTION` in a list `env`, anywhere in the values.

    Args:
        values: Values, or a part of them.
        where: Its key, e.g. "workers".

    Returns:
        Warnings, as of `check_config`.
    """
    if isinstance(values, list):
        return [found for i, item in enumerate(values) for found in check_env(item, f"{where}[{i}]")]
    if not isinstance(values, Mapping):
        return []
    found = []
    for key, part in values.items():
        place = f"{where}.{key}".lstrip(".")
        if key == "env" and isinstance(part, list):
            found += [said for i, entry in enumerate(part) for said in _entry(entry, f"{place}[{i}]")]
        else:
            found += check_env(part, place)
    return found


def _entry(entry: object, place: str) -> list[Finding]:
    if not isinstance(entry, Mapping):
        return []
    name, value = str(entry.get("name")), entry.get("value")
    if not (match := re.fullmatch(r"AIRFLOW__(.+?)__(.+)", name)):
        return []
    section, option = (word.lower() for word in match.groups())
    return check_config({section: {option: value}}, f"{place}.name: {name}")


def check_cfg(text: str) -> list[Finding]:
    """Check the text of airflow.cfg.

    Args:
        text: INI.

    Returns:
        Findings: broken syntax is an error, an unknown option a warning.
    """
    # Airflow refuses a key that stands twice only in newer versions and takes the last one in others: here always.
    parser = configparser.ConfigParser(interpolation=None, strict=True)
    try:
        parser.read_string(text)
    except configparser.Error as exc:
        return [Finding("airflow.cfg", " ".join(str(exc).split()))]
    config = {section: dict(parser.items(section)) for section in parser.sections()}
    return [*_percent(config), *check_config(config, "[{}] {}")]


def _percent(config: Mapping[str, Mapping[str, str]]) -> Iterator[Finding]:
    for section, options in config.items():
        for option, value in options.items():
            if re.search(r"%(?![(%])", value.replace("%%", "")):
                yield Finding(f"[{section}] {option}", "a single % is read as a reference; write %%")


def require_cfg(text: str, what: str) -> list[Finding]:
    """Check airflow.cfg and refuse it if Airflow could not read it.

    Args:
        text: INI.
        what: Its name in the error, e.g. a path.

    Returns:
        The warnings.

    Raises:
        KitError: `airflow-cfg-invalid`; `airflow-cfg-placeholder` for a file of the older kit.
    """
    if error := explain(text, what):
        raise error
    found = check_cfg(text)
    refuse(
        found,
        error_id="airflow-cfg-invalid",
        what=what,
        fix="Correct these lines; `kitctl render cfg` shows the file that the kit makes",
    )
    return found
