"""The package index, answered by a transport in memory."""

from __future__ import annotations

import io
import zipfile

import httpx
import pytest
from packaging.version import Version

from kitctl.errors import ExitCode, KitError
from kitctl.tools.builders import network
from kitctl.tools.pypi import Index

METADATA = (
    b"Metadata-Version: 2.1\nName: apache-airflow\nVersion: 3.3.2\nRequires-Dist: apache-airflow-core==3.3.2\n\nHello"
)
WHEEL = "apache_airflow-3.3.2-py3-none-any.whl"
JSON = {
    "files": [
        {"filename": WHEEL, "url": f"https://files.example.com/a/{WHEEL}", "yanked": False},
        {"filename": "apache_airflow-3.3.1.tar.gz", "url": "https://files.example.com/b.tar.gz", "yanked": "broken"},
        {"filename": "apache-airflow-3.0.0.zip.asc", "url": "https://files.example.com/c"},
    ]
}
HTML = f'<a href="../../files/{WHEEL}#sha256=1">x</a><a data-yanked="" href="/files/apache_airflow-3.3.1.tar.gz">y</a>'


def wheel() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("apache_airflow-3.3.2.dist-info/METADATA", METADATA)
    return out.getvalue()


class Server:
    """Answers by path, and keeps the requests."""

    def __init__(self, **pages: httpx.Response) -> None:
        self.pages, self.seen = pages, list[httpx.Request]()

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.seen.append(request)
        return self.pages.get(request.url.path.rpartition("/")[2] or "index", httpx.Response(404))


def index(server: Server, monkeypatch: pytest.MonkeyPatch, url: str = "https://pypi.example.com/simple") -> Index:
    monkeypatch.setattr(network, "exports", lambda: {"PIP_INDEX_URL": url})
    return Index(httpx.MockTransport(server))


def page(kind: str) -> httpx.Response:
    if kind == "json":
        return httpx.Response(200, json=JSON, headers={"content-type": "application/vnd.pypi.simple.v1+json"})
    return httpx.Response(200, text=HTML, headers={"content-type": "text/html"})


@pytest.mark.parametrize("kind", ["json", "html"])
def test_versions_are_read_in_both_forms_of_an_index(monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    found = index(Server(index=page(kind)), monkeypatch).files("apache-airflow")
    assert {version: [file.yanked for file in files] for version, files in found.items()} == {
        Version("3.3.2"): [False],
        Version("3.3.1"): [True],
    }
    assert found[Version("3.3.2")][0].url.startswith("https://")


def test_a_project_that_the_index_does_not_have_has_no_versions(monkeypatch: pytest.MonkeyPatch) -> None:
    assert index(Server(), monkeypatch).files("nothing") == {}


def test_metadata_come_alone_or_out_of_the_wheel(monkeypatch: pytest.MonkeyPatch) -> None:
    for pages in (
        {f"{WHEEL}.metadata": httpx.Response(200, content=METADATA)},
        {WHEEL: httpx.Response(200, content=wheel())},
    ):
        here = index(Server(index=page("json"), **pages), monkeypatch)
        told = here.metadata(here.files("apache-airflow")[Version("3.3.2")])
        assert told is not None
        assert (told["requires_dist"], told["description"]) == (["apache-airflow-core==3.3.2"], "Hello")
    assert here.metadata(here.files("apache-airflow")[Version("3.3.1")]) is None


def test_an_index_that_does_not_answer_is_an_error_without_its_password(monkeypatch: pytest.MonkeyPatch) -> None:
    def down(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    for answer in (down, lambda _: httpx.Response(503)):
        monkeypatch.setattr(network, "exports", lambda: {"PIP_INDEX_URL": "https://me:geheim@pypi.example.com/simple"})
        with pytest.raises(KitError) as raised:
            Index(httpx.MockTransport(answer)).files("apache-airflow")
        assert (raised.value.id, raised.value.code) == ("index-unreachable", ExitCode.UNREACHABLE)
        assert "geheim" not in f"{raised.value.as_dict()}"
        assert "pypi.example.com" in raised.value.message


def test_other_hosts_do_not_see_the_login_of_the_index(monkeypatch: pytest.MonkeyPatch) -> None:
    server = Server(index=page("json"), **{WHEEL: httpx.Response(200, content=wheel())})
    here = index(server, monkeypatch, "https://me:geheim@pypi.example.com/simple")
    here.metadata(here.files("apache-airflow")[Version("3.3.2")])
    sent = {request.url.host: "authorization" in request.headers for request in server.seen}
    assert sent == {"pypi.example.com": True, "files.example.com": False}
