"""One image reference feeds every component and the worker pods."""

from __future__ import annotations

import pytest

from tests.chart.release import Release, render
from tests.chart.walk import every_story

DIGEST = "sha256:" + "a" * 64


def images(release: Release) -> set[str]:
    """Return every image that a release can start."""
    return {c.image for pod in release.pods for c in pod.containers}


def airflow_images(release: Release) -> set[str]:
    """Return the images of Airflow's own containers."""
    foreign = ("postgres", "redis", "rabbitmq", "git-sync", "pgbouncer")
    return {c.image for p in release.pods for c in p.containers if not c.name.startswith(foreign)}


@every_story
def test_airflow_comes_from_one_reference(release: Release) -> None:
    assert len(airflow_images(release)) == 1


def test_the_default_is_the_official_image_of_the_version() -> None:
    assert airflow_images(render(sets=("airflowVersion=3.3.9",))) == {"docker.io/apache/airflow:3.3.9"}


def test_repository_and_tag_reach_every_container_and_worker() -> None:
    release = render(sets=("image.repository=registry.example.com/x", "image.tag=y"))
    assert airflow_images(release) == {"registry.example.com/x:y"}


def test_a_digest_wins_over_the_tag() -> None:
    release = render(sets=("image.tag=y", f"image.digest={DIGEST}"))
    assert airflow_images(release) == {f"docker.io/apache/airflow@{DIGEST}"}


@every_story
def test_a_release_has_no_other_images(release: Release) -> None:
    components = {pod.component for pod in release.pods}
    assert len(images(release)) <= 3 + bool({"redis", "rabbitmq"} & components) + ("pgbouncer" in components)


@pytest.mark.parametrize(
    "key", ["postgres.image", "dags.git.image", "broker.redis.image", "broker.rabbitmq.image", "pgbouncer.image"]
)
def test_the_other_images_can_be_replaced(key: str) -> None:
    sets = ("dags.mode=git", "dags.git.repo=https://git.example.com/d.git", "executors={CeleryExecutor}")
    sets = (*sets, *(["broker.kind=rabbitmq"] if "rabbitmq" in key else []), "pgbouncer.enabled=true")
    changed = images(render(sets=(*sets, f"{key}.repository=registry.example.com/z", f"{key}.tag=v1")))
    assert "registry.example.com/z:v1" in changed


def test_pull_secrets_reach_every_pod() -> None:
    for pod in render(sets=("image.pullSecrets[0].name=registry",)).pods:
        assert [s.name for s in pod.spec.image_pull_secrets or []] == ["registry"], pod.owner


def test_the_pull_policy_reaches_every_airflow_container() -> None:
    for pod in render(sets=("image.pullPolicy=Always",)).pods:
        if pod.component != "postgres":
            assert {c.image_pull_policy for c in pod.containers} == {"Always"}, pod.owner


def test_another_image_makes_another_migration() -> None:
    names = {render(sets=(f"image.tag={tag}",)).pod("migrate").owner for tag in ("a", "b")}
    assert len(names) == 2
