"""Options of the values, judged by the names of a new version."""

import pytest

from kitctl.model.upgrade import options
from kitctl.model.upgrade.options import Names, Setting

OLD = Names("3.2.2", {"core": ["parallelism", "leaving"], "api": ["port", "secret"]}, {})
NEW = Names(
    "3.9.0", {"core": ["parallelism"], "api": ["secret"], "web": ["port"]}, {"api.port": "web.port"}, ("core.old",)
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
        ("api", "port", ("option-renamed", "warning")),
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
    found = options.judge(Setting("x", "api", "port"), NEW, OLD)
    assert found is not None
    assert "AIRFLOW__WEB__PORT" in found.fix
    assert "[api] port now [web] port" in found.message


def test_the_names_of_kitctl_are_those_of_its_airflow() -> None:
    assert options.judge(Setting("x", "core", "parallelism"), options.of_kit(), options.of_kit()) is None
    assert options.of_kit().version == "3.3.2"


def test_another_default_is_told_unless_the_values_set_the_option() -> None:
    old = {"core": {"a": "1", "b": "1", "c": "1"}}
    new = {"core": {"a": "2", "b": "2", "c": "1", "d": "9"}}
    found = options.other_defaults(old, new, {("core", "b")})
    assert [(one.id, one.place, one.level) for one in found] == [("option-default-changed", "config.core.a", "info")]
