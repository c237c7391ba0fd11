"""Which auth manager a release runs, and how users and kitctl log in: read from the pods of its API server."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from kitctl.errors import KitError

FAB, SIMPLE, KEYCLOAK = "fab", "simple", "keycloak"
PATHS = {
    "airflow.providers.fab.auth_manager.fab_auth_manager.FabAuthManager": FAB,
    "airflow.api_fastapi.auth.managers.simple.simple_auth_manager.SimpleAuthManager": SIMPLE,
    "airflow.providers.keycloak.auth_manager.keycloak_auth_manager.KeycloakAuthManager": KEYCLOAK,
}
"""Class → its name in `auth.manager`; as in chart/templates/auth."""
_CLIENT_SECRET = "keycloak-client-secret"  # noqa: S105 - the name of a file

Grant = Literal["password", "client_credentials"]


@dataclass(frozen=True)
class AuthManager:
    """The auth manager of a release.

    Attributes:
        name: As in `auth.manager`: "fab", "simple", "keycloak", or the path of a class.
        log_in: How users log in, in words.
        passwords: Whether the first user logs in with the password of the keys Secret.
        single_sign_on: Whether webserver_config.py may name other ways to log in.
        open: Whether everyone is an administrator, without a log-in.
        client: ID of Keycloak's client, "" for others.
        client_secret: Name and key of the Secret with its secret.
    """

    name: str
    log_in: str
    passwords: bool = False
    single_sign_on: bool = False
    open: bool = False
    client: str = ""
    client_secret: tuple[str, str] = ("", "")


@dataclass(frozen=True)
class Login:
    """What kitctl itself logs in with: a user or a client, and its password, which is read when it is needed."""

    name: str
    password: Callable[[], str]
    grant: Grant = "password"


def read_auth(pod: Mapping[str, Any]) -> AuthManager:
    """Return the auth manager of an API server.

    Args:
        pod: The PodSpec of its Deployment.
    """
    entries = [e for c in pod.get("containers") or () for e in c.get("env") or ()]
    env = {str(e["name"]): str(e.get("value") or "") for e in entries}
    path = env.get("AIRFLOW__CORE__AUTH_MANAGER", "")
    name = PATHS.get(path, path) or FAB
    if name == FAB:
        own = any(volume["name"] == "webserver-config" for volume in pod.get("volumes") or ())
        words = "as webserver_config.py says" if own else "with a name and a password"
        return AuthManager(FAB, words, passwords=True, single_sign_on=own)
    if name == SIMPLE:
        everyone = env.get("AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS") == "True"
        words = "not at all: everyone who can open the UI is an administrator" if everyone else ""
        return AuthManager(SIMPLE, words or "with a name and a password", passwords=not everyone, open=everyone)
    if name == KEYCLOAK:
        option = "AIRFLOW__KEYCLOAK_AUTH_MANAGER__{}".format
        realm, server = env.get(option("REALM"), ""), env.get(option("SERVER_URL"), "")
        return AuthManager(
            KEYCLOAK,
            f"with a user of the realm {realm} of {server}",
            client=env.get(option("CLIENT_ID"), ""),
            client_secret=_place(pod),
        )
    return AuthManager(name, f"as {name} decides")


def _place(pod: Mapping[str, Any]) -> tuple[str, str]:
    """Return the Secret and the key that a pod has as the secret of Keycloak's client."""
    for volume in pod.get("volumes") or ():
        for source in (volume.get("projected") or {}).get("sources") or ():
            secret = source.get("secret") or {}
            for item in secret.get("items") or ():
                if item["path"] == _CLIENT_SECRET:
                    return str(secret["name"]), str(item["key"])
    return "", ""


def unsupported(manager: AuthManager) -> KitError:
    """Make the error of an auth manager that kitctl cannot log in to."""
    return KitError(
        "auth-manager-unsupported",
        f"The auth manager {manager.name} is none that kitctl can log in to",
        cause="It can log in to fab, simple and keycloak; a class of yours may do it in any way",
        fix="Use the UI, or the REST API with a token of that auth manager; kitctl logs and kitctl exec need no log-in",
    )


def client_secret(manager: AuthManager, secret: Mapping[str, str] | None) -> str:
    """Return the secret of Keycloak's client.

    Args:
        manager: The auth manager.
        secret: Data of the Secret that holds it, None where there is none.

    Raises:
        KitError: `keycloak-secret-missing`.
    """
    name, key = manager.client_secret
    found = (secret or {}).get(key, "").removesuffix("\n")
    if not found:
        raise KitError(
            "keycloak-secret-missing",
            f"There is no Secret {name} with the key {key}",
            cause="It holds the secret of Keycloak's client, by which Airflow and kitctl log in",
            fix=f"kubectl create secret generic {name} --from-literal={key}=…",
        )
    return found
