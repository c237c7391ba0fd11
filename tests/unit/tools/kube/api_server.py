"""An API server of the standard library, behind TLS: it records which name was asked for and which headers came."""

import base64
import json
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

NAME = "api.example.test"
"""The only name in the certificate; the server listens on 127.0.0.1."""


@dataclass
class ApiServer:
    """Where the server listens, and what it has seen.

    Attributes:
        url: Its address.
        ca: Its certificate, PEM.
        names: Names that were asked for in TLS (SNI), None where none was.
        requests: Path and headers (name in lower case, value) of each request.
        refusals: How many requests are answered with 401 before the first good one.
    """

    url: str = ""
    ca: str = ""
    names: list[str | None] = field(default_factory=list)
    requests: list[tuple[str, list[tuple[str, str]]]] = field(default_factory=list)
    refusals: int = 0

    def impersonation(self) -> set[tuple[str, str]]:
        """Return the headers of impersonation of the newest request."""
        return {(name, value) for name, value in self.requests[-1][1] if name.startswith("impersonate-")}

    def kubeconfig(self, path: Path, user: dict[str, Any], **cluster: Any) -> Path:
        """Write a kubeconfig with the context "test"."""
        about = {"server": self.url, "certificate-authority-data": base64.b64encode(self.ca.encode()).decode()}
        document = {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "test",
            "contexts": [{"name": "test", "context": {"cluster": "test", "user": "test"}}],
            "clusters": [{"name": "test", "cluster": {**about, **cluster}}],
            "users": [{"name": "test", "user": user}],
        }
        path.write_text(json.dumps(document))
        return path


def certificate(folder: Path) -> tuple[Path, Path]:
    """Make a certificate for NAME that vouches for itself; return it and its key."""
    cert, key = folder / "cert.pem", folder / "key.pem"
    options = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
    names = ["-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME}"]
    written = ["-keyout", str(key), "-out", str(cert)]
    subprocess.run(["openssl", "req", *options, *names, *written], check=True, capture_output=True)
    return cert, key


@contextmanager
def serving(folder: Path) -> Iterator[ApiServer]:
    """Serve until the block ends."""
    seen = ApiServer()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            seen.requests.append((self.path, [(name.lower(), value) for name, value in self.headers.items()]))
            refused, seen.refusals = seen.refusals > 0, seen.refusals - 1
            lists = {"apiVersion": "v1", "kind": "SecretList", "metadata": {}, "items": []}
            answer = {"gitVersion": "v1.34.4", "major": "1", "minor": "34"} if self.path == "/version" else lists
            data = json.dumps({"message": "Unauthorized"} if refused else answer).encode()
            self.send_response(401 if refused else 200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: Any) -> None:
            """Print nothing."""

    cert, key = certificate(folder)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(cert, key)
    tls.sni_callback = lambda _, name, __: seen.names.append(name)
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
        seen.url, seen.ca = f"https://127.0.0.1:{server.server_address[1]}", cert.read_text()
        Thread(target=server.serve_forever, daemon=True).start()
        yield seen
        server.shutdown()
