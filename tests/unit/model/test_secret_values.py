"""Values of Secrets are found in whatever form a text has them."""

import base64
import json
from urllib.parse import quote, quote_plus

import pytest
import yaml

from kitctl.model.secret_values import Masker, Value

ODD = "p4ss w%rd/+'\"ä:@"


def masker(*texts, public=("airflow", "team")):
    return Masker.of([Value("airflow/keys", f"k{n}", text) for n, text in enumerate(texts)], public)


FORMS = {
    "plain": ODD,
    "quoted for a URL": quote(ODD, safe=""),
    "quoted for a path": quote(ODD),
    "quoted for a form": quote_plus(ODD),
    "quoted in small letters": quote(ODD, safe="").lower(),
    "base64": base64.b64encode(ODD.encode()).decode(),
    "base64 with a newline": base64.b64encode(f"{ODD}\n".encode()).decode(),
    "base64 for URLs": base64.urlsafe_b64encode(ODD.encode()).decode(),
    "json": json.dumps(ODD),
    "json with letters": json.dumps(ODD, ensure_ascii=False),
    "python": repr(ODD),
    "airflow.cfg": ODD.replace("%", "%%"),
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_is_hidden(form):
    shown = masker(ODD).text(f"before <{FORMS[form]}> after")
    # In JSON and Python's own form, the quotes around it stay.
    assert shown.replace('"', "").replace("'", "") == "before <***> after"


@pytest.mark.parametrize("before", ["", "u", "us", "user"])
def test_a_value_inside_of_a_header_is_hidden(before):
    # `Authorization: Basic` holds name and password together, so the value begins at any bit.
    header = base64.b64encode(f"{before}:S3cretValue:more".encode()).decode()
    shown = masker("S3cretValue").text(header)
    assert "***" in shown
    assert b"cretValu" not in base64.b64decode(shown.split("***")[0] + "=" * (-len(shown.split("***")[0]) % 4))


def test_the_longer_value_goes_first():
    assert masker("secret", "secret-and-more").text("a secret-and-more, a secret") == "a ***, a ***"


def test_a_short_value_is_hidden_only_where_it_stands_alone():
    assert masker("abc").text("abc abcd user:abc@host xabc") == "*** abcd user:***@host xabc"


@pytest.mark.parametrize("word", ["airflow", "Team", "true", "", "  \n"])
def test_names_of_the_release_and_nothing_stay(word):
    assert masker(word).text("the airflow of team is true") == "the airflow of team is true"


def test_a_value_that_stays_is_told_with_its_key():
    assert masker("x-secret-x", "airflow").open == ["airflow/keys k1"]


def test_lines_of_a_key_are_hidden_one_by_one():
    frame = ("-----BEGIN OPENSSH PRIVATE KEY-----", "-----END OPENSSH PRIVATE KEY-----")
    key = f"{frame[0]}\nb3BlbnNzaC1rZXktdjEAAAAA\nZWQyNTUxOQAAACD\n{frame[1]}\n"
    shown = masker(key).text("log: b3BlbnNzaC1rZXktdjEAAAAA\nlog: ZWQyNTUxOQAAACD")
    assert shown == "log: ***\nlog: ***"


def test_the_password_of_a_url_is_hidden_alone_too():
    shown = masker("postgresql://bob:p%40ss%2Fword@db:5432/airflow").text("p%40ss%2Fword p@ss/word bob db")
    assert shown == "*** *** bob db"


def test_a_url_that_is_none_hides_its_password():
    assert masker("amqp://bob:pass[word@host:port").text("pass[word") == "***"


def test_texts_inside_of_json_are_hidden():
    held = json.dumps({"auths": {"registry": {"auth": "Ym9iOnBhc3N3b3Jk", "list": ["another-secret"]}}})
    assert masker(held).text("Ym9iOnBhc3N3b3Jk another-secret registry") == "*** *** registry"


def test_data_is_hidden_before_lines_are_broken():
    value = "words of a secret " * 10
    shown = masker(value).tree({"a": [{"b": f"x {value.strip()}"}], "n": 1, "t": ("words",)})
    assert yaml.safe_load(yaml.safe_dump(shown)) == {"a": [{"b": "x ***"}], "n": 1, "t": ["words"]}


def test_what_was_hidden_is_counted():
    hides = masker("one-secret", "xyz")
    hides.text("one-secret one-secret xyz")
    assert hides.count == 3


def test_a_value_of_stars_does_not_hide_itself_for_ever():
    assert masker("****").text("a **** b") == "a **** b"
