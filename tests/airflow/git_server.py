"""A git server over HTTP that wants a password, for tests: Python's http.server in front of git's own http-backend."""

from __future__ import annotations

import base64
import os
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


@dataclass
class GitServer:
    """One bare repository `dags.git`, and who may read it."""

    folder: Path
    password: str = "first"
    port: int = 0
    refused: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Address of the repository."""
        return f"http://127.0.0.1:{self.port}/dags.git"

    def commit(self, name: str, text: str) -> str:
        """Commit one file and return the commit's hash."""
        work = self.folder / "work"
        if not work.exists():
            git("init", "-q", "-b", "main", str(work))
            git("init", "-q", "--bare", "-b", "main", str(self.folder / "dags.git"))
        (work / name).parent.mkdir(parents=True, exist_ok=True)
        (work / name).write_text(text, encoding="utf-8")
        git("-C", str(work), "add", "-A")
        git("-C", str(work), "-c", "user.name=t", "-c", "user.email=t@example.com", "commit", "-qm", name)
        git("-C", str(work), "push", "-q", str(self.folder / "dags.git"), "main")
        return git("-C", str(work), "rev-parse", "HEAD").strip()


def git(*words: str) -> str:
    return subprocess.run(["git", *words], check=True, capture_output=True, text=True).stdout


@contextmanager
def serving(server: GitServer) -> Iterator[GitServer]:
    """Serve until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            wanted = "Basic " + base64.b64encode(f"bot:{server.password}".encode()).decode()
            if self.headers.get("Authorization") != wanted:
                server.refused.append(self.headers.get("Authorization", ""))
                self.send_response(401)
                self.send_header("WWW-Authenticate", 'Basic realm="git"')
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            path, _, query = self.path.partition("?")
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            env = {
                **os.environ,
                "GIT_PROJECT_ROOT": str(server.folder),
                "GIT_HTTP_EXPORT_ALL": "1",
                "PATH_INFO": path,
                "QUERY_STRING": query,
                "REQUEST_METHOD": self.command,
                "CONTENT_TYPE": self.headers.get("Content-Type", ""),
                "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
            }
            done = subprocess.run(["git", "http-backend"], input=body, env=env, capture_output=True, check=True)
            head, _, content = done.stdout.partition(b"\r\n\r\n")
            headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
            self.send_response(int(headers.pop("Status", "200").split()[0]))
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = answer  # noqa: N815 - the names that http.server calls

        def log_message(self, *_args: object) -> None:
            """Stay silent."""

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.port = http.server_port
    threading.Thread(target=http.serve_forever, daemon=True).start()
    try:
        yield server
    finally:
        http.shutdown()
        http.server_close()
