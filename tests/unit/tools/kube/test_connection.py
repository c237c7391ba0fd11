"""What a kubeconfig says about names, persons and credentials reaches the server, as kubectl and helm send it."""

import json
import socket
import subprocess

import pytest

from kitctl.errors import KitError
from kitctl.tools.kube.client import Kube
from kitctl.tools.toolbox import tool
from tests.unit.tools.kube.api_server import NAME, serving

ACTING = {
    "token": "t",
    "as": "Jürgen",
    "as-uid": "4711",
    "as-groups": ["dev", "ops:night"],
    "as-user-extra": {"example.com/reason": ["test", "review"], "scopes": ["a"]},
}


@pytest.fixture
def server(tmp_path):
    with serving(tmp_path) as found:
        yield found


def test_the_name_of_the_certificate_may_differ_from_the_address(server, tmp_path):
    config = server.kubeconfig(tmp_path / "config", {"token": "t"}, **{"tls-server-name": NAME})
    assert Kube.connect("test", config).version() == "v1.34.4"
    assert set(server.names) == {NAME}
    assert ("authorization", "Bearer t") in server.requests[0][1]


def test_a_certificate_of_another_name_is_refused(server, tmp_path):
    for name in ({}, {"tls-server-name": "other.example.test"}):
        with pytest.raises(KitError) as raised:
            Kube.connect("test", server.kubeconfig(tmp_path / "config", {"token": "t"}, **name))
        assert raised.value.id == "cluster-unreachable"
        assert "certificate" in raised.value.cause
    assert server.requests == []


def test_the_ca_of_the_kubeconfig_is_the_only_one(server, tmp_path, monkeypatch):
    """Also where the system would accept the server, as kubectl refuses it."""
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "cert.pem"))
    (tmp_path / "other").mkdir()
    with serving(tmp_path / "other") as other:
        server.ca = other.ca
    with pytest.raises(KitError) as raised:
        Kube.connect("test", server.kubeconfig(tmp_path / "config", {}, **{"tls-server-name": NAME}))
    assert "certificate" in raised.value.cause


def test_the_caller_acts_as_somebody_else(server, tmp_path):
    Kube.connect("test", server.kubeconfig(tmp_path / "config", ACTING, **{"tls-server-name": NAME}))
    sent = {(name, value.encode("latin-1").decode()) for name, value in server.impersonation()}
    assert sent == {
        ("impersonate-user", "Jürgen"),
        ("impersonate-uid", "4711"),
        ("impersonate-group", "dev"),
        ("impersonate-group", "ops:night"),
        ("impersonate-extra-example.com%2freason", "test"),
        ("impersonate-extra-example.com%2freason", "review"),
        ("impersonate-extra-scopes", "a"),
    }


def test_kubectl_and_helm_send_the_same(server, tmp_path):
    config = server.kubeconfig(tmp_path / "config", ACTING, **{"tls-server-name": NAME})
    Kube.connect("test", config)
    ours = server.impersonation()
    subprocess.run([tool("kubectl"), "--kubeconfig", config, "get", "--raw", "/version"], check=True)
    assert server.impersonation() == ours
    helm = [tool("helm"), "--kubeconfig", config, "--kube-context", "test", "-n", "x", "list"]
    subprocess.run(helm, check=True)
    assert server.requests[-1][0].startswith("/api/v1/namespaces/x/secrets")
    assert server.impersonation() == ours
    assert set(server.names) == {NAME}


def test_groups_without_a_user_are_sent_too(server, tmp_path):
    """Without them the caller would have all of its own rights; the server refuses groups without a user."""
    user = {"token": "t", "as-groups": ["dev"]}
    Kube.connect("test", server.kubeconfig(tmp_path / "config", user, **{"tls-server-name": NAME}))
    assert server.impersonation() == {("impersonate-group", "dev")}


def test_a_token_that_expires_is_asked_for_again(server, tmp_path):
    plugin = tmp_path / "login"
    plugin.write_text(
        f"#!/bin/sh\necho x >> {tmp_path}/asked\n"
        'printf \'{"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential",'
        f' "status": {{"token": "t%s"}}}}\' $(wc -l < {tmp_path}/asked)\n'
    )
    plugin.chmod(0o755)
    login = {"apiVersion": "client.authentication.k8s.io/v1", "command": str(plugin), "interactiveMode": "Never"}
    config = server.kubeconfig(tmp_path / "config", {"exec": login}, **{"tls-server-name": NAME})
    kube = Kube.connect("test", config)
    server.refusals = 1
    assert kube.list("Secret", "x") == []
    tokens = [dict(headers)["authorization"] for _, headers in server.requests]
    assert tokens == ["Bearer t1", "Bearer t1", "Bearer t2"]


def test_a_token_that_is_refused_again_ends(server, tmp_path):
    server.refusals = 9
    with pytest.raises(KitError) as raised:
        Kube.connect("test", server.kubeconfig(tmp_path / "config", {"token": "t"}, **{"tls-server-name": NAME}))
    assert raised.value.id == "unauthorized"
    assert len(server.requests) == 1


@pytest.mark.parametrize(("server_url", "words"), [("https://127.0.0.1:nine", "port"), ("127.0.0.1:6443", "protocol")])
def test_an_address_that_is_none_is_told(tmp_path, server_url, words):
    cluster = {"name": "c", "cluster": {"server": server_url}}
    document = {"clusters": [cluster], "contexts": [{"name": "c", "context": {"cluster": "c"}}]}
    (tmp_path / "config").write_text(json.dumps({"apiVersion": "v1", "kind": "Config", **document}))
    with pytest.raises(KitError) as raised:
        Kube.connect("c", tmp_path / "config")
    assert raised.value.id == "cluster-unreachable"
    assert words in raised.value.cause


def test_a_socks_proxy_is_used(server, tmp_path):
    """`proxy-url: socks5://…` is how Kubernetes' documentation reaches a cluster through an SSH tunnel."""
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    named = {"tls-server-name": NAME, "proxy-url": f"socks5://127.0.0.1:{port}"}
    with pytest.raises(KitError) as raised:
        Kube.connect("test", server.kubeconfig(tmp_path / "config", {"token": "t"}, **named))
    assert raised.value.id == "cluster-unreachable"
    assert "refused" in raised.value.cause
    assert server.requests == []
