"""Write the objects of the values to Airflow, by its REST API, and delete others if the Job prunes.

Runs in the Job `objects`, with the standard library and copies of kitctl's own modules. Its log names what it changes,
but no value. A second run writes nothing except what Airflow masks.
"""

# ruff: noqa: T201 - what it prints is the log of its pod

import json
import os
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

from kitctl.errors import KitError  # noqa: E402 - beside this file
from kitctl.model.objects.prune import Surplus, find  # noqa: E402
from kitctl.model.objects.rules import Call, ObjectChange, Section, refusal  # noqa: E402
from kitctl.model.objects.wanted import Reference, read, sections  # noqa: E402
from kitctl.model.objects.write import Texts, carry_out, plan  # noqa: E402

SECRETS, REFERENCES = HERE.parent / "secrets", HERE.parent / "references"
PATIENCE_SECONDS = 600.0
"""For which the API server may be away: at the first start, it waits for the migration."""
REQUEST_SECONDS = 30.0
PAUSE_SECONDS = 2.0
PAGE = 100
"""Objects in one answer: the most that Airflow's API gives."""
REPORT_SECONDS = 30.0

Send = Callable[[str, str, Any, dict[str, str]], tuple[int, Any]]
"""(method, URL, body, headers) to (HTTP status, JSON or None); OSError if nobody answers."""


def send(method: str, url: str, body: Any, headers: dict[str, str]) -> tuple[int, Any]:
    """Send one request. A proxy of the environment must not see it: the server is in the cluster."""
    text = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, text, {**headers, "Content-Type": "application/json"}, method=method)  # noqa: S310
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(
            request, timeout=REQUEST_SECONDS
        ) as answer:
            return answer.status, _json(answer.read())
    except urllib.error.HTTPError as error:
        return error.code, _json(error.read())


def _json(text: bytes) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


class Airflow:
    """Airflow's REST API, as kitctl's modules call it."""

    def __init__(self, url: str, login: dict[str, str], sender: Send = send) -> None:
        """Make a session; nothing is sent yet.

        Args:
            url: Address of the API server, with its path.
            login: Body of the request for a token.
            sender: Sends requests.
        """
        self._url, self._login, self._send, self._headers = url, login, sender, {}

    def wait(self, clock: Callable[[], float] = time.monotonic, pause: Callable[[float], None] = time.sleep) -> None:
        """Wait until the API server answers; OSError after PATIENCE_SECONDS."""
        begin, told = clock(), -REPORT_SECONDS
        while True:
            try:
                status, body = self._send("GET", f"{self._url}/api/v2/version", None, {})
                problem = "" if status == 200 and isinstance(body, dict) else f"HTTP {status}"  # noqa: PLR2004
            except OSError as error:
                problem = str(error)
            spent = clock() - begin
            if not problem:
                return
            if spent >= PATIENCE_SECONDS:
                raise OSError(f"the API server did not answer for {spent:.0f} seconds: {problem}")
            if spent - told >= REPORT_SECONDS:
                told = spent
                print(f"waiting for the API server: {problem}", flush=True)
            pause(PAUSE_SECONDS)

    def log_in(self) -> None:
        """Get a token.

        Raises:
            KitError: `objects-login-refused`.
        """
        status, body = self._send("POST", f"{self._url}/auth/token", self._login, {})
        if not isinstance(body, dict) or "access_token" not in body:
            name = self._login.get("username") or self._login.get("client_id")
            raise KitError(
                "objects-login-refused",
                f"Airflow refused the log-in of {name} with HTTP {status}",
                cause=refusal(body),
                fix="Was the password changed in the UI? Set it again to the one of the keys Secret, `admin-password`",
            )
        self._headers = {"Authorization": f"Bearer {body['access_token']}"}

    def object(self, section: Section, name: str) -> dict[str, Any] | None:
        """Return an object, or None."""
        path = f"{section.path}/{quote(name, safe='~')}"
        status, body = self._send("GET", self._url + path, None, self._headers)
        if status == 404:  # noqa: PLR2004
            return None
        if status != 200 or not isinstance(body, dict):  # noqa: PLR2004
            raise OSError(f"GET {path} was answered with HTTP {status}: {refusal(body)}")
        return body

    def objects(self, section: Section) -> list[dict[str, Any]]:
        """Return all objects of a section, read page by page."""
        found: list[dict[str, Any]] = []
        while True:
            query = urlencode({"limit": PAGE, "offset": len(found), "order_by": section.id})
            status, body = self._send("GET", f"{self._url}{section.path}?{query}", None, self._headers)
            if status != 200 or not isinstance(body, dict):  # noqa: PLR2004
                raise OSError(f"GET {section.path} was answered with HTTP {status}: {refusal(body)}")
            found += body[section.name]
            if not body[section.name] or len(found) >= body["total_entries"]:
                return found

    def takes_password(self, name: str, password: str) -> bool | None:
        """Whether a user logs in with this password; None if the answer does not tell."""
        status, _ = self._send("POST", f"{self._url}/auth/token", {"username": name, "password": password}, {})
        if status == 401:  # noqa: PLR2004
            # FAB refuses every password while its database is away; to write one again would end sessions.
            _, health = self._send("GET", f"{self._url}/api/v2/monitor/health", None, {})
            if not isinstance(health, dict) or health.get("metadatabase", {}).get("status") != "healthy":
                raise OSError("Airflow cannot reach its database")
            return False
        return True if status < 300 else None  # noqa: PLR2004

    def write(self, call: Call) -> str:
        """Send a request; return why Airflow refused it, or ""."""
        query = f"?{urlencode(call.query, doseq=True)}" if call.query else ""
        status, body = self._send(call.method, self._url + call.path + query, dict(call.body) or None, self._headers)
        return "" if status < 300 else f"{status}: {refusal(body)}"  # noqa: PLR2004


