"""Probe of a Celery worker: does the worker of this pod answer through the broker?

`airflow celery` and `celery inspect` import Airflow, which costs seconds of CPU; this imports Celery only. If the
broker does not answer, the probe succeeds: a restart of the worker would repair nothing and end its tasks.

Usage:
    celery_alive.py [--strict]

With --strict, an unreachable broker is a failure: a worker that starts is not ready without one.
"""

# ruff: noqa: T201 - what it prints is the message of the probe

import os
import site
import socket
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))  # -I leaves the folder of the scripts out
# ... and the packages of the user's home, where the official image keeps Airflow and Celery.
sys.path.append(site.getusersitepackages())

from broker_url import url

_PATIENCE_SECONDS = 8.0


def answers(strict: bool) -> str:
    """Ask the worker of this pod for a pong.

    Args:
        strict: Whether an unreachable broker is a failure.

    Returns:
        What is wrong, "" if nothing is.
    """
    if os.environ.get("AIRFLOW__CELERY__WORKER_ENABLE_REMOTE_CONTROL", "").lower() in {"false", "f", "0"}:
        return ""
    from celery import Celery  # noqa: PLC0415 - slow, and only needed here

    worker = f"celery@{socket.gethostname()}"
    app = Celery(broker=url(), set_as_current=False)
    app.conf.broker_transport_options = {"socket_timeout": 5, "socket_connect_timeout": 5}
    with app.connection_for_write() as connection:
        try:
            connection.ensure_connection(max_retries=1, interval_start=0.5, timeout=5)
            found = app.control.ping(destination=[worker], timeout=_PATIENCE_SECONDS, limit=1, connection=connection)
        except (*connection.connection_errors, *connection.channel_errors, OSError) as error:
            return f"the broker does not answer: {error}" if strict else ""
        except Exception as error:
            # kombu wraps what the client library raises.
            if type(error).__name__ != "OperationalError":
                raise
            return f"the broker does not answer: {error}" if strict else ""
    return "" if found else f"{worker} did not answer within {_PATIENCE_SECONDS:.0f} s"


if __name__ == "__main__":
    wrong = answers("--strict" in sys.argv[1:])
    if wrong:
        print(wrong)
        sys.exit(1)
