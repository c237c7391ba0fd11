"""Start Flower, the web page of the Celery workers.

`airflow celery flower` imports Airflow, and needs the password of the database for it; Flower itself only asks the
broker. Here the URL of the broker and the log-in go from files into memory: no command line and no environment shows
them.
"""

# ruff: noqa: PLC0415 - the packages of the image are found below, and are not there when the script is tested

import hmac
import logging
import os
import re
import site
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))  # -I leaves the folder of the scripts out
# ... and the packages of the user's home, where the official image keeps Celery and Flower.
sys.path.append(site.getusersitepackages())

from broker_url import SECRETS, one_line, url

PORT = 5555
TASKS = 10_000
"""Tasks that Flower remembers; each takes 7 KB, since a message of Airflow is long. FLOWER_MAX_TASKS replaces it."""
_TOKEN = re.compile(rb"eyJ[\w-]{8,}(?:\.[\w-]+){0,2}")
"""A JSON Web Token, or its beginning: Celery cuts long arguments."""


class Masked:
    """Output of Flower without tokens: the message of a task contains the token with which it reports to Airflow.

    Tornado makes one for each answer (`transforms` of its Application).
    """

    def __init__(self, request: Any) -> None:
        self._page = "/static/" not in request.path

    def transform_first_chunk(self, status: int, headers: Any, chunk: bytes, finishing: bool) -> Any:
        """Mask the first part of an answer; of a page, which is the only one that has a length."""
        masked = self.transform_chunk(chunk, finishing)
        if len(masked) != len(chunk) and "Content-Length" in headers:
            headers["Content-Length"] = str(len(masked))
        return status, headers, masked

    def transform_chunk(self, chunk: bytes, finishing: bool) -> bytes:
        """Mask one part of an answer."""
        return _TOKEN.sub(b"***", chunk) if self._page else chunk


class Compared:
    """What Flower uses of the module `hmac`, for any text: beyond ASCII it would answer 500."""

    @staticmethod
    def compare_digest(one: str, other: str) -> bool:
        """Whether two texts are the same; takes as long for any two of the same length."""
        return hmac.compare_digest(one.encode(), other.encode())


class Once(logging.Filter):
    """Lets each message through once: the page of the broker repeats what a broker without an HTTP API answers."""

    def __init__(self) -> None:
        super().__init__()
        self._said: set[str] = set()

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the message is new."""
        text = record.getMessage()
        new = text not in self._said
        self._said.add(text)
        return new


def login(secrets: Path = SECRETS) -> str:
    """Return `user:password` from the environment and the Secret.

    Raises:
        ValueError: when the password is empty, or has several lines, which no browser sends.
    """
    password = one_line(secrets / "flower-password")
    if not password:
        raise ValueError("flower-password is empty; without a password everybody could stop workers")
    return f"{os.environ['KIT_FLOWER_USERNAME']}:{password}"


def application(broker: str) -> Any:
    """Return the Celery application that asks the broker."""
    from celery import Celery
    from kombu.utils.url import parse_url

    app = Celery(broker=broker)
    if broker.startswith(("redis://", "rediss://")):
        # After a fault of the broker, kombu has waited for ever for an answer on a connection of its pool, and Flower
        # never asked the workers again. So no wait is endless, and each question has a connection of its own.
        app.conf.broker_transport_options = {"socket_timeout": 10, "socket_connect_timeout": 5}
        app.conf.broker_pool_limit = None
    if broker.startswith("rediss://"):
        # Flower's own client of Redis does not read these facts from the URL.
        app.conf.broker_use_ssl = parse_url(broker).get("ssl")
    return app


def start(app: Any, user_and_password: str, prefix: str, port: int = PORT) -> None:
    """Run Flower until it is stopped.

    Args:
        app: The Celery application.
        user_and_password: The log-in.
        prefix: Path of the page without slashes at its ends; "" means the root.
        port: Port on all addresses.
    """
    from flower import views
    from flower.options import options
    from flower.urls import handlers, settings
    from tornado.web import RedirectHandler
    from tornado.web import url as route

    views.hmac = Compared
    options.basic_auth = [user_and_password]
    options.max_tasks = TASKS
    settings["transforms"] = [Masked]
    if prefix:
        # Flower would answer 404 to a path without the slash at its end.
        handlers.insert(0, route("", RedirectHandler, {"url": f"/{prefix}/", "permanent": False}))
    for name in ("flower.utils.broker", "flower.views.broker"):
        logging.getLogger(name).addFilter(Once())
    app.start(["flower", f"--port={port}", f"--url-prefix={prefix}"])


def main() -> int:
    """Start Flower with what the pod has; return the exit code."""
    try:
        user_and_password, broker = login(), url()
    except (OSError, ValueError) as error:
        print(f"ERROR: {error}", file=sys.stderr)  # noqa: T201 - the log of the pod
        return 1
    start(application(broker), user_and_password, os.environ.get("KIT_FLOWER_URL_PREFIX", "").strip("/"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
