"""The tour of the KubernetesExecutor: six tasks, six pods, each pod shaped in another way.

Airflow 2 took `executor_config={"KubernetesExecutor": {...}}`. Airflow 3 takes one thing: `pod_override`, a
V1Pod that is laid over the worker pod template. Its first container must be called `base`: that is where
the task runs.

Two tasks run in another image than the release's. Such an image must hold Airflow and these DAGs, so it is
built on the release's; this one has the program `zip` more (docker/examples/zip). `kitctl up` builds it, loads
it, and tells its name as EXAMPLE_SPECIAL_IMAGE. On a cluster whose nodes pull images from a registry:

    kitctl image build --dags dags --example zip --tag REGISTRY/example:zip
    kitctl image push REGISTRY/example:zip
    kitctl deploy --set dags.specialImage=REGISTRY/example:zip

Without it the task that needs `zip` is skipped and says so, and the other image is the release's own.
EXAMPLE_AIRFLOW_IMAGE names one more image, for the other task alone.
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
    """Return an executor_config that changes only fields of the task's own container."""
    return {"pod_override": k8s.V1Pod(spec=k8s.V1PodSpec(containers=[k8s.V1Container(name="base", **fields)]))}


def memory_limit():
    """Return the memory limit of this container in bytes, as cgroup v2 or v1 tells it."""
    for file in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        if Path(file).exists():
            return Path(file).read_text().strip()
    return "unknown"


ANNOTATED = {
    "pod_override": k8s.V1Pod(
        metadata=k8s.V1ObjectMeta(annotations={"example/why": "seen by kubectl describe"}, labels={"team": "examples"})
    )
}

# Preferred, not required: on a cluster of one node the pod still starts.
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

# Lets the pod onto nodes tainted with `dedicated=airflow:NoSchedule`; it does not keep it away from others.
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
    # The whole `resources` object replaces the template's: name requests too, or they are lost.
    resources=k8s.V1ResourceRequirements(
        requests={"cpu": "100m", "memory": "300Mi"}, limits={"cpu": "1", "memory": "600Mi"}
    )
)


@dag(schedule=None, tags=["example", "kubernetes-executor"], doc_md=__doc__)
def example_kubernetes_executor():
    @task(executor_config=ANNOTATED)
    def plain():
        print("A pod of my own, called", os.uname().nodename)

    @task(executor_config=base_container(image=AIRFLOW_IMAGE))
    def other_image():
        print("Image:", AIRFLOW_IMAGE or "the release's own; set EXAMPLE_AIRFLOW_IMAGE to choose another")

    @task(executor_config=base_container(image=SPECIAL_IMAGE))
    def special_image():
        zip_program = shutil.which("zip")
        if not SPECIAL_IMAGE and not zip_program:
            raise AirflowSkipException("EXAMPLE_SPECIAL_IMAGE names no image: kitctl image build --example zip")
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
        print("Kubernetes tried to put me where no other task of this DAG runs")

    @task(executor_config=TOLERANT)
    def tolerations():
        print("I may run on nodes that are kept for Airflow")

    plain() >> [other_image(), special_image(), requests_and_limits(), affinity(), tolerations()]


example_kubernetes_executor()
