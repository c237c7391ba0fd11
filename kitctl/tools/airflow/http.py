"""The only place that imports httpx: requests to Airflow's api-server, repeated while it or its database is away."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from kitctl.errors import ExitCode, KitError

if TYPE_CHECKING:
    import httpx

    from kitctl.tools.deadline import Deadline

LOGIN = "/auth/token"
HEALTH = "/api/v2/monitor/health"

_AWAY = frozenset({502, 503, 504})  # what a Service, an ingress or a port-forward says while no pod answers


class AirflowWire:
    """Sends requests to one api-server and is patient with what passes.

    Requests that only read, or may safely be repeated, are sent again while the server is away, and while Airflow
    cannot reach its metadata database: it then answers a right password with 401, and reads with 500. Other writes
    are sent again only when they cannot have arrived.
    """

    def __init__(
        self,
        base_url: str,
        timeout: float,
        patience: float,
        transport: httpx.BaseTransport | None,
        within: Callable[[float], Deadline],
    ) -> None:
        """Make a wire; nothing is sent yet. The arguments are those of AirflowSession."""
        import httpx  # noqa: PLC0415 - 100 ms that `kitctl --help` should not pay

        # The address is a node or a loopback forward: a company's proxy must never see it.
        self.http = httpx.Client(base_url=base_url, timeout=timeout, transport=transport, trust_env=False)
        self._base_url, self._patience, self._within = base_url, patience, within

    def request(self, method: str, path: str, *, repeatable: bool = False, **more: Any) -> httpx.Response:
        """Send one request and return the answer, whatever its status.

        Args:
            method: HTTP method.
            path: Path below the address.
            repeatable: Whether a second request does no harm; that of a GET never does.
            more: As httpx takes it.

        Raises:
            KitError: `api-unreachable` (code UNREACHABLE) or `api-database-away` (code UNHEALTHY).
        """
        import httpx  # noqa: PLC0415

        repeatable = repeatable or method == "GET"
        doubted = False
        patience = self._within(self._patience)
        for wait in _waits():
            problem, connected = None, True
            try:
                answer = self.http.request(method, path, **more)
                problem = self._passing(path, answer)
                if problem is None and (doubted or not repeatable or not _doubtful(path, answer)):
                    return answer
            except httpx.RequestError as exc:
                # A write is repeated only when no connection was made; a lost answer may mean that it was done.
                problem = self._unreachable(str(exc) or type(exc).__name__)
                connected = not isinstance(exc, httpx.ConnectError)
            # The database may have come back between an answer and the look at its health: the next answer counts.
            doubted = problem is None
            if problem and ((connected and not repeatable) or patience.left() < wait):
                raise problem
            if problem:
                patience.pause(wait)
        raise AssertionError  # _waits never ends

    def _passing(self, path: str, answer: httpx.Response) -> KitError | None:
        """Return what an answer says of a server or database that is away, or None for an answer that counts."""
        if answer.status_code in _AWAY:
            return self._unreachable(f"HTTP {answer.status_code}")
        status = self._database() if _doubtful(path, answer) else "healthy"
        if status == "healthy":
            return None
        return KitError(
            "api-database-away",
            f"Airflow at {self._base_url} cannot reach its database",
            cause=f"It answered {answer.status_code} to {path}, and its health page reports the database as: {status}",
            fix="kitctl status\nkitctl logs postgres    # run the same command again when PostgreSQL is back",
            code=ExitCode.UNHEALTHY,
        )

    def _database(self) -> str:
        """Return the status of the metadata database; the health page needs no login."""
        import httpx  # noqa: PLC0415

        try:
            answer = self.http.get(HEALTH)
            if answer.is_client_error:  # whoever says that is not Airflow's health page, and knows nothing of it
                return "healthy"
            return str(answer.json()["metadatabase"]["status"])
        except (httpx.RequestError, ValueError, KeyError, TypeError):
            return "no answer"

    def _unreachable(self, why: str) -> KitError:
        return KitError(
            "api-unreachable",
            f"Airflow's API at {self._base_url} does not answer",
            cause=why,
            fix="kitctl status\nkitctl logs api-server",
            code=ExitCode.UNREACHABLE,
        )


def _doubtful(path: str, answer: httpx.Response) -> bool:
    """Say whether an answer may be the fault of a database that is away: Airflow then knows no user at all."""
    return answer.status_code >= 500 or (answer.status_code == 401 and path == LOGIN)  # noqa: PLR2004


def _waits() -> Iterator[float]:
    """Yield pauses between tries, in seconds: short first, since most gaps are restarts of a forward."""
    wait = 0.2
    while True:
        yield wait
        wait = min(wait * 2, 3.0)
