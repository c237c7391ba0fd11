"""Volumes that Pod Security "restricted" allows, in place of a hostPath.

A hostPath gives a task access to files of the node, so "restricted" refuses it. Use one of these volumes instead:
emptyDir for temporary files, on disk or in memory; a projected volume for facts about the pod and small files; a
generic ephemeral volume for a disk with its own size and storage class; a PersistentVolumeClaim for data to keep.
"""

from pathlib import Path

from airflow.sdk import dag, task
from kubernetes.client import models as k8s

VOLUMES = [
    k8s.V1Volume(name="example-scratch", empty_dir=k8s.V1EmptyDirVolumeSource(size_limit="64Mi")),
    k8s.V1Volume(name="example-memory", empty_dir=k8s.V1EmptyDirVolumeSource(medium="Memory", size_limit="16Mi")),
    k8s.V1Volume(
        name="example-facts",
        projected=k8s.V1ProjectedVolumeSource(
            sources=[
                k8s.V1VolumeProjection(
                    downward_api=k8s.V1DownwardAPIProjection(
                        items=[
                            k8s.V1DownwardAPIVolumeFile(
                                path="labels", field_ref=k8s.V1ObjectFieldSelector(field_path="metadata.labels")
                            )
                        ]
                    )
                )
            ]
        ),
    ),
    # Created and deleted together with the pod, with the default storage class of the cluster.
    k8s.V1Volume(
        name="example-own-disk",
        ephemeral=k8s.V1EphemeralVolumeSource(
            volume_claim_template=k8s.V1PersistentVolumeClaimTemplate(
                spec=k8s.V1PersistentVolumeClaimSpec(
                    access_modes=["ReadWriteOnce"],
                    resources=k8s.V1VolumeResourceRequirements(requests={"storage": "64Mi"}),
                )
            )
        ),
    ),
]
MOUNTS = [
    k8s.V1VolumeMount(name="example-scratch", mount_path="/var/example/scratch"),
    k8s.V1VolumeMount(name="example-memory", mount_path="/var/example/memory"),
    k8s.V1VolumeMount(name="example-facts", mount_path="/var/example/facts", read_only=True),
    k8s.V1VolumeMount(name="example-own-disk", mount_path="/var/example/disk"),
]

WITH_VOLUMES = {
    "pod_override": k8s.V1Pod(
        spec=k8s.V1PodSpec(containers=[k8s.V1Container(name="base", volume_mounts=MOUNTS)], volumes=VOLUMES)
    )
}


@dag(schedule=None, tags=["example", "kubernetes-executor"], doc_md=__doc__)
def example_volumes():
    @task(executor_config=WITH_VOLUMES)
    def write_and_read():
        for place in ("scratch", "memory", "disk"):
            file = Path("/var/example", place, "hello.txt")
            file.write_text("hello")
            print(file, "holds", file.read_text())
        labels = Path("/var/example/facts/labels").read_text()
        if 'dag_id="example_volumes"' not in labels:
            raise RuntimeError(f"unexpected labels: {labels}")
        return sorted(p.name for p in Path("/var/example").iterdir())

    write_and_read()


example_volumes()
