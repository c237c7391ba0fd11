"""Which settings are secrets, and what is shown of them."""

import pytest

from kitctl.model.secret_names import holds_secret, in_url, masked


@pytest.mark.parametrize(
    "setting",
    ["admin.password=x", "a.b.fernetKey=x", "config.smtp.smtp_password=x", "gitToken=x", "api-key=x", "a.privateKey=x"],
)
def test_a_secret_is_known_by_its_name(setting):
    assert holds_secret(setting)
    assert masked(setting) == setting.partition("=")[0] + "=***"


@pytest.mark.parametrize(
    "setting",
    [
        "keys.existingSecret=mine",
        "database.existingSecret.name=mine",
        "dags.git.credentials.secret=mine",
        "dags.git.credentials.type=ssh",
        "admin.username=ana",
        "workers.celery.replicas=2",
        "image.repository=example.com/dags",
    ],
)
def test_names_of_secrets_are_none_and_are_shown(setting):
    assert not holds_secret(setting)
    assert masked(setting) == setting


@pytest.mark.parametrize("setting", ["admin.password=", "admin.password=null"])
def test_a_secret_that_is_taken_away_is_none(setting):
    assert not holds_secret(setting)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("https://ana:s3cret@example.com/x", "https://ana:***@example.com/x"),
        ("a.url=postgresql://u:p@h/db", "a.url=postgresql://u:***@h/db"),
        ('env=[{"name":"DB_PASSWORD","value":"x"}]', "env=***"),
        ("env[0].value=x", "env[0].value=***"),
        ("config.database.sql_alchemy_conn=x", "config.database.sql_alchemy_conn=***"),
        ("SENTRY_DSN=https://abc@sentry.example.com/1", "SENTRY_DSN=***"),
        ("AZURE_CONNECTION_STRING=x", "AZURE_CONNECTION_STRING=***"),
    ],
)
def test_what_may_be_a_secret_is_masked(text, shown):
    assert masked(text) == shown


@pytest.mark.parametrize("text", ["git@example.com:team/dags.git", "ssh://git@example.com/dags", "https://h:8443/a"])
def test_a_user_or_a_port_is_no_password(text):
    assert not in_url(text)
    assert masked(text) == text
