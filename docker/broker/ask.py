"""Ask an external broker whether the release can use it: `ask.py SPEC`, SPEC being JSON.

Run by `kitctl up` and `kitctl deploy` in a short-lived pod, before anything changes; needs kombu, the client of Celery.
SPEC holds `broker_url` (the text of chart/files/broker_url.py), `secrets` (the folder of the Secrets), `files` (those
that must be there), `queues` (names of queues that Celery workers serve), `seconds` (how long one call may take) and
`pauses` (seconds between tries to reach the host). Prints one line, `KITCTL-REPORT {json}`:

    missing    files that are not there; then nothing else
    step       what failed: url, name, connect, open, use; "" if all went well
    said       the words of the error
    address    scheme, host, port, user and database of the URL
    server     for `open`: what answers there, as {"tls": bool, "protocol": "redis", "amqp", "http" or ""}

No report holds the password. What it means is judged by kitctl.
"""

from __future__ import annotations

import json
import os
import re
import socket
import ssl
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from types import ModuleType
from typing import Any
from uuid import uuid4

GREETING = b"PING\r\n\r\n"
"""Eight bytes to which each server answers in its own protocol: RabbitMQ reads that many before it does."""
ALERT = b"\x15\x03"
"""How a server that speaks TLS only begins its answer to anything else."""


class FailedError(Exception):
    """One step has failed.

    Attributes:
        step: Its name.
        said: The words of the error.
    """

    def __init__(self, step: str, said: str) -> None:
        super().__init__(said)
        self.step, self.said = step, said


@contextmanager
def step(name: str) -> Iterator[None]:
    """Turn any error of a step into the words for the report."""
    try:
        yield
    except FailedError:
        raise
    except Exception as error:
        # Some errors wrap the one that tells more.
        told = [f"{type(e).__name__}: {e}" for e in (error, error.__cause__) if e]
        raise FailedError(name, "; ".join(dict.fromkeys(told))) from error


def read_url(spec: Mapping[str, Any]) -> str:
    """Return the URL as Airflow reads it: a variable of the user's wins over the Secret."""
    module = ModuleType("broker_url")
    exec(spec["broker_url"], module.__dict__)  # noqa: S102 - the chart's own script
    return os.environ.get("AIRFLOW__CELERY__BROKER_URL") or str(module.url(Path(spec["secrets"])))


def settings(url: str) -> dict[str, Any]:
    """Return what the user set beside the URL ([celery] ssl_…, [celery_broker_transport_options]), read by Airflow."""
    os.environ["AIRFLOW__CELERY__BROKER_URL"] = url  # its scheme decides about these
    os.environ.pop("AIRFLOW__CELERY__BROKER_URL_CMD", None)
    try:
        from airflow.providers.celery.executors.default_celery import DEFAULT_CELERY_CONFIG  # noqa: PLC0415
    except ImportError:
        return {"transport_options": {}}
    found = {"transport_options": dict(DEFAULT_CELERY_CONFIG.get("broker_transport_options") or {})}
    tls = DEFAULT_CELERY_CONFIG.get("broker_use_ssl")
    return found | ({"ssl": tls} if tls else {})


def connection(url: str, seconds: float) -> Any:
    """Return kombu's connection, which is not open yet."""
    from kombu import Connection  # noqa: PLC0415 - after what needs no kombu

    if "://" not in url:
        raise ValueError("The URL has no scheme, such as redis:// or amqp://")
    more = settings(url)
    if url.startswith("redis"):
        more["transport_options"] |= {"socket_connect_timeout": seconds, "socket_timeout": seconds}
    made = Connection(url, connect_timeout=seconds, **more)
    _ = made.transport  # a scheme that nobody knows, or a package that the image does not have
    return made


def reach(host: str, port: int, seconds: float, pauses: list[float]) -> None:
    """Look up the host and open a connection; it is tried again after pauses, as the network of a new pod is late."""
    for pause in [*pauses, None]:
        try:
            socket.create_connection((host, port), seconds).close()
        except (OSError, UnicodeError) as error:
            if pause is None:
                name = "name" if isinstance(error, (socket.gaierror, UnicodeError)) else "connect"
                raise FailedError(name, f"{type(error).__name__}: {error}") from error
            time.sleep(pause)
        else:
            return


def answer(host: str, port: int, seconds: float, *, tls: bool) -> bytes:
    """Return what a server says to the greeting; b"" if nothing.

    Raises:
        OSError: when it does not speak TLS.
    """
    with closing(socket.create_connection((host, port), seconds)) as plain:
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE  # nothing secret is sent
        with closing(context.wrap_socket(plain, server_hostname=host) if tls else plain) as talk:
            talk.settimeout(seconds)
            try:
                talk.sendall(GREETING)
                return talk.recv(64)
            except OSError:
                return b""


