"""Where the UI is and who may log in; and who may log in to Flower."""

from __future__ import annotations

from dataclasses import dataclass

from kitctl.errors import KitError
from kitctl.release.handle import Release


@dataclass(frozen=True)
class Credentials:
    """The report of `kitctl credentials -o json`; the URL works on this machine until `kitctl down`.

    Attributes:
        url: Address of the UI.
        auth_manager: As in `auth.manager`: "fab", "simple", "keycloak", or the path of a class.
        log_in: How users log in, in words.
        username: First user; None where the auth manager has none.
        password: Their password.
        flower_username: User of Flower, None where the release has none.
        flower_password: Their password.
    """

    url: str
    auth_manager: str
    log_in: str
    username: str | None = None
    password: str | None = None
    flower_username: str | None = None
    flower_password: str | None = None


def read_credentials(release: Release) -> Credentials:
    """Return where the UI is and who may log in.

    Raises:
        KitError: `release-missing`, `keys-missing`, `password-missing`, `forward-failed`.
    """
    _ = release.service  # absent with the release, and then nothing else is worth telling
    # The Secret before the address: without a password no port-forward need be left behind.
    user = _first_user(release)
    flower = release.flower_login if release.has_flower else (None, None)
    manager = release.auth
    return Credentials(release.url(), manager.name, manager.log_in, *user, *flower)


def _first_user(release: Release) -> tuple[str, str] | tuple[None, None]:
    """Return name and password of the first user, or None where others decide who logs in."""
    if not release.auth.passwords:
        return None, None
    try:
        return release.username, release.password
    except KitError as error:
        if error.id != "password-missing" or not release.auth.single_sign_on:
            raise
        return None, None
