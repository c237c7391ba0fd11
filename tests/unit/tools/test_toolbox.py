"""Where programs are found."""

from __future__ import annotations

from pathlib import Path

import pytest

from kitctl.errors import ExitCode, KitError
from kitctl.model.versions import pin
from kitctl.tools import toolbox


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """An empty cache and an empty PATH."""
    cache, path = tmp_path / "cache", tmp_path / "bin"
    path.mkdir()
    monkeypatch.setenv("KITCTL_CACHE", str(cache))
    monkeypatch.setenv("PATH", str(path))
    toolbox._suitable.cache_clear()
    return cache, path


def program(path: Path, prints: str = "") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\necho '{prints}'\n")
    path.chmod(0o755)
    return path


def test_a_built_program_is_found_under_its_version(places: tuple[Path, Path]) -> None:
    helm = program(places[0] / "tools" / "helm" / pin("tools.helm.version") / "helm")
    kubelet = program(places[0] / "tools" / "kubernetes" / pin("tools.kubernetes.version") / "kubelet")
    assert toolbox.tool("helm") == helm
    assert toolbox.tool("kubelet") == kubelet


def test_a_built_program_wins_over_path(places: tuple[Path, Path]) -> None:
    program(places[1] / "helm", "v99.0.0")
    helm = program(places[0] / "tools" / "helm" / pin("tools.helm.version") / "helm")
    assert toolbox.tool("helm") == helm


@pytest.mark.parametrize(
    ("prints", "taken"), [("v3.19.0+gabc", True), ("v4.1.3", True), ("v3.18.9", False), ("", False)]
)
def test_helm_on_path_must_be_new_enough(places: tuple[Path, Path], prints: str, taken: bool) -> None:
    helm = program(places[1] / "helm", prints)
    assert toolbox.find("helm") == (helm if taken else None)


def test_parts_of_the_node_are_never_taken_from_path(places: tuple[Path, Path]) -> None:
    program(places[1] / "kubelet", "Kubernetes v1.34.4")
    assert toolbox.find("kubelet") is None


def test_a_missing_program_says_how_to_get_it(places: tuple[Path, Path]) -> None:
    with pytest.raises(KitError) as caught:
        toolbox.tool("kubectl")
    assert (caught.value.id, caught.value.code) == ("tool-missing", ExitCode.PREFLIGHT)
    assert caught.value.fix == "scripts/get-tools kubernetes"
    assert pin("kubernetes.minimum") in caught.value.cause


def test_a_program_on_path_that_is_too_old_is_named_with_its_place(places: tuple[Path, Path]) -> None:
    helm = program(places[1] / "helm", "v3.5.4+g1b5edb6")
    with pytest.raises(KitError) as caught:
        toolbox.tool("helm")
    assert (caught.value.id, caught.value.message) == ("tool-missing", "helm 3.5.4 is too old")
    assert caught.value.cause == f"It is {helm}. kitctl needs helm {pin('helm.minimum')} or newer"
    assert caught.value.fix == "scripts/get-tools helm"


def test_a_program_on_path_without_a_version_is_named_with_its_place(places: tuple[Path, Path]) -> None:
    helm = program(places[1] / "helm", "hello")
    with pytest.raises(KitError) as caught:
        toolbox.tool("helm")
    assert caught.value.message == f"{helm} cannot be used: it prints no version"


@pytest.mark.parametrize(
    ("text", "found"),
    [("v3.22.4+g1", (3, 22, 4)), ("gitVersion: v1.30", (1, 30, 0)), ("no number", None), ("", None)],
)
def test_versions_are_read_out_of_text(text: str, found: tuple[int, int, int] | None) -> None:
    assert toolbox.version(text) == found
