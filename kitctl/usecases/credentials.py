"""Where the UI is and who may log in."""

from __future__ import annotations

from dataclasses import dataclass

from kitctl.release.handle import Release


@dataclass(frozen=True)
class Credentials:
    """The report of `kitctl credentials -o json`; the URL works on this machine until `kitctl down`."""

    url: str
    username: str
    password: str


def read_credentials(release: Release) -> Credentials:
    """Return where the UI is and who may log in.

    Raises:
        KitError: `release-missing`, `keys-missing`, `password-missing`, `forward-failed`.
    """
    _ = release.service  # absent with the release, and then nothing else is worth telling
    # The Secret before the address: without a password no port-forward need be left behind.
    username, password = release.username, release.password
    return Credentials(release.url(), username, password)
