"""pod_override adds volumes, mounts, environment variables, init containers and ports to the worker pod.

These five lists are appended to the lists of the template. Any other field that is not empty replaces the field of the
template. If a mount path is already in the template, Kubernetes refuses the pod (422), and the task fails at once.
"""

import os
from pathlib import Path

from airflow.sdk import dag, task
from kubernetes.client import models as k8s

# Any image with a shell works. The image of the release is on the node already.
TOOLS_IMAGE = os.environ.get("AIRFLOW_KIT_IMAGE", "docker.io/apache/airflow:3.3.2")

SHARED = k8s.V1VolumeMount(name="example-shared", mount_path="/var/example")

EXTENDED = {
    "pod_override": k8s.V1Pod(
        spec=k8s.V1PodSpec(
            init_containers=[
                k8s.V1Container(
                    name="example-prepare",
                    image=TOOLS_IMAGE,
                    command=["/bin/sh", "-c", "echo prepared >/var/example/ready"],
                    volume_mounts=[SHARED],
                    security_context=k8s.V1SecurityContext(
                        allow_privilege_escalation=False,
                        capabilities=k8s.V1Capabilities(drop=["ALL"]),
                        run_as_non_root=True,
                    ),
                )
            ],
            containers=[
                k8s.V1Container(
                    name="base",
                    env=[
                        k8s.V1EnvVar(name="EXAMPLE_GREETING", value="hello"),
                        k8s.V1EnvVar(
                            name="EXAMPLE_NODE",
                            value_from=k8s.V1EnvVarSource(
                                field_ref=k8s.V1ObjectFieldSelector(field_path="spec.nodeName")
                            ),
                        ),
                    ],
                    ports=[k8s.V1ContainerPort(name="example", container_port=9999)],
                    volume_mounts=[SHARED],
                )
            ],
            volumes=[k8s.V1Volume(name="example-shared", empty_dir=k8s.V1EmptyDirVolumeSource(size_limit="16Mi"))],
        )
    )
}


@dag(schedule=None, tags=["example", "kubernetes-executor"], doc_md=__doc__)
def example_pod_override():
    @task(executor_config=EXTENDED, multiple_outputs=False)
    def use_what_was_added():
        return {
            "greeting": os.environ["EXAMPLE_GREETING"],
            "node": os.environ["EXAMPLE_NODE"],
            "init_container": Path("/var/example/ready").read_text().strip(),
        }

    use_what_was_added()


example_pod_override()
