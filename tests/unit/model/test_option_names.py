"""One table of option names, for DAG files, for airflow.cfg and for the values."""

from __future__ import annotations

import pytest

from kitctl.model import option_names
from kitctl.model.dags import legacy


@pytest.mark.parametrize(
    ("section", "option", "new"),
    [
        ("webserver", "base_url", ("api", "base_url")),
        ("Webserver", "BASE_URL", ("api", "base_url")),
        ("kubernetes", "namespace", ("kubernetes_executor", "namespace")),
        ("kubernetes", "git_repo", None),
        ("core", "remote_logging", ("logging", "remote_logging")),
        ("core", "sql_alchemy_conn_secret", ("database", "sql_alchemy_conn_secret")),
        ("core", "parallelism", None),
        ("webserver", "page_size", ("api", "fallback_page_limit")),
        ("webserver", "base_url_cmd", None),
        ("mycompany", "anything", None),
    ],
)
def test_an_older_name_leads_to_the_new_one(section: str, option: str, new: tuple[str, str] | None) -> None:
    assert option_names.renamed(section, option) == new
    assert legacy.renamed_option(section, option) == ("[{}] {}".format(*new) if new else "")


@pytest.mark.parametrize(("section", "option"), [("core", "parallelism"), ("webserver", "base_url"), ("mine", "x")])
def test_nothing_else_is_called_gone(section: str, option: str) -> None:
    assert option_names.gone(section, option) == ""


def test_a_name_that_leads_to_one_that_is_gone_is_gone() -> None:
    assert option_names.renamed("core", "load_default_connections") is None
    assert "was removed" in option_names.gone("core", "load_default_connections")


@pytest.mark.parametrize(
    ("section", "option", "known"),
    [
        ("core", "fernet_key_cmd", True),
        ("api_auth", "jwt_secret", True),
        ("core", "parallelism_cmd", False),
        ("sentry", "traces_sample_rate", True),
        ("mycompany", "anything", False),
    ],
)
def test_airflow_fetches_only_secrets_and_hands_some_sections_on(section: str, option: str, known: bool) -> None:
    assert option_names.is_known(section, option) is known
