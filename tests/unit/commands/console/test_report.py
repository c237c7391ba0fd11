"""How results are printed."""

import io
import json

import pytest
import yaml

from kitctl.commands.console.report import emit, paint, pairs, table, teller
from kitctl.model.settings import Output, Settings


class Terminal(io.StringIO):
    def isatty(self):
        return True


def shown(data, output, text="text"):
    out = io.StringIO()
    emit(data, output, lambda: text, out)
    return out.getvalue()


DATA = {"z": [1, None], "a": {"ä": True}}


def test_json_and_yaml_keep_the_order_and_the_letters():
    assert json.loads(shown(DATA, Output.JSON)) == DATA
    assert list(yaml.safe_load(shown(DATA, Output.YAML))) == ["z", "a"]
    assert "ä" in shown(DATA, Output.JSON)
    assert "ä" in shown(DATA, Output.YAML)


def test_text_is_made_only_when_it_is_wanted():
    def fail():
        raise AssertionError

    emit(DATA, Output.JSON, fail, io.StringIO())
    assert shown(DATA, Output.TEXT, "one\n\n") == "one\n"


def test_a_table_has_a_row_a_line():
    assert table(("name", "note"), [("a", "two\nlines"), ("long name", None)]) == (
        "NAME       NOTE\na          two lines\nlong name  -"
    )
    assert table(("name",), []) == "NAME"


def test_pairs_are_aligned():
    assert pairs({"url": "x", "password": "y"}) == "url:      x\npassword: y"
    assert pairs({}) == ""


@pytest.mark.parametrize(
    ("out", "color", "painted"), [(Terminal(), True, True), (io.StringIO(), True, False), (Terminal(), False, False)]
)
def test_colours_are_for_terminals_that_want_them(out, color, painted):
    assert paint("x", "red", Settings(color=color), out) == ("\033[31mx\033[0m" if painted else "x")


def test_talk_goes_to_stderr_and_can_be_silenced(capsys):
    teller(Settings())("hello")
    teller(Settings(quiet=True))("hidden")
    assert capsys.readouterr() == ("", "hello\n")
