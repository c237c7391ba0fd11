"""files/simple_passwords.py: every user of SimpleAuthManager has a password of a Secret, and no log shows one."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

Script = Callable[[str], ModuleType]
Run = Callable[..., tuple[int, object]]
USERS, FILE = "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS", "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE"


@pytest.fixture
def run(script: Script, secrets: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run the script for admin and jane, with this in the Secret of the passwords; return code and file."""
    (secrets / "admin-password").write_text("a\n", encoding="utf-8")
    file = tmp_path / "passwords.json"

    def ran(text: str | None, users: str = "admin:admin,jane:viewer", admin: str = "admin") -> tuple[int, object]:
        if text is not None:
            (secrets / "simple-passwords").write_text(text, encoding="utf-8")
        for name, value in {USERS: users, FILE: str(file), "KIT_ADMIN_USERNAME": admin}.items():
            monkeypatch.setenv(name, value)
        code = script("simple_passwords").main(secrets)
        return code, json.loads(file.read_text()) if file.exists() else None

    return ran


def test_the_file_has_the_users_and_nobody_else(run: Run) -> None:
    assert run('{"jane": "j", "joe": "old"}') == (0, {"admin": "a", "jane": "j"})


def test_the_first_user_needs_no_secret_of_the_users(run: Run) -> None:
    assert run(None, users="admin:admin") == (0, {"admin": "a"})


def test_without_a_first_user_the_keys_are_not_read(run: Run, secrets: Path) -> None:
    (secrets / "admin-password").unlink()
    assert run('{"jane": "j"}', users="jane:op", admin="") == (0, {"jane": "j"})


def test_nobody_at_all_is_a_file_too(run: Run) -> None:
    assert run(None, users="", admin="") == (0, {})


@pytest.mark.parametrize("text", ['{"jane": "top-secret"', '["top-secret"]', '{"joe": "top-secret"}', '{"jane": ""}'])
def test_airflow_is_never_left_to_make_up_a_password(run: Run, capfd: pytest.CaptureFixture[str], text: str) -> None:
    assert run(text) == (1, None)
    said = capfd.readouterr()
    assert "auth.simple.passwordsSecret" in said.err
    assert "top-secret" not in said.out + said.err


def test_a_number_is_no_password(run: Run) -> None:
    assert run('{"jane": 1234}') == (1, None)
