"""A Helm that fits; Helm 2 is named as what it is."""

from __future__ import annotations

from kitctl.model.versions import pin
from kitctl.usecases.doctor.catalogue import Check
from kitctl.usecases.doctor.facts import Facts
from kitctl.usecases.doctor.findings import Outcome, error, good
from kitctl.usecases.doctor.programs import program

CHECK = Check(f"Helm {pin('helm.minimum')} or later; Helm 2 is refused by its name")


def look(_: Facts) -> Outcome:
    """Judge the Helm that kitctl calls."""
    found = program("helm", "version", "--short")
    if found.suits:
        return good(found.words)
    old = "; Helm 2 with its Tiller is not supported" if found.version and found.version[0] < 3 else ""  # noqa: PLR2004
    return error(f"{found.words}{old}; {pin('helm.minimum')} or later is needed", "scripts/get-tools helm")
