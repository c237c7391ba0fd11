"""What every container and volume carries, and what a pod may refer to."""

from __future__ import annotations

import re
from typing import Any

import pytest

from kitctl.model.executors import without_alias
from tests.chart.release import Pod, Release, render
from tests.chart.walk import every_story

LONG_LIVED = {
    "api-server",
    "scheduler",
    "dag-processor",
    "triggerer",
    "postgres",
    "redis",
    "rabbitmq",
    "celery",
    "flower",
    "pgbouncer",
}
SERVERS = {"postgres", "redis", "rabbitmq"}
AIRFLOW = LONG_LIVED - SERVERS - {"flower", "pgbouncer"}
"""Components that run Airflow, by the entrypoint of its image."""
# A limit that a growing repository reaches one day would evict every pod at once; dags.git.sizeLimit sets one.
CLONES = {"dags", "bundles"}
_QUANTITY = re.compile(r"^[0-9]+(\.[0-9]+)?(m|k|M|G|T|Ki|Mi|Gi|Ti)?$")


def main(pod: Pod) -> Any:
    """Return a pod's own container."""
    return pod.spec.containers[0]


@every_story
def test_every_container_requests_cpu_and_memory(release: Release) -> None:
    for pod in release.pods:
        for container in pod.containers:
            where = f"{pod.owner}/{container.name}"
            assert container.resources, where
            asked = container.resources.requests or container.resources.limits or {}
            assert {"cpu", "memory"} <= set(asked) or "nvidia.com/gpu" in str(container.resources.limits), where
            assert all(_QUANTITY.match(str(asked[key])) for key in ("cpu", "memory") if key in asked), where


@every_story
def test_no_container_has_a_cpu_limit(release: Release) -> None:
    for pod in release.pods:
        for container in pod.containers:
            assert "cpu" not in (container.resources.limits or {}), f"{pod.owner}/{container.name}"


@every_story
def test_every_scratch_volume_has_a_size_limit(release: Release) -> None:
    for pod in release.pods:
        for volume in pod.spec.volumes or []:
            if volume.empty_dir and volume.name not in CLONES:
                assert volume.empty_dir.size_limit, f"{pod.owner}: {volume.name}"


@every_story
def test_every_volume_is_used_and_every_mount_has_one(release: Release) -> None:
    for pod in release.pods:
        volumes = {v.name for v in pod.spec.volumes or []}
        if pod.component in SERVERS:
            volumes.add("data")
        mounted = {m.name for c in pod.containers for m in c.volume_mounts or []}
        assert mounted == volumes, pod.owner


@every_story
def test_no_path_is_mounted_twice(release: Release) -> None:
    for pod in release.pods:
        for container in pod.containers:
            paths = [m.mount_path for m in container.volume_mounts or []]
            assert len(paths) == len(set(paths)), f"{pod.owner}/{container.name}"


@every_story
def test_no_variable_is_set_twice(release: Release) -> None:
    for pod in release.pods:
        for container in pod.containers:
            names = [e.name for e in container.env or []]
            assert len(names) == len(set(names)), f"{pod.owner}/{container.name}"


@every_story
def test_no_name_of_a_container_or_volume_stands_twice(release: Release) -> None:
    for pod in release.pods:
        for names in ([c.name for c in pod.containers], [v.name for v in pod.spec.volumes or []]):
            assert len(names) == len(set(names)), pod.owner


@every_story
def test_images_have_a_tag_or_digest_that_is_not_latest(release: Release) -> None:
    for pod in release.pods:
        for container in pod.containers:
            tag = container.image.rsplit("/", 1)[-1]
            assert "@sha256:" in tag or (":" in tag and not tag.endswith(":latest")), container.image


@every_story
def test_what_a_pod_reads_is_made_by_the_release_or_named_by_the_user(release: Release) -> None:
    made = {(i.kind, i.metadata.name) for i in release.objects}
    foreign = {"git-ca", "plugins", "shared-dags"}
    for pod in release.pods:
        for volume in pod.spec.volumes or []:
            if volume.config_map and volume.config_map.name not in foreign:
                assert ("ConfigMap", volume.config_map.name) in made, pod.owner
            claim = volume.persistent_volume_claim
            if claim and claim.claim_name not in foreign:
                assert ("PersistentVolumeClaim", claim.claim_name) in made, pod.owner


