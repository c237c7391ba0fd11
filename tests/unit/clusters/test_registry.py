"""Providers are found by their files."""

from __future__ import annotations

from pathlib import Path

import pytest

from kitctl import clusters
from kitctl.errors import ExitCode, KitError


def test_every_file_is_a_provider_with_all_that_the_registry_asks_for(tmp_path: Path) -> None:
    for provider in clusters.providers():
        assert isinstance(clusters.usable(provider), bool)
        assert clusters.made(provider, "never-made") is False
        cluster = clusters.get(provider, "never-made", tmp_path / "config")
        assert cluster.provider == provider
        assert cluster.name == "never-made"
        assert cluster.made_by_kit is clusters.makes(provider)
        assert clusters.made_with_context(provider, "never-made") is None
        assert clusters.needs(provider).here is clusters.makes(provider)


def test_a_provider_imports_no_other_provider() -> None:
    folder = Path(clusters.__file__).parent
    for provider in clusters.providers():
        files = [folder / f"{provider}.py", *(folder / provider).rglob("*.py")]
        text = "".join(file.read_text(encoding="utf-8") for file in files if file.exists())
        for other in set(clusters.providers()) - {provider}:
            assert f"kitctl.clusters.{other}" not in text
            assert f"from kitctl.clusters import {other}" not in text


def test_the_registry_knows_node_and_existing_and_not_its_own_helpers() -> None:
    found = clusters.providers()
    assert {"node", "existing"} <= set(found)
    assert "base" not in found


def test_existing_is_the_last_choice_of_auto() -> None:
    assert clusters.ranked()[-1] == "existing"


def test_an_unknown_provider_is_a_usage_error_that_names_the_known_ones() -> None:
    with pytest.raises(KitError) as caught:
        clusters.get("docker-swarm", "x")
    assert caught.value.id == "provider-unknown"
    assert caught.value.code is ExitCode.USAGE
    assert "node" in caught.value.cause


@pytest.mark.parametrize(("provider", "context"), [("k3d", "k3d-NAME"), ("microk8s", "microk8s")])
def test_clusters_that_have_their_own_command_are_told_by_their_context(provider: str, context: str) -> None:
    with pytest.raises(KitError) as caught:
        clusters.get(provider, "x")
    assert caught.value.id == "provider-unknown"
    assert f"--context {context}" in caught.value.fix
