"""A git server for tests, in one process tree: git daemon, sshd, and HTTP(S) in front of git's own http-backend.

Repositories are bare ones below /srv/git, named by REPOS ("dags shared"). /etc/git-server is a mounted Secret:
`tls.crt` and `tls.key` for https, `ssh-host-key` and `authorized-keys` for ssh, `password` of the user `git`.

  git://HOST:9418/dags.git            reading, no credentials
  ssh://git@HOST:2222/srv/git/dags.git
  https://HOST:8443/dags.git          reading and pushing, user git with the password
  http://HOST:8080/dags.git           the same without TLS, for the tests themselves
  http://HOST:8080/healthz

app.git is read by tokens of a GitHub App only (github.py, which stands in for GitHub's API at /api/v3), and pushed to
with the password.
"""

import base64
import hmac
import json
import os
import shutil
import ssl
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import github

ROOT = Path("/srv/git")
SECRET = Path("/etc/git-server")
TMP = Path("/tmp")  # noqa: S108 - the pod's own, and the only place that can be written to


class Git(BaseHTTPRequestHandler):
    """Asks for the password, then hands the request to git http-backend by CGI."""

    protocol_version = "HTTP/1.1"

    def allowed(self, url):
        """Compare with the password as it is now, so that the tests can change it."""
        kind, _, given = self.headers.get("Authorization", "").partition(" ")
        wanted = f"git:{(SECRET / 'password').read_text().strip()}".encode()
        try:
            shown = base64.b64decode(given) if kind.lower() == "basic" else b""
        except ValueError:
            return False
        if url.path.startswith("/app.git/") and "receive-pack" not in url.path + url.query:
            return any(hmac.compare_digest(shown, f"x-access-token:{t}".encode()) for t in github.TOKENS)
        return hmac.compare_digest(shown, wanted)

    def body(self):
        """Read the whole request; git pushes in chunks when it is large."""
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    def answer(self, code, body=b"", headers=()):
        """Send one whole answer."""
        self.send_response(code)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def serve(self):
        """Answer one request."""
        url = urlsplit(self.path)
        data = self.body()
        if url.path == "/healthz":
            return self.answer(200, b"ok\n")
        if token := github.answer(url.path, self.headers.get("Authorization", ""), SECRET):
            return self.answer(token[0], json.dumps(token[1]).encode())
        if not self.allowed(url):
            return self.answer(401, b"password, please\n", [("WWW-Authenticate", 'Basic realm="git"')])
        env = {
            "PATH": os.environ["PATH"],
            "GIT_PROJECT_ROOT": str(ROOT),
            "GIT_HTTP_EXPORT_ALL": "1",
            "REQUEST_METHOD": self.command,
            "PATH_INFO": url.path,
            "QUERY_STRING": url.query,
            "REMOTE_USER": "git",
            "REMOTE_ADDR": self.client_address[0],
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(data)),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
        }
        done = subprocess.run(["git", "http-backend"], input=data, env=env, stdout=subprocess.PIPE, check=False)
        head, _, body = done.stdout.partition(b"\r\n\r\n")
        fields = [line.partition(": ")[::2] for line in head.decode().splitlines() if ": " in line]
        status = next((int(value.split()[0]) for name, value in fields if name == "Status"), 200)
        return self.answer(status, body, [f for f in fields if f[0] != "Status"])

    def do_GET(self):
        """Answer a GET."""
        self.serve()

    def do_POST(self):
        """Answer a POST."""
        self.serve()

    def log_message(self, text, *args):
        """Log without the health checks."""
        if "/healthz" not in str(args):
            sys.stderr.write(f"{self.client_address[0]} {text % args}\n")


def repositories():
    """Make the repositories that are not there yet."""
    for name in os.environ.get("REPOS", "dags").split():
        path = ROOT / f"{name}.git"
        if not path.exists():
            subprocess.run(["git", "init", "-q", "--bare", "-b", "main", str(path)], check=True)
            # Pushes over HTTP, forced ones, and fetches of any commit (git-sync may ask for one by its hash).
            for option in ("http.receivepack", "uploadpack.allowAnySHA1InWant"):
                subprocess.run(["git", "-C", str(path), "config", option, "true"], check=True)


def sshd():
    """Start sshd with a host key that only this user may read, as it demands."""
    for source, target, mode in (
        ("ssh-host-key", "ssh_host_key", 0o600),
        ("authorized-keys", "authorized_keys", 0o644),
    ):
        shutil.copyfile(SECRET / source, TMP / target)
        (TMP / target).chmod(mode)
    return subprocess.Popen(["/usr/sbin/sshd", "-D", "-e", "-f", "/opt/git-server/sshd_config"])


def main():
    """Run all four until one of them ends."""
    os.environ["HOME"] = str(TMP)
    subprocess.run(["git", "config", "--global", "--add", "safe.directory", "*"], check=True)
    repositories()
    plain = ThreadingHTTPServer(("", 8080), Git)
    secure = ThreadingHTTPServer(("", 8443), Git)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(SECRET / "tls.crt", SECRET / "tls.key")
    secure.socket = context.wrap_socket(secure.socket, server_side=True)
    for server in (plain, secure):
        threading.Thread(target=server.serve_forever, daemon=True).start()
    daemon = subprocess.Popen(
        ["git", "daemon", "--reuseaddr", "--export-all", f"--base-path={ROOT}", "--port=9418", str(ROOT)]
    )
    ended = sshd().wait()
    daemon.kill()
    sys.exit(f"sshd ended with {ended}")


if __name__ == "__main__":
    main()
