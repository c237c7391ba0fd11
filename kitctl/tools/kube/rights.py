"""Looks at a cluster that the caller may not be allowed to take."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from kitctl.errors import KitError

Found = TypeVar("Found")
Instead = TypeVar("Instead")


def unless_forbidden(look: Callable[[], Found], otherwise: Instead) -> Found | Instead:
    """Return what a look finds, or something else where the caller has no right to it.

    For questions whose answer only spares the user a later error: who may not ask them is not stopped by that.

    Raises:
        KitError: any other than `forbidden`.
    """
    try:
        return look()
    except KitError as error:
        if error.id != "forbidden":
            raise
        return otherwise
