"""Images of several platforms: the builders' command lines, and what a machine can run."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from kitctl.errors import KitError
from kitctl.model.platforms import of_machine
from kitctl.tools.builders import builder, emulation
from kitctl.tools.builders.buildah import Buildah
from kitctl.tools.builders.engine import Engine
from tests.unit.tools.builders.test_builder import calls, program, programs

__all__ = ["programs"]

MEMBERS = {"linux/amd64": "r.example/x:1-amd64", "linux/arm64": "r.example/x:1-arm64"}
LIST = {
    "manifests": [
        {"digest": "sha256:a", "platform": {"os": "linux", "architecture": "amd64"}},
        {"digest": "sha256:b", "platform": {"os": "linux", "architecture": "arm64", "variant": "v8"}},
        {"digest": "sha256:c", "platform": {"os": "linux", "architecture": "arm", "variant": "v7"}},
        {"digest": "sha256:d", "platform": {"os": "windows", "architecture": "amd64"}},
        {"digest": "sha256:e", "platform": {"os": "unknown", "architecture": "unknown"}},
    ]
}
KNOWN = {"linux/amd64": "sha256:a", "linux/arm64": "sha256:b", "linux/arm/v7": "sha256:c"}
WRITES = 'while [ $# -gt 0 ]; do [ "$1" != --digestfile ] || echo sha256:abc > "$2"; shift; done'


def tool(name: str) -> builder.Builder:
    return Buildah() if name == "buildah" else Engine(name)


@pytest.mark.parametrize(("name", "where"), [("buildah", ""), ("podman", "containers-storage:")])
def test_a_list_of_local_images_is_pushed_with_them_and_kept_no_longer(programs: Path, name: str, where: str) -> None:
    program(programs, name, WRITES)
    assert tool(name).push_list("r.example/x:1", MEMBERS) == "sha256:abc"
    made, pushed, removed = [line for line in calls(programs, name) if line.startswith("manifest")]
    scratch = made.split()[2]
    assert made == f"manifest create {scratch} {where}r.example/x:1-amd64 {where}r.example/x:1-arm64"
    assert pushed.startswith("manifest push --all --format oci --digestfile ")
    assert pushed.endswith(f" {scratch} docker://r.example/x:1")
    assert removed == f"manifest rm {scratch}"


@pytest.mark.parametrize("name", ["buildah", "podman"])
def test_a_list_that_cannot_be_pushed_is_removed_all_the_same(programs: Path, name: str) -> None:
    program(programs, name, '[ "$1 $2" != "manifest push" ] || { echo denied >&2; exit 125; }')
    with pytest.raises(KitError) as error:
        tool(name).push_list("r.example/x:1", MEMBERS)
    assert error.value.id == "image-push-failed"
    assert calls(programs, name)[-1].startswith("manifest rm localhost/kitctl-list:")


def test_docker_makes_the_list_in_the_registry_of_digests(programs: Path) -> None:
    answers = f"""case "$1 $2 $3 $4" in
        "image inspect "*) echo '["r.example/x@sha256:'"${{5##*-}}"'"]' ;;
        "buildx imagetools inspect "*) echo '{json.dumps({"digest": "sha256:abc"})}' ;;
    esac"""
    program(programs, "docker", answers)
    assert Engine("docker").push_list("r.example/x:1", MEMBERS) == "sha256:abc"
    lines = calls(programs, "docker")
    assert [line for line in lines if line.startswith("push")] == [f"push {image}" for image in MEMBERS.values()]
    wanted = "buildx imagetools create --tag r.example/x:1 r.example/x@sha256:amd64 r.example/x@sha256:arm64"
    assert wanted in lines


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("buildah", "manifest inspect x:1"),
        ("podman", "manifest inspect x:1"),
        ("docker", "buildx imagetools inspect --raw x:1"),
    ],
)
def test_the_platforms_of_an_image_are_read_in_its_registry(programs: Path, name: str, words: str) -> None:
    program(programs, name, f"[ $1 = info ] || echo '{json.dumps(LIST)}'")
    assert tool(name).platforms("x:1") == KNOWN
    assert calls(programs, name)[-1] == words


@pytest.mark.parametrize("body", ["exit 125", "echo '{\"config\": {}}'", "echo nonsense", "echo '[]'"])
@pytest.mark.parametrize("name", builder.NAMES)
def test_an_image_without_a_list_has_no_platforms(programs: Path, name: str, body: str) -> None:
    program(programs, name, f"[ $1 != info ] || exit 0\n{body}")
    assert tool(name).platforms("x:1") == {}


@pytest.fixture
def amd64(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A Linux machine of that kind, with the folder of the kernel's entries."""
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(emulation, "native", lambda: "linux/amd64")
    folder = tmp_path / "binfmt"
    folder.mkdir()
    monkeypatch.setattr(emulation, "BINFMT", folder)
    return folder


@pytest.mark.parametrize("name", ["buildah", "podman"])
def test_programs_of_another_architecture_need_an_entry_of_the_kernel(amd64: Path, name: str) -> None:
    assert [tool(name).runs(p) for p in ("linux/amd64", "linux/386", "linux/arm64")] == [True, True, False]
    (amd64 / "qemu-aarch64").write_text("disabled\ninterpreter /usr/bin/qemu-aarch64-static\n")
    assert not tool(name).runs("linux/arm64")
    (amd64 / "qemu-aarch64").write_text("enabled\ninterpreter /usr/bin/qemu-aarch64-static\n")
    assert tool(name).runs("linux/arm64")
    assert not tool(name).runs("linux/arm/v7")


def test_on_other_systems_the_builder_has_a_linux_of_its_own(amd64: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    assert Engine("podman").runs("linux/arm64")


def test_dockers_engine_says_what_it_runs(programs: Path) -> None:
    program(programs, "docker", "echo 'Name: default'; echo 'Platforms: linux/amd64*, linux/386, linux/arm64'")
    assert [Engine("docker").runs(p) for p in ("linux/amd64", "linux/arm64", "linux/s390x")] == [True, True, False]
    program(programs, "docker", "exit 1")
    assert Engine("docker").runs("linux/s390x")


@pytest.mark.parametrize(
    ("machine", "platform"), [("x86_64", "linux/amd64"), ("aarch64", "linux/arm64"), ("s390x", "linux/s390x")]
)
def test_kernels_call_processors_by_other_names(machine: str, platform: str) -> None:
    assert of_machine(machine) == platform
