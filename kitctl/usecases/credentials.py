"""Where the UI is and who may log in."""

from __future__ import annotations

from kitctl.release.handle import Release


def read_credentials(release: Release) -> dict[str, str]:
    """Return {"url", "username", "password"}; the URL answers from this machine until `kitctl down`.

    Raises:
        KitError: `release-missing`, `keys-missing`, `password-missing`, `forward-failed`.
    """
    _ = release.service  # absent with the release, and then nothing else is worth telling
    # The Secret before the address: without a password no port-forward need be left behind.
    username, password = release.username, release.password
    return {"url": release.url(), "username": username, "password": password}
