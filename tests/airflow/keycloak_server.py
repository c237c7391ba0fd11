"""A stand-in for Keycloak: the endpoints of one realm that Airflow's provider calls, with one user and one client.

It is no Keycloak: it knows one permission, that of the user jane, and signs nothing.
"""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

REALM, CLIENT, SECRET = "company", "airflow", "s3cr$t'PATH %"
SUBJECTS = {"jane": "id-of-jane", "service-account-airflow": "id-of-the-service-account"}
_OPENID = f"/realms/{REALM}/protocol/openid-connect"


def token(name: str) -> str:
    """Return a token of a user, which ends in an hour."""
    claims = {"sub": SUBJECTS[name], "preferred_username": name, "exp": int(time.time()) + 3600}
    return ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).decode() for part in ({}, claims, {}))


class Realm(BaseHTTPRequestHandler):
    """Answers the requests of the provider, and a browser that is logged in as jane."""

    permitted = frozenset(SUBJECTS.values())

    def do_GET(self) -> None:
        """Answer the configuration, the log-in page and the user's description."""
        url = urlsplit(self.path)
        query = dict(parse_qsl(url.query))
        if url.path.endswith("/.well-known/openid-configuration"):
            base = f"http://{self.headers['Host']}{_OPENID}"
            names = {"authorization": "auth", "token": "token", "userinfo": "userinfo", "end_session": "logout"}
            self._json({f"{name}_endpoint": f"{base}/{path}" for name, path in names.items()})
        elif url.path == f"{_OPENID}/auth" and query["client_id"] == CLIENT:
            answer = urlencode({"code": "code-of-jane", "state": query["state"]})
            self.send_response(302)
            self.send_header("Location", f"{query['redirect_uri']}?{answer}")
            self.end_headers()
        elif url.path == f"{_OPENID}/userinfo":
            name = next(n for n in SUBJECTS if token(n).split(".")[1][:20] == self._bearer().split(".")[1][:20])
            self._json({"sub": SUBJECTS[name], "preferred_username": name})
        else:
            self._json({"error": "not found"}, 404)

    def do_POST(self) -> None:
        """Answer with tokens, or with the permission of the token that asks."""
        form = dict(parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode()))
        if form["grant_type"].endswith("uma-ticket"):
            claims = json.loads(base64.urlsafe_b64decode(self._bearer().split(".")[1]))
            self._json([], 200 if claims["sub"] in self.permitted else 403)
        elif (form.get("client_id"), form.get("client_secret")) != (CLIENT, SECRET):
            self._json({"error": "invalid_client"}, 401)
        elif form["grant_type"] == "authorization_code" and form["code"] == "code-of-jane":
            self._json({"access_token": token("jane"), "refresh_token": token("jane"), "id_token": token("jane")})
        elif form["grant_type"] == "client_credentials":
            self._json({"access_token": token("service-account-airflow")})
        else:
            self._json({"error": "unsupported_grant_type"}, 400)

    def log_message(self, *_: Any) -> None:
        """Keep silent."""

    def _bearer(self) -> str:
        return str(self.headers["Authorization"].removeprefix("Bearer "))

    def _json(self, body: Any, status: int = 200) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


@contextmanager
def running() -> Iterator[str]:
    """Run the server; give its address."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Realm) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