def secret(reference: Reference, folder: Path = REFERENCES) -> str:
    """Return the text of a key of a Secret, which the pod has as a file.

    Raises:
        LookupError: If it is not there.
    """
    try:
        return (folder / reference.target / reference.key).read_text(encoding="utf-8").removesuffix("\n")
    except FileNotFoundError as error:
        raise LookupError("does not exist in the namespace of the release") from error
    except UnicodeDecodeError as error:
        raise LookupError("is not UTF-8") from error


def login(folder: Path = SECRETS) -> dict[str, str]:
    """Return the body of the request for a token: of the first user, or of Keycloak's client."""
    if client := os.environ.get("KIT_CLIENT"):
        text = (folder / "keycloak-client-secret").read_text(encoding="utf-8").removesuffix("\n")
        return {"grant_type": "client_credentials", "client_id": client, "client_secret": text}
    file = folder / "admin-password"
    # Without a password everyone is an administrator, and Airflow reads neither.
    password = file.read_text(encoding="utf-8").removesuffix("\n") if file.exists() else "anyone"
    return {"username": os.environ["KIT_USERNAME"], "password": password}


def show(change: ObjectChange) -> None:
    """Print what was written or deleted: names, but no values, which may be secrets."""
    if change.action == "delete":
        print(f"{change.section}.{change.name}: delete", flush=True)
        return
    fields = [field.field for field in change.fields]
    masked = [f"{name} (masked by Airflow, so written each time)" for name in change.hidden]
    print(f"{change.section}.{change.name}: {change.action}: {', '.join(fields + masked) or 'no fields'}", flush=True)


def main(api: Airflow | None = None, folder: Path = HERE) -> int:
    """Compare and write; return the exit code."""
    fix = "kubectl create secret generic {} --from-file={}=FILE    # in the namespace of the release".format
    texts = Texts(secret, lambda found: fix(found.target, found.key))
    try:
        document = json.loads((folder / "objects.json").read_text(encoding="utf-8"))
        wanted = read(document, "objects")
        api = api or Airflow(os.environ["KIT_AIRFLOW_URL"], login())
        api.wait()
        api.log_in()
        steps = plan(api, wanted, texts)
        surplus = Surplus()
        if os.environ.get("KIT_PRUNE"):
            surplus = find(api, sections(document), wanted, os.environ.get("KIT_USERNAME", ""))
        for kept in surplus.kept:
            print(f"{kept.section}.{kept.name}: keep, {kept.reason}")
        carry_out(api, steps, texts, surplus.deletions, show)
    except KitError as error:
        parts = [f"ERROR: {error}", error.cause, f"Fix: {error.fix}"]
        print("\n".join(part for part in parts if part), file=sys.stderr)
        return 1
    except OSError as error:
        print(f"ERROR: {error}", file=sys.stderr)
        return 1
    same = sum(step.change.action == "none" for step in steps)
    deleted = f", {len(surplus.deletions)} deleted" if surplus.deletions else ""
    print(f"{len(steps)} objects: {len(steps) - same} written, {same} had these values already{deleted}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
