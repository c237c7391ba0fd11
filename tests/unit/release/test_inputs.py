"""The user's files are read with care, and what Helm reads is written where helm alone could go on."""

import pytest
import yaml

from kitctl.errors import ExitCode, KitError
from kitctl.model.options.overlay import Overlay
from kitctl.model.settings import Settings
from kitctl.model.values.dags import DagMode
from kitctl.release import inputs


def settings(tmp_path, text=None, sets=()):
    path = tmp_path / "mine.yaml"
    if text is not None:
        path.write_text(text)
    return Settings(values=(path,) if text is not None else (), sets=tuple(sets))


@pytest.mark.parametrize(
    ("text", "error"),
    [("a: [", "values-invalid"), ("- 1", "values-invalid"), ("a:\n\tb: 1", "values-invalid")],
)
def test_files_that_hold_no_values_are_refused(tmp_path, text, error):
    with pytest.raises(KitError) as raised:
        inputs.read(settings(tmp_path, text))
    assert raised.value.id == error
    assert raised.value.code == ExitCode.USAGE
    assert "mine.yaml" in raised.value.message


def test_a_file_that_is_missing_is_named(tmp_path):
    with pytest.raises(KitError) as raised:
        inputs.read(Settings(values=(tmp_path / "none.yaml",)))
    assert raised.value.id == "values-missing"


def test_an_empty_file_is_fine(tmp_path):
    assert inputs.read(settings(tmp_path, "# nothing\n")).documents == ({},)


@pytest.mark.parametrize(
    ("flag", "text", "sets", "mode"),
    [
        (None, None, (), "image"),
        (None, "dags: {mode: pvc}", (), "pvc"),
        (DagMode.GIT, "dags: {mode: pvc}", (), "git"),
        (DagMode.GIT, None, ("a=1,dags.mode=bundle",), "bundle"),
        (DagMode.GIT, "dags: {mode: nfs}", (), "git"),
        (None, "dags: {mode: [nfs]}", (), "image"),
        (None, "dags: none", (), "image"),
    ],
)
def test_the_mode_follows_helms_order(tmp_path, flag, text, sets, mode):
    assert inputs.mode_of(flag, inputs.read(settings(tmp_path, text, sets))) == mode


@pytest.mark.parametrize(
    ("text", "sets", "mode"),
    [
        ("dags: {mode: persistent_mode}", (), "pvc"),
        (None, ("dags.mode=git_mode",), "git"),
        (None, ("dags.mode=GitSync",), "git"),
    ],
)
def test_a_mode_of_the_values_that_is_none_gets_the_nearest_one(tmp_path, text, sets, mode):
    with pytest.raises(KitError) as raised:
        inputs.mode_of(None, inputs.read(settings(tmp_path, text, sets)))
    assert (raised.value.id, raised.value.code) == ("dag-mode-unknown", ExitCode.USAGE)
    assert f"dags: {{mode: {mode}}}" in raised.value.fix
    assert "persistent_mode (pvc)" in raised.value.cause


def test_files_stand_between_profile_and_flags(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    given = inputs.write(
        settings(tmp_path, "b: 1", ("c=2",)), Overlay({"p": 1}, {"f": 2}), DagMode.IMAGE, template_dir=None
    )
    names = [path.name for path in given.values]
    assert names == ["values.yaml", "mine.yaml", "flags.yaml"]
    assert yaml.safe_load(given.values[0].read_text()) == {"p": 1}
    assert yaml.safe_load(given.values[2].read_text()) == {"f": 2}
    assert given.sets == ("c=2",)
    assert set(given.set_files) == {"templates.airflowCfg", "templates.podTemplate"}
    assert all(path.is_absolute() and path.stat().st_size for path in given.set_files.values())


def test_without_flags_there_is_no_flags_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    given = inputs.write(Settings(), Overlay({"p": 1}, {}), DagMode.IMAGE, template_dir=None)
    assert [path.name for path in given.values] == ["values.yaml"]


def test_a_broken_template_of_the_users_is_refused_before_anything_is_written(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    broken = tmp_path / "templates"
    broken.mkdir()
    (broken / "airflow.cfg.j2").write_text("{% extends 'kit/airflow.cfg.j2' %}{{ nothing_of_that_name }}{% block %}")
    with pytest.raises(KitError) as raised:
        inputs.write(Settings(), Overlay(), DagMode.IMAGE, template_dir=broken)
    assert "template" in raised.value.id


def test_a_folder_that_cannot_be_written_is_named(tmp_path, monkeypatch):
    (tmp_path / ".kit").write_text("a file where a folder should be")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(KitError) as raised:
        inputs.write(Settings(), Overlay(), DagMode.IMAGE, template_dir=None)
    assert raised.value.id == "work-dir-unwritable"


def test_templates_of_the_users_values_are_not_covered_by_the_kits_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    mine = settings(tmp_path, "templates: {airflowCfg: '[core]'}")
    given = inputs.write(mine, Overlay(), DagMode.IMAGE, template_dir=None)
    assert set(given.set_files) == {"templates.podTemplate"}
    (tmp_path / "jinja").mkdir()
    given = inputs.write(mine, Overlay(), DagMode.IMAGE, template_dir=tmp_path / "jinja")
    assert set(given.set_files) == {"templates.airflowCfg", "templates.podTemplate"}
