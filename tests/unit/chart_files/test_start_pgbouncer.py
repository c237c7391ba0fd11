"""start_pgbouncer.sh: the configuration that it writes, for any password and for URLs as database_url.py reads them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from tests.unit.chart_files.conftest import FILES

Script = Callable[[str], ModuleType]
SCRIPT = (FILES / "start_pgbouncer.sh").read_text()
SHELLS = [["dash"], ["bash", "--posix"]]
PARTS = {"HOST": "db.local", "PORT": "5433", "NAME": "airflow", "USER": "airflow"}
GOOD = [
    "postgresql://app:pw@cluster-rw.team:5432/app",
    "postgres://app:pw@cluster-rw/app",
    "postgresql+asyncpg://us%40er:p%40s%3As%2Fw%20%25%23%3F%27%22%5C@db.local/na%22m'e",
    "postgresql://u:p%C3%BC%E2%82%AC@[fd00::1]:6000/x",
    "postgresql://u:p%zz%4@h/x?sslmode=require",
    "postgresql://u:p@w@h/x?sslmode=verify-full&sslrootcert=%2Fca.pem",
]
BAD = {
    "mysql://u:secret@h/x": "database-not-postgresql",
    "sqlite:////tmp/secret": "database-not-postgresql",
    "jdbc:postgresql://h/x?password=secret": "database-not-postgresql",
    "host=h password=secret": "database-url-unfit",
    "postgresql://u:secret@a,b/x": "database-url-unfit",
    "postgresql://u:secret@h:port/x": "database-url-unfit",
    "postgresql://u:secret@/x": "database-url-unfit",
    "postgresql://u:secret@h/": "database-url-unfit",
    "postgresql://u:secret%0Amore@h/x": "database-url-unfit",
    "postgresql://u:secret@h/x?fallback=1": "database-url-option",
}


class Pod:
    """A folder like the file system of PgBouncer's pod."""

    def __init__(self, folder: Path, server: str = 'cat "$1"') -> None:
        self.programs, self.secrets, self.run = (folder / name for name in ("bin", "secrets", "run"))
        for path in (self.programs, self.secrets, self.run):
            path.mkdir(parents=True)
        (self.programs / "pgbouncer").write_text(f"#!/bin/sh\n{server}\n")
        (self.programs / "pgbouncer").chmod(0o755)
        self.secret("postgres-password", "pw")

    def secret(self, name: str, text: str) -> None:
        (self.secrets / name).write_text(text, encoding="utf-8")

    def argv(self, *settings: str, shell: list[str] = SHELLS[0]) -> list[str]:
        text = SCRIPT.replace("/run/secrets/kit", str(self.secrets)).replace("=/run/kit", f"={self.run}")
        return [*shell, "-c", text, "start_pgbouncer.sh", *settings]

    def env(self, **parts: str) -> dict[str, str]:
        address = {f"KIT_DATABASE_{name}": value for name, value in {**PARTS, **parts}.items()}
        return {"PATH": f"{self.programs}:{os.environ['PATH']}", "KIT_STOP_DELAY_SECONDS": "0", **address}

    def start(self, *settings: str, shell: list[str] = SHELLS[0], **parts: str) -> subprocess.CompletedProcess[str]:
        argv = self.argv(*settings, shell=shell)
        return subprocess.run(argv, env=self.env(**parts), capture_output=True, text=True, check=False, timeout=20)

    def users(self) -> str:
        return (self.run / "userlist.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("shell", SHELLS, ids=lambda s: s[0])
@pytest.mark.parametrize(
    "password", ["pw", "pw\n", "a b'\"\\$HOME`id`%41", 'twice""', "ümläut €", "-n", "%s", "*", "x" * 900]
)
def test_any_password_is_written_for_its_user_alone(tmp_path: Path, password: str, shell: list[str]) -> None:
    pod = Pod(tmp_path)
    pod.secret("postgres-password", password)
    done = pod.start(shell=shell)
    assert (done.returncode, done.stderr) == (0, "")
    doubled = password.removesuffix("\n").replace('"', '""')
    assert pod.users() == f'"airflow" "{doubled}"\n'
    for name in ("userlist.txt", "pgbouncer.ini"):
        assert (pod.run / name).stat().st_mode & 0o777 == 0o600
    assert password.strip() not in done.stdout or password in ("*", "-n", "pw\n", "pw")


def test_the_users_settings_come_last_and_win(tmp_path: Path) -> None:
    lines = Pod(tmp_path).start("default_pool_size = 7", "server_tls_sslmode = verify-full").stdout.splitlines()
    assert lines[:2] == ["[databases]", "airflow = host='db.local' port=5433 dbname='airflow'"]
    assert lines[-2:] == ["default_pool_size = 7", "server_tls_sslmode = verify-full"]
    assert {"pool_mode = transaction", "auth_type = scram-sha-256", "server_tls_sslmode = prefer"} <= set(lines)


def test_names_are_quoted(tmp_path: Path) -> None:
    lines = Pod(tmp_path).start(NAME="te'a\"m", HOST="h'").stdout.splitlines()
    assert lines[1] == "* = host='h''' port=5433 dbname='te''a\"m'"


def test_a_user_of_the_secret_wins(tmp_path: Path) -> None:
    pod = Pod(tmp_path)
    pod.secret("database-user", 'us"er\n')
    pod.start()
    assert pod.users() == '"us""er" "pw"\n'


@pytest.mark.parametrize("password", ["", "\n", "a\nb", "a\n\n"])
def test_a_password_that_is_empty_or_has_several_lines_is_refused(tmp_path: Path, password: str) -> None:
    pod = Pod(tmp_path)
    pod.secret("postgres-password", password)
    done = pod.start()
    assert (done.returncode, done.stdout) == (1, "")
    assert "ERROR: " in done.stderr
    assert "password" in done.stderr


@pytest.mark.parametrize("shell", SHELLS, ids=lambda s: s[0])
@pytest.mark.parametrize("url", GOOD)
def test_a_url_means_what_it_means_to_airflow(tmp_path: Path, script: Script, url: str, shell: list[str]) -> None:
    pod = Pod(tmp_path)
    (pod.secrets / "postgres-password").unlink()
    pod.secret("database-url", url + "\n")
    done = pod.start(shell=shell)
    assert (done.returncode, done.stderr) == (0, "")
    read = script("database_url").parse(url)
    name = read.name.replace("'", "''")
    assert f"host='{read.host}' port={read.port} dbname='{name}'" in done.stdout
    user, password = (part.replace('"', '""') for part in (read.user, read.password))
    assert pod.users() == f'"{user}" "{password}"\n'
    for option, value in read.options.items():
        setting = {"sslmode": "server_tls_sslmode", "sslrootcert": "server_tls_ca_file"}[option]
        assert f"{setting} = {value}\n" in done.stdout


@pytest.mark.parametrize(("url", "error"), BAD.items())
def test_a_url_that_cannot_be_used_is_refused_by_both_without_its_text(
    tmp_path: Path, script: Script, url: str, error: str
) -> None:
    pod = Pod(tmp_path)
    pod.secret("database-url", url)
    done = pod.start()
    assert (done.returncode, done.stdout) == (1, "")
    assert f"[{error}]" in done.stderr
    assert "secret" not in done.stderr.replace("in the Secret", "")
    module = script("database_url")
    with pytest.raises(module.UrlError) as raised:
        module.parse(url)
    assert f"[{error}]" in str(raised.value)
    assert "secret" not in str(raised.value)


def test_an_option_of_one_driver_is_refused_by_pgbouncer_only(tmp_path: Path, script: Script) -> None:
    url = "postgresql://u:p@h/x?options=-c%20statement_timeout%3D1s"
    pod = Pod(tmp_path)
    pod.secret("database-url", url)
    assert "[database-url-option] PgBouncer cannot pass on the option options" in pod.start().stderr
    assert script("database_url").parse(url).options == {"options": "-c statement_timeout=1s"}


def test_a_stop_becomes_sigint_and_waits_for_the_server(tmp_path: Path) -> None:
    # Shells ignore SIGINT in what they start in the background, unless the program sets a handler, as PgBouncer does.
    program = (
        "import signal, sys, time\n"
        "signal.signal(signal.SIGTERM, lambda *_: sys.exit('killed'))\n"
        "signal.signal(signal.SIGINT, lambda *_: (time.sleep(0.3), print('drained', flush=True), sys.exit(0)))\n"
        "print('up', flush=True)\n"
        "while True: signal.pause()\n"
    )
    (tmp_path / "server.py").write_text(program)
    pod = Pod(tmp_path / "pod", f"exec {sys.executable} {tmp_path}/server.py")
    process = subprocess.Popen(pod.argv(), env=pod.env(), stdout=subprocess.PIPE, text=True)
    assert process.stdout
    assert process.stdout.readline() == "up\n"
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=10) == 0
    assert process.stdout.read() == "drained\n"


def test_the_end_of_the_server_ends_the_pod_with_its_code(tmp_path: Path) -> None:
    started = time.monotonic()
    assert Pod(tmp_path, "exit 7").start().returncode == 7
    assert time.monotonic() - started < 10
