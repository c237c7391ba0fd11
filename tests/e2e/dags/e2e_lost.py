"""Tasks that Kubernetes does not let run, each for another reason."""

from __future__ import annotations

from airflow.sdk import dag, task
from kubernetes.client import models as k8s


def override(volumes: list[k8s.V1Volume] | None = None, **container: object) -> dict[str, k8s.V1Pod]:
    """Return an executor_config that changes the task's container."""
    base = k8s.V1Container(name="base", **container)
    return {"pod_override": k8s.V1Pod(spec=k8s.V1PodSpec(containers=[base], volumes=volumes))}


KEYS = k8s.V1EnvFromSource(secret_ref=k8s.V1SecretEnvSource(name="airflow-keys"))
SMALL = k8s.V1Volume(name="small", empty_dir=k8s.V1EmptyDirVolumeSource(size_limit="16Mi"))


@dag(schedule=None, catchup=False, tags=["e2e"])
def e2e_lost() -> None:
    @task(retries=0, executor_config=override(security_context=k8s.V1SecurityContext(privileged=True)))
    def refused() -> None:
        raise AssertionError("the namespace is restricted")

    @task(retries=0, executor_config=override(env_from=[KEYS]))
    def takes_keys() -> None:
        raise AssertionError("the scheduler must not launch this pod")

    @task(retries=0, executor_config=override(image="registry.invalid/no/such:image"))
    def no_image() -> None:
        raise AssertionError("there is no such image")

    @task(
        retries=0,
        executor_config=override([SMALL], volume_mounts=[k8s.V1VolumeMount(name="small", mount_path="/small")]),
    )
    def fills() -> None:
        import time  # noqa: PLC0415
        from pathlib import Path  # noqa: PLC0415

        print("filling the disk")
        Path("/small/file").write_bytes(b"x" * (64 << 20))
        time.sleep(300)

    refused()
    takes_keys()
    no_image()
    fills()


e2e_lost()
