"""docker/dags/install.py with a real pip and an index that asks for a password."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

INSTALL = Path(__file__).parents[3] / "docker" / "dags" / "install.py"
TOKEN = "S3CRETTOKEN"
RUN = """
import importlib.util, pathlib, sys
spec = importlib.util.spec_from_file_location("install", sys.argv[1])
install = importlib.util.module_from_spec(spec)
spec.loader.exec_module(install)
install.SECRET = pathlib.Path(sys.argv[3])
install.main(pathlib.Path(sys.argv[2]))
"""


def wheel(folder: Path, version: str) -> Path:
    """Make a package `kitlib` of one module."""
    path = folder / f"kitlib-{version}-py3-none-any.whl"
    info = f"kitlib-{version}.dist-info"
    with zipfile.ZipFile(path, "w") as out:
        out.writestr("kitlib.py", f"VERSION = '{version}'\n")
        out.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: kitlib\nVersion: {version}\n")
        out.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        out.writestr(f"{info}/RECORD", "")
    return path


class Index(BaseHTTPRequestHandler):
    """A package index that shows its files to whoever knows the token."""

    folder: Path

    def do_GET(self) -> None:
        """Answer with the list of files, or one of them."""
        wanted = "Basic " + base64.b64encode(f"robot:{TOKEN}".encode()).decode()
        path = self.path.partition("?")[0]
        signed = self.path.endswith(f"?sig={TOKEN}")
        file = self.folder / path.rpartition("/")[2]
        if self.headers.get("Authorization") != wanted and not signed:
            self.send_response(401)
            self.send_header("WWW-Authenticate", "Basic")
            body = b""
        elif file.is_file():
            self.send_response(200)
            body = file.read_bytes()
        else:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            body = "".join(f'<a href="/{p.name}">{p.name}</a>' for p in self.folder.glob("*.whl")).encode()
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as in the base
        """Say nothing."""


@pytest.fixture
def index(tmp_path: Path) -> Iterator[str]:
    folder = tmp_path / "index"
    folder.mkdir()
    for version in ("1.0", "2.0"):
        wheel(folder, version)
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Here", (Index,), {"folder": folder}))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    venv = tmp_path_factory.mktemp("venv")
    subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True)
    return venv


@pytest.fixture
def python(environment: Path) -> Iterator[Path]:
    """An environment with nothing but pip; `packaging` is the one that pip brings."""
    yield environment / "bin" / "python"
    for path in packages(environment).glob("kitlib*"):
        shutil.rmtree(path) if path.is_dir() else path.unlink()


def packages(venv: Path) -> Path:
    (found,) = (venv / "lib").glob("python*/site-packages")
    return found


def install(python: Path, folder: Path, text: str, **secrets: str) -> subprocess.CompletedProcess[str]:
    layer = folder / "layer"
    layer.mkdir()
    (layer / "requirements.txt").write_text(text)
    (layer / "constraints.txt").write_text("kitlib==1.0\n")
    (folder / "pip.json").write_text(json.dumps(secrets))
    vendored = packages(python.parents[1]) / "pip" / "_vendor"
    env = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(vendored), "HOME": str(folder), "PIP_CONFIG_FILE": "/dev/null"}
    argv = [str(python), "-c", RUN, str(INSTALL), str(layer / "requirements.txt"), str(folder / "pip.json")]
    return subprocess.run(argv, capture_output=True, text=True, check=False, env=env, timeout=120)


def traces(*folders: Path) -> list[str]:
    """Return the files below some folders that hold the token."""
    return [str(p) for f in folders for p in f.rglob("*") if p.is_file() and TOKEN.encode() in p.read_bytes()]


@pytest.mark.parametrize(
    ("line", "version"),
    [
        ("-c constraints.txt\n--index-url http://robot:${TOKEN}@HOST/simple\nkitlib", "1.0"),
        ("kitlib @ http://HOST/kitlib-2.0-py3-none-any.whl?sig=${TOKEN}", "2.0"),
    ],
)
def test_pip_gets_the_token_and_nothing_that_stays_has_it(
    index: str, python: Path, tmp_path: Path, line: str, version: str
) -> None:
    done = install(python, tmp_path, line.replace("HOST", index) + "\n", TOKEN=TOKEN)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"'{version}'" in (packages(python.parents[1]) / "kitlib.py").read_text()
    assert traces(python.parents[1], tmp_path / "layer") == []
    assert TOKEN not in done.stdout + done.stderr


def test_a_refused_token_is_told_without_it(index: str, python: Path, tmp_path: Path) -> None:
    line = f"kitlib @ http://robot:${{TOKEN}}@{index}/kitlib-2.0-py3-none-any.whl\n"
    done = install(python, tmp_path, line, TOKEN="WRONG-TOKEN")
    assert done.returncode != 0
    assert "401" in done.stderr
    assert "WRONG-TOKEN" not in done.stdout + done.stderr


def test_constraints_that_exclude_the_images_version_are_a_conflict(index: str, python: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "index" / "kitlib-2.0-py3-none-any.whl") as built:
        built.extractall(packages(python.parents[1]))
    text = f"-c constraints.txt\n--index-url http://robot:${{TOKEN}}@{index}/simple\nkitlib\n"
    done = install(python, tmp_path, text, TOKEN=TOKEN)
    conflict = {"package": "kitlib", "wanted": "==1.0", "installed": "2.0", "by": "constraints"}
    found = json.loads(done.stderr.partition("KITCTL-ERROR ")[2])
    assert found == {"id": "requirements-conflict", "conflicts": [conflict]}
