"""Where the UI is and who may log in; and who may log in to Flower."""

from __future__ import annotations

from dataclasses import dataclass

from kitctl.release.handle import Release


@dataclass(frozen=True)
class Credentials:
    """The report of `kitctl credentials -o json`; the URL works on this machine until `kitctl down`.

    Attributes:
        url: Address of the UI.
        username: First user of the UI.
        password: Their password.
        flower_username: User of Flower, None where the release has none.
        flower_password: Their password.
    """

    url: str
    username: str
    password: str
    flower_username: str | None = None
    flower_password: str | None = None


def read_credentials(release: Release) -> Credentials:
    """Return where the UI is and who may log in.

    Raises:
        KitError: `release-missing`, `keys-missing`, `password-missing`, `forward-failed`.
    """
    _ = release.service  # absent with the release, and then nothing else is worth telling
    # The Secret before the address: without a password no port-forward need be left behind.
    username, password = release.username, release.password
    flower = release.flower_login if release.has_flower else (None, None)
    return Credentials(release.url(), username, password, *flower)
