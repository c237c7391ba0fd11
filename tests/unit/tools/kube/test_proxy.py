"""A proxy is chosen as kubectl and helm choose it."""

import pytest

from kitctl.tools.kube.proxy import proxy_of

PROXY = "http://proxy.example.com:3128"


@pytest.fixture(autouse=True)
def no_proxy_of_the_caller(monkeypatch):
    for name in ("http_proxy", "https_proxy", "no_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def test_the_kubeconfig_wins_over_the_environment(monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", PROXY)
    assert proxy_of("https://10.0.0.1:6443", "socks5://127.0.0.1:1080") == "socks5://127.0.0.1:1080"


@pytest.mark.parametrize("name", ["HTTPS_PROXY", "https_proxy"])
def test_the_environment_names_one_for_each_scheme(monkeypatch, name):
    assert proxy_of("https://10.0.0.1:6443") is None
    monkeypatch.setenv(name, PROXY)
    assert proxy_of("https://10.0.0.1:6443") == PROXY
    assert proxy_of("http://10.0.0.1:8080") is None


def test_a_proxy_without_a_scheme_is_http(monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "proxy.example.com:3128")
    assert proxy_of("https://10.0.0.1:6443") == PROXY


@pytest.mark.parametrize("server", ["https://127.0.0.1:6443", "https://localhost:6443", "https://[::1]:6443"])
def test_this_machine_is_never_reached_through_a_proxy(monkeypatch, server):
    monkeypatch.setenv("HTTPS_PROXY", PROXY)
    assert proxy_of(server) is None


@pytest.mark.parametrize(
    ("server", "no_proxy", "direct"),
    [
        ("https://192.168.59.100:8443", "localhost,10.96.0.0/12,192.168.59.0/24", True),
        ("https://192.168.60.100:8443", "localhost,10.96.0.0/12,192.168.59.0/24", False),
        ("https://10.0.0.1:6443", "10.0.0.1", True),
        ("https://10.0.0.1:6443", "10.0.0.1:6443", True),
        ("https://10.0.0.1:6443", "10.0.0.1:443", False),
        ("https://[fd00::1]:6443", "fd00::/8", True),
        ("https://[fd00::1]:6443", "fd00::1", True),
        ("https://api.example.com", "example.com", True),
        ("https://api.example.com", ".example.com", True),
        ("https://api.example.com", "api.example.com:443", True),
        ("https://example.com", "*.example.com", False),
        ("https://example.com", ".example.com", False),
        ("https://myexample.com", "example.com", False),
        ("https://api.example.com", "other.org, *", True),
        ("https://api.example.com", "", False),
    ],
)
def test_addresses_networks_and_names_are_excluded(monkeypatch, server, no_proxy, direct):
    monkeypatch.setenv("HTTPS_PROXY", PROXY)
    monkeypatch.setenv("NO_PROXY", no_proxy)
    assert proxy_of(server) == (None if direct else PROXY)
