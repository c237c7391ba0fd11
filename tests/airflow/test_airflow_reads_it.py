"""Airflow's own readers take what the kit makes: pod templates, airflow.cfg, the list of bundles."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

import pytest
import yaml

from kitctl.model.option_names import sensitive
from kitctl.render.airflow_cfg import render_cfg
from kitctl.render.check import check_pod
from tests.airflow.environment import ask
from tests.chart.release import STORIES, story


@pytest.fixture(scope="module")
def templates() -> dict[str, str]:
    """Every worker pod template of every story."""
    found = {}
    for name in STORIES:
        # A release with Celery workers alone has none.
        maps = [m for m in story(name).all("ConfigMap") if m.metadata.name.endswith("pod-templates")]
        found |= {f"{name}/{key}": text for found_map in maps for key, text in found_map.data.items()}
    return found


@pytest.fixture(scope="module")
def bundle_env() -> dict[str, str]:
    env = story("git-bundle").pod("dag-processor").spec.containers[0].env
    return {entry.name: entry.value for entry in env if entry.value is not None}


@pytest.fixture(scope="module")
def answer(templates: dict[str, str], bundle_env: dict[str, str]) -> dict[str, Any]:
    return ask({"pods": templates, "cfg": render_cfg(), "env": bundle_env})


def test_every_pod_template_is_read(answer: dict[str, Any], templates: dict[str, str]) -> None:
    assert sorted(answer["pods"]) == sorted(templates)


def test_the_executor_puts_its_command_into_base(answer: dict[str, Any]) -> None:
    for name, pod in answer["pods"].items():
        first = pod["spec"]["containers"][0]
        assert (first["name"], first["args"]) == ("base", ["python", "-m", "x"]), name


def test_a_template_keeps_its_image(answer: dict[str, Any]) -> None:
    assert all(pod["spec"]["containers"][0]["image"] for pod in answer["pods"].values())


def test_nothing_of_a_template_is_lost_on_the_way(answer: dict[str, Any], templates: dict[str, str]) -> None:
    for name, text in templates.items():
        ours, theirs = yaml.safe_load(text)["spec"], answer["pods"][name]["spec"]
        for field in ("volumes", "initContainers", "securityContext", "nodeSelector", "tolerations", "restartPolicy"):
            assert theirs.get(field) == ours.get(field), (name, field)
        mounts = [c["volumeMounts"] for c in (ours["containers"][0], theirs["containers"][0])]
        assert mounts[0] == mounts[1], name


def test_the_kits_own_check_has_no_doubt_either(templates: dict[str, str]) -> None:
    assert {name: found for name, text in templates.items() if (found := check_pod(text))} == {}


def test_airflow_cfg_has_nothing_for_airflow_config_lint(answer: dict[str, Any]) -> None:
    assert answer["cfg"]["lint"] == []


def test_airflow_reads_the_values_of_the_file(answer: dict[str, Any]) -> None:
    assert answer["cfg"]["auth_manager"].endswith(".FabAuthManager")
    assert answer["cfg"]["retries"] == 50


def test_pods_that_cannot_start_are_given_up_for_all_of_airflows_reasons_and_two_more(answer: dict[str, Any]) -> None:
    fatal = answer["cfg"]["fatal"]
    assert set(fatal["default"]) > {"ErrImagePull", "InvalidImageName"}
    assert set(fatal["set"]) - set(fatal["default"]) == {"ErrImageNeverPull", "SignatureValidationFailed"}
    assert set(fatal["default"]) <= set(fatal["set"])


def test_the_bundles_fit_their_class(answer: dict[str, Any]) -> None:
    assert answer["bundles"]
    for bundle in answer["bundles"]:
        assert bundle["class_fits"]
        assert bundle["unknown_arguments"] == []


def test_a_bundles_connection_holds_no_secret(answer: dict[str, Any]) -> None:
    for bundle in answer["bundles"]:
        assert (bundle["connection_type"], bundle["password"]) == ("git", None)
        assert not {"private_key", "private_key_passphrase"} & set(bundle["extra"])


def test_the_kits_list_of_options_is_this_airflows(answer: dict[str, Any]) -> None:
    text = (files("kitctl.model") / "data" / "airflow_options.json").read_text(encoding="utf-8")
    known = json.loads(text)["options"]
    assert {s: o for s, o in answer["cfg"]["described"].items() if set(o) - set(known.get(s, ()))} == {}


def test_the_kit_knows_every_option_that_this_airflow_calls_sensitive(answer: dict[str, Any]) -> None:
    told = {tuple(name.split(".")) for name in answer["cfg"]["sensitive"]}
    assert ("sentry", "sentry_dsn") in told
    assert told - set(sensitive()) == set()
