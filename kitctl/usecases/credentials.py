"""Where the UI is and who may log in."""

from __future__ import annotations

from kitctl.usecases.release import Release


def read_credentials(release: Release) -> dict[str, str]:
    """Return {"url", "username", "password"}; the URL answers from this machine until `kitctl down`.

    Raises:
        KitError: `release-missing`, `keys-missing`, `password-missing`, `forward-failed`.
    """
    # The Secret first: without a password the address is of no use, and a port-forward need not be left behind.
    username, password = release.username, release.password
    return {"url": release.url(), "username": username, "password": password}
