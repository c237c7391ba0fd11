"""The stories of images, against a builder that keeps its images in memory."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from kitctl.errors import ExitCode, KitError
from kitctl.images import building, recipes
from kitctl.model.versions import pin
from kitctl.tools.builders.builder import Build
from kitctl.tools.process import Result
from tests.unit.fake_builder import DEBIAN, FakeBuilder
from tests.unit.fake_images import make, refused, silent


def test_the_airflow_image_is_named_by_version_and_content(tool: FakeBuilder) -> None:
    reference = recipes.ensure_airflow_image(silent)
    assert re.fullmatch(rf"kitctl\.local/airflow:{re.escape(pin('airflow.version'))}-[0-9a-f]{{12}}", reference)
    assert tool.orders[0].args["BASE_IMAGE"] == DEBIAN
    assert tool.orders[0].args["PYTHON_VERSION"] == pin("airflow.python")


def test_the_same_content_is_built_once(tool: FakeBuilder) -> None:
    first, second = make(None), make(None)
    assert (first.built, second.built, len(tool.orders)) == (True, False, 1)
    assert first.image == second.image


@pytest.mark.parametrize(
    "options",
    [
        recipes.ImageOptions(airflow_version="3.2.2"),
        recipes.ImageOptions(platform="linux/arm64"),
        recipes.ImageOptions(base_image="python:3.12-slim"),
        recipes.ImageOptions(extra_requirements="pandas"),
        recipes.ImageOptions(extras="amazon"),
    ],
)
def test_whatever_the_image_depends_on_is_in_its_name(tool: FakeBuilder, options: recipes.ImageOptions) -> None:
    tool.registry.add("docker.io/library/python:3.12-slim")
    usual = make(None).image
    assert recipes.build_airflow(options, silent).image != usual


def test_extras_are_named_in_any_order_and_spelling(tool: FakeBuilder) -> None:
    first = recipes.build_airflow(recipes.ImageOptions(extras="google, microsoft.azure"), silent)
    second = recipes.build_airflow(recipes.ImageOptions(extras="microsoft_azure,google,google"), silent)
    assert first.image == second.image
    assert tool.orders[-1].args["AIRFLOW_EXTRAS"] == "google,microsoft-azure"


@pytest.mark.parametrize(
    ("extras", "base", "error_id"),
    [("amazn", "", "extras-unknown"), ("amazon", "apache/airflow:3.3.2", "extras-base-image")],
)
def test_extras_that_cannot_be_added_are_refused(
    tool: FakeBuilder, dags: Path, extras: str, base: str, error_id: str
) -> None:
    options = recipes.ImageOptions(extras=extras)
    with pytest.raises(KitError) as error:
        recipes.build(dags, None, base, options=options, progress=silent)
    assert error.value.id == error_id
    assert tool.orders == []


def test_another_debian_gives_another_name(tool: FakeBuilder) -> None:
    before = make(None).image
    tool.images[DEBIAN] = {"io.airflow-kit.base-key": "newer"}
    assert make(None).image != before


def test_an_archive_of_the_cache_spares_the_build(tool: FakeBuilder) -> None:
    reference = make(None).image
    archive = recipes.archive(reference)
    del tool.images[reference]
    assert make(None).built is False
    assert reference in tool.images
    assert (len(tool.orders), recipes.archive(reference)) == (1, archive)


def test_a_dry_run_does_not_fetch_the_base_of_a_user(tool: FakeBuilder, dags: Path) -> None:
    tool.registry.add("docker.io/apache/airflow:3.3.2")
    options = recipes.ImageOptions(dry_run=True)
    built = recipes.build_dags(dags, None, "apache/airflow:3.3.2", check=True, options=options, progress=silent)
    assert (built.airflow_version, tool.orders) == ("3.3.2", [])
    assert tool.image_id("docker.io/apache/airflow:3.3.2") is None


def test_a_dry_run_builds_nothing_and_says_so(tool: FakeBuilder) -> None:
    said: list[str] = []
    recipes.build_airflow(recipes.ImageOptions(dry_run=True), said.append)
    assert tool.orders == []
    assert "would build" in said[-1]


def test_a_failed_build_shows_its_last_lines_and_names_the_log(tool: FakeBuilder) -> None:
    tool.output = "\n".join(f"line {n}" for n in range(100))
    error = refused("image-build-failed", None)
    assert "line 99" in error.cause
    assert "line 1\n" not in error.cause
    log = re.search(r"less (\S+\.log)", error.fix)
    assert log is not None
    assert Path(log[1]).read_text() == tool.output


@pytest.mark.parametrize("version", ["2.11.0", "3.1.9", "3.2.2rc1"])
def test_an_airflow_below_the_minimum_is_refused_before_the_build(tool: FakeBuilder, version: str) -> None:
    with pytest.raises(KitError) as error:
        recipes.build_airflow(recipes.ImageOptions(airflow_version=version), silent)
    assert (error.value.id, error.value.code) == ("image-too-old", ExitCode.PREFLIGHT)
    assert tool.orders == []


def test_what_is_no_version_is_refused_before_the_build(tool: FakeBuilder) -> None:
    with pytest.raises(KitError) as error:
        recipes.build_airflow(recipes.ImageOptions(airflow_version="latest"), silent)
    assert (error.value.id, error.value.code) == ("airflow-version-invalid", ExitCode.USAGE)
    assert "--airflow-version" in error.value.cause
    assert tool.orders == []


@pytest.mark.parametrize(("text", "fix"), [("3.13.1", "3.13"), ("python3", "3."), ("2.7", "3."), ("3", "3.")])
@pytest.mark.parametrize("dry_run", [True, False])
def test_what_is_no_python_is_refused_before_the_build(tool: FakeBuilder, text: str, fix: str, dry_run: bool) -> None:
    options = recipes.ImageOptions(python_version=text, dry_run=dry_run)
    with pytest.raises(KitError) as error:
        recipes.build(None, None, "", options=options, progress=silent)
    assert (error.value.id, error.value.code) == ("python-version-invalid", ExitCode.USAGE)
    assert f"--python-version {fix}" in error.value.fix
    assert tool.orders == []


@pytest.mark.parametrize("dry_run", [True, False])
def test_a_ca_bundle_without_certificates_is_refused_before_the_build(
    tool: FakeBuilder, tmp_path: Path, dry_run: bool
) -> None:
    (tmp_path / "ca.pem").write_text("no certificate", encoding="utf-8")
    options = recipes.ImageOptions(ca_bundle=tmp_path / "ca.pem", dry_run=dry_run)
    with pytest.raises(KitError) as error:
        recipes.build(None, None, "", options=options, progress=silent)
    assert error.value.id == "ca-bundle-missing"
    assert tool.orders == []


def test_a_version_that_the_index_does_not_have_is_told_in_words(tool: FakeBuilder) -> None:
    tool.output = (
        "  × No solution found when resolving dependencies:\n"
        "  ╰─▶ Because there is no version of\n      apache-airflow==3.3.9 and you require apache-airflow==3.3.9,\n"
        "      we can conclude that your requirements are unsatisfiable.\n"
    )
    error = refused("airflow-version-unknown", None)
    assert error.code == ExitCode.USAGE
    assert error.message == "The package index has no apache-airflow 3.3.9"
    assert "--airflow-version 3.3.2" in error.fix


def test_a_base_that_no_registry_gives_is_refused(tool: FakeBuilder) -> None:
    error = refused("base-image-unreachable", None, base="example.com/base:1")
    assert "no such host" in error.cause


def test_the_version_is_read_from_a_label_else_from_the_packages(tool: FakeBuilder) -> None:
    tool.images["docker.io/library/a:1"] = {"org.apache.airflow.version": "3.3.0"}
    tool.images["docker.io/library/b:1"] = {}
    tool.answer = Result(0, "AIRFLOW 3.2.2\n", "")
    assert (recipes.airflow_version("a:1"), recipes.airflow_version("b:1")) == ("3.3.0", "3.2.2")


@pytest.mark.parametrize("answer", [Result(0, "", ""), Result(127, "", "python: not found")])
def test_an_image_without_airflow_is_refused(tool: FakeBuilder, dags: Path, answer: Result) -> None:
    tool.registry.add("docker.io/library/busybox:latest")
    tool.answer = answer
    refused("image-no-airflow", dags, base="busybox")
    assert tool.orders == []


def test_an_image_with_an_old_airflow_is_refused(tool: FakeBuilder, dags: Path) -> None:
    tool.images["docker.io/apache/airflow:2.10.0"] = {"org.apache.airflow.version": "2.10.0"}
    assert "2.10.0" in refused("image-too-old", dags, base="apache/airflow:2.10.0").message


SERVERS = [
    (recipes.ensure_postgres_image, "docker.io/library/postgres:17", "postgres"),
    (recipes.ensure_redis_image, "docker.io/valkey/valkey:8.1", "redis"),
    (recipes.ensure_pgbouncer_image, "ghcr.io/cloudnative-pg/pgbouncer:1.24.1", "pgbouncer"),
    (recipes.ensure_rabbitmq_image, "docker.io/library/rabbitmq:4.0", "rabbitmq"),
]


@pytest.mark.parametrize(("ensure", "name", "folder"), SERVERS)
def test_the_official_server_is_taken_where_a_registry_answers(
    tool: FakeBuilder, ensure: Callable[..., str], name: str, folder: str
) -> None:
    tool.registry.add(name)
    assert ensure(silent) == name
    assert tool.orders == [], folder


@pytest.mark.parametrize(("ensure", "name", "folder"), SERVERS)
def test_else_the_stand_in_gets_the_official_name_and_is_rebuilt_when_it_changes(
    tool: FakeBuilder, ensure: Callable[..., str], name: str, folder: str
) -> None:
    assert ensure(silent) == name
    ensure(silent)
    assert [order.dockerfile.parent.name for order in tool.orders] == [folder]
    del tool.images[tool.orders[0].tag]
    tool.images[name] = {recipes.CONTENT_LABEL: "older"}
    ensure(silent)
    assert len(tool.orders) == 2


def test_a_repository_gets_the_name_of_the_content_and_the_report_has_it(tool: FakeBuilder, dags: Path) -> None:
    usual = make(dags).image
    built = recipes.build(
        dags, None, "", repository="r.example.com:5000/team/etl", options=recipes.ImageOptions(), progress=silent
    )
    assert built.image == f"r.example.com:5000/team/etl:{usual.rpartition(':')[2]}"
    assert {usual, built.image} <= set(tool.images)


def test_a_dry_run_names_the_image_in_the_repository_and_tags_nothing(tool: FakeBuilder, dags: Path) -> None:
    options = recipes.ImageOptions(dry_run=True)
    built = recipes.build(dags, None, "", repository="team/etl", options=options, progress=silent)
    assert built.image.startswith("team/etl:")
    assert not any("team/etl" in name for name in tool.images)


@pytest.mark.parametrize(
    ("name", "better"),
    [
        ("registry.example.com/team/dags:1", "registry.example.com/team/dags"),
        ("team/dags@sha256:0a", "docker.io/team/dags"),
        ("example.com/Team/dags", "example.com/team/dags"),
        ("a b", "registry.example.com/team/dags"),
        ("/x", "registry.example.com/team/dags"),
    ],
)
def test_what_is_no_repository_is_refused_before_anything_is_built(
    tool: FakeBuilder, dags: Path, name: str, better: str
) -> None:
    with pytest.raises(KitError) as error:
        recipes.build(dags, None, "", repository=name, options=recipes.ImageOptions(), progress=silent)
    assert (error.value.id, error.value.code) == ("repository-invalid", ExitCode.USAGE)
    assert error.value.fix == f"--repository {better}"
    assert tool.orders == []


def test_the_cache_of_layers_reaches_every_build(tool: FakeBuilder, dags: Path) -> None:
    recipes.build(dags, None, "", options=recipes.ImageOptions(layer_cache="example.com/layers"), progress=silent)
    assert [order.layer_cache for order in tool.orders] == ["example.com/layers"] * 2


def test_every_user_may_read_the_files_of_a_checkout_that_only_its_owner_may_read(
    tool: FakeBuilder, tmp_path: Path
) -> None:
    docker = tmp_path / "docker"
    (docker / "airflow").mkdir(parents=True)
    (docker / "airflow" / "Dockerfile").write_text("FROM a")
    (docker / "airflow" / "entrypoint.sh").write_text("#!/bin/sh")
    order = Build(docker / "airflow" / "Dockerfile", docker, "a:1")
    wanted = {"airflow": 0o755, "airflow/Dockerfile": 0o644, "airflow/entrypoint.sh": 0o755}
    for name, mode in wanted.items():
        (docker / name).chmod(mode)
    assert building.make(tool, order, recipes.ImageOptions(), silent)
    assert (tool.orders[-1].context, tool.modes) == (docker, wanted)
    for name, mode in wanted.items():
        (docker / name).chmod(mode & 0o700)
    assert building.make(tool, replace(order, tag="a:2"), recipes.ImageOptions(), silent)
    assert tool.modes == wanted
    assert not tool.orders[-1].context.exists()


def test_so_may_they_with_a_layer_of_dags_under_any_umask(tool: FakeBuilder, dags: Path) -> None:
    old = os.umask(0o077)
    try:
        make(dags)
    finally:
        os.umask(old)
    assert {mode for name, mode in tool.modes.items() if name.startswith(("kit", "dags"))} == {0o644, 0o755}
