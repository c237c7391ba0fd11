"""The only place that imports httpx: a session with Airflow's api-server that logs in and is patient."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from kitctl.errors import ExitCode, KitError

if TYPE_CHECKING:
    import httpx

_AWAY = frozenset({502, 503, 504})  # what a Service, an ingress or a port-forward says while no pod answers
_PAGE = 100  # the API's own upper limit of one page


class AirflowSession:
    """A session with one api-server.

    Logs in at the first call that needs it, and again when the token has expired (24 h). Calls that only read are
    repeated while the server is away, for at most `patience` seconds; calls that write only when they cannot have
    arrived.
    """

    def __init__(
        self,
        base_url: str,
        username: str,
        password: str,
        timeout: float = 30.0,
        *,
        patience: float = 20.0,
        transport: httpx.BaseTransport | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Make a session; nothing is sent yet.

        Args:
            base_url: Address of the UI, with its path prefix where it has one.
            username: Name of a user of the auth manager (not of an OAuth provider).
            password: That user's password.
            timeout: Seconds that one request may take.
            patience: Seconds for which an unreachable server is asked again.
            transport: Replaces the network, for tests.
            clock: Monotonic clock in seconds.
            sleep: Waits for some seconds.
        """
        import httpx  # noqa: PLC0415 - 100 ms that `kitctl --help` should not pay

        # The address is a node or a loopback forward: a company's proxy must never see it.
        self._http = httpx.Client(base_url=base_url.rstrip("/"), timeout=timeout, transport=transport, trust_env=False)
        self.base_url = base_url.rstrip("/")
        self._login = {"username": username, "password": password}
        self.patience, self.clock, self.sleep = patience, clock, sleep
        self._token = ""

    def get(self, path: str, *, login: bool = True, **more: Any) -> Any:
        """Read one path; errors as in `checked`."""
        return self.call("GET", path, login=login, **more)

    def get_or_none(self, path: str) -> dict[str, Any] | None:
        """Read one object, or None where there is none (404)."""
        answer = self.send("GET", path)
        return None if answer.status_code == 404 else dict(self.checked("GET", path, answer))  # noqa: PLR2004

    def all(self, path: str, key: str, query: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Read a list page by page.

        Args:
            path: Path of the list.
            key: Key of the answer that holds the page.
            query: Filters.
        """
        found: list[dict[str, Any]] = []
        while True:
            page = self.get(path, params={**query, "limit": _PAGE, "offset": len(found)})
            found += page[key]
            if not page[key] or len(found) >= page["total_entries"]:
                return found

    def call(self, method: str, path: str, *, login: bool = True, **more: Any) -> Any:
        """Send one request and return its JSON; errors as in `checked`."""
        return self.checked(method, path, self.send(method, path, login=login, **more))

    def send(self, method: str, path: str, *, login: bool = True, **more: Any) -> httpx.Response:
        """Send one request and return the answer, whatever its status; a token that has expired is renewed.

        Raises:
            KitError: `api-unreachable` (code UNREACHABLE) or `api-login-refused`.
        """
        headers = dict(more.pop("headers", {}))
        if login:
            headers["Authorization"] = f"Bearer {self._token or self._new_token()}"
        answer = self._patiently(method, path, headers=headers, **more)
        if login and answer.status_code == 401:  # noqa: PLR2004 - expired, or the server has another key now
            headers["Authorization"] = f"Bearer {self._new_token()}"
            answer = self._patiently(method, path, headers=headers, **more)
        return answer

    def _new_token(self) -> str:
        answer = self._patiently("POST", "/auth/token", repeatable=True, json=self._login)
        if answer.status_code in {400, 401, 403}:
            raise KitError(
                "api-login-refused",
                f"Airflow refused the password of {self._login['username']!r}",
                cause=_detail(answer),
                fix="Was it changed in the UI? The kit knows the one it made: kitctl credentials",
            )
        self._token = str(self.checked("POST", "/auth/token", answer)["access_token"])
        return self._token

    def _patiently(self, method: str, path: str, *, repeatable: bool = False, **more: Any) -> httpx.Response:
        import httpx  # noqa: PLC0415

        end = self.clock() + self.patience
        for wait in _waits():
            try:
                answer = self._http.request(method, path, **more)
                if not (answer.status_code in _AWAY and (repeatable or method == "GET")):
                    return answer
                why = f"HTTP {answer.status_code}"
            except httpx.RequestError as exc:
                # A write is repeated only when no connection was made; a lost answer may mean that it was done.
                if not (repeatable or method == "GET" or isinstance(exc, httpx.ConnectError)):
                    raise self._unreachable(str(exc) or type(exc).__name__) from exc
                why = str(exc) or type(exc).__name__
            if self.clock() + wait > end:
                raise self._unreachable(why)
            self.sleep(wait)
        raise AssertionError  # _waits never ends

    def _unreachable(self, why: str) -> KitError:
        return KitError(
            "api-unreachable",
            f"Airflow's API at {self.base_url} does not answer",
            cause=why,
            fix="Look at the pods: kitctl status, then kitctl logs api-server",
            code=ExitCode.UNREACHABLE,
        )

    def checked(self, method: str, path: str, answer: httpx.Response) -> Any:
        """Return the JSON of a good answer.

        Raises:
            KitError: `api-refused` with the server's words, or `api-not-airflow` when something else answers.
        """
        if not answer.is_success:
            raise KitError(
                "api-refused", f"Airflow answered {answer.status_code} to {method} {path}", cause=_detail(answer)
            )
        try:
            return answer.json()
        except ValueError as exc:
            # Airflow itself answers unknown paths outside /api with its UI page and 200.
            raise KitError(
                "api-not-airflow",
                f"What answers at {self.base_url} is not the API of Airflow 3",
                cause=f"{method} {path} gave {answer.headers.get('content-type') or 'no content type'}",
                fix="Is another program on that port, or is a path prefix missing from the address?",
            ) from exc


def _waits() -> Iterator[float]:
    """Yield pauses between tries, in seconds: short first, since most gaps are restarts of a forward."""
    wait = 0.2
    while True:
        yield wait
        wait = min(wait * 2, 3.0)


def _detail(answer: httpx.Response) -> str:
    """Return the server's own words: FastAPI's `detail`, else the start of the body."""
    try:
        body = answer.json()
    except ValueError:
        return str(answer.text[:300])
    detail = body.get("detail", body) if isinstance(body, dict) else body
    return detail if isinstance(detail, str) else str(detail)[:600]
