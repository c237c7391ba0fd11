"""Drops a message that the broker delivers again when Airflow refuses to start its task a second time.

A broker that restarts (RabbitMQ), or after a day (Redis), delivers the messages of running tasks again. The worker
itself drops them while their token is valid. Later Airflow refuses the token, which the worker would report as a
failure of the task; the scheduler would then end the task that runs. Airflow loads this into a Celery worker.
"""

import functools
import logging
import os
import sys
from collections.abc import Callable
from typing import Any

SWITCH = "AIRFLOW_KIT_REDELIVERY"
TASK = "execute_workload"
REFUSALS = {401, 403, 404, 409, 410}
"""Answers of Airflow's API to a task that may not start: the token is too old, or the try is gone or under way."""


def dropping(run: Callable[..., Any], request: Callable[[], Any]) -> Callable[..., Any]:
    """Wrap what a task runs.

    Args:
        run: What it runs.
        request: Returns Celery's request of the message that is being worked on.
    """

    @functools.wraps(run)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        try:
            return run(*args, **kwargs)
        except Exception as error:
            status = getattr(getattr(error, "response", None), "status_code", 0)
            if status not in REFUSALS or not (request().delivery_info or {}).get("redelivered"):
                raise
            from celery.exceptions import Ignore

            logging.getLogger(__name__).warning("Dropped a second message of a task: Airflow answered %s", status)
            raise Ignore from error

    return guarded


def guard_worker(sender: Any, **_: Any) -> None:
    """Wrap the task by which a worker runs Airflow's tasks, before its processes start."""
    if task := sender.app.tasks.get(TASK):
        task.run = dropping(task.run, lambda: task.request)


if os.environ.get(SWITCH) and sys.argv[1:3] == ["celery", "worker"]:
    from celery.signals import worker_init

    worker_init.connect(guard_worker, weak=False)
