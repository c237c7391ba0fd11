"""Write the file in which Airflow's SimpleAuthManager looks up passwords; runs before the API server.

Airflow opens the file for writing, which a mounted Secret does not allow, and makes up a password for each user who has
none. So every user must have one here: those of `auth.simple.users` in the JSON of their Secret, the first user in the
keys Secret.
"""

# ruff: noqa: T201 - what it prints is the log of its pod

import json
import os
import sys
from pathlib import Path

SECRETS = Path("/opt/airflow/secrets")
USERS, FILE = "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS", "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE"


class PasswordsError(Exception):
    """The Secrets do not say the password of every user."""


def passwords(users: list[str], admin: str, secrets: Path) -> dict[str, str]:
    """Return the password of each user.

    Args:
        users: Their names.
        admin: The first user, "" without one.
        secrets: Folder of the files.

    Raises:
        PasswordsError: where one is missing; it never shows a password.
    """
    found: dict[str, object] = {}
    file = secrets / "simple-passwords"
    if file.exists():
        try:
            found = json.loads(file.read_text(encoding="utf-8"))
        except ValueError as error:
            # Not the error itself: it quotes the text.
            raise PasswordsError("auth.simple.passwordsSecret does not hold JSON") from error
        if not isinstance(found, dict):
            raise PasswordsError('auth.simple.passwordsSecret must hold a JSON object such as {"jane": "…"}')
    if admin:
        found = {**found, admin: (secrets / "admin-password").read_text(encoding="utf-8").removesuffix("\n")}
    missing = [name for name in users if not found.get(name) or not isinstance(found[name], str)]
    if missing:
        raise PasswordsError(f"auth.simple.passwordsSecret has no password, as text, for {', '.join(missing)}")
    return {name: str(found[name]) for name in users}


def write(file: Path, content: dict[str, str]) -> None:
    """Write the file, readable by this user alone."""
    file.unlink(missing_ok=True)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as text:
        json.dump(content, text)


def main(secrets: Path = SECRETS) -> int:
    """Write the file that the environment names; return the exit code."""
    users = [entry.split(":")[0] for entry in os.environ[USERS].split(",") if entry]
    try:
        found = passwords(users, os.environ.get("KIT_ADMIN_USERNAME", ""), secrets)
    except PasswordsError as error:
        print(f"ERROR: {error}. See auth-simple-passwords in docs/errors.md of the kit.", file=sys.stderr)
        return 1
    write(Path(os.environ[FILE]), found)
    print(f"passwords of {len(found)} users")
    return 0


if __name__ == "__main__":
    sys.exit(main())
