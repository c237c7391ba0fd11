"""Values of Flower, the web page of the Celery workers."""

from __future__ import annotations

from kitctl.model.values._base import knob, requests
from kitctl.model.values.kube import Resources
from kitctl.model.values.service import Service
from kitctl.model.values.types import Person, Port, Unspaced
from kitctl.model.values.workload import Probe, Workload


class FlowerService(Service):
    """The Service of Flower."""

    port: Port = knob(5555, "Port of the Service.")


class Flower(Workload):
    """Flower, the web page of the Celery workers and of the tasks that they ran."""

    enabled: bool = knob(
        False,
        "Run Flower. It needs the CeleryExecutor, and its package in the image, as in the kit's image and the official "
        "one.",
        why="The UI of Airflow shows tasks and logs. Who logs in to Flower can also stop workers and send them tasks.",
    )
    username: Person = knob(
        "admin",
        "Login name, without a colon. The password is in the keys Secret (`flower-password`).",
    )
    url_prefix: Unspaced = knob(
        "", "Path of the page, for example `/airflow/flower` behind an ingress; empty means `/`. Probes follow it."
    )
    service: FlowerService = knob(FlowerService(), "Service of Flower.")
    readiness_probe: Probe = knob(
        Probe(period_seconds=10, timeout_seconds=5, failure_threshold=3),
        "Readiness probe: when a pod stops receiving requests.",
    )
    resources: Resources = knob(
        requests("50m", "192Mi"),
        "CPU and memory of the main container.",
        why="It keeps the last 10000 tasks in memory, 7 KB each; `FLOWER_MAX_TASKS` in `env` changes the number.",
    )
