"""broker_url.py: any password in one line arrives unharmed, TLS verifies the server, a URL is taken as it is."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

Script = Callable[[str], ModuleType]
ODD = ["pw", "p@ss:w/rd?#[]", "100% + $HOME ${X}", "ümläut €", "a b\tc", "'\"\\`", "%41", ":", " "]


@pytest.fixture
def broker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the secrets, in a pod that has the variables of a broker."""
    monkeypatch.setenv("KIT_BROKER_HOST", "redis.local")
    monkeypatch.setenv("KIT_BROKER_PORT", "6379")
    return tmp_path


@pytest.mark.parametrize("password", ODD)
def test_any_password_survives_the_url(script: Script, broker: Path, password: str) -> None:
    (broker / "broker-password").write_text(password, encoding="utf-8")
    url = script("broker_url").url(broker)
    parts = urlsplit(url)
    assert unquote(parts.password or "") == password
    assert (parts.scheme, parts.hostname, parts.port, parts.path) == ("redis", "redis.local", 6379, "/0")
    assert os.path.expandvars(url) == url


def test_one_newline_of_an_editor_is_dropped(script: Script, broker: Path) -> None:
    (broker / "broker-password").write_text("pw\n")
    assert script("broker_url").url(broker) == "redis://:pw@redis.local:6379/0"


@pytest.mark.parametrize("text", ["a\nb", "pw\n\n"])
def test_several_lines_are_refused_as_the_broker_refuses_them(script: Script, broker: Path, text: str) -> None:
    (broker / "broker-password").write_text(text)
    with pytest.raises(ValueError, match="broker-password has several lines"):
        script("broker_url").url(broker)


def test_user_database_and_an_address_of_ipv6(script: Script, broker: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KIT_BROKER_HOST", "fd00::1")
    monkeypatch.setenv("KIT_BROKER_USER", "air@flow")
    monkeypatch.setenv("KIT_BROKER_DATABASE", "3")
    assert script("broker_url").url(broker) == "redis://air%40flow@[fd00::1]:6379/3"


@pytest.mark.parametrize("own", [True, False])
def test_tls_verifies_the_server_and_its_name(
    script: Script, broker: Path, monkeypatch: pytest.MonkeyPatch, own: bool
) -> None:
    monkeypatch.setenv("KIT_BROKER_TLS", "true")
    authority = broker / "broker-ca.crt"
    if own:
        authority.write_text("PEM")
    parts = urlsplit(script("broker_url").url(broker))
    assert parts.scheme == "rediss"
    assert parse_qs(parts.query) == {
        "ssl_cert_reqs": ["required"],
        "ssl_check_hostname": ["true"],
        "ssl_ca_certs": [str(authority) if own else "/etc/ssl/certs/ca-certificates.crt"],
    }


def test_a_url_of_the_users_is_taken_as_it_is(script: Script, broker: Path) -> None:
    (broker / "broker-url").write_text("sentinel://a:1;sentinel://b:2\n")
    assert script("broker_url").url(broker) == "sentinel://a:1;sentinel://b:2"


def test_a_url_of_rabbitmq_names_its_user_and_virtual_host(
    script: Script, broker: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"PROTOCOL": "amqp", "PORT": "5672", "USER": "airflow", "DATABASE": "/"}.items():
        monkeypatch.setenv(f"KIT_BROKER_{name}", value)
    (broker / "broker-password").write_text("p/w")
    assert script("broker_url").url(broker) == "amqp://airflow:p%2Fw@redis.local:5672/%2F"
