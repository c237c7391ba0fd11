"""The stories of images, against a builder that keeps its images in memory."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from kitctl.errors import ExitCode, KitError
from kitctl.model.settings import Settings
from kitctl.model.versions import pin
from kitctl.tools import builder
from kitctl.tools.process import Result
from kitctl.usecases import image, image_build, image_store
from tests.unit.fake_builder import DEBIAN, FakeBuilder

OPTIONS = image.ImageOptions()


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeBuilder]:
    tool = FakeBuilder()
    monkeypatch.setenv("KITCTL_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(builder, "find", lambda chosen="": tool)
    yield tool


@pytest.fixture
def dags(tmp_path: Path) -> Path:
    folder = tmp_path / "outside" / "my dags"
    folder.mkdir(parents=True)
    (folder / "a.py").write_text("a")
    return folder


def silent(line: str) -> None:
    pass


def make(dags: Path | None, requirements: Path | None = None, base: str = "", check: bool = True) -> image.Built:
    return image.build(dags, requirements, base, check=check, options=OPTIONS, progress=silent)


def refused(error_id: str, *args: object, **more: object) -> KitError:
    with pytest.raises(KitError) as error:
        make(*args, **more)  # type: ignore[arg-type]
    assert error.value.id == error_id
    return error.value


# The kit's own image


def test_the_airflow_image_is_named_by_version_and_content(fake: FakeBuilder) -> None:
    reference = image.ensure_airflow_image(silent)
    assert re.fullmatch(rf"kitctl\.local/airflow:{re.escape(pin('airflow.version'))}-[0-9a-f]{{12}}", reference)
    assert fake.orders[0].args["BASE_IMAGE"] == DEBIAN
    assert fake.orders[0].args["PYTHON_VERSION"] == pin("airflow.python")


def test_the_same_content_is_built_once(fake: FakeBuilder) -> None:
    first, second = make(None), make(None)
    assert (first.built, second.built, len(fake.orders)) == (True, False, 1)
    assert first.image == second.image


@pytest.mark.parametrize(
    "options",
    [
        image.ImageOptions(airflow_version="3.2.2"),
        image.ImageOptions(platform="linux/arm64"),
        image.ImageOptions(base_image="python:3.12-slim"),
        image.ImageOptions(extra_requirements="pandas"),
    ],
)
def test_whatever_the_image_depends_on_is_in_its_name(fake: FakeBuilder, options: image.ImageOptions) -> None:
    fake.registry.add("docker.io/library/python:3.12-slim")
    usual = make(None).image
    assert image.build_airflow(options, silent).image != usual


def test_another_debian_gives_another_name(fake: FakeBuilder) -> None:
    before = make(None).image
    fake.images[DEBIAN] = {"io.airflow-kit.base-key": "newer"}
    assert make(None).image != before


def test_an_archive_of_the_cache_spares_the_build(fake: FakeBuilder) -> None:
    reference = make(None).image
    archive = image.archive(reference)
    del fake.images[reference]
    assert make(None).built is False
    assert reference in fake.images
    assert (len(fake.orders), image.archive(reference)) == (1, archive)


def test_a_dry_run_builds_nothing_and_says_so(fake: FakeBuilder) -> None:
    said: list[str] = []
    image.build_airflow(image.ImageOptions(dry_run=True), said.append)
    assert fake.orders == []
    assert "would build" in said[-1]


def test_a_failed_build_shows_its_last_lines_and_names_the_log(fake: FakeBuilder) -> None:
    fake.output = "\n".join(f"line {n}" for n in range(100))
    error = refused("image-build-failed", None)
    assert "line 99" in error.cause
    assert "line 1\n" not in error.cause
    log = re.search(r"in (\S+\.log)", error.fix)
    assert log is not None
    assert Path(log[1]).read_text() == fake.output


@pytest.mark.parametrize("version", ["2.11.0", "3.1.9", "3.2.2rc1", "latest"])
def test_an_airflow_below_the_minimum_is_refused_before_the_build(fake: FakeBuilder, version: str) -> None:
    with pytest.raises(KitError) as error:
        image.build_airflow(image.ImageOptions(airflow_version=version), silent)
    assert (error.value.id, error.value.code) == ("image-too-old", ExitCode.PREFLIGHT)
    assert fake.orders == []


def test_a_base_that_no_registry_gives_is_refused(fake: FakeBuilder) -> None:
    error = refused("base-image-unreachable", None, base="example.com/base:1")
    assert "no such host" in error.cause


# The Airflow inside an image


def test_the_version_is_read_from_a_label_else_from_the_packages(fake: FakeBuilder) -> None:
    fake.images["docker.io/library/a:1"] = {"org.apache.airflow.version": "3.3.0"}
    fake.images["docker.io/library/b:1"] = {}
    fake.answer = Result(0, "AIRFLOW 3.2.2\n", "")
    assert (image.airflow_version("a:1"), image.airflow_version("b:1")) == ("3.3.0", "3.2.2")


@pytest.mark.parametrize("answer", [Result(0, "", ""), Result(127, "", "python: not found")])
def test_an_image_without_airflow_is_refused(fake: FakeBuilder, dags: Path, answer: Result) -> None:
    fake.registry.add("docker.io/library/busybox:latest")
    fake.answer = answer
    refused("image-no-airflow", dags, base="busybox")
    assert fake.orders == []


def test_an_image_with_an_old_airflow_is_refused(fake: FakeBuilder, dags: Path) -> None:
    fake.images["docker.io/apache/airflow:2.10.0"] = {"org.apache.airflow.version": "2.10.0"}
    assert "2.10.0" in refused("image-too-old", dags, base="apache/airflow:2.10.0").message


# DAG images


def test_a_dags_image_stands_on_the_kits_own_image(fake: FakeBuilder, dags: Path) -> None:
    reference = image.ensure_dags_image(dags, None, "", True, silent)
    own, thin = fake.orders
    assert re.fullmatch(r"kitctl\.local/dags:[0-9a-f]{12}", reference)
    assert (thin.args["BASE_IMAGE"], thin.args["CHECK"]) == (own.tag, "yes")
    assert fake.context["dags/a.py"] == "a"
    assert fake.images[reference]["org.opencontainers.image.base.name"] == own.tag
    assert fake.context["kit/requirements.txt"] == ""
    assert {"Dockerfile", "kit/install.py", "kit/check.py", "kit/with-network.sh"} <= set(fake.context)


def test_it_may_stand_on_any_airflow_image(fake: FakeBuilder, dags: Path) -> None:
    fake.images["docker.io/apache/airflow:3.3.2"] = {"org.apache.airflow.version": "3.3.2"}
    built = make(dags, base="apache/airflow:3.3.2")
    assert [o.args["BASE_IMAGE"] for o in fake.orders] == ["docker.io/apache/airflow:3.3.2"]
    assert fake.images[built.image]["io.airflow-kit.airflow-version"] == "3.3.2"


def test_a_folder_takes_the_place_of_the_bases_dags_and_the_bases_user_goes_on(
    fake: FakeBuilder, dags: Path, tmp_path: Path
) -> None:
    (tmp_path / "reqs.txt").write_text("pandas\n")
    fake.images["docker.io/apache/airflow:3.3.2"] = {"org.apache.airflow.version": "3.3.2"}
    fake.users["docker.io/apache/airflow:3.3.2"] = "airflow"
    make(dags, base="apache/airflow:3.3.2")
    assert (fake.orders[-1].args["CLEAR"], fake.orders[-1].args["BASE_USER"]) == ("yes", "airflow")
    make(None, tmp_path / "reqs.txt", base="apache/airflow:3.3.2")
    assert (fake.orders[-1].args["CLEAR"], fake.orders[-1].args["BASE_USER"]) == ("no", "airflow")
    make(dags)
    assert fake.orders[-1].args["BASE_USER"] == "root"


def test_only_changed_content_is_built_again(fake: FakeBuilder, dags: Path) -> None:
    first = make(dags)
    (dags / "__pycache__").mkdir()
    (dags / "__pycache__" / "a.pyc").write_text("x")
    assert make(dags) == image.Built(first.image, first.airflow_version, False, "buildah")
    (dags / "a.py").write_text("changed")
    assert make(dags).image != first.image
    assert make(dags, check=False).image != make(dags).image


def test_one_more_name_is_given_on_demand(fake: FakeBuilder, dags: Path) -> None:
    image.build(dags, None, "", tag="mine:1", options=OPTIONS, progress=silent)
    assert "docker.io/library/mine:1" in fake.images


def test_links_are_followed_and_dangling_ones_left_out(fake: FakeBuilder, dags: Path, tmp_path: Path) -> None:
    (tmp_path / "shared.py").write_text("shared")
    (dags / "shared.py").symlink_to(tmp_path / "shared.py")
    (dags / "gone.py").symlink_to(tmp_path / "gone.py")
    make(dags)
    assert fake.context["dags/shared.py"] == "shared"
    assert "dags/gone.py" not in fake.context


def test_requirements_are_flattened_into_one_file(fake: FakeBuilder, dags: Path, tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "reqs.txt").write_text("-r sub/more.txt\npandas\n")
    (tmp_path / "sub" / "more.txt").write_text("numpy\n--requirement=../reqs.txt\n")
    make(dags, tmp_path / "reqs.txt")
    assert fake.context["kit/requirements.txt"] == "numpy\npandas\n"


def test_requirements_in_another_encoding_are_told(fake: FakeBuilder, dags: Path, tmp_path: Path) -> None:
    (tmp_path / "reqs.txt").write_bytes("pandas\n".encode("utf-16"))
    with pytest.raises(KitError) as caught:
        make(dags, tmp_path / "reqs.txt")
    assert (caught.value.id, caught.value.code) == ("requirements-encoding", ExitCode.PREFLIGHT)
    assert "iconv" in caught.value.fix


# Example images


def test_an_example_stands_on_what_would_be_built_without_it(fake: FakeBuilder, dags: Path) -> None:
    def build(**more: str) -> image.Built:
        return image.build(None, None, more.pop("base", ""), example="zip", options=OPTIONS, progress=silent, **more)

    own = build()
    assert re.fullmatch(r"kitctl\.local/example:zip-[0-9a-f]{12}", own.image)
    assert (own.airflow_version, own.built, build().built) == (pin("airflow.version"), True, False)
    airflow, order = fake.orders
    assert (order.args["BASE_IMAGE"], order.args["BASE_USER"]) == (airflow.tag, "root")
    assert fake.images[own.image]["org.opencontainers.image.base.name"] == airflow.tag
    assert {"examples/zip/Dockerfile", "common/apt-install.sh"} <= set(fake.context)
    fake.images["docker.io/apache/airflow:3.3.2"] = {"org.apache.airflow.version": "3.3.2"}
    fake.users["docker.io/apache/airflow:3.3.2"] = "airflow"
    official = build(base="apache/airflow:3.3.2", tag="mine:1")
    assert (fake.orders[-1].args["BASE_IMAGE"], fake.orders[-1].args["BASE_USER"]) == (
        "docker.io/apache/airflow:3.3.2",
        "airflow",
    )
    assert official.image != own.image
    assert "docker.io/library/mine:1" in fake.images
    thin = image.build(dags, None, "", example="zip", options=OPTIONS, progress=silent)
    assert fake.orders[-1].args["BASE_IMAGE"].startswith("kitctl.local/dags:")
    assert thin.image not in {own.image, official.image}


def test_an_unknown_example_is_refused_before_anything_is_built(fake: FakeBuilder) -> None:
    with pytest.raises(KitError) as error:
        image.build(None, None, "", example="nope", options=OPTIONS, progress=silent)
    assert (error.value.id, error.value.code, fake.orders) == ("example-unknown", ExitCode.USAGE, [])
    assert "zip" in error.value.cause


def test_requirements_alone_need_no_dags(fake: FakeBuilder, tmp_path: Path) -> None:
    (tmp_path / "reqs.txt").write_text("pandas\n")
    make(None, tmp_path / "reqs.txt")
    assert fake.orders[-1].args["CHECK"] == "no"


def test_a_missing_folder_a_file_and_an_empty_folder_are_refused(fake: FakeBuilder, dags: Path, tmp_path: Path) -> None:
    assert "No such folder" in refused("dags-missing", tmp_path / "nope").cause
    assert "It is a file" in refused("dags-missing", dags / "a.py").cause
    (tmp_path / "empty").mkdir()
    refused("dags-empty", tmp_path / "empty")
    refused("requirements-missing", dags, tmp_path / "nope.txt")
    assert [o.tag for o in fake.orders if "/dags:" in o.tag] == []
    assert make(tmp_path / "empty", check=False).built


def reported(body: dict[str, object]) -> KitError:
    # As BuildKit shows it, behind its own prefix.
    return image_build.failure("x", f"#12 0.345 KITCTL-ERROR {json.dumps(body)}\n#12 ERROR: exit code 1")


def test_a_conflict_names_both_versions(fake: FakeBuilder) -> None:
    conflicts = [
        {"package": "sqlalchemy", "wanted": "<2", "installed": "2.1.9", "by": ""},
        {"package": "anyio", "wanted": "<4", "installed": "4.16.0", "by": "langchain 0.0.300"},
    ]
    error = reported({"id": "requirements-conflict", "conflicts": conflicts})
    assert (error.id, error.code) == ("requirements-conflict", ExitCode.PREFLIGHT)
    assert "sqlalchemy: your file wants <2, the image holds 2.1.9" in error.cause
    assert "anyio: langchain 0.0.300 wants <4, the image holds 4.16.0" in error.cause
    assert "sqlalchemy==2.1.9" in error.fix
    assert "langchain that accepts anyio 4.16.0" in error.fix


def test_a_dag_that_does_not_import_brings_its_traceback(fake: FakeBuilder) -> None:
    error = reported({"id": "dag-import-failed", "files": {"a.py": "Traceback\nSyntaxError: x"}})
    assert error.message == "1 DAG file does not import: a.py"
    assert "SyntaxError: x" in error.cause
    assert "--no-check" in error.fix


def test_other_reports_of_the_build_have_their_own_errors(fake: FakeBuilder) -> None:
    assert reported({"id": "dags-empty"}).id == "dags-empty"
    assert reported({"id": "requirements-not-installed", "cause": "no such package"}).cause == "no such package"


# PostgreSQL


def test_the_official_postgres_is_taken_where_a_registry_answers(fake: FakeBuilder) -> None:
    fake.registry.add("docker.io/library/postgres:17")
    assert image.ensure_postgres_image(silent) == "docker.io/library/postgres:17"
    assert fake.orders == []


def test_else_the_stand_in_gets_the_official_name_and_is_rebuilt_when_it_changes(fake: FakeBuilder) -> None:
    assert image.ensure_postgres_image(silent) == "docker.io/library/postgres:17"
    image.ensure_postgres_image(silent)
    assert len(fake.orders) == 1
    del fake.images[fake.orders[0].tag]
    fake.images["docker.io/library/postgres:17"] = {image.CONTENT_LABEL: "older"}
    image.ensure_postgres_image(silent)
    assert len(fake.orders) == 2


# Archives, clusters, registries


@dataclass
class FakeCluster:
    name: str = "kitctl-node"
    held: set[str] = field(default_factory=set)
    origin: dict[str, str] = field(default_factory=dict)
    running: bool = True

    def exists(self) -> bool:
        return self.running

    def has_image(self, reference: str) -> bool:
        return reference in self.held

    def load_image(self, reference: str, archive: Path, progress: object) -> None:
        assert archive.read_text() == reference
        self.held.add(reference)
        self.origin[reference] = archive.stem

    def loaded_from(self, reference: str) -> str:
        return self.origin.get(reference, "")


def test_an_image_is_saved_once_and_loaded_once(fake: FakeBuilder) -> None:
    cluster, reference = FakeCluster(), make(None).image
    assert [image.load(cluster, reference, silent) for _ in range(2)] == [True, False]  # type: ignore[arg-type]
    image.load(FakeCluster(), reference, silent)  # type: ignore[arg-type]
    assert fake.saved == 1


def test_a_name_that_moves_gets_an_archive_per_content(fake: FakeBuilder, monkeypatch: pytest.MonkeyPatch) -> None:
    fake.images["docker.io/library/postgres:17"] = {}
    first = image.archive("postgres:17")
    monkeypatch.setattr(fake, "image_id", lambda reference: "moved0000000")
    assert image.archive("postgres:17") != first


def test_a_tag_that_was_built_again_is_loaded_again(fake: FakeBuilder, monkeypatch: pytest.MonkeyPatch) -> None:
    cluster = FakeCluster()
    fake.images["docker.io/team/flow:1"] = {}
    assert [image.load(cluster, "team/flow:1", silent) for _ in range(2)] == [True, False]  # type: ignore[arg-type]
    before = image_store.revision("team/flow:1")
    monkeypatch.setattr(fake, "image_id", lambda reference: "moved0000000cafe")
    assert [image.load(cluster, "team/flow:1", silent) for _ in range(2)] == [True, False]  # type: ignore[arg-type]
    assert image_store.revision("team/flow:1") == "moved0000000" != before


def test_a_name_made_from_content_needs_no_revision(fake: FakeBuilder) -> None:
    assert image_store.revision(make(None).image) == ""
    assert image_store.revision("nowhere:1") == ""


def test_old_archives_of_a_repository_are_deleted(fake: FakeBuilder, dags: Path) -> None:
    own = image.archive(make(None).image)
    paths = []
    for n in range(5):
        (dags / "a.py").write_text(str(n))
        paths.append(image.archive(make(dags).image))
    assert [p.exists() for p in paths] == [False, False, True, True, True]
    assert own.exists()


def test_an_image_that_is_nowhere_is_named(fake: FakeBuilder) -> None:
    with pytest.raises(KitError) as error:
        image.archive("nowhere:1")
    assert error.value.id == "image-missing"
    with pytest.raises(KitError) as error:
        image.push("nowhere:1")
    assert error.value.id == "image-missing"


def test_the_running_cluster_of_a_provider_that_loads_images_is_found(
    fake: FakeBuilder, monkeypatch: pytest.MonkeyPatch
) -> None:
    cluster, reference = FakeCluster(), make(None).image
    monkeypatch.setattr(image_store.clusters, "providers", lambda: ["existing", "node"])
    monkeypatch.setattr(image_store.clusters, "get", lambda provider, name: cluster)
    assert image.load_into(Settings(dry_run=True), reference, silent) == (reference, False, "kitctl-node")
    assert image.load_into(Settings(), reference, silent) == (reference, True, "kitctl-node")
    cluster.running = False
    with pytest.raises(KitError) as error:
        image.load_into(Settings(), reference, silent)
    assert error.value.id == "cluster-missing"
    assert image.load_into(Settings(provider="node"), reference, silent)[1] is False


def test_what_a_provider_said_stands_in_the_error_of_a_missing_cluster(monkeypatch: pytest.MonkeyPatch) -> None:
    def get(provider: str, name: str) -> None:
        raise KitError("provider-broken", "It needs root")

    monkeypatch.setattr(image_store.clusters, "providers", lambda: ["node"])
    monkeypatch.setattr(image_store.clusters, "get", get)
    with pytest.raises(KitError) as error:
        image.load_into(Settings(), "a:1", silent)
    assert "node: It needs root" in error.value.cause
