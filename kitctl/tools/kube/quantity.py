"""Quantities of Kubernetes: 500m, 2, 1.5Gi."""

from __future__ import annotations

import re

_QUANTITY = re.compile(r"(\d+(?:\.\d+)?)(m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?")
_POWERS = {"": 1.0, "m": 1e-3, **{u: 1000.0**n for n, u in enumerate(("k", "M", "G", "T", "P", "E"), 1)}}
_POWERS.update({u: 1024.0**n for n, u in enumerate(("Ki", "Mi", "Gi", "Ti", "Pi", "Ei"), 1)})


def amount(text: str) -> float | None:
    """Return a quantity as a number of its unit (processors, bytes, pieces), None for any other text."""
    found = _QUANTITY.fullmatch(text)
    return float(found[1]) * _POWERS[found[2] or ""] if found else None
