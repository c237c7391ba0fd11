"""A kube context becomes a connection."""

import json
import ssl

import pytest

from kitctl.errors import ExitCode, KitError
from kitctl.tools.kube import config, credentials
from kitctl.tools.kube.config import load
from kitctl.tools.process import Result


def view(monkeypatch, user, cluster=None, answers=()):
    document = {
        "current-context": "c",
        "clusters": [{"cluster": {"server": "https://k:6443/", **(cluster or {})}}],
        "users": [{"user": user}],
    }
    replies = iter([Result(0, json.dumps(document), ""), *answers])
    for module in (config, credentials):
        monkeypatch.setattr(module, "run", lambda *_, **__: next(replies))


def test_a_token_and_impersonation_become_headers(monkeypatch):
    view(monkeypatch, {"token": "t", "as": "bob"})
    found = load("c", None)
    assert found.server == "https://k:6443"
    assert found.headers == (("Authorization", "Bearer t"), ("Impersonate-User", "bob"))


def test_a_credential_plugin_is_asked(monkeypatch):
    view(monkeypatch, {"exec": {"command": "login"}}, answers=[Result(0, '{"status": {"token": "fresh"}}', "")])
    assert load("c", None).headers == (("Authorization", "Bearer fresh"),)


def test_a_credential_plugin_that_fails_is_named(monkeypatch):
    view(monkeypatch, {"exec": {"command": "login"}}, answers=[Result(1, "", "session expired")])
    with pytest.raises(KitError) as raised:
        load("c", None)
    assert raised.value.id == "credentials-failed"
    assert "session expired" in raised.value.cause
    assert raised.value.code == ExitCode.UNREACHABLE


def test_insecure_clusters_are_taken_at_their_word(monkeypatch):
    view(monkeypatch, {}, {"insecure-skip-tls-verify": True})
    assert load("c", None).tls.verify_mode == ssl.CERT_NONE