@every_story
def test_long_lived_pods_are_probed(release: Release) -> None:
    for pod in release.pods:
        if pod.component in LONG_LIVED:
            probes = (main(pod).startup_probe, main(pod).liveness_probe)
            assert all(probes), pod.owner


@every_story
def test_the_api_server_gets_requests_only_when_ready(release: Release) -> None:
    assert main(release.pod("api-server")).readiness_probe


@every_story
def test_no_probe_and_no_wait_starts_the_airflow_command(release: Release) -> None:
    for pod in release.pods:
        for container in pod.containers:
            for probe in (container.startup_probe, container.liveness_probe, container.readiness_probe):
                # The broker reads its password from a file; its client takes one from a variable or an argument.
                if probe and probe._exec and container.name != "redis":
                    assert probe._exec.command[0] not in {"airflow", "bash", "sh"}, f"{pod.owner}/{container.name}"
        for container in pod.spec.init_containers or []:
            assert "airflow" not in [*(container.command or []), *(container.args or [])], pod.owner


@every_story
def test_pods_of_deployments_have_a_grace_period(release: Release) -> None:
    for pod in release.pods:
        if pod.component in LONG_LIVED:
            assert pod.spec.termination_grace_period_seconds, pod.owner


@every_story
def test_worker_templates_follow_the_rules_of_airflows_reader(release: Release) -> None:
    executors = {e.name: e.value for e in main(release.pod("scheduler")).env}["AIRFLOW__CORE__EXECUTOR"].split(",")
    launches = "KubernetesExecutor" in {without_alias(entry) for entry in executors}
    assert ("default" in release.worker_templates) == launches
    for name, document in release.worker_templates.items():
        first = document["spec"]["containers"][0]
        assert first["name"] == "base", name
        assert first["image"], name
        assert document["metadata"]["name"], name
        assert document["spec"]["restartPolicy"] == "Never", name
        extra = document["spec"]["containers"][1:]
        assert extra == [], f"{name}: a second plain container keeps the pod from ending"


@every_story
def test_workers_report_to_the_service_in_the_cluster(release: Release) -> None:
    for pod in release.pods:
        if pod.component == "worker":
            env = {e.name: e.value for e in main(pod).env}
            url = env["AIRFLOW__CORE__EXECUTION_API_SERVER_URL"]
            assert re.match(r"http://airflow-api-server\.airflow\.svc\.cluster\.local:8080/.*execution/$", url)


@every_story
def test_no_check_of_the_database_in_an_entrypoint(release: Release) -> None:
    for pod in release.pods:
        if pod.component in AIRFLOW | {"worker", "migrate"}:
            env = {e.name: e.value for e in main(pod).env}
            assert env["CONNECTION_CHECK_MAX_COUNT"] == "0", pod.owner


@every_story
def test_no_hook_of_helm_is_used(release: Release) -> None:
    for item in release.objects:
        assert not [key for key in item.metadata.annotations or {} if key.startswith("helm.sh/hook")], (
            item.metadata.name
        )


@pytest.mark.parametrize("component", sorted(AIRFLOW))
def test_a_change_of_the_configuration_rolls(component: str) -> None:
    celery = "executors={CeleryExecutor}"

    def annotations(release: Release) -> Any:
        workloads = [*release.all("Deployment"), *release.all("StatefulSet")]
        (item,) = [d for d in workloads if d.metadata.name.endswith(component)]
        return item.spec.template.metadata.annotations

    assert annotations(render(sets=(celery,))) != annotations(render(sets=(celery, "templates.airflowCfg=[core]")))


def empty_lists(node: Any, path: str = "") -> list[str]:
    """Return the paths of all lists of a manifest that have no entry."""
    if isinstance(node, dict):
        return [found for key, part in node.items() for found in empty_lists(part, f"{path}.{key}")]
    if isinstance(node, list):
        return [found for part in node for found in empty_lists(part, f"{path}[]")] if node else [path]
    return []


@every_story
def test_no_field_is_an_empty_list(release: Release) -> None:
    # The API server stores none: each upgrade would be a change of the object, with a new generation.
    assert {d["metadata"]["name"]: found for d in release.documents if (found := empty_lists(d))} == {}
