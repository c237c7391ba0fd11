"""start_rabbitmq.sh: the server gets a salted hash of any password in one line, and never starts without one."""

from __future__ import annotations

import json
import os
import subprocess
from base64 import b64decode
from hashlib import sha256
from pathlib import Path

import pytest

from tests.unit.chart_files.conftest import FILES

SCRIPT = (FILES / "start_rabbitmq.sh").read_text()
SETTINGS = ["consumer_timeout = 1", "heartbeat = 30"]


def start(folder: Path, password: str) -> subprocess.CompletedProcess[str]:
    """Run the script as the chart does, in an image whose entrypoint prints its arguments."""
    programs, secrets, run = (folder / name for name in ("bin", "secrets", "run"))
    for path in (programs, secrets, run):
        path.mkdir(parents=True, exist_ok=True)
    (programs / "docker-entrypoint.sh").write_text('#!/bin/sh\necho "started: $*"\n')
    (programs / "docker-entrypoint.sh").chmod(0o755)
    (secrets / "broker-password").write_text(password, encoding="utf-8")
    text = SCRIPT.replace("/run/secrets/kit", str(secrets)).replace("/run/kit", str(run))
    env = {"PATH": f"{programs}:{os.environ['PATH']}"}
    argv = ["sh", "-c", text, "start_rabbitmq.sh", *SETTINGS]
    return subprocess.run(argv, env=env, capture_output=True, text=True, check=False)


def user(folder: Path) -> dict[str, str]:
    """Return the only user of the definitions."""
    (found,) = json.loads((folder / "run" / "definitions.json").read_text())["users"]
    return dict(found)


@pytest.mark.parametrize("password", ["pw", "pw\n", "a b'\"\\$HOME`id`%", "ümläut €", "-n"])
def test_the_server_gets_a_salted_hash_of_any_password(tmp_path: Path, password: str) -> None:
    done = start(tmp_path, password)
    assert (done.returncode, done.stdout, done.stderr) == (0, "started: rabbitmq-server\n", "")
    raw = b64decode(user(tmp_path)["password_hash"], validate=True)
    assert raw[4:] == sha256(raw[:4] + password.removesuffix("\n").encode()).digest()
    assert user(tmp_path)["name"] == "airflow"
    lines = (tmp_path / "run" / "rabbitmq.conf").read_text().splitlines()
    assert lines == [f"load_definitions = {tmp_path}/run/definitions.json", *SETTINGS]
    modes = {path.stat().st_mode & 0o777 for path in (tmp_path / "run").iterdir()}
    assert modes == {0o600}


def test_any_salt_becomes_its_bytes(tmp_path: Path) -> None:
    """Bytes that shells treat in ways of their own, such as 0 and a newline, included."""
    for number in range(12):
        start(tmp_path / str(number), "pw")
    raws = [b64decode(user(tmp_path / str(number))["password_hash"]) for number in range(12)]
    assert len({raw[:4] for raw in raws}) == 12
    assert all(raw[4:] == sha256(raw[:4] + b"pw").digest() for raw in raws)


def test_a_salt_of_zeros_and_newlines(tmp_path: Path) -> None:
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "od").write_text("#!/bin/sh\necho ' 00 0a 25 5c'\n")
    (programs / "od").chmod(0o755)
    start(tmp_path, "pw")
    assert b64decode(user(tmp_path)["password_hash"]) == b"\0\n%\\" + sha256(b"\0\n%\\pw").digest()


def test_no_user_of_the_image_and_no_plugin_is_there(tmp_path: Path) -> None:
    start(tmp_path, "pw")
    definitions = json.loads((tmp_path / "run" / "definitions.json").read_text())
    assert [u["name"] for u in definitions["users"]] == ["airflow"]
    assert {(p["user"], p["vhost"]) for p in definitions["permissions"]} == {("airflow", "airflow")}
    assert (tmp_path / "run" / "enabled_plugins").read_text() == "[].\n"


@pytest.mark.parametrize("password", ["", "\n", "a\nb"])
def test_a_server_without_a_password_or_with_several_lines_does_not_start(tmp_path: Path, password: str) -> None:
    done = start(tmp_path, password)
    assert (done.returncode, done.stdout) == (1, "")
    assert "ERROR: the key broker-password" in done.stderr
