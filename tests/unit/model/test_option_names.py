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
        ("mycompany", "anything", None),
    ],
)
def test_an_older_name_leads_to_the_new_one(section: str, option: str, new: tuple[str, str] | None) -> None:
    assert option_names.renamed(section, option) == new
    assert legacy.renamed_option(section, option) == ("[{}] {}".format(*new) if new else "")


@pytest.mark.parametrize(("section", "option"), [("core", "parallelism"), ("webserver", "base_url"), ("mine", "x")])
def test_nothing_else_is_called_gone(section: str, option: str) -> None:
    assert option_names.gone(section, option) == ""
