"""The options of Airflow that the values set: whether the new version still reads them."""

from __future__ import annotations

from kitctl.errors import KitError
from kitctl.images.inventory import Inventory
from kitctl.model.upgrade import options
from kitctl.model.upgrade.findings import Area, Finding, NotPossibleError, area, unchecked
from kitctl.usecases.upgrade.upgrade_facts import Facts

NAME = "options"


def look(facts: Facts) -> Area:
    """Judge each option by the names of the new image, or by those that kitctl knows."""
    try:
        found = list(options.settings(facts.user.document))
    except KitError as error:
        return unchecked(NAME, f"The values cannot be read ({error.id})")
    new, why = _new(facts)
    old = _old(facts)
    judged = [told for one in found if (told := options.judge(one, new, old))]
    judged += _defaults(facts, {(one.section, one.option) for one in found})
    exact = new.version == str(facts.target)
    words = f"Options of the values, compared with those of Airflow {new.version}: {len(found)}"
    if exact:
        return area(NAME, words, judged)
    return area(NAME, f"{words}; the new image is not there: {why}", judged, complete=False)


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
    return options.Names(found.airflow, found.options, found.renamed, found.removed)


def _defaults(facts: Facts, asked: set[tuple[str, str]]) -> list[Finding]:
    try:
        return options.other_defaults(facts.old_image.options, facts.new.options, asked)
    except (KitError, NotPossibleError):
        return []


def _words(error: KitError | NotPossibleError) -> str:
    return error.message if isinstance(error, KitError) else str(error)
