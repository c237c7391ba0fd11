"""What a difference shows holds no secret, and still shows the rest."""

import pytest

from kitctl.model import secret_texts


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DB_PASSWORD", "s3cret"),
        ("AIRFLOW__CELERY__FLOWER_BASIC_AUTH", "ana:s3cret"),
        ("AIRFLOW__CORE__FERNET_KEY", "s3cret"),
        ("AIRFLOW_CONN_WAREHOUSE", "s3cret"),
        ("EXTRA", "{'password': 's3cret'}"),
        ("URL", "postgresql://ana:s3cret@db/x"),
    ],
)
def test_variables_that_hold_a_secret_are_hidden(name: str, value: str) -> None:
    assert "s3cret" not in secret_texts.variable(name, value)


@pytest.mark.parametrize(("name", "value"), [("AIRFLOW__CORE__PARALLELISM", "64"), ("REGION", "eu"), ("PATH", "/x")])
def test_other_variables_are_shown(name: str, value: str) -> None:
    assert secret_texts.variable(name, value) == value


@pytest.mark.parametrize(
    "text",
    [
        "[celery]\nbroker_url = redis://:s3cret@host:6379/0\nx = 1",
        "[core]\nfernet_key = s3cret\nx = 1",
        "flower_basic_auth = s3cret\nx = 1",
        "env:\n- name: MY_TOKEN\n  value: s3cret\nx: 1",
        "env:\n- name: MY_TOKEN\n  value: |-\n    s3cret\n    s3cret\nx: 1",
        "password: |\n  s3cret\n\n  s3cret\nx: 1",
        '{"user": "ana", "password": "s3cret"}\nx = 1',
        '  "client_secret": "s3cret",\nx = 1',
        "export API_KEY=s3cret\nx = 1",
        "-----BEGIN PRIVATE KEY-----\ns3cret\n-----END PRIVATE KEY-----\nx = 1",
        "key: -----BEGIN RSA PRIVATE KEY-----\n  s3cret\n  -----END RSA PRIVATE KEY-----\nx: 1",
    ],
)
def test_lines_of_texts_hide_secrets_and_nothing_behind_them(text: str) -> None:
    shown = secret_texts.lines(text)
    assert "s3cret" not in "\n".join(shown)
    assert len(shown) == len(text.splitlines())
    assert shown[-1] == text.splitlines()[-1]


def test_lines_without_secrets_stay_as_they_are() -> None:
    text = "[core]\nparallelism = 64\n- name: A\n  value: b\n# a token is read from a file\nkind: Pod"
    assert secret_texts.text(text) == text


def test_options_of_a_command_line() -> None:
    words = ["run", "--password", "s3cret", "--token=s3cret", "https://a:s3cret@h", "--rows", "5"]
    shown = secret_texts.arguments(words)
    assert "s3cret" not in str(shown)
    assert [shown[0], *shown[-2:]] == ["run", "--rows", "5"]


def test_data_of_any_depth() -> None:
    value = {
        "args": ["--password", "s3cret"],
        "env": [{"name": "MY_TOKEN", "value": "s3cret"}, {"name": "A", "value": "b"}],
        "deep": {"clientSecret": "s3cret", "topologyKey": "zone", "on": True},
    }
    shown = secret_texts.tree(value)
    assert "s3cret" not in str(shown)
    assert shown["env"][1] == {"name": "A", "value": "b"}
    assert (shown["deep"]["topologyKey"], shown["deep"]["on"]) == ("zone", True)
