"""Lists of several platforms and the cache of layers, with buildah and a real registry."""

from __future__ import annotations

import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from kitctl.tools.builders.base import Build
from kitctl.tools.builders.buildah import Buildah, storage
from tests.publish.registry import Registry

KITCTL = Path(sys.executable).parent / "kitctl"
BOTH = ("linux/amd64", "linux/arm64")


@pytest.fixture
def tool(registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Buildah]:
    """buildah with a storage of its own, which knows the registry."""
    use_storage(monkeypatch, tmp_path / "storage")
    monkeypatch.setenv("HOME", registry.env["HOME"])
    yield Buildah()
    storage.cache_clear()


def use_storage(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    folder.mkdir()
    config = folder / "storage.conf"
    config.write_text(f'[storage]\ndriver = "vfs"\ngraphroot = "{folder}/graph"\nrunroot = "{folder}/run"\n')
    monkeypatch.setenv("CONTAINERS_STORAGE_CONF", str(config))
    storage.cache_clear()


def image(tool: Buildah, context: Path, tag: str, platform: str = "", cache: str = "") -> str:
    """Build a small image without programs, which no machine has to run; returns what the builder said."""
    context.mkdir(exist_ok=True)
    (context / "a").write_text(platform)
    (context / "b").write_text("b")
    (context / "Dockerfile").write_text("FROM scratch\nCOPY a /\nCOPY b /\n")
    done = tool.build(Build(context / "Dockerfile", context, tag, platform=platform, layer_cache=cache))
    assert done.ok, done.stderr
    return done.stdout + done.stderr


@pytest.fixture
def pair(tool: Buildah, registry: Registry, tmp_path: Path) -> str:
    """Build the images of two platforms under the names that `kitctl image build` gives them."""
    name = f"{registry.address}/team/{uuid.uuid4().hex}:1"
    for platform in BOTH:
        image(tool, tmp_path / "context", f"{name}-{platform.rpartition('/')[2]}", platform)
    return name


def test_a_list_of_two_platforms_is_in_the_registry_under_the_digest_that_is_written(
    tool: Buildah, registry: Registry, pair: str, tmp_path: Path
) -> None:
    file = tmp_path / "digest"
    argv = [KITCTL, "image", "push", pair, "--platform", ",".join(BOTH), "--digest-file", file, "--builder", "buildah"]
    done = subprocess.run(argv, env=os.environ, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, f"{pair}\n"), done.stderr
    repository = pair.removeprefix(f"{registry.address}/").removesuffix(":1")
    digest, index = registry.manifest(repository, "1")
    assert file.read_text() == f"{digest}\n"
    assert index["mediaType"] == "application/vnd.oci.image.index.v1+json"
    assert [f"{m['platform']['os']}/{m['platform']['architecture']}" for m in index["manifests"]] == list(BOTH)
    assert registry.tags(repository) == ["1"]
    assert tool.platforms(pair) == dict(zip(BOTH, (m["digest"] for m in index["manifests"]), strict=True))


def test_each_platform_of_a_base_can_be_built_on_by_its_digest(
    tool: Buildah, registry: Registry, pair: str, tmp_path: Path
) -> None:
    tool.push_list(pair, {p: f"{pair}-{p.rpartition('/')[2]}" for p in BOTH})
    for platform, digest in tool.platforms(pair).items():
        base = f"{pair.removesuffix(':1')}@{digest}"
        assert tool.pull(base).ok
        (tmp_path / "Dockerfile").write_text(f"FROM {base}\nLABEL more=yes\n")
        done = tool.build(Build(tmp_path / "Dockerfile", tmp_path, "localhost/more:1", platform=platform))
        assert done.ok, done.stderr
        said = subprocess.run(
            ["buildah", "inspect", "--type", "image", "--format", "{{.OCIv1.Architecture}}", "localhost/more:1"],
            capture_output=True,
            text=True,
            check=True,
        )
        assert said.stdout.strip() == platform.removeprefix("linux/")


def test_another_machine_takes_the_layers_from_the_registry(
    tool: Buildah, registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = f"team/{uuid.uuid4().hex}-layers"
    first = image(tool, tmp_path / "context", "localhost/cached:1", cache=f"{registry.address}/{cache}")
    assert "Cache pulled from remote" not in first
    assert registry.tags(cache)
    use_storage(monkeypatch, tmp_path / "other")
    second = image(tool, tmp_path / "context", "localhost/cached:1", cache=f"{registry.address}/{cache}")
    assert "Cache pulled from remote" in second
