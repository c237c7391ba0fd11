"""One image for several platforms, against a builder that keeps its images in memory."""

from __future__ import annotations

from pathlib import Path

import pytest

from kitctl.errors import ExitCode, KitError
from kitctl.images import building, recipes
from kitctl.tools.builders import emulation
from tests.unit.fake_builder import DEBIAN, FakeBuilder
from tests.unit.fake_images import silent

BOTH = "linux/amd64,linux/arm64"
OFFICIAL = "docker.io/apache/airflow:3.3.2"
LISTED = {"linux/amd64": f"sha256:{'a' * 64}", "linux/arm64": f"sha256:{'b' * 64}"}


@pytest.fixture(autouse=True)
def machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(emulation, "native", lambda: "linux/arm64")


def build(dags: Path | None, platform: str = BOTH, base: str = "", **more: object) -> recipes.Built:
    dry_run = bool(more.pop("dry_run", False))
    options = recipes.ImageOptions(platform=platform, dry_run=dry_run)
    return recipes.build(dags, None, base, options=options, progress=silent, **more)  # type: ignore[arg-type]


def test_each_platform_gets_an_image_and_a_name_that_ends_with_it(tool: FakeBuilder, dags: Path) -> None:
    built = build(dags, tag="r.example.com/x:1", repository="r.example.com/y")
    assert [order.platform for order in tool.orders] == ["linux/amd64", "linux/amd64", "linux/arm64", "linux/arm64"]
    content = built.image.rpartition(":")[2]
    assert built.image == f"r.example.com/y:{content}"
    for name in (f"kitctl.local/dags:{content}", "r.example.com/x:1", f"r.example.com/y:{content}"):
        assert {name, f"{name}-amd64", f"{name}-arm64"} <= set(tool.images)


def test_the_name_without_an_ending_is_this_machines_own_image(
    tool: FakeBuilder, dags: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tagged: list[tuple[str, str]] = []
    monkeypatch.setattr(tool, "tag", lambda image, new: tagged.append((image, new)))
    built = build(dags)
    own = tool.orders[-1].tag
    assert tagged == [
        (own, built.image),
        (tool.orders[1].tag, f"{built.image}-amd64"),
        (own, f"{built.image}-arm64"),
    ]


def test_the_name_depends_on_content_and_platforms(tool: FakeBuilder, dags: Path) -> None:
    first = build(dags).image
    assert build(dags, "linux/arm64,linux/amd64").image == first
    assert build(dags, "linux/amd64,linux/arm64,linux/s390x").image != first
    (dags / "a.py").write_text("b")
    assert build(dags).image != first


def test_one_platform_is_an_image_like_any_other(tool: FakeBuilder, dags: Path) -> None:
    built = build(dags, "linux/arm64,")
    assert built.image == tool.orders[-1].tag
    assert not any(name.endswith("-arm64") for name in tool.images)


def test_the_base_of_each_platform_is_taken_by_its_digest(tool: FakeBuilder, dags: Path) -> None:
    names = {platform: f"docker.io/apache/airflow@{digest}" for platform, digest in LISTED.items()}
    tool.listed[OFFICIAL] = LISTED
    tool.images |= {name: {"org.apache.airflow.version": "3.3.2"} for name in names.values()}
    build(dags, base="apache/airflow:3.3.2")
    assert {order.platform: order.args["BASE_IMAGE"] for order in tool.orders} == names


def test_debian_below_the_kits_own_image_is_taken_by_its_digest_as_well(tool: FakeBuilder) -> None:
    tool.listed[DEBIAN] = LISTED
    for digest in LISTED.values():
        tool.images[f"docker.io/library/debian@{digest}"] = {}
    build(None)
    wanted = {platform: f"docker.io/library/debian@{digest}" for platform, digest in LISTED.items()}
    assert {order.platform: order.args["BASE_IMAGE"] for order in tool.orders} == wanted


def test_a_base_without_the_platform_is_refused_with_those_that_it_has(tool: FakeBuilder, dags: Path) -> None:
    tool.listed[OFFICIAL] = {"linux/amd64": LISTED["linux/amd64"]}
    with pytest.raises(KitError) as error:
        build(dags, "linux/s390x", base="apache/airflow:3.3.2")
    assert (error.value.id, error.value.code) == ("platform-not-in-base", ExitCode.PREFLIGHT)
    assert error.value.cause == "Its registry has: linux/amd64"
    assert tool.orders == []


def test_without_a_platform_no_registry_is_asked(tool: FakeBuilder, dags: Path) -> None:
    tool.listed[DEBIAN] = LISTED
    build(dags, "")
    assert tool.orders[0].args["BASE_IMAGE"] == DEBIAN


def test_a_platform_that_cannot_run_here_is_refused_before_anything_is_built(tool: FakeBuilder, dags: Path) -> None:
    tool.foreign = ("linux/amd64",)
    with pytest.raises(KitError) as error:
        build(dags)
    assert (error.value.id, error.value.code) == ("platform-not-runnable", ExitCode.PREFLIGHT)
    assert "qemu-x86_64" in error.value.cause
    assert "apt-get install -y qemu-user-static" in error.value.fix
    assert "--install amd64" in error.value.fix
    assert tool.orders == []


@pytest.mark.parametrize("said", ["exec /bin/sh: exec format error", "error: Exec format error (os error 8)"])
def test_a_build_that_cannot_run_its_programs_says_the_same(tool: FakeBuilder, dags: Path, said: str) -> None:
    tool.output = said
    with pytest.raises(KitError) as error:
        build(dags)
    assert error.value.id == "platform-not-runnable"
    # For this machine's own platform, those words have another reason.
    assert building.failure("x", said).id == "image-build-failed"


@pytest.mark.parametrize("text", ["arm64", "linux/arm64;linux/amd64", "windows/amd64", "linux/ARM64"])
def test_what_is_no_platform_is_a_usage_error(tool: FakeBuilder, dags: Path, text: str) -> None:
    for act in (lambda: build(dags, text), lambda: recipes.push("x:1", "auto", None, text)):
        with pytest.raises(KitError) as error:
            act()
        assert (error.value.id, error.value.code) == ("platform-invalid", ExitCode.USAGE)


def test_a_dry_run_names_nothing(tool: FakeBuilder, dags: Path) -> None:
    before = set(tool.images)
    assert build(dags, dry_run=True, repository="r.example.com/y").image.startswith("r.example.com/y:")
    assert set(tool.images) == before


def test_a_push_sends_the_list_of_what_was_built(tool: FakeBuilder, dags: Path, tmp_path: Path) -> None:
    built = build(dags, repository="r.example.com/y")
    name, digest = recipes.push(built.image, "auto", tmp_path / "digest", BOTH)
    assert tool.lists == {name: {"linux/amd64": f"{name}-amd64", "linux/arm64": f"{name}-arm64"}}
    assert (tmp_path / "digest").read_text() == f"{digest}\n"
    recipes.push(built.image)
    assert len(tool.lists) == 1


def test_an_image_that_is_missing_for_a_platform_is_named(tool: FakeBuilder, dags: Path) -> None:
    built = build(dags, repository="r.example.com/y")
    with pytest.raises(KitError) as error:
        recipes.push(built.image, platform="linux/amd64,linux/s390x")
    assert error.value.id == "image-missing"
    assert f"{built.image}-s390x" in error.value.message
    assert "--platform linux/amd64,linux/s390x" in error.value.fix
    assert tool.lists == {}
