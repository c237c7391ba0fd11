"""Options of the values, judged by the names of a new version."""

import pytest

from kitctl.model.upgrade import options
from kitctl.model.upgrade.options import Names, Setting

OLD = Names("3.2.2", {"core": ["parallelism", "leaving"], "api": ["port", "secret"]}, {})
NEW = Names(
    "3.9.0",
    {
        "core": ["parallelism", "max_active"],
        "api": ["secret"],
        "web": ["port"],
        "common.io": ["path"],
        "kubernetes_executor": ["namespace"],
        "logging": ["remote_logging"],
    },
    {
        "api.port": "web.port",
        "core.concurrency": "core.max_active",
        "core.oldest": "core.concurrency",
        "core.lost": "core.old",
    },
    ("core.old",),
    still_read=("api.port",),
)


def test_options_are_found_in_config_and_in_every_list_of_variables() -> None:
    values = {
        "config": {"core": {"Parallelism": 8}, "empty": None},
        "env": [{"name": "AIRFLOW__CORE__LEAVING", "value": "1"}, {"name": "REGION", "value": "x"}],
        "workers": {"env": [{"name": "AIRFLOW__API__SECRET_CMD", "value": "x"}]},
    }
    assert [(one.place, one.section, one.option) for one in options.settings(values)] == [
        ("config.core.Parallelism", "core", "parallelism"),
        ("env[0] (AIRFLOW__CORE__LEAVING)", "core", "leaving"),
        ("workers.env[0] (AIRFLOW__API__SECRET_CMD)", "api", "secret_cmd"),
    ]


@pytest.mark.parametrize(
    ("section", "option", "told"),
    [
        ("core", "parallelism", None),
        ("api", "secret_cmd", None),
        ("api", "secret_secret", None),
        ("sentry", "anything", None),
        ("workers", "api_retries", None),
        ("common_io", "path", None),
        ("api", "port", ("option-renamed", "warning")),
        ("api", "port_cmd", ("option-renamed", "warning")),
        ("core", "concurrency", ("option-renamed", "error")),
        ("core", "oldest", ("option-renamed", "error")),
        ("kubernetes", "namespace", ("option-renamed", "error")),
        ("core", "remote_logging", ("option-renamed", "error")),
        ("core", "lost", ("option-removed", "error")),
        ("core", "leaving", ("option-removed", "error")),
        ("core", "old", ("option-removed", "error")),
        ("webserver", "rbac", ("option-removed", "error")),
        ("mine", "own", ("option-unknown", "warning")),
    ],
)
def test_what_becomes_of_an_option(section: str, option: str, told: tuple[str, str] | None) -> None:
    found = options.judge(Setting("x", section, option), NEW, OLD)
    assert (found and (found.id, found.level)) == told


def test_a_renamed_option_can_be_pasted() -> None:
    found = options.judge(Setting("x", "core", "oldest"), NEW, OLD)
    assert found is not None
    assert found.message == "Airflow 3.9.0 calls [core] oldest now [core] max_active"
    assert found.fix == "config: {core: {max_active: …}}\nor as a variable: AIRFLOW__CORE__MAX_ACTIVE"
    in_file = options.judge(Setting("airflow.cfg:3", "core", "oldest", in_text=True), NEW, OLD)
    assert in_file is not None
    assert in_file.fix == "[core]\nmax_active = …"


def test_an_option_that_moved_and_whether_its_older_name_still_counts() -> None:
    moved = options.judge(Setting("x", "api", "port"), NEW, OLD)
    ignored = options.judge(Setting("x", "kubernetes", "namespace"), NEW, OLD)
    assert moved is not None
    assert ignored is not None
    assert (moved.message, "still reads" in moved.cause) == ("Airflow 3.9.0 has moved [api] port to [web]", True)
    assert ignored.message == "Airflow 3.9.0 has moved [kubernetes] namespace to [kubernetes_executor]"
    assert "ignores the older name" in ignored.cause


def test_the_names_of_kitctl_are_those_of_its_airflow() -> None:
    assert options.judge(Setting("x", "core", "parallelism"), options.of_kit(), options.of_kit()) is None
    assert options.of_kit().version == "3.3.2"


@pytest.mark.parametrize(
    ("section", "option", "level"),
    [("scheduler", "dag_dir_list_interval", "warning"), ("webserver", "web_server_port", "warning"),
     ("scheduler", "parsing_processes", "error")],
)  # fmt: skip
def test_kitctl_knows_which_older_names_its_airflow_still_reads(section: str, option: str, level: str) -> None:
    found = options.judge(Setting("x", section, option), options.of_kit(), options.of_kit())
    assert (found and (found.id, found.level)) == ("option-renamed", level)


def test_another_default_is_told_unless_the_values_set_the_option() -> None:
    old = {"core": {"a": "1", "b": "1", "c": "1"}}
    new = {"core": {"a": "2", "b": "2", "c": "1", "d": "9"}}
    found = options.other_defaults(old, new, {("core", "b")})
    assert [(one.id, one.place, one.level) for one in found] == [("option-default-changed", "config.core.a", "info")]
