"""Helm merges the user's values; the kit reads the mode and refuses what Helm would not explain."""

import pytest

from kitctl.errors import ExitCode, KitError
from kitctl.model.settings import Settings
from kitctl.model.user_values import UserValues
from kitctl.model.values.dags import DagMode
from kitctl.release import values


def settings(tmp_path, *texts, **more):
    paths = []
    for number, text in enumerate(texts):
        path = tmp_path / f"mine{number}.yaml"
        path.write_text(text)
        paths.append(path)
    return Settings(values=tuple(paths), **more)


def refused(*args, **more):
    with pytest.raises(KitError) as raised:
        values.read(*args, **more)
    return raised.value


@pytest.mark.parametrize("text", ["a: [", "- 1", "a:\n\tb: 1"])
def test_files_that_hold_no_values_are_refused(tmp_path, text):
    error = refused(settings(tmp_path, text))
    assert (error.id, error.code) == ("values-invalid", ExitCode.USAGE)
    assert "mine0.yaml" in error.message


def test_a_list_at_the_top_is_told_to_be_a_mapping(tmp_path):
    assert "must be a mapping" in refused(settings(tmp_path, "- 1")).fix


def test_a_file_that_is_missing_is_named(tmp_path):
    error = refused(Settings(values=(tmp_path / "none.yaml",)))
    assert (error.id, error.code) == ("values-missing", ExitCode.USAGE)
    assert "none.yaml" in error.message


def test_an_empty_file_is_fine(tmp_path):
    assert values.read(settings(tmp_path, "# nothing\n")).document == {}


def test_without_values_helm_is_not_asked(monkeypatch):
    monkeypatch.setattr(values, "Helm", lambda: pytest.fail("Helm was asked"))
    assert values.read(Settings()) == UserValues()


def test_everything_comes_in_helms_order(tmp_path):
    text = tmp_path / "text"
    text.write_text("from a file")
    given = settings(
        tmp_path,
        "a: {b: 1, c: 2}\nd: 1",
        "a: {c: 3}",
        sets=("e=1",),
        set_strings=("f=1",),
        set_files=(f"g={text}",),
        set_jsons=('h={"i": [1]}',),
    )
    assert values.read(given).document == {
        "a": {"b": 1, "c": 3},
        "d": 1,
        "e": 1,
        "f": "1",
        "g": "from a file",
        "h": {"i": [1]},
    }


@pytest.mark.parametrize(
    ("flag", "text", "sets", "mode"),
    [
        (None, "", (), "image"),
        (None, "dags: {mode: pvc}", (), "pvc"),
        (DagMode.GIT, "dags: {mode: pvc}", (), "git"),
        (DagMode.GIT, "", ("a=1,dags.mode=bundle",), "bundle"),
        (DagMode.GIT, "dags: {mode: nfs}", (), "git"),
        (None, "dags: {mode: [nfs]}", (), "image"),
        (None, "dags: none", (), "image"),
        # An escaped comma is part of a value, and a key elsewhere that ends alike is another key.
        (None, "", (r"env.X=a\,dags.mode=bundle",), "image"),
        (DagMode.PVC, "", ("other.dags.mode=git",), "pvc"),
    ],
)
def test_the_mode_follows_helms_order(tmp_path, flag, text, sets, mode):
    assert values.read(settings(tmp_path, text, sets=sets), flag).mode == mode


@pytest.mark.parametrize(
    ("text", "sets", "mode"),
    [
        ("dags: {mode: persistent_mode}", (), "pvc"),
        ("", ("dags.mode=git_mode",), "git"),
        ("", ("dags.mode=GitSync",), "git"),
    ],
)
def test_a_mode_of_the_values_that_is_none_gets_the_nearest_one(tmp_path, text, sets, mode):
    error = refused(settings(tmp_path, text, sets=sets))
    assert (error.id, error.code) == ("dag-mode-unknown", ExitCode.USAGE)
    assert f"dags: {{mode: {mode}}}" in error.fix
    assert "persistent_mode (pvc)" in error.cause


def test_values_of_the_release_stand_below_the_users(tmp_path):
    read = values.read(settings(tmp_path, "a: {b: 1}"), below={"a": {"b": 2, "c": 3}})
    assert read.document == {"a": {"b": 1, "c": 3}}


def test_a_later_files_null_counts(tmp_path):
    read = values.read(settings(tmp_path, "scheduler: {replicas: 2}", "scheduler: null"))
    assert read.nulls() == [("scheduler",)]


@pytest.mark.parametrize(
    ("document", "key", "wanted"),
    [
        ({"apiServer": None}, "apiServer", "keys and values"),
        ({"dags": {"git": {"credentials": None}}}, "dags.git.credentials", "keys and values"),
        ({"executors": None}, "executors", "a list"),
        ({"dags": {"mode": None}}, "dags.mode", "one of image"),
        ({"scheduler": {"numRuns": None}}, "scheduler.numRuns", "a number"),
        ({"triggerer": {"enabled": None}}, "triggerer.enabled", "true or false"),
    ],
)
def test_what_the_chart_needs_cannot_be_null(document, key, wanted):
    with pytest.raises(KitError) as raised:
        values.refuse_nulls(UserValues(document))
    error = raised.value
    assert (error.id, error.code) == ("values-wrong-type", ExitCode.PREFLIGHT)
    assert error.message == f"{key} must not be null"
    assert f"{key} takes {wanted}" in error.cause
    assert f"Remove {key}" in error.fix


def test_all_of_them_are_told_at_once():
    with pytest.raises(KitError) as raised:
        values.refuse_nulls(UserValues({"keys": None, "admin": None}))
    assert raised.value.message == "keys, admin must not be null"


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"image": {"tag": None, "digest": None}},
        {"migrations": {"ttlSecondsAfterFinished": None}},
        {"apiServer": {"service": {"nodePort": None}, "replicas": None}},
        {"scheduler": {"resources": {"limits": {"cpu": None}}}},
        {"no": {"such": None}},
        {"config": {"core": {"parallelism": None}}},
    ],
)
def test_other_keys_may_be_null_or_are_helms_to_refuse(document):
    values.refuse_nulls(UserValues(document))


FLAGS = {"apiServer": {"service": {"nodePort": 30859}}, "dags": {"mode": "git"}}


@pytest.mark.parametrize(
    ("document", "key"),
    [
        ({"apiServer": "hello"}, "apiServer"),
        ({"apiServer": {"service": ["NodePort"]}}, "apiServer.service"),
        ({"dags": False}, "dags"),
    ],
)
def test_a_text_where_a_flag_sets_keys_is_refused(document, key):
    with pytest.raises(KitError) as raised:
        values.refuse_hidden(UserValues(document), FLAGS)
    error = raised.value
    assert (error.id, error.code) == ("values-wrong-type", ExitCode.PREFLIGHT)
    assert error.message.startswith(f"{key} is ")
    assert error.fix.startswith(f"Write a mapping for {key}")


@pytest.mark.parametrize(
    "document",
    [{}, {"apiServer": {"replicas": 2}}, {"scheduler": "hello"}, {"apiServer": None}, {"dags": {"mode": "pvc"}}],
)
def test_what_is_beside_the_flags_is_the_schemas_to_judge(document):
    values.refuse_hidden(UserValues(document), FLAGS)
