"""The new image: whether it can be built with the requirements."""

from __future__ import annotations

from kitctl.errors import KitError
from kitctl.model.upgrade.findings import Area, NotPossibleError, area, of_error, unchecked
from kitctl.usecases.upgrade.upgrade_facts import Facts

NAME = "image"
_FORBID = (
    "requirements-",
    "upgrade-image-other-version",
    "image-no-airflow",
    "image-too-old",
    "extras-",
    "airflow-does-not-start",
)
"""How IDs begin of errors that will also stop the build for the upgrade; others are about this machine."""


def look(facts: Facts) -> Area:
    """Build the image, or look into the one that is named."""
    try:
        reference, found = facts.image, facts.new
    except NotPossibleError as error:
        return unchecked(NAME, str(error))
    except KitError as error:
        if error.id.startswith(_FORBID):
            return area(NAME, error.message, [of_error(error)])
        cause = " ".join(error.cause.split())
        return unchecked(NAME, f"{error.message} ({error.id}){f': {cause}' if cause else ''}")
    with_them = f" and {facts.wish.requirements}" if facts.wish.requirements else ""
    return area(NAME, f"{reference} has Airflow {found.airflow}{with_them} on Python {found.python}")
