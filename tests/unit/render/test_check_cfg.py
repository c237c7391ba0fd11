"""airflow.cfg and values.config: what Airflow 3 does not know, or calls otherwise, is told."""

from __future__ import annotations

import json
from importlib.resources import files

import pytest

from kitctl.errors import KitError
from kitctl.model.option_names import sensitive
from kitctl.model.versions import pin
from kitctl.render.check_cfg import check_cfg, check_config, check_env, check_option, require_cfg

DATA = json.loads((files("kitctl.model") / "data" / "airflow_options.json").read_text(encoding="utf-8"))


def test_the_names_are_those_of_the_pinned_airflow() -> None:
    assert DATA["airflow"] == pin("airflow.version")


def test_no_renamed_option_is_a_known_one() -> None:
    known = {f"{s}.{o}" for s, names in DATA["options"].items() for o in names}
    assert not known & set(DATA["renamed"])
    assert not known & set(DATA["removed"])


@pytest.mark.parametrize(
    ("section", "option", "said"),
    [
        ("core", "parallelism", ""),
        ("database", "sql_alchemy_conn_cmd", ""),
        ("core", "fernet_key_secret", ""),
        ("webserver", "base_url", "[api] base_url"),
        ("scheduler", "dag_dir_list_interval", "[dag_processor] refresh_interval"),
        ("core", "sql_alchemy_conn", "[database] sql_alchemy_conn"),
        ("core", "dag_concurrency", "[core] max_active_tasks_per_dag"),
        ("core", "check_slas", "was removed"),
        ("core", "paralelism", "did you mean parallelism?"),
        ("webserver", "rbac", "was removed"),
        ("kubernetes", "namespace", "[kubernetes_executor] namespace"),
        ("kubernetes", "worker_container_repository", "[kubernetes_executor] worker_container_repository"),
        ("kubernetes", "delete_worker_pods", "[kubernetes_executor] delete_worker_pods"),
        ("kubernetes", "worker_pods_pending_timeout", "[scheduler] task_queued_timeout"),
        ("kubernetes", "git_repo", "dags: {mode: git"),
        ("kubernetes", "dags_volume_claim", "dags: {mode: pvc"),
        ("kubernetes", "worker_dags_folder", "workers.*"),
        ("core", "remote_logging", "[logging] remote_logging"),
        ("core", "base_log_folder", "[logging] base_log_folder"),
        ("core", "sql_alchemy_conn_cmd", "[database] sql_alchemy_conn_cmd"),
        ("core", "zzzz", "is unknown to Airflow"),
        ("shceduler", "num_runs", "did you mean [scheduler]?"),
        ("mycompany", "anything", "ignore this if another provider adds it"),
    ],
)
def test_an_option_is_judged(section: str, option: str, said: str) -> None:
    answer = check_option(section, option)
    assert said in answer
    assert bool(said) is bool(answer)


def test_findings_of_the_values_name_the_key() -> None:
    (found,) = check_config({"webserver": {"base_url": "x"}})
    assert found.field == "config.webserver.base_url"
    assert found.level == "warning"


def test_a_section_that_was_taken_away_is_fine() -> None:
    assert check_config({"core": None}) == []


def test_a_secret_in_the_values_is_told() -> None:
    (found,) = check_config({"smtp": {"smtp_password": "x"}, "core": {"parallelism": 1}})[-1:]
    assert "is a secret" in found.rule


def test_every_option_that_airflow_calls_sensitive_is_told_as_a_secret() -> None:
    told = {
        name
        for name in sensitive()
        if "is a secret" in " ".join(found.rule for found in check_config({name[0]: {name[1]: "x"}}))
    }
    assert told == set(sensitive())
    assert ("sentry", "sentry_dsn") in told
    assert check_config({"sentry": {"sentry_dsn_cmd": "cat /run/dsn"}}) == []


def test_options_of_every_env_are_checked_at_their_place() -> None:
    old = {"name": "AIRFLOW__WEBSERVER__BASE_URL", "value": "x"}
    fine = [{"name": "AIRFLOW__CORE__PARALLELISM"}, {"name": "AIRFLOW_HOME"}, {"name": "MINE"}, "x"]
    values = {
        "env": [*fine, old],
        "scheduler": {"env": [old]},
        "workers": {"profiles": {"a": {"containers": [{"env": [old]}]}}},
        "triggerer": {"env": None},
    }
    assert [found.field.split(".name")[0] for found in check_env(values)] == [
        "env[4]",
        "scheduler.env[0]",
        "workers.profiles.a.containers[0].env[0]",
    ]


def test_a_secret_in_env_is_told_and_a_reference_to_one_is_not() -> None:
    entry = {"name": "AIRFLOW__CORE__FERNET_KEY"}
    (found,) = check_env({"env": [entry | {"value": "x"}]})
    assert "is a secret" in found.rule
    assert check_env({"env": [entry | {"valueFrom": {"secretKeyRef": {"name": "a", "key": "b"}}}]}) == []


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("x = 1\n", "no section headers"),
        ("[core]\nx\n", "parsing errors"),
        ("[core]\nparallelism = 1\nparallelism = 2\n", "already exists"),
        ("[core]\nparallelism = 1\n[core]\nparallelism = 2\n", "already exists"),
        ("[logging]\nsimple_log_format = 100% sure\n", "write %%"),
    ],
)
def test_a_file_that_airflow_cannot_read_is_refused(text: str, rule: str) -> None:
    with pytest.raises(KitError) as error:
        require_cfg(text, "my.cfg")
    assert error.value.id == "airflow-cfg-invalid"
    assert rule in error.value.cause


@pytest.mark.parametrize("value", ["%%(asctime)s", "%(home)s", "a%%b"])
def test_doubled_and_named_percents_are_fine(value: str) -> None:
    assert check_cfg(f"[logging]\nlog_format = {value}\n") == []


def test_an_unknown_option_does_not_stop_anything() -> None:
    (found,) = require_cfg("[core]\nzzzz = 1\n", "my.cfg")
    assert found.field == "[core] zzzz"


def test_the_older_kits_file_is_told_all_its_placeholders_at_once() -> None:
    text = "[core]\nsql_alchemy_conn = {{ POSTGRES_CREDS }}\nfernet_key = {{FERNET_KEY}}\ndags = {{ MINE }}\n"
    with pytest.raises(KitError) as error:
        require_cfg(text, "old.cfg")
    assert error.value.id == "airflow-cfg-placeholder"
    assert "old.cfg" in error.value.message
    assert [line.split(":")[0] for line in error.value.fix.splitlines()[:-1]] == [
        "Instead of POSTGRES_CREDS",
        "Instead of FERNET_KEY",
        "Instead of MINE",
    ]


def test_airflows_own_names_are_no_placeholders() -> None:
    assert require_cfg("[logging]\nlog_filename_template = {{ ti.dag_id }}/{{ try_number }}.log\n", "my.cfg") == []
