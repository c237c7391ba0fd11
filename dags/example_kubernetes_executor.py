"""Six tasks with the KubernetesExecutor: six pods, each changed in another way.

Airflow 2 accepted `executor_config={"KubernetesExecutor": {...}}`. Airflow 3 accepts only `pod_override`, a V1Pod that
is merged into the worker pod template. Its first container must have the name `base`: the task runs there.

Two tasks run in another image than the release. Such an image must contain Airflow and these DAGs, so it is built on
top of the release's image. Here it adds the program `zip` (docker/examples/zip). `kitctl up` builds and loads it, and
passes its name as EXAMPLE_SPECIAL_IMAGE. On a cluster whose nodes pull images from a registry, run:

    kitctl image build --dags dags --example zip --tag REGISTRY/example:zip
    kitctl image push REGISTRY/example:zip
    kitctl deploy --set dags.specialImage=REGISTRY/example:zip

Without EXAMPLE_SPECIAL_IMAGE, the task `special_image` is skipped, and the task `other_image` runs in the image of the
release. EXAMPLE_AIRFLOW_IMAGE sets another image for the task `other_image` only.
"""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from airflow.sdk import dag, task
from airflow.sdk.exceptions import AirflowSkipException
from kubernetes.client import models as k8s

SPECIAL_IMAGE = os.environ.get("EXAMPLE_SPECIAL_IMAGE") or None
AIRFLOW_IMAGE = os.environ.get("EXAMPLE_AIRFLOW_IMAGE") or SPECIAL_IMAGE


def base_container(**fields):
    """Return an executor_config that changes only the container of the task."""
    return {"pod_override": k8s.V1Pod(spec=k8s.V1PodSpec(containers=[k8s.V1Container(name="base", **fields)]))}


def memory_limit():
    """Return the memory limit of this container in bytes, from cgroup v2 or v1."""
    for file in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        if Path(file).exists():
            return Path(file).read_text().strip()
    return "unknown"


ANNOTATED = {
    "pod_override": k8s.V1Pod(
        metadata=k8s.V1ObjectMeta(annotations={"example/why": "seen by kubectl describe"}, labels={"team": "examples"})
    )
}

# Preferred, not required, so that the pod also starts on a cluster with one node.
SPREAD = {
    "pod_override": k8s.V1Pod(
        spec=k8s.V1PodSpec(
            containers=[k8s.V1Container(name="base")],
            affinity=k8s.V1Affinity(
                pod_anti_affinity=k8s.V1PodAntiAffinity(
                    preferred_during_scheduling_ignored_during_execution=[
                        k8s.V1WeightedPodAffinityTerm(
                            weight=100,
                            pod_affinity_term=k8s.V1PodAffinityTerm(
                                label_selector=k8s.V1LabelSelector(
                                    match_labels={"dag_id": "example_kubernetes_executor"}
                                ),
                                topology_key="kubernetes.io/hostname",
                            ),
                        )
                    ]
                )
            ),
        )
    )
}

# Allows nodes with the taint `dedicated=airflow:NoSchedule`. The pod may still run on other nodes.
TOLERANT = {
    "pod_override": k8s.V1Pod(
        spec=k8s.V1PodSpec(
            containers=[k8s.V1Container(name="base")],
            tolerations=[
                k8s.V1Toleration(key="dedicated", operator="Equal", value="airflow", effect="NoSchedule"),
            ],
        )
    )
}

LIMITED = base_container(
    # This object replaces the `resources` of the template. Without requests here, the pod would have none.
    resources=k8s.V1ResourceRequirements(
        requests={"cpu": "100m", "memory": "300Mi"}, limits={"cpu": "1", "memory": "600Mi"}
    )
)


@dag(schedule=None, tags=["example", "kubernetes-executor"], doc_md=__doc__)
def example_kubernetes_executor():
    @task(executor_config=ANNOTATED)
    def plain():
        print("The name of this pod:", os.uname().nodename)

    @task(executor_config=base_container(image=AIRFLOW_IMAGE))
    def other_image():
        print("Image:", AIRFLOW_IMAGE or "the release's own; set EXAMPLE_AIRFLOW_IMAGE to choose another")

    @task(executor_config=base_container(image=SPECIAL_IMAGE))
    def special_image():
        zip_program = shutil.which("zip")
        if not SPECIAL_IMAGE and not zip_program:
            raise AirflowSkipException(
                "EXAMPLE_SPECIAL_IMAGE is not set. Build an image: kitctl image build --example zip"
            )
        if not zip_program:
            raise RuntimeError(f"the image {SPECIAL_IMAGE} has no zip")
        with tempfile.TemporaryDirectory() as folder:
            Path(folder, "hello.txt").write_text("hello")
            subprocess.run([zip_program, "hello.zip", "hello.txt"], cwd=folder, check=True)
        return zip_program

    @task(executor_config=LIMITED, multiple_outputs=False)
    def requests_and_limits():
        return {"memory_limit": memory_limit()}

    @task(executor_config=SPREAD)
    def affinity():
        print("Kubernetes preferred a node on which no other task of this DAG runs")

    @task(executor_config=TOLERANT)
    def tolerations():
        print("This pod may run on nodes that are reserved for Airflow")

    plain() >> [other_image(), special_image(), requests_and_limits(), affinity(), tolerations()]


example_kubernetes_executor()
