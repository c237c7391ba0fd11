"""The credential helper of mode bundle, called as git calls it."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[3] / "chart" / "files" / "git_credential.py"
REPO = "https://git.example.com/team/dags.git"


def call(
    folder: Path, *options: str, operation: str = "get", env: dict[str, str] | None = None
) -> tuple[int, str, str]:
    argv = [sys.executable, str(SCRIPT), str(folder), *options, operation]
    full = {**os.environ, **(env or {})}
    done = subprocess.run(argv, input="host=x\n\n", capture_output=True, text=True, env=full, check=False, timeout=60)
    return done.returncode, done.stdout, done.stderr


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    folder = tmp_path / "secret"
    folder.mkdir()
    (folder / "username").write_text("me\n", encoding="utf-8")
    (folder / "password").write_text('p w"$%ä\n', encoding="utf-8")
    return folder


def test_git_gets_user_and_password_for_this_repository_only(secret: Path) -> None:
    env = {
        **os.environ,
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"credential.{REPO}.helper",
        "GIT_CONFIG_VALUE_0": f"!{sys.executable} -I {SCRIPT} {secret}",
        "GIT_TERMINAL_PROMPT": "0",
    }
    argv = ["git", "credential", "fill"]
    ours = subprocess.run(argv, input=f"url={REPO}\n\n", capture_output=True, text=True, env=env, check=False)
    assert 'password=p w"$%ä\n' in ours.stdout
    assert "username=me\n" in ours.stdout
    other = subprocess.run(
        argv, input="url=https://git.example.com/other.git\n\n", capture_output=True, text=True, env=env, check=False
    )
    assert other.returncode != 0
    assert "password" not in other.stdout


def test_a_rotated_password_is_read_at_the_next_call(secret: Path) -> None:
    (secret / "password").write_text("new", encoding="utf-8")
    assert call(secret)[1] == "username=me\npassword=new\n"


@pytest.mark.parametrize("operation", ["store", "erase"])
def test_it_keeps_nothing(secret: Path, operation: str) -> None:
    assert call(secret, operation=operation)[:2] == (0, "")


def test_a_missing_file_is_an_error_that_names_it(tmp_path: Path) -> None:
    code, out, said = call(tmp_path)
    assert code == 1
    assert out == ""
    assert str(tmp_path / "username") in said


class GitHub(HTTPServer):
    """Hands out numbered tokens and remembers who asked."""

    seen: list[tuple[str, str]]


@pytest.fixture
def github() -> Iterator[GitHub]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            server.seen.append((self.path, self.headers["Authorization"]))
            body = json.dumps({"token": f"token-{len(server.seen)}"}).encode()
            self.send_response(201)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_args: object) -> None:
            """Stay silent."""

    server = GitHub(("127.0.0.1", 0), Handler)
    server.seen = []
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


def app_options(github: GitHub, tmp_path: Path) -> tuple[list[str], dict[str, str]]:
    # Stands for PyJWT, which Airflow brings and the CLI's environment does not have.
    (tmp_path / "jwt.py").write_text(
        "def encode(claim, key, algorithm):\n    return f'{algorithm}.{claim[\"iss\"]}.{key}'\n", encoding="utf-8"
    )
    address = f"http://127.0.0.1:{github.server_port}/api/v3/"
    options = ["--app-id", "12", "--installation-id", "34", "--base-url", address]
    return options, {"PYTHONPATH": str(tmp_path), "TMPDIR": str(tmp_path)}


def test_a_github_app_asks_for_a_token_once_and_keeps_it_for_itself(github: GitHub, tmp_path: Path) -> None:
    folder = tmp_path / "secret"
    folder.mkdir()
    (folder / "github-app-private-key").write_text("KEY", encoding="utf-8")
    options, env = app_options(github, tmp_path)
    for _ in range(2):
        assert call(folder, *options, env=env)[1] == "username=x-access-token\npassword=token-1\n"
    assert github.seen == [("/api/v3/app/installations/34/access_tokens", "Bearer RS256.12.KEY")]
    (cache,) = tmp_path.glob("kit-git-*.json")
    assert stat.S_IMODE(cache.stat().st_mode) == 0o600


def test_another_key_or_an_old_token_asks_again(github: GitHub, tmp_path: Path) -> None:
    folder = tmp_path / "secret"
    folder.mkdir()
    key = folder / "github-app-private-key"
    options, env = app_options(github, tmp_path)
    key.write_text("KEY", encoding="utf-8")
    call(folder, *options, env=env)
    key.write_text("NEW", encoding="utf-8")
    assert "token-2" in call(folder, *options, env=env)[1]
    for cache in tmp_path.glob("kit-git-*.json"):
        cache.write_text(json.dumps({"token": "old", "until": 1}), encoding="utf-8")
    assert "token-3" in call(folder, *options, env=env)[1]


def test_a_broken_cache_is_no_obstacle(github: GitHub, tmp_path: Path) -> None:
    folder = tmp_path / "secret"
    folder.mkdir()
    (folder / "github-app-private-key").write_text("KEY", encoding="utf-8")
    options, env = app_options(github, tmp_path)
    call(folder, *options, env=env)
    (cache,) = tmp_path.glob("kit-git-*.json")
    cache.write_text("{", encoding="utf-8")
    assert "token-2" in call(folder, *options, env=env)[1]
