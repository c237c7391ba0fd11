"""The options in a text of airflow.cfg, each with the line of the user's that sets it."""

from kitctl.model.upgrade.cfg_options import names, settings

KIT = "[core]\nauth_manager = fab\nshown = 1\n"
TEMPLATE = """{% extends "kit/airflow.cfg.j2" %}
{% block core %}
{{ super() }}
# parallelism = 1
parallelism = 64
{% endblock %}
{% block api %}
[api]
port: 8080
{% for name in ("a", "b") %}{{ name }}_made = 1
{% endfor %}
{% endblock %}
"""
TEXT = KIT + "parallelism = 64\n[api]\nport: 8080\na_made = 1\nb_made = 1\n"


def places(text: str, sources: dict[str, str], own: set[tuple[str, str]] | None = None) -> list[str]:
    return [one.place for one in settings(text, sources, own or set())]


def test_an_option_is_found_in_the_users_file_with_or_without_its_section() -> None:
    found = places(TEXT, {"t/airflow.cfg.j2": TEMPLATE}, names(KIT))
    assert found[:2] == ["t/airflow.cfg.j2:5 ([core] parallelism)", "t/airflow.cfg.j2:9 ([api] port)"]


def test_an_option_that_no_line_sets_has_the_file_and_its_section() -> None:
    found = places(TEXT, {"t/airflow.cfg.j2": TEMPLATE}, names(KIT))
    assert found[2:] == ["t/airflow.cfg.j2 ([api] a_made)", "t/airflow.cfg.j2 ([api] b_made)"]


def test_what_the_kit_sets_is_not_the_users_unless_the_users_file_sets_it_too() -> None:
    assert places(KIT, {"mine": "{% block extra %}{% endblock %}"}, names(KIT)) == []
    assert places(KIT, {"mine": KIT}, names(KIT)) == ["mine:2 ([core] auth_manager)", "mine:3 ([core] shown)"]


def test_the_section_of_an_equal_name_decides() -> None:
    text = "[a]\nhost = 1\n[b]\nhost = 2\n"
    assert places(text, {"mine": text}) == ["mine:2 ([a] host)", "mine:4 ([b] host)"]
    assert places(text, {"one": "[a]\nhost = 1\n", "two": "[b]\nhost = 2\n"}) == [
        "one:2 ([a] host)",
        "two:2 ([b] host)",
    ]


def test_continued_lines_and_values_are_no_options() -> None:
    text = "[celery]\nextra = {\n    key: 1,\n    other = 2}\n"
    assert [one.option for one in settings(text, {"mine": text})] == ["extra"]
    assert settings(text, {"mine": text})[0].in_text is True


def test_a_text_that_airflow_cannot_read_has_none() -> None:
    assert settings("no section = 1\n", {"mine": ""}) == []
