"""The options of Airflow that the values and a text of airflow.cfg set: whether the new version still reads them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from kitctl.errors import KitError
from kitctl.images.inventory import Inventory
from kitctl.model.upgrade import cfg_options, options
from kitctl.model.upgrade.findings import Area, Finding, NotPossibleError, area
from kitctl.render import airflow_cfg, template_dir
from kitctl.usecases.upgrade.upgrade_facts import Facts

NAME = "options"
_CFG = "templates.airflowCfg"


@dataclass
class _Given:
    """What is set, and where: names of the places, and why something could not be read."""

    settings: list[options.Setting] = field(default_factory=list)
    places: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)


def look(facts: Facts, refused: Sequence[Finding] = ()) -> tuple[Area, list[Finding]]:
    """Judge each option by the names of the new image, or by those that kitctl knows.

    Args:
        facts: What is known.
        refused: What a deploy would refuse.

    Returns:
        The area, and the refusals that it does not tell: where the chart refuses an option of the values that is
        judged here, the finding becomes an error.
    """
    given = _given(facts)
    new, why = _new(facts)
    old = _old(facts)
    judged = [told for one in given.settings if (told := options.judge(one, new, old))]
    same = {one for one in refused for told in judged if _speaks_of(one, told)}
    judged = [replace(one, level="error") if any(_speaks_of(two, one) for two in same) else one for one in judged]
    judged += _defaults(facts, {(one.section, one.option) for one in given.settings})
    words = f"Options of {' and '.join(given.places) or 'the values'}, compared with those of Airflow {new.version}: "
    missing = [*given.unread, *([f"the new image is not there: {why}"] if new.version != str(facts.target) else [])]
    message = "; ".join([f"{words}{len(given.settings)}", *missing])
    return area(NAME, message, judged, complete=not missing), [one for one in refused if one not in same]


def _speaks_of(refusal: Finding, judged: Finding) -> bool:
    return refusal.id.startswith("config-option-") and refusal.message.startswith(f"{judged.place} ")


def _given(facts: Facts) -> _Given:
    """Find the options in `config`, in variables, and in the text of airflow.cfg that a deploy would mount."""
    given = _Given()
    try:
        given.settings += options.settings(facts.user.document)
        given.places.append("the values")
    except KitError as error:
        given.unread.append(f"the values cannot be read ({error.id})")
    try:
        found = list(_of_templates(facts) if facts.wish.template_dir else _of_values(facts))
    except KitError as error:
        given.unread.append(f"{template_dir.CFG} cannot be rendered ({error.id})")
        return given
    given.settings += found
    if facts.wish.template_dir:
        given.places.append(str(facts.wish.template_dir / template_dir.CFG))
    elif found:
        given.places.append(_CFG)
    return given


def _of_templates(facts: Facts) -> list[options.Setting]:
    """Return the options of the user's airflow.cfg.j2; what the kit's own template sets is the kit's to change."""
    folder = facts.wish.template_dir
    if folder is None:
        return []
    sources = template_dir.sources(folder)
    text = airflow_cfg.render_cfg(folder)
    return cfg_options.settings(text, sources, cfg_options.names(airflow_cfg.render_cfg())) if sources else []


def _of_values(facts: Facts) -> Iterator[options.Setting]:
    """Yield the options of a text in the values. A deploy makes what kitctl itself wrote for the release anew."""
    try:
        text = facts.user.find(*_CFG.split("."))
        own = bool(facts.mine.document)
    except KitError:  # told already
        return
    if isinstance(text, str) and (own or not text.startswith(airflow_cfg.HEADER)):
        yield from cfg_options.settings(text, {_CFG: text})


def _new(facts: Facts) -> tuple[options.Names, str]:
    try:
        return _names(facts.new), ""
    except (KitError, NotPossibleError) as error:
        return options.of_kit(), _words(error)


def _old(facts: Facts) -> options.Names:
    try:
        return _names(facts.old_image)
    except (KitError, NotPossibleError):
        return options.of_kit()


def _names(found: Inventory) -> options.Names:
    return options.Names(found.airflow, found.options, found.renamed, found.removed, found.still_read)


def _defaults(facts: Facts, asked: set[tuple[str, str]]) -> list[Finding]:
    try:
        return options.other_defaults(facts.old_image.options, facts.new.options, asked)
    except (KitError, NotPossibleError):
        return []


def _words(error: KitError | NotPossibleError) -> str:
    return error.message if isinstance(error, KitError) else str(error)
