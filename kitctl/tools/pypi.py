"""The package index: which versions a project has, and the metadata of one. PyPI, or the mirror that pip uses here."""

from __future__ import annotations

import io
import ssl
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any

import httpx
from packaging.metadata import RawMetadata, parse_email
from packaging.utils import InvalidSdistFilename, InvalidWheelFilename, parse_sdist_filename, parse_wheel_filename
from packaging.version import Version

from kitctl.errors import ExitCode, KitError
from kitctl.tools.builders import network

PYPI = "https://pypi.org/simple"
_ACCEPT = "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.5, text/html;q=0.3"
_JSON = "json"
_SECONDS = 30.0
_NOT_FOUND = 404


@dataclass(frozen=True)
class File:
    """A file of a project on the index.

    Attributes:
        name: Its name, which tells the version.
        url: Where it is.
        yanked: Whether its makers have withdrawn it: nobody gets it who does not ask for exactly this version.
    """

    name: str
    url: str
    yanked: bool = False

    @property
    def version(self) -> Version | None:
        """The version, or None if the name does not tell it."""
        try:
            return parse_wheel_filename(self.name)[1] if self.is_wheel else parse_sdist_filename(self.name)[1]
        except (InvalidWheelFilename, InvalidSdistFilename):
            return None

    @property
    def is_wheel(self) -> bool:
        """Whether it is a wheel."""
        return self.name.endswith(".whl")


class Index:
    """One package index."""

    def __init__(self, transport: httpx.BaseTransport | None = None) -> None:
        """Take the index, the certificates and the proxies that builds on this machine use.

        Args:
            transport: For tests; None means the network.
        """
        self.url = network.exports().get("PIP_INDEX_URL", PYPI).rstrip("/")
        bundle = network.ca_bundle()
        verify = ssl.create_default_context(cafile=str(bundle)) if bundle else True
        self._http = httpx.Client(transport=transport, verify=verify, timeout=_SECONDS, follow_redirects=True)

    @property
    def shown(self) -> str:
        """Its address without user and password."""
        return str(httpx.URL(self.url).copy_with(userinfo=b""))

    def files(self, project: str) -> dict[Version, list[File]]:
        """Return the files of a project by version; {} if the index does not have it.

        Raises:
            KitError: `index-unreachable`.
        """
        answer = self._get(f"{self.url}/{project}/", accept=_ACCEPT)
        if answer is None:
            return {}
        found = _of_json(answer.json()) if _JSON in answer.headers.get("content-type", "") else _of_html(answer)
        versions: dict[Version, list[File]] = {}
        for file in found:
            if version := file.version:
                versions.setdefault(version, []).append(file)
        return versions

    def metadata(self, files: Iterable[File]) -> RawMetadata | None:
        """Return what a wheel among the files of one version says of itself; None without a wheel.

        Raises:
            KitError: `index-unreachable`.
        """
        wheel = next((file for file in files if file.is_wheel), None)
        if wheel is None:
            return None
        if answer := self._get(f"{wheel.url}.metadata"):
            return parse_email(answer.content)[0]
        # Not every index offers the metadata alone.
        answer = self._get(wheel.url)
        if answer is None:
            return None
        with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
            name = next(n for n in archive.namelist() if n.endswith(".dist-info/METADATA"))
            return parse_email(archive.read(name))[0]

    def _get(self, url: str, accept: str = "*/*") -> httpx.Response | None:
        try:
            answer = self._http.get(url, headers={"Accept": accept}, auth=self._login(url))
            if answer.status_code == _NOT_FOUND:
                return None
            answer.raise_for_status()
        except httpx.HTTPStatusError as error:
            raise self._away(f"It answers with {error.response.status_code}") from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise self._away(str(error) or type(error).__name__) from error
        return answer

    def _login(self, url: str) -> tuple[str, str] | None:
        """Return user and password of the index for its own files; other hosts must not see them."""
        index = httpx.URL(self.url)
        same = (httpx.URL(url).host, httpx.URL(url).port) == (index.host, index.port)
        return (index.username, index.password) if same and index.username else None

    def _away(self, why: str) -> KitError:
        return KitError(
            "index-unreachable",
            f"The package index {self.shown} cannot be asked",
            cause=why,
            fix="export PIP_INDEX_URL=https://MIRROR/simple    # or check network and proxy (HTTPS_PROXY)",
            code=ExitCode.UNREACHABLE,
        )


def _of_json(document: dict[str, Any]) -> list[File]:
    return [File(f["filename"], f["url"], bool(f.get("yanked"))) for f in document.get("files", [])]


def _of_html(answer: httpx.Response) -> list[File]:
    reader = _Links()
    reader.feed(answer.text)
    links = [(answer.url.join(href).copy_with(fragment=None), yanked) for href, yanked in reader.found]
    return [File(url.path.rpartition("/")[2], str(url), yanked) for url, yanked in links]


class _Links(HTMLParser):
    """Collects the links of a page of an index."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take the address of a link."""
        known = dict(attrs)
        if tag == "a" and (href := known.get("href")):
            self.found.append((href, "data-yanked" in known))
