"""start_redis.sh: the server gets a hash of any password in one line, and never starts without one."""

from __future__ import annotations

import os
import subprocess
from hashlib import sha256
from pathlib import Path

import pytest

from tests.unit.chart_files.conftest import FILES

SCRIPT = (FILES / "start_redis.sh").read_text()
SETTINGS = ["appendonly yes", 'save ""']


def start(folder: Path, password: str, server: str = "valkey-server") -> subprocess.CompletedProcess[str]:
    """Run the script as the chart does, in an image with this server, whose entrypoint prints its arguments."""
    programs, secrets, run = (folder / name for name in ("bin", "secrets", "run"))
    for path in (programs, secrets, run):
        path.mkdir(parents=True)
    for name, line in {server: "exit 1", "docker-entrypoint.sh": 'echo "started: $*"'}.items():
        (programs / name).write_text(f"#!/bin/sh\n{line}\n")
        (programs / name).chmod(0o755)
    (secrets / "broker-password").write_text(password, encoding="utf-8")
    text = SCRIPT.replace("/run/secrets/kit", str(secrets)).replace("/run/kit", str(run))
    env = {"PATH": f"{programs}:{os.environ['PATH']}"}
    argv = ["sh", "-c", text, "start_redis.sh", *SETTINGS]
    return subprocess.run(argv, env=env, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("password", ["pw", "pw\n", "a b'\"\\$HOME`id`%", "ümläut €", "-n"])
def test_the_server_gets_the_hash_of_any_password(tmp_path: Path, password: str) -> None:
    done = start(tmp_path, password)
    config = tmp_path / "run" / "redis.conf"
    assert (done.returncode, done.stdout) == (0, f"started: valkey-server {config}\n")
    user, *others = config.read_text().splitlines()
    digest = sha256(password.removesuffix("\n").encode()).hexdigest()
    assert user == f"user default on #{digest} ~* &* +@all"
    assert others == ["dir /data", *SETTINGS]
    assert config.stat().st_mode & 0o777 == 0o600


def test_an_image_of_redis_is_started_by_its_own_name(tmp_path: Path) -> None:
    assert start(tmp_path, "pw", server="redis-server").stdout.startswith("started: redis-server ")


@pytest.mark.parametrize("password", ["", "\n", "a\nb"])
def test_a_server_without_a_password_or_with_several_lines_does_not_start(tmp_path: Path, password: str) -> None:
    done = start(tmp_path, password)
    assert (done.returncode, done.stdout) == (1, "")
    assert "ERROR: the key broker-password" in done.stderr
