"""A session with Airflow's api-server that logs in; http.py is patient with a server that is away."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from kitctl.errors import KitError
from kitctl.tools.airflow.http import LOGIN, AirflowWire
from kitctl.tools.deadline import Deadline

if TYPE_CHECKING:
    import httpx

_PAGE = 100  # the API's own upper limit of one page


class AirflowSession:
    """A session with one api-server.

    Logs in at the first call that needs it, and again when the token has expired (24 h). Calls that only read are
    repeated while the server or its database is away, for at most `patience` seconds.
    """

    def __init__(
        self,
        base_url: str,
        username: str,
        password: Callable[[], str],
        timeout: float = 30.0,
        *,
        grant: str = "password",
        patience: float = 20.0,
        transport: httpx.BaseTransport | None = None,
        within: Callable[[float], Deadline] = Deadline,
    ) -> None:
        """Make a session; nothing is sent yet.

        Args:
            base_url: Address of the UI, with its path prefix where it has one.
            username: Name of a user of the auth manager (not of an OAuth provider), or ID of a client.
            password: Returns that user's password, or says why it cannot; asked only when a login is needed.
            timeout: Seconds that one request may take.
            grant: "password", or "client_credentials" for a client of Keycloak's auth manager.
            patience: Seconds for which a server that is away, or has no database, is asked again.
            transport: Replaces the network, for tests.
            within: Makes a deadline of seconds, for tests.
        """
        self.base_url = base_url.rstrip("/")
        self._wire = AirflowWire(self.base_url, timeout, patience, transport, within)
        self._username, self._password, self._grant = username, password, grant
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
            KitError: `api-unreachable` (code UNREACHABLE), `api-database-away` (code UNHEALTHY), or
                `api-login-refused`, which is said only while the database answers.
        """
        headers = dict(more.pop("headers", {}))
        if login:
            headers |= self.authorization()
        answer = self._wire.request(method, path, headers=headers, **more)
        if login and answer.status_code == 401:  # noqa: PLR2004 - expired, or the server has another key now
            headers["Authorization"] = f"Bearer {self._new_token()}"
            answer = self._wire.request(method, path, headers=headers, **more)
        return answer

    def authorization(self) -> dict[str, str]:
        """Return the header of a request that counts as this user's, logging in where that was not done yet."""
        return {"Authorization": f"Bearer {self._token or self._new_token()}"}

    def _new_token(self) -> str:
        login = {"username": self._username, "password": self._password()}
        if self._grant != "password":
            login = {"grant_type": self._grant, "client_id": self._username, "client_secret": self._password()}
        answer = self._wire.request("POST", LOGIN, repeatable=True, json=login)
        if answer.status_code in {400, 401, 403}:
            raise self._refused(_detail(answer))
        self._token = str(self.checked("POST", LOGIN, answer)["access_token"])
        return self._token

    def _refused(self, said: str) -> KitError:
        user = self._grant == "password"
        return KitError(
            "api-login-refused",
            f"Airflow refused the {'password of' if user else 'client'} {self._username!r}",
            cause=said,
            fix="kitctl credentials    # the password that kitctl knows; was it changed in the UI?"
            if user
            else "In Keycloak, switch on *Service accounts roles* of this client, and compare its secret",
        )

    def checked(self, method: str, path: str, answer: httpx.Response) -> Any:
        """Return the JSON of a good answer.

        Raises:
            KitError: `api-refused` with the server's words, or `api-not-airflow` when something else answers.
        """
        if not answer.is_success:
            raise KitError(
                "api-refused",
                f"Airflow answered {answer.status_code} to {method} {path}",
                cause=_detail(answer),
                fix="kitctl logs api-server    # has the whole error; 403 means that a permission is missing",
            )
        try:
            return answer.json()
        except ValueError as exc:
            # Airflow itself answers unknown paths outside /api with its UI page and 200.
            raise KitError(
                "api-not-airflow",
                f"{self.base_url} does not answer like the API of Airflow 3",
                cause=f"{method} {path} gave {answer.headers.get('content-type') or 'no content type'}",
                fix="Is another program on that port, or is a path prefix missing from the address?",
            ) from exc


def _detail(answer: httpx.Response) -> str:
    """Return the server's own words: FastAPI's `detail`, else the start of the body."""
    try:
        body = answer.json()
    except ValueError:
        return str(answer.text[:300])
    detail = body.get("detail", body) if isinstance(body, dict) else body
    return detail if isinstance(detail, str) else str(detail)[:600]
