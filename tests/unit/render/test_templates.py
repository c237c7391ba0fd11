"""Jinja: what the kit's templates give, and how a user's folder changes them."""

from __future__ import annotations

import configparser
import dataclasses
import re
from pathlib import Path

import pytest

from kitctl.errors import KitError
from kitctl.model.values import DagMode
from kitctl.render.airflow_cfg import render_cfg
from kitctl.render.check_cfg import check_cfg, check_option
from kitctl.render.facts import Facts, names
from kitctl.render.placeholders import INSTEAD
from kitctl.render.pod_template import render_pod

POD = "pod_template/{}.yaml.j2"


def user(folder: Path, name: str, text: str) -> Path:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return folder


def options(text: str) -> dict[tuple[str, str], str]:
    parser = configparser.ConfigParser(interpolation=None, strict=True)
    parser.read_string(text)
    return {(s, o): v for s in parser.sections() for o, v in parser.items(s)}


def test_every_option_of_airflow_cfg_exists_in_this_airflow() -> None:
    assert {o: said for o in options(render_cfg()) if (said := check_option(*o))} == {}


def test_airflow_cfg_passes_its_own_check() -> None:
    assert check_cfg(render_cfg()) == []


def test_every_option_has_a_reason_above_it() -> None:
    lines = render_cfg().splitlines()
    for number, line in enumerate(lines):
        if re.match(r"\w+ = ", line):
            above = lines[number - 1]
            assert above.startswith("#") or re.match(r"execution_api_retry_wait_", line), line


def test_airflow_cfg_holds_no_secret_and_no_address() -> None:
    told = " ".join(f"{o} {v}" for (_, o), v in options(render_cfg()).items())
    assert not re.search(r"://|password|fernet|secret|sql_alchemy_conn", told)


def test_a_worker_outlasts_an_api_server_that_is_away_for_five_minutes() -> None:
    found = {o: float(v) for (s, o), v in options(render_cfg()).items() if s == "workers"}
    low, high = found["execution_api_retry_wait_min"], found["execution_api_retry_wait_max"]
    tries = found["execution_api_retries"] - 5  # the first waits are shorter: they double up to the maximum
    spread = 4 * ((high - low) / 12**0.5) * tries**0.5
    assert tries * (low + high) / 2 - spread > 240


def test_a_worker_gives_up_before_the_scheduler_starts_its_task_again() -> None:
    found = options(render_cfg())
    waits = float(found["workers", "execution_api_retries"]) * 8
    gone = waits * float(found["workers", "max_failed_heartbeats"])
    assert gone < float(found["scheduler", "task_instance_heartbeat_timeout"])


def test_a_task_token_outlives_that_outage() -> None:
    # It is renewed when a fifth of its life is left.
    assert float(options(render_cfg())["execution_api", "jwt_expiration_time"]) / 5 > 600


def test_a_user_replaces_one_block_and_keeps_the_rest(tmp_path: Path) -> None:
    text = '{% extends "kit/airflow.cfg.j2" %}{% block extra %}\n[triggerer]\ncapacity = 7\n{% endblock %}'
    mine = render_cfg(user(tmp_path, "airflow.cfg.j2", text))
    assert options(mine)["triggerer", "capacity"] == "7"
    assert ("scheduler", "orphaned_tasks_check_interval") in options(mine)


def test_a_user_adds_to_a_block(tmp_path: Path) -> None:
    text = '{% extends "kit/airflow.cfg.j2" %}{% block core %}{{ super() }}parallelism = 7\n{% endblock %}'
    mine = options(render_cfg(user(tmp_path, "airflow.cfg.j2", text)))
    assert mine["core", "parallelism"] == "7"
    assert "FabAuthManager" in mine["core", "auth_manager"]


@pytest.mark.parametrize("name", sorted(INSTEAD))
def test_a_placeholder_of_the_older_kit_is_explained(name: str, tmp_path: Path) -> None:
    folder = user(tmp_path, "airflow.cfg.j2", f"[core]\nx = {{{{ {name} }}}}\n")
    with pytest.raises(KitError) as error:
        render_cfg(folder)
    assert error.value.id == "airflow-cfg-placeholder"
    assert name in error.value.message
    assert INSTEAD[name] in error.value.fix


def test_all_placeholders_of_a_template_are_explained_at_once(tmp_path: Path) -> None:
    with pytest.raises(KitError) as error:
        render_cfg(user(tmp_path, "airflow.cfg.j2", "[core]\nx = {{ POSTGRES_CREDS }}\ny = {{ FERNET_KEY }}\n"))
    assert "Instead of POSTGRES_CREDS" in error.value.fix
    assert "Instead of FERNET_KEY" in error.value.fix


def test_an_undefined_name_is_an_error_and_not_an_empty_text(tmp_path: Path) -> None:
    with pytest.raises(KitError) as error:
        render_cfg(user(tmp_path, "airflow.cfg.j2", "[core]\nx = {{ typo }}\n"))
    assert error.value.id == "template-invalid"
    assert "typo" in error.value.cause


def test_a_syntax_error_names_file_and_line(tmp_path: Path) -> None:
    with pytest.raises(KitError) as error:
        render_pod("image", user(tmp_path, POD.format("image"), "kind: Pod\n{% block %}\n"))
    assert error.value.id == "template-invalid"
    assert "image.yaml.j2, line 2" in error.value.cause


def test_a_missing_template_folder_is_said(tmp_path: Path) -> None:
    with pytest.raises(KitError) as error:
        render_cfg(tmp_path / "nowhere")
    assert error.value.id == "template-dir-missing"


@pytest.mark.parametrize("mode", list(DagMode))
def test_every_mode_has_a_template(mode: DagMode) -> None:
    text = render_pod(mode)
    assert text.startswith("{{- /* GENERATED")
    assert "name: base" in text


def test_a_user_replaces_a_block_of_the_pod(tmp_path: Path) -> None:
    text = '{% extends "kit/pod_template/image.yaml.j2" %}{% block affinity %}\n  affinity: {}\n{% endblock %}'
    mine = render_pod("image", user(tmp_path, POD.format("image"), text))
    assert "affinity: {}" in mine
    assert "Values.workers.affinity" not in mine
    assert "name: base" in mine


def test_a_users_base_serves_every_mode(tmp_path: Path) -> None:
    block = "{% block sidecars %}\n  # mine\n{% endblock %}"
    user(tmp_path, POD.format("image"), '{% extends "pod_template/base.yaml.j2" %}')
    user(tmp_path, POD.format("base"), '{% extends "kit/pod_template/base.yaml.j2" %}' + block)
    assert "# mine" in render_pod("image", tmp_path)


def test_an_unknown_mode_is_refused() -> None:
    with pytest.raises(ValueError, match="svn"):
        render_pod("svn")


def test_the_facts_fit_into_one_look() -> None:
    assert len(names()) <= 30


@pytest.mark.parametrize("name", names())
def test_every_fact_is_used(name: str) -> None:
    value = getattr(Facts(), name)
    assert value in render_pod("git"), f"the pod template does not use {name}"


def test_a_fact_is_an_action_or_a_bare_list() -> None:
    for field in dataclasses.fields(Facts):
        value = getattr(Facts(), field.name)
        assert value.startswith("{{ ") is not field.name.endswith("_list"), field.name
