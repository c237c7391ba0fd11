"""make_keys.py: made once, never changed, whoever was faster."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from kitctl.release.keys import MAKERS

Script = Callable[[str], ModuleType]


class Api:
    """A Kubernetes API with one namespace."""

    def __init__(self, **secrets: dict[str, str]) -> None:
        self.secrets: dict[str, Any] = {n: {"data": d} for n, d in secrets.items()}
        self.calls: list[str] = []
        self.race: dict[str, str] = {}
        self.refusal = 0

    def __call__(self, method: str, path: str, body: dict[str, Any] | None) -> tuple[int, dict[str, Any]]:
        self.calls.append(f"{method} {path}")
        if self.refusal:
            return self.refusal, {"message": "no rights"}
        if method == "POST" and body:
            if self.race:
                self.secrets["keys"] = {"data": self.race}
                return 409, {}
            self.secrets[body["metadata"]["name"]] = {"data": body["stringData"], **body["metadata"]}
            return 201, body
        found = self.secrets.get(path.rsplit("/", 1)[-1])
        return (200, found) if found else (404, {})


def test_an_absent_secret_is_made(script: Script) -> None:
    api = Api()
    assert "made" in script("make_keys").ensure(api, "ns", "keys", {"a": "b"})
    assert set(api.secrets["keys"]["data"]) == set(MAKERS), "kitctl and the Job make the same keys"
    assert api.secrets["keys"]["labels"] == {"a": "b"}


def test_an_existing_secret_is_only_read(script: Script) -> None:
    api = Api(keys=dict.fromkeys(MAKERS, "old"))
    assert "stays" in script("make_keys").ensure(api, "ns", "keys", {})
    assert api.calls == ["GET /api/v1/namespaces/ns/secrets/keys"]


def test_whoever_was_faster_wins(script: Script) -> None:
    api = Api()
    api.race = dict.fromkeys(MAKERS, "theirs")
    assert "stays" in script("make_keys").ensure(api, "ns", "keys", {})
    assert api.secrets["keys"]["data"]["fernet-key"] == "theirs"


def test_a_secret_that_lacks_a_key_is_named_and_not_changed(script: Script) -> None:
    api = Api(keys={k: "x" for k in MAKERS if k != "jwt-secret"})
    with pytest.raises(RuntimeError, match=r"lacks jwt-secret(.|\n)*kubectl -n ns patch secret keys -p .*jwt-secret"):
        script("make_keys").ensure(api, "ns", "keys", {})
    assert len(api.calls) == 1


@pytest.mark.parametrize(("key", "other"), [("broker-password", "flower-password"), ("flower-password", "")])
def test_passwords_of_broker_and_flower_are_missed_only_by_a_release_that_has_them(
    script: Script, key: str, other: str
) -> None:
    """Secrets of older releases lack them, and an upgrade without Celery must not fail for that."""
    api = Api(keys={k: "x" for k in MAKERS if k != key})
    assert "stays" in script("make_keys").ensure(api, "ns", "keys", {}, uses=[other])
    with pytest.raises(RuntimeError, match=f"lacks {key}\\."):
        script("make_keys").ensure(api, "ns", "keys", {}, uses=[key])


def test_a_refusal_is_told_with_its_reason(script: Script) -> None:
    api = Api()
    api.refusal = 403
    with pytest.raises(RuntimeError, match=r"403(.|\n)*no rights"):
        script("make_keys").ensure(api, "ns", "keys", {})


def test_keys_have_the_shape_that_airflow_wants(script: Script) -> None:
    keys = script("make_keys").new_keys()
    assert len(base64.urlsafe_b64decode(keys["fernet-key"])) == 32
    # PyJWT warns of a key for HS512 that is shorter than its hash.
    assert len(keys["jwt-secret"]) >= 64
    assert keys["postgres-password"].isalnum()
    assert keys["admin-password"].isalnum()
    assert len(keys["admin-password"]) >= 20


def test_no_two_sets_of_keys_are_alike(script: Script) -> None:
    one, two = script("make_keys").new_keys(), script("make_keys").new_keys()
    assert not set(one.values()) & set(two.values())


@pytest.fixture
def server() -> Iterator[tuple[str, list[dict[str, str]]]]:
    """A real HTTP server that notes headers and answers 404 as Kubernetes does."""
    seen: list[dict[str, str]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.append(dict(self.headers))
            self.send_response(404)
            self.end_headers()
            self.wfile.write(json.dumps({"message": f"{self.path} not found"}).encode())

        def log_message(self, *_: object) -> None: ...

    http = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=http.serve_forever, daemon=True)
    thread.start()
    yield f"{http.server_address[1]}", seen
    http.shutdown()
    http.server_close()


def test_the_token_of_the_pod_is_sent(
    script: Script, server: tuple[str, list[dict[str, str]]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    port, seen = server
    module = script("kube_api")
    (tmp_path / "token").write_text("t0ken\n")
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "127.0.0.1")
    monkeypatch.setenv("KUBERNETES_SERVICE_PORT", port)
    monkeypatch.setattr(module.ssl, "create_default_context", lambda **_: None)
    real = module.urllib.request.Request
    monkeypatch.setattr(
        module.urllib.request, "Request", lambda url, **more: real(url.replace("https:", "http:"), **more)
    )
    status, answer = module.kubernetes_api(tmp_path)("GET", "/api/v1/namespaces/ns/secrets/keys", None)
    assert (status, answer) == (404, {"message": "/api/v1/namespaces/ns/secrets/keys not found"})
    assert seen[0]["Authorization"] == "Bearer t0ken"


def test_an_api_that_does_not_answer_is_asked_again(
    script: Script, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    module = script("make_keys")
    (tmp_path / "namespace").write_text("ns")
    answers: Iterator[object] = iter([OSError("unreachable"), OSError("unreachable"), "made the Secret keys"])

    def ensure(*_: object, **__: object) -> object:
        answer = next(answers)
        if isinstance(answer, OSError):
            raise answer
        return answer

    monkeypatch.setattr(module, "ACCOUNT", tmp_path)
    monkeypatch.setattr(module, "ensure", ensure)
    monkeypatch.setattr(module, "kubernetes_api", lambda: None)
    monkeypatch.setattr("time.sleep", lambda _: None)
    monkeypatch.setenv("KIT_SECRET", "keys")
    assert module.main() == 0
    assert "[2 of 30]" in capsys.readouterr().out
