"""What Helm reads is judged once, and written where helm alone could go on."""

import stat

import pytest
import yaml

from kitctl.errors import KitError
from kitctl.model.image_choice import Choice
from kitctl.model.options.up import UpOptions
from kitctl.model.settings import Settings
from kitctl.model.user_values import UserValues
from kitctl.release import inputs, templates, values


@pytest.fixture(autouse=True)
def in_a_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def wish(settings=None, options=None, user=None, made_by_kit=False):
    settings = settings or Settings()
    return inputs.wish(settings, options or UpOptions(), user or values.read(settings), made_by_kit=made_by_kit)


def write(wanted, **more):
    return inputs.write(wanted, Choice(), smoke=False, **more)


def mine(tmp_path, text):
    path = tmp_path / "mine.yaml"
    path.write_text(text)
    return Settings(values=(path,), sets=("c=2",))


def test_files_stand_between_profile_and_flags(tmp_path):
    given = write(wish(mine(tmp_path, "b: 1"), UpOptions(node_port=30859)))
    names = [path.name for path in given.sources.files]
    assert names == ["values.yaml", "mine.yaml", "flags.yaml"]
    assert yaml.safe_load(given.sources.files[0].read_text())["smoke"] == {"enabled": False}
    assert yaml.safe_load(given.sources.files[2].read_text())["apiServer"]["service"]["nodePort"] == 30859
    assert given.sources.sets == ("c=2",)
    written = dict(pair.split("=") for pair in given.sources.set_files)
    assert set(written) == {"templates.airflowCfg", "templates.podTemplate"}
    assert all(path.startswith(str(tmp_path / ".kit" / "airflow")) for path in written.values())


def test_with_a_project_they_lie_beside_its_file(tmp_path):
    folder = tmp_path / "project"
    folder.mkdir()
    given = write(wish(Settings(folder=folder), UpOptions()))
    assert given.sources.files[0] == folder / ".kit" / "airflow" / "values.yaml"
    assert not (tmp_path / ".kit").exists()


def test_without_flags_there_is_no_flags_file():
    assert [path.name for path in write(wish()).sources.files] == ["values.yaml"]


def test_nobody_else_may_read_what_may_hold_secrets(tmp_path):
    below = {"env": [{"name": "TOKEN", "value": "s3cret"}]}
    given = write(wish(), below=below)
    kept = given.sources.files[0]
    assert yaml.safe_load(kept.read_text()) == below
    for path in (*given.sources.files, kept.parent):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


def test_what_an_earlier_push_kept_is_gone_with_the_next_command():
    kept = write(wish(), below={"a": 1}).sources.files[0]
    write(wish())
    assert not kept.exists()


def test_a_dry_run_writes_nothing_into_the_current_folder(tmp_path):
    with inputs.scratch(Settings(dry_run=True)) as folder:
        write(wish(), folder=folder)
        assert (folder / "values.yaml").is_file()
    assert not folder.exists()
    assert not (tmp_path / ".kit").exists()


def test_judging_writes_nothing_either(tmp_path):
    inputs.judge(wish(), smoke=True)
    assert list(tmp_path.iterdir()) == []


def test_a_broken_template_of_the_users_is_refused_before_anything_is_written(tmp_path):
    broken = tmp_path / "templates"
    broken.mkdir()
    (broken / "airflow.cfg.j2").write_text("{% extends 'kit/airflow.cfg.j2' %}{{ nothing_of_that_name }}{% block %}")
    with pytest.raises(KitError) as raised:
        wish(options=UpOptions(template_dir=broken))
    assert "template" in raised.value.id


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / ".kit").write_text("a file where a folder should be")
    with pytest.raises(KitError) as raised:
        write(wish())
    assert raised.value.id == "work-dir-unwritable"


def test_templates_of_the_users_values_are_not_covered_by_the_kits_own(tmp_path):
    user = UserValues({"templates": {"airflowCfg": "[core]"}})
    assert set(templates.compiled(user).write(tmp_path)) == {"templates.podTemplate"}
    (tmp_path / "jinja").mkdir()
    both = templates.compiled(user, tmp_path / "jinja").write(tmp_path)
    assert set(both) == {"templates.airflowCfg", "templates.podTemplate"}


@pytest.mark.parametrize(
    ("flag", "running", "port"), [(None, None, 30809), (None, 30850, 30850), (30860, 30850, 30860)]
)
def test_the_node_port_of_the_release_stays_until_a_flag_changes_it(flag, running, port):
    given = write(wish(options=UpOptions(node_port=flag), made_by_kit=True), node_port=running)
    ports = [yaml.safe_load(p.read_text()).get("apiServer", {}).get("service", {}) for p in given.sources.files]
    assert ports[-1]["nodePort"] == port
