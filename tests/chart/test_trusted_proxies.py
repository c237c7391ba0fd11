"""apiServer.trustedProxies: only what the server can match is taken, since it takes anything else for a name."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.chart.release import Release, render, template

NAME = "FORWARDED_ALLOW_IPS"
GOOD = [
    "10.42.0.0/16",
    "10.42.0.7",
    "fd00::/8",
    "::1",
    "*",
    "1:2:3:4:5:6:7:8",
    "0.0.0.0/0",
    "255.255.255.255/32",
    "::/0",
]
BAD = ["10.42.0.7/16", "proxy.example", "10.0.0.256", "1:2:3", "10.0.0.0/33", "1::2::3", "fd00::/129", "10.0.0", "a,b"]


def render_with(*proxies: str) -> Release:
    return render(sets=(*(f"apiServer.trustedProxies[{n}]={text}" for n, text in enumerate(proxies)),))


def trusted(release: Release, component: str = "api-server") -> str | None:
    env = release.pod(component).spec.containers[0].env
    return next((e.value for e in env if e.name == NAME), None)


@pytest.mark.parametrize("proxy", GOOD)
def test_addresses_and_networks_reach_the_server(proxy: str) -> None:
    assert trusted(render_with(proxy)) == proxy


@pytest.mark.parametrize("proxy", BAD)
def test_what_no_address_can_match_is_refused(proxy: str) -> None:
    done = template(sets=(f"apiServer.trustedProxies[0]={proxy.replace(',', chr(92) + ',')}",))
    assert done.returncode != 0
    assert "[trusted-proxy-invalid]" in done.stderr
    assert json.dumps(proxy) in done.stderr


def test_everyone_is_the_only_entry() -> None:
    done = template(sets=("apiServer.trustedProxies[0]=*", "apiServer.trustedProxies[1]=10.0.0.1"))
    assert "must be the only entry" in done.stderr


def test_by_default_only_a_proxy_in_the_same_pod_is_trusted() -> None:
    assert trusted(render()) == "127.0.0.1,::1"


def test_an_empty_list_trusts_nobody(tmp_path: Path) -> None:
    # Without the variable, the server would trust 127.0.0.1, and under gunicorn everyone.
    values = tmp_path / "values.yaml"
    values.write_text("apiServer: {trustedProxies: []}", encoding="utf-8")
    assert trusted(render(values=(str(values),))) == ""


def test_an_https_address_marks_the_session_of_the_log_in_form() -> None:
    def marked(*sets: str) -> list[str]:
        env = render(sets=sets).pod("api-server").spec.containers[0].env
        return [e.value for e in env if e.name == "AIRFLOW__FAB__COOKIE_SECURE"]

    assert marked("apiServer.baseUrl=https://flows.example.org") == ["True"]
    assert marked("apiServer.baseUrl=http://flows.example.org") == []
