"""Flags become values, and only the values that they mean."""

import pytest
import yaml

from kitctl.errors import ExitCode, KitError
from kitctl.model.image_choice import Choice
from kitctl.model.options.overlay import dag_mode, overlay, split_reference
from kitctl.model.options.up import UpOptions
from kitctl.model.values.dags import DagMode
from kitctl.model.versions import data_dir
from kitctl.tools.helm.client import Helm
from kitctl.tools.helm.sources import Sources

BASE = {
    "mode": DagMode.IMAGE,
    "made_by_kit": True,
    "node_port": 30809,
    "chosen": Choice(),
    "smoke": True,
}

BUNDLE = {**BASE, "mode": DagMode.BUNDLE}


def test_a_cluster_of_the_kit_gets_a_node_port():
    made = overlay(UpOptions(), **BASE)
    assert made.profile["apiServer"]["service"] == {"type": "NodePort", "nodePort": 30809}
    assert made.flags == {}


def test_another_cluster_keeps_the_service_as_it_is():
    assert "apiServer" not in overlay(UpOptions(), **{**BASE, "made_by_kit": False}).profile


def test_requests_are_small_only_on_a_cluster_of_the_kit():
    small = overlay(UpOptions(), **BASE).profile
    assert small["workers"]["resources"] == {"requests": {"cpu": "75m"}}
    assert small["workers"]["celery"] == {"resources": {"requests": {"cpu": "100m"}}}
    assert small["broker"] == {
        "redis": {"resources": {"requests": {"cpu": "25m"}}},
        "rabbitmq": {"resources": {"requests": {"cpu": "50m"}}},
    }
    assert small["pgbouncer"] == {"resources": {"requests": {"cpu": "25m"}}}
    assert small["apiServer"]["resources"] == {"requests": {"cpu": "300m"}}
    assert "workers" not in overlay(UpOptions(), **{**BASE, "made_by_kit": False}).profile


def test_tasks_get_no_rights_on_a_cluster_of_the_kit_either():
    """Who may make pods in the namespace may mount every Secret in it, the release's keys among them (ADR 0003)."""
    workers = overlay(UpOptions(), **BASE).profile["workers"]
    assert set(workers) == {"resources", "celery"}
    assert set(workers["celery"]) == {"resources"}


def test_a_typed_node_port_counts_on_any_cluster():
    made = overlay(UpOptions(node_port=31000), **{**BASE, "made_by_kit": False})
    assert made.flags["apiServer"]["service"] == {"type": "NodePort", "nodePort": 31000}


def test_a_built_image_stands_below_the_users_values_and_a_typed_one_above():
    built = overlay(UpOptions(), **{**BASE, "chosen": Choice("kitctl.local/airflow:1", "3.3.2")})
    assert built.profile["image"] == {"repository": "kitctl.local/airflow", "tag": "1", "digest": ""}
    assert built.profile["airflowVersion"] == "3.3.2"
    typed = overlay(UpOptions(image="example.com/a:2"), **{**BASE, "chosen": Choice("kitctl.local/dags:3")})
    assert typed.flags["image"]["repository"] == "kitctl.local/dags"
    assert "image" not in typed.profile


def test_the_revision_of_a_tag_stands_beside_the_image_wherever_that_comes_from():
    values_name_it = overlay(UpOptions(), **{**BASE, "chosen": Choice(revision="abc")})
    assert values_name_it.profile["image"] == {"revision": "abc"}
    typed = overlay(UpOptions(image="a/b:1"), **{**BASE, "chosen": Choice("a/b:1", revision="abc")})
    assert typed.profile["image"] == {"revision": "abc"}
    assert "revision" not in typed.flags["image"]


@pytest.mark.parametrize(
    ("reference", "repository", "tag", "digest"),
    [
        ("apache/airflow:3.3.2", "apache/airflow", "3.3.2", ""),
        ("reg.example.com:5000/team/airflow:1", "reg.example.com:5000/team/airflow", "1", ""),
        ("reg.example.com:5000/team/airflow", "reg.example.com:5000/team/airflow", "", ""),
        ("apache/airflow@sha256:ab", "apache/airflow", "", "sha256:ab"),
        ("airflow:dev", "airflow", "dev", ""),
    ],
)
def test_image_references_are_split(reference, repository, tag, digest):
    assert split_reference(reference) == {"repository": repository, "tag": tag, "digest": digest}


