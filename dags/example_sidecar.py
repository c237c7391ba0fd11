"""A native sidecar: a container that starts before the task and is stopped when the task ends.

A second entry in `containers` would keep the pod running after the task has ended. In Kubernetes 1.29 and later, an
init container with `restartPolicy: Always` is a sidecar, and does not keep the pod running.
"""

import os
import time
from pathlib import Path

from airflow.sdk import dag, task
from kubernetes.client import models as k8s

TOOLS_IMAGE = os.environ.get("AIRFLOW_KIT_IMAGE", "docker.io/apache/airflow:3.3.2")

SHARED = k8s.V1VolumeMount(name="example-shared", mount_path="/var/example")

WITH_SIDECAR = {
    "pod_override": k8s.V1Pod(
        spec=k8s.V1PodSpec(
            init_containers=[
                k8s.V1Container(
                    name="example-clock",
                    image=TOOLS_IMAGE,
                    restart_policy="Always",
                    command=["/bin/sh", "-c", "while true; do date +%s >/var/example/now; sleep 1; done"],
                    volume_mounts=[SHARED],
                    resources=k8s.V1ResourceRequirements(requests={"cpu": "10m", "memory": "16Mi"}),
                    security_context=k8s.V1SecurityContext(
                        allow_privilege_escalation=False,
                        capabilities=k8s.V1Capabilities(drop=["ALL"]),
                        run_as_non_root=True,
                    ),
                )
            ],
            containers=[k8s.V1Container(name="base", volume_mounts=[SHARED])],
            volumes=[k8s.V1Volume(name="example-shared", empty_dir=k8s.V1EmptyDirVolumeSource(size_limit="16Mi"))],
        )
    )
}


@dag(schedule=None, tags=["example", "kubernetes-executor"], doc_md=__doc__)
def example_sidecar():
    @task(executor_config=WITH_SIDECAR)
    def read_the_clock():
        """Wait for two different values, which show that the sidecar runs at the same time as the task."""
        clock = Path("/var/example/now")
        deadline = time.monotonic() + 60
        seen = set()
        while len(seen) < 2 and time.monotonic() < deadline:
            if clock.exists() and (text := clock.read_text().strip()):
                seen.add(text)
            time.sleep(0.2)
        if len(seen) < 2:
            raise TimeoutError("the sidecar wrote nothing new within 60 s")
        return sorted(seen)

    read_the_clock()


example_sidecar()
