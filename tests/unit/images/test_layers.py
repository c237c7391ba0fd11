"""Images of DAGs and requirements on any Airflow image, and those of the examples."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from kitctl.errors import ExitCode, KitError
from kitctl.images import recipes
from kitctl.model.image_ref import chosen_by_kit, copy
from kitctl.model.versions import data_dir, pin
from tests.unit.fake_builder import FakeBuilder
from tests.unit.fake_images import OPTIONS, make, refused, reported, silent


def test_a_dags_image_stands_on_the_kits_own_image(tool: FakeBuilder, dags: Path) -> None:
    reference = recipes.ensure_dags_image(dags, None, "", True, silent)
    own, thin = tool.orders
    assert re.fullmatch(r"kitctl\.local/dags:[0-9a-f]{12}", reference)
    assert (thin.args["BASE_IMAGE"], thin.args["CHECK"]) == (own.tag, "yes")
    assert tool.context["dags/a.py"] == "a"
    assert tool.images[reference]["org.opencontainers.image.base.name"] == own.tag
    assert tool.context["kit/requirements.txt"] == ""
    assert {"Dockerfile", "kit/install.py", "kit/check.py", "kit/worker_mode.py", "kit/with-network.sh"} <= set(
        tool.context
    )


def test_the_tag_tells_the_kits_examples_from_dags_of_a_user(tool: FakeBuilder, dags: Path, tmp_path: Path) -> None:
    """So that a later `up` knows what nobody asked for, even where the image itself is gone."""
    (more := tmp_path / "reqs.txt").write_text("pandas\n")
    assert chosen_by_kit(make(data_dir("dags")).image)
    assert "dags:examples-plus-" in make(data_dir("dags"), more).image
    tool.images["docker.io/apache/airflow:3.3.2"] = {"org.apache.airflow.version": "3.3.2"}
    for image in (
        make(data_dir("dags"), more).image,
        make(data_dir("dags"), base="apache/airflow:3.3.2").image,
        make(dags).image,
        make(None, more).image,
        make(copy(data_dir("dags"), tmp_path / "copy")).image,
    ):
        assert not chosen_by_kit(image)


def test_it_may_stand_on_any_airflow_image(tool: FakeBuilder, dags: Path) -> None:
    tool.images["docker.io/apache/airflow:3.3.2"] = {"org.apache.airflow.version": "3.3.2"}
    built = make(dags, base="apache/airflow:3.3.2")
    assert [o.args["BASE_IMAGE"] for o in tool.orders] == ["docker.io/apache/airflow:3.3.2"]
    assert tool.images[built.image]["io.airflow-kit.airflow-version"] == "3.3.2"


def test_a_folder_takes_the_place_of_the_bases_dags_and_the_bases_user_goes_on(
    tool: FakeBuilder, dags: Path, tmp_path: Path
) -> None:
    (tmp_path / "reqs.txt").write_text("pandas\n")
    tool.images["docker.io/apache/airflow:3.3.2"] = {"org.apache.airflow.version": "3.3.2"}
    tool.users["docker.io/apache/airflow:3.3.2"] = "airflow"
    make(dags, base="apache/airflow:3.3.2")
    assert (tool.orders[-1].args["CLEAR"], tool.orders[-1].args["BASE_USER"]) == ("yes", "airflow")
    make(None, tmp_path / "reqs.txt", base="apache/airflow:3.3.2")
    assert (tool.orders[-1].args["CLEAR"], tool.orders[-1].args["BASE_USER"]) == ("no", "airflow")
    make(dags)
    assert tool.orders[-1].args["BASE_USER"] == "root"
    assert [order.cache_user for order in tool.orders] == ["airflow", "airflow", "root", "root"]


def test_only_changed_content_is_built_again(tool: FakeBuilder, dags: Path) -> None:
    first = make(dags)
    (dags / "__pycache__").mkdir()
    (dags / "__pycache__" / "a.pyc").write_text("x")
    assert make(dags) == recipes.Built(first.image, first.airflow_version, False, "buildah")
    (dags / "a.py").write_text("changed")
    assert make(dags).image != first.image
    assert make(dags, check=False).image != make(dags).image


def test_one_more_name_is_given_on_demand(tool: FakeBuilder, dags: Path) -> None:
    recipes.build(dags, None, "", tag="mine:1", options=OPTIONS, progress=silent)
    assert "docker.io/library/mine:1" in tool.images


def test_links_are_followed_and_dangling_ones_left_out(tool: FakeBuilder, dags: Path, tmp_path: Path) -> None:
    (tmp_path / "shared.py").write_text("shared")
    (dags / "shared.py").symlink_to(tmp_path / "shared.py")
    (dags / "gone.py").symlink_to(tmp_path / "gone.py")
    (dags / "again.py").symlink_to("shared.py")
    make(dags)
    assert (tool.context["dags/shared.py"], tool.context["dags/again.py"]) == ("shared", "shared")
    assert "dags/gone.py" not in tool.context


def test_requirements_are_flattened_into_one_file(tool: FakeBuilder, dags: Path, tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "reqs.txt").write_text("-r sub/more.txt\npandas\n")
    (tmp_path / "sub" / "more.txt").write_text("numpy\n--requirement=../reqs.txt\n")
    make(dags, tmp_path / "reqs.txt")
    assert tool.context["kit/requirements.txt"] == "numpy\npandas\n"


def test_requirements_in_another_encoding_are_told(tool: FakeBuilder, dags: Path, tmp_path: Path) -> None:
    (tmp_path / "reqs.txt").write_bytes("pandas\n".encode("utf-16"))
    with pytest.raises(KitError) as caught:
        make(dags, tmp_path / "reqs.txt")
    assert (caught.value.id, caught.value.code) == ("requirements-encoding", ExitCode.PREFLIGHT)
    assert "iconv" in caught.value.fix


def test_an_example_stands_on_what_would_be_built_without_it(tool: FakeBuilder, dags: Path) -> None:
    def build(**more: str) -> recipes.Built:
        return recipes.build(None, None, more.pop("base", ""), example="zip", options=OPTIONS, progress=silent, **more)

    own = build()
    assert re.fullmatch(r"kitctl\.local/example:zip-[0-9a-f]{12}", own.image)
    assert (own.airflow_version, own.built, build().built) == (pin("airflow.version"), True, False)
    airflow, order = tool.orders
    assert (order.args["BASE_IMAGE"], order.args["BASE_USER"]) == (airflow.tag, "root")
    assert tool.images[own.image]["org.opencontainers.image.base.name"] == airflow.tag
    assert {"examples/zip/Dockerfile", "common/apt-install.sh"} <= set(tool.context)
    tool.images["docker.io/apache/airflow:3.3.2"] = {"org.apache.airflow.version": "3.3.2"}
    tool.users["docker.io/apache/airflow:3.3.2"] = "airflow"
    official = build(base="apache/airflow:3.3.2", tag="mine:1")
    assert (tool.orders[-1].args["BASE_IMAGE"], tool.orders[-1].args["BASE_USER"]) == (
        "docker.io/apache/airflow:3.3.2",
        "airflow",
    )
    assert official.image != own.image
    assert "docker.io/library/mine:1" in tool.images
    thin = recipes.build(dags, None, "", example="zip", options=OPTIONS, progress=silent)
    assert tool.orders[-1].args["BASE_IMAGE"].startswith("kitctl.local/dags:")
    assert thin.image not in {own.image, official.image}


def test_an_unknown_example_is_refused_before_anything_is_built(tool: FakeBuilder) -> None:
    with pytest.raises(KitError) as error:
        recipes.build(None, None, "", example="nope", options=OPTIONS, progress=silent)
    assert (error.value.id, error.value.code, tool.orders) == ("example-unknown", ExitCode.USAGE, [])
    assert "zip" in error.value.cause


def test_requirements_alone_need_no_dags(tool: FakeBuilder, tmp_path: Path) -> None:
    (tmp_path / "reqs.txt").write_text("pandas\n")
    make(None, tmp_path / "reqs.txt")
    assert tool.orders[-1].args["CHECK"] == "no"


def test_a_missing_folder_a_file_and_an_empty_folder_are_refused(tool: FakeBuilder, dags: Path, tmp_path: Path) -> None:
    assert "does not exist" in refused("dags-missing", tmp_path / "nope").message
    assert "is a file" in refused("dags-missing", dags / "a.py").message
    (tmp_path / "empty").mkdir()
    refused("dags-empty", tmp_path / "empty")
    refused("requirements-missing", dags, tmp_path / "nope.txt")
    assert [o.tag for o in tool.orders if "/dags:" in o.tag] == []
    assert make(tmp_path / "empty", check=False).built


def test_a_conflict_names_both_versions(tool: FakeBuilder) -> None:
    conflicts = [
        {"package": "sqlalchemy", "wanted": "<2", "installed": "2.1.9", "by": ""},
        {"package": "anyio", "wanted": "<4", "installed": "4.16.0", "by": "langchain 0.0.300"},
    ]
    error = reported({"id": "requirements-conflict", "conflicts": conflicts})
    assert (error.id, error.code) == ("requirements-conflict", ExitCode.PREFLIGHT)
    assert "sqlalchemy: your file wants <2, the image has 2.1.9" in error.cause
    assert "anyio: langchain 0.0.300 wants <4, the image has 4.16.0" in error.cause
    assert "sqlalchemy==2.1.9" in error.fix
    assert "langchain that accepts anyio 4.16.0" in error.fix


def test_a_dag_that_does_not_import_brings_its_traceback(tool: FakeBuilder) -> None:
    error = reported({"id": "dag-import-failed", "files": {"a.py": "Traceback\nSyntaxError: x"}})
    assert error.message == "1 DAG file does not import: a.py"
    assert "SyntaxError: x" in error.cause
    assert "--no-check" in error.fix


def test_other_reports_of_the_build_have_their_own_errors(tool: FakeBuilder) -> None:
    assert reported({"id": "dags-empty"}).id == "dags-empty"
    assert reported({"id": "requirements-not-installed", "cause": "no such package"}).cause == "no such package"