def test_git_flags_go_to_the_section_of_their_mode():
    git = {"git_repo": "https://example.com/d.git", "git_ref": "v1", "git_sub_path": "dags"}
    login = {"git_secret": "s", "git_auth": "https"}
    made = overlay(UpOptions(dag_mode=DagMode.GIT, **git, **login), **{**BASE, "mode": DagMode.GIT}).flags["dags"]
    assert made["mode"] == "git"
    assert made["git"] == {
        "repo": "https://example.com/d.git",
        "ref": "v1",
        "subPath": "dags",
        "credentials": {"secret": "s", "type": "https"},
    }
    bundle = overlay(UpOptions(dag_mode=DagMode.BUNDLE, **git), **BUNDLE).flags["dags"]
    assert bundle["bundle"]["items"] == [
        {"name": "dags", "repo": "https://example.com/d.git", "ref": "v1", "subPath": "dags"}
    ]


def test_git_flags_follow_the_mode_of_the_values():
    options = UpOptions(git_repo="https://example.com/d.git")
    assert overlay(options, **BUNDLE).flags["dags"] == {
        "bundle": {"items": [{"name": "dags", "repo": "https://example.com/d.git"}]}
    }
    assert set(overlay(options, **{**BASE, "mode": DagMode.GIT}).flags["dags"]) == {"git"}


def test_git_flags_change_the_one_bundle_of_the_values_and_keep_the_rest_of_it():
    item = {"name": "team", "repo": "https://x/a.git", "ref": "main", "credentials": {"secret": "s", "type": "https"}}
    made = overlay(UpOptions(git_ref="v2", git_secret="t"), **BUNDLE, bundles=[item])
    (found,) = made.flags["dags"]["bundle"]["items"]
    assert found == {**item, "ref": "v2", "credentials": {"secret": "t", "type": "https"}}


@pytest.mark.parametrize("mode", [DagMode.IMAGE, DagMode.PVC])
@pytest.mark.parametrize("flag", ["git_repo", "git_ref", "git_sub_path", "git_secret", "git_auth"])
def test_git_flags_that_the_mode_would_not_read_are_refused(mode, flag):
    with pytest.raises(KitError) as raised:
        overlay(UpOptions(**{flag: "x"}), **{**BASE, "mode": mode})
    assert (raised.value.id, raised.value.code) == ("git-flags-unused", ExitCode.USAGE)
    assert "--dag-mode git" in raised.value.fix


def test_git_flags_do_not_replace_several_bundles():
    with pytest.raises(KitError) as raised:
        overlay(UpOptions(git_ref="v2"), **BUNDLE, bundles=[{"name": "a"}, {"name": "b"}])
    assert raised.value.id == "git-flags-ambiguous"
    assert "a, b" in raised.value.cause


@pytest.mark.parametrize("mode", list(DagMode))
def test_every_document_fits_the_chart(mode, tmp_path):
    repo = "https://example.com/d.git" if mode in {DagMode.GIT, DagMode.BUNDLE} else None
    options = UpOptions(dag_mode=mode, git_repo=repo, node_port=30001)
    made = overlay(options, **{**BASE, "mode": mode, "chosen": Choice("a/b:1", "3.3.2", special="a/zip:1")})
    files = []
    for name, values in (("profile", made.profile), ("flags", made.flags)):
        files.append(tmp_path / name)
        files[-1].write_text(yaml.safe_dump(values))
    text = Helm().template(data_dir("chart"), "airflow", "airflow", Sources(tuple(files)))
    assert "nodePort: 30001" in text
    assert "a/zip:1" in text


def test_the_image_of_an_example_task_stands_below_the_users_values():
    made = overlay(UpOptions(), **{**BASE, "chosen": Choice("a/b:1", special="a/zip:1")})
    assert (made.profile["dags"], made.flags) == ({"specialImage": "a/zip:1"}, {})
    assert "dags" not in overlay(UpOptions(), **BASE).profile


@pytest.mark.parametrize(
    ("text", "mode"),
    [
        ("image", "image"),
        ("git_mode", "git"),
        ("persistent_mode", "pvc"),
        ("bundle", "bundle"),
        (None, None),
        ("", None),
    ],
)
def test_modes_and_their_old_names(text, mode):
    assert dag_mode(text) == mode


def test_an_unknown_mode_names_the_known_ones():
    with pytest.raises(KitError) as raised:
        dag_mode("nfs")
    assert raised.value.id == "dag-mode-unknown"
    assert raised.value.code == ExitCode.USAGE
    assert "persistent_mode" in raised.value.cause


@pytest.mark.parametrize(
    ("text", "mode"),
    [
        ("git-sync", "git"),
        ("GIT", "git"),
        ("persistent", "pvc"),
        ("bundles", "bundle"),
        ("nfs", "image"),
    ],
)
def test_an_unknown_mode_gets_the_nearest_one(text, mode):
    with pytest.raises(KitError) as raised:
        dag_mode(text)
    assert raised.value.fix == f"--dag-mode {mode}    # in the values: dags: {{mode: {mode}}}"