def server(host: str, port: int, seconds: float) -> dict[str, Any]:
    """Find out what answers at an address."""
    tls = False
    try:
        said = answer(host, port, seconds, tls=False)
        if not said or said.startswith(ALERT):
            said = answer(host, port, seconds, tls=True)
            tls = True
    except OSError:
        said = b""
    starts = {rb"[+-]\S": "redis", rb"AMQP|\x01": "amqp", rb"HTTP/|<": "http"}
    protocol = next((name for start, name in starts.items() if re.match(start, said)), "")
    return {"tls": tls, "protocol": protocol}


def use(opened: Any, queues: list[str]) -> None:
    """Do what the scheduler and workers will do: declare, publish, consume. Everything that is made here goes again."""
    from kombu import Queue  # noqa: PLC0415

    amqp = opened.transport.driver_type == "amqp"
    if not amqp and opened.transport.driver_type != "redis":
        return
    name = f"celery@kitctl-{uuid4().hex}.celery.pidbox"  # as workers name the queues of their own
    with opened.channel() as channel:
        own = Queue(name, exclusive=True, auto_delete=True, durable=False)(channel)
        own.declare()
        with opened.Producer(channel) as producer:
            producer.publish("kitctl", routing_key=name)
        own.get(no_ack=True)
        own.delete()
    for queue in queues:
        if amqp:
            declare(opened, queue)
        else:
            with opened.channel() as channel:
                channel.client.llen(queue)  # a key that its user may not read is refused


def there(opened: Any, kind: str, name: str) -> bool:
    """Tell whether RabbitMQ has a queue or an exchange, as far as the user may know."""
    with opened.channel() as channel:
        try:
            if kind == "queue":
                channel.queue_declare(name, passive=True)
            else:
                channel.exchange_declare(name, "direct", passive=True)
        except opened.channel_errors as error:
            # The server closes the channel with any refusal.
            return bool(getattr(error, "code", None) != 404)  # noqa: PLR2004 - "not found" of AMQP
    return True


def declare(opened: Any, name: str) -> None:
    """Declare a queue of tasks as Celery does; what was not there is deleted again."""
    from kombu import Exchange, Queue  # noqa: PLC0415

    old = {kind: there(opened, kind, name) for kind in ("queue", "exchange")}
    queue = Queue(name, Exchange(name, type="direct"), name)
    try:
        with opened.channel() as channel:
            queue(channel).declare()
    finally:
        with suppress(*opened.channel_errors), opened.channel() as channel:
            if not old["queue"]:
                queue(channel).delete(if_unused=True, if_empty=True)
            if not old["exchange"]:
                queue.exchange(channel).delete()


def look(spec: Mapping[str, Any]) -> dict[str, Any]:
    """Ask the broker; returns the report."""
    if missing := [name for name in spec["files"] if not (Path(spec["secrets"]) / name).is_file()]:
        return {"missing": missing}
    report: dict[str, Any] = {"step": "", "said": "", "address": {}}
    password = ""
    try:
        with step("url"):
            made = connection(read_url(spec), spec["seconds"])
        host, port, password = made.hostname or "", made.port or made.transport.default_port, made.password or ""
        tcp = made.transport.driver_type in {"amqp", "redis"} and not made.alt
        report["address"] = {
            "scheme": made.as_uri().partition(":")[0],
            "host": host,
            "port": port,
            "user": made.userid or "",
            "database": str(made.virtual_host or ""),
        }
        if tcp:
            reach(host, int(port), spec["seconds"], spec["pauses"])
        with closing(made):
            with step("open"):
                made.ensure_connection(
                    max_retries=1, interval_start=0, interval_step=0, reraise_as_library_errors=False
                )
            with step("use"):
                use(made, spec["queues"])
    except FailedError as error:
        said = error.said.replace(password, "…") if len(password) > 1 else error.said
        if isinstance(error.__cause__, ValueError):
            said = re.sub(r"'.*'", "'…'", said)  # a part of a URL that cannot be read, which may be of the password
        report |= {"step": error.step, "said": said[-1500:]}
        if error.step == "open" and tcp:
            report["server"] = server(host, int(port), spec["seconds"])
    return report


def main() -> None:
    """Print the report."""
    report = look(json.loads(sys.argv[1]))
    sys.stdout.write("KITCTL-REPORT " + json.dumps(report) + "\n")


if __name__ == "__main__":
    main()
