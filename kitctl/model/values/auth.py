"""Values of the auth manager: who may use the UI and the API, and how they log in."""

from __future__ import annotations

from kitctl.model.values._base import Section, knob
from kitctl.model.values.kube import SimpleUsers
from kitctl.model.values.types import AuthManagerName, HttpAddress, ObjectName, SecretKey, Unspaced


class SimplePasswords(Section):
    """The Secret with the passwords of `auth.simple.users`."""

    name: ObjectName = knob("", "Name of an existing Secret. Without it, the first user (`admin`) is the only one.")
    key: SecretKey = knob(
        "passwords.json", "Key of the passwords: a JSON object from names to passwords, as Airflow keeps it."
    )


class Simple(Section):
    """Airflow's SimpleAuthManager: users are in the values, their passwords in a Secret."""

    users: SimpleUsers = knob(
        {},
        "Users besides the first one, and their roles (`viewer`, `user`, `op` or `admin`), for example "
        "`{jane: viewer}`.",
    )
    passwords_secret: SimplePasswords = knob(SimplePasswords(), "Passwords of these users.")
    all_admins: bool = knob(
        False,
        "Make everyone who can open the UI an administrator, without a log-in. Only for a cluster that nobody else "
        "reaches.",
        why="An administrator runs any code in your cluster.",
    )


class KeycloakSecret(Section):
    """The Secret with the secret of Keycloak's client."""

    name: ObjectName = knob("", "Name of an existing Secret.")
    key: SecretKey = knob("client-secret", "Key of the client's secret.")


class Keycloak(Section):
    """Keycloak's auth manager: users, roles and permissions are in Keycloak."""

    server_url: HttpAddress = knob("", "URL of Keycloak, for example `https://sso.example.com`, without `/realms/…`.")
    realm: Unspaced = knob("", "Realm of the users.")
    client_id: Unspaced = knob("", "ID of the confidential client that stands for Airflow.")
    client_secret: KeycloakSecret = knob(KeycloakSecret(), "Secret of that client.")


class Auth(Section):
    """The auth manager: it decides who may log in, and what they may do."""

    manager: AuthManagerName = knob(
        "fab",
        "`fab` (users in the database, or single sign-on by `apiServer.webserverConfig`), `simple` (users in the "
        "values), `keycloak`, or the path of another class of the image.",
        why="Only FAB and Keycloak are meant for production; Airflow recommends `simple` for tests.",
    )
    simple: Simple = knob(Simple(), "Settings of `manager: simple`.")
    keycloak: Keycloak = knob(Keycloak(), "Settings of `manager: keycloak`.")
