"""Each area of `kitctl upgrade-check`: when it fires, when it is silent, and when it cannot look."""

import json
import shutil
from dataclasses import replace
from types import SimpleNamespace

import pytest
from packaging.version import Version

from kitctl.errors import KitError
from kitctl.images.inventory import Inventory
from kitctl.model.settings import Settings
from kitctl.model.upgrade.findings import NotPossibleError
from kitctl.model.upgrade.floors import Floors
from kitctl.model.user_values import UserValues
from kitctl.release.upgrade.running import Running
from kitctl.render.airflow_cfg import HEADER
from kitctl.tools.pypi import File
from kitctl.usecases.upgrade import refusals
from kitctl.usecases.upgrade.areas import dags, image, options, packages, servers, user_values, version
from kitctl.usecases.upgrade.upgrade_facts import Facts
from kitctl.usecases.upgrade.wish import Wish

OLD = Inventory(
    "3.2.2",
    "3.13.5",
    {
        "apache-airflow": "3.2.2",
        "apache-airflow-providers-git": "0.9",
        "apache-airflow-providers-old": "1",
        "gone": "1",
    },
    {"core": {"leaving": "1", "parallelism": "32"}},
    revisions=("a", "b"),
    database={"version": "16.4", "revision": "b"},
)
NEW = Inventory(
    "3.3.2",
    "3.13.5",
    {"apache-airflow": "3.3.2", "apache-airflow-providers-git": "1.0"},
    {"core": {"parallelism": "64"}},
    revisions=("a", "b", "c"),
)
TESTED = Floors(("1.30", "1.31"), ("14", "15", "16"), ("3.13",))
AWAY = NotPossibleError("no release is here")
WHEEL = File("apache_airflow-3.3.2-py3-none-any.whl", "https://x/y")


def facts(settings=None, wish=None, *, target="3.3.2", user=None, **known):
    """Return facts of which those that are named are known; the others would be made."""
    found = Facts(settings or Settings(), wish or Wish("3.3.2"), lambda _: None)
    found.__dict__["target"] = Version(target)
    found.__dict__["index"] = SimpleNamespace(shown="https://pypi.example.com/simple")
    found.__dict__["user"] = found.__dict__["mine"] = UserValues(user or {})
    usual = {
        "published": {Version(target): [WHEEL]},
        "floors": TESTED,
        "running": Running(kubernetes="v1.30.4"),
        "old": OLD,
        "old-image": OLD,
        "image": "example.com/airflow:3.3.2",
        "new": NEW,
    }
    found._made |= usual | {name.replace("_", "-"): value for name, value in known.items()}
    return found


def values_area(known):
    return user_values.look(known, refusals.find(known))


def options_area(known):
    return options.look(known)[0]


def ids(area):
    return [(one.id, one.level) for one in area.findings]


def test_a_version_of_the_index_is_fine():
    area = version.look(facts(user={"airflowVersion": "3.2.2"}))
    assert (area.status, area.findings) == ("ok", [])


def test_a_version_with_a_flaw_is_told():
    newer = facts(target="3.9.0rc1", published={Version("3.9.0rc1"): [replace(WHEEL, yanked=True)]})
    assert ids(version.look(newer)) == [
        ("upgrade-target-untested", "warning"),
        ("upgrade-target-prerelease", "warning"),
        ("upgrade-target-yanked", "warning"),
    ]
    same = facts()
    same.__dict__["current"] = (Version("3.3.2"), "The values name")
    assert ids(version.look(same)) == [("upgrade-not-needed", "info")]


def test_without_an_index_the_version_is_not_checked():
    area = version.look(facts(published=KitError("index-unreachable", "The package index cannot be asked", cause="no")))
    assert (area.status, area.message) == ("not-checked", "The package index cannot be asked: no")


def test_values_that_the_chart_takes_are_fine(tmp_path):
    area = values_area(facts(user={"config": {"core": {"parallelism": 8}}}))
    assert (area.status, area.findings) == ("ok", [])


def test_the_chart_judges_with_the_new_version_whatever_the_values_say(monkeypatch):
    seen = []

    def rendered(_, *args):
        seen.append(json.loads(args[3].files[0].read_text()))
        return "", []

    monkeypatch.setattr(refusals.Helm, "refusals", rendered)
    values_area(facts(Settings(sets=("a=b",)), user={"airflowVersion": "3.2.2", "a": "b"}))
    assert seen == [{"airflowVersion": "3.3.2", "a": "b"}]


def test_values_that_the_chart_refuses_forbid_the_upgrade(tmp_path):
    file = tmp_path / "values.yaml"
    file.write_text("schedulr: {replicas: 2}\n")
    area = values_area(facts(Settings(values=(file,)), user={"schedulr": {"replicas": 2}}))
    assert (area.status, ids(area)) == ("error", [("values-unknown-key", "error")])


def test_values_of_a_release_are_judged_where_none_are_given():
    area = values_area(facts(user={"schedulr": {"replicas": 2}}))
    assert (area.status, ids(area)) == ("error", [("values-unknown-key", "error")])
    assert "The values of the release airflow" in area.message


def test_values_that_name_the_old_version_are_listed_and_forbid_nothing():
    area = values_area(facts(user={"airflowVersion": "3.2.2", "image": {"repository": "a/airflow", "tag": "3.2.2"}}))
    assert area.status == "ok"
    assert [(one.place, one.level) for one in area.findings] == [("airflowVersion", "info"), ("image", "info")]
    area = values_area(facts(user={"airflowVersion": "3.3.2", "image": {"tag": "3.3.2", "repository": "a/airflow"}}))
    assert area.findings == []


def test_a_file_of_another_chart_is_sent_to_values_migrate(tmp_path):
    file = tmp_path / "values.yaml"
    old = {"webserver": {"defaultUser": {"enabled": True}}, "dags": {"gitSync": {"enabled": True, "repo": "x"}}}
    old |= {"data": {"metadataConnection": {"user": "x"}}, "airflowHome": "/opt", "webserverSecretKey": "x"}
    file.write_text(f"{old}")
    area = values_area(facts(Settings(values=(file,)), user=old))
    assert ids(area)[0][1] == "error"
    (hint,) = [one for one in area.findings if one.id == "values-of-another-chart"]
    assert hint.fix == f"kitctl values migrate {file} --out values.yaml"


def test_options_that_stay_are_fine():
    known = facts(user={"config": {"core": {"parallelism": 8}}})
    assert options_area(known).status == "ok"
    assert options_area(known).findings == []


def test_options_that_go_forbid_the_upgrade_and_other_defaults_are_told():
    area = options_area(facts(user={"config": {"core": {"leaving": 8}}}))
    assert (area.status, ids(area)) == ("error", [("option-removed", "error"), ("option-default-changed", "info")])


def test_without_the_new_image_the_names_of_another_version_do_not_pass_for_its_own():
    values = {"env": [{"name": "AIRFLOW__WEBSERVER__RBAC", "value": "1"}]}
    area = options_area(facts(target="3.4.0", user={}, new=AWAY, old_image=AWAY))
    assert area.status == "not-checked"
    assert "compared with those of Airflow 3.3.2" in area.message
    assert "no release is here" in area.message
    assert options_area(facts(target="3.4.0", user=values, new=AWAY, old_image=AWAY)).status == "error"
    assert options_area(facts(user={}, new=AWAY, old_image=AWAY)).status == "ok"


def test_the_users_airflow_cfg_is_rendered_as_a_deploy_does_and_judged_by_file_and_line(tmp_path):
    cfg = tmp_path / "airflow.cfg.j2"
    cfg.write_text(
        '{% extends "kit/airflow.cfg.j2" %}\n{% block core %}{{ super() }}\nleaving = 1\n{% endblock %}'
        '{% block extra %}{% include "more.cfg" %}{% endblock %}'
    )
    (tmp_path / "more.cfg").write_text("[mine]\nown = 1\n")
    known = replace(NEW, renamed={"api.old": "core.parallelism"})
    area = options_area(facts(wish=Wish("3.3.2", template_dir=tmp_path), new=known))
    assert area.status == "error"
    assert [(one.id, one.level, one.place) for one in area.findings[:2]] == [
        ("option-removed", "error", f"{cfg}:3 ([core] leaving)"),
        ("option-unknown", "warning", f"{tmp_path}/more.cfg:2 ([mine] own)"),
    ]
    assert f"Options of the values and {cfg}, compared with those of Airflow 3.3.2: 2" in area.message
    cfg.write_text('{% extends "kit/airflow.cfg.j2" %}{% block extra %}\n[api]\nold = 1\n{% endblock %}')
    moved = options_area(facts(wish=Wish("3.3.2", template_dir=tmp_path), new=known)).findings[0]
    assert (moved.id, moved.place, moved.fix) == ("option-renamed", f"{cfg}:3 ([api] old)", "[core]\nparallelism = …")


def test_a_template_that_cannot_be_rendered_leaves_its_options_unchecked(tmp_path):
    (tmp_path / "airflow.cfg.j2").write_text("{% block %}")
    area = options_area(facts(wish=Wish("3.3.2", template_dir=tmp_path), user={"config": {"core": {"leaving": 1}}}))
    assert ids(area)[0] == ("option-removed", "error")
    assert "airflow.cfg.j2 cannot be rendered (template-invalid)" in area.message
    only = options_area(facts(wish=Wish("3.3.2", template_dir=tmp_path)))
    assert only.status == "not-checked"
    gone = options_area(facts(wish=Wish("3.3.2", template_dir=tmp_path / "gone")))
    assert "cannot be rendered (template-dir-missing)" in gone.message


def test_templates_of_pods_alone_bring_no_options(tmp_path):
    (tmp_path / "pod_template").mkdir()
    area = options_area(facts(wish=Wish("3.3.2", template_dir=tmp_path)))
    assert (area.status, ids(area)) == ("ok", [("option-default-changed", "info")])


def test_a_text_of_airflow_cfg_in_the_values_is_judged_unless_kitctl_wrote_it_for_the_release():
    text = "[core]\nleaving = 1\n"
    area = options_area(facts(user={"templates": {"airflowCfg": text}}))
    assert [one.place for one in area.findings if one.level == "error"] == ["templates.airflowCfg:2 ([core] leaving)"]
    made = facts(user={"templates": {"airflowCfg": HEADER + text}})
    assert [one.level for one in options_area(made).findings] == ["error", "info"]
    made.__dict__["mine"] = UserValues({})
    assert [one.level for one in options_area(made).findings] == ["info"]


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "good.py").write_text('from airflow.sdk import DAG\nwith DAG("good", schedule=None):\n    pass\n')
    return tmp_path


def test_sound_dag_files_are_fine(folder):
    area = dags.rules(facts(wish=Wish("3.3.2", dags=folder)))
    assert (area.status, area.findings) == ("ok", [])
    assert "1" in area.message


def test_code_of_an_older_airflow_forbids_the_upgrade(folder):
    (folder / "old.py").write_text("from airflow.operators.bash_operator import BashOperator\nBashOperator()\n")
    area = dags.rules(facts(wish=Wish("3.3.2", dags=folder)))
    assert area.status == "error"
    assert {one.place for one in area.findings} == {"old.py:1", "old.py:2"}
    assert ("AIR302", "error") in ids(area)


def test_without_dags_or_an_image_nothing_is_called_fine(folder, tmp_path):
    assert [area(facts()).status for area in (dags.rules, dags.imports)] == ["not-checked"] * 2
    gone = facts(wish=Wish("3.3.2", dags=tmp_path / "nowhere"))
    assert ids(dags.rules(gone)) == [("dags-missing", "error")]
    missing = KitError("builder-missing", "No image builder was found")
    area = dags.imports(facts(wish=Wish("3.3.2", dags=folder), image=missing))
    assert (area.status, area.message) == ("not-checked", "No image builder was found (builder-missing)")
    assert [dags._failed("x", KitError(name, "no")).status for name in ("dags-empty", "dags-check-failed")] == [
        "error",
        "not-checked",
    ]


def test_an_image_that_was_built_is_fine():
    area = image.look(facts())
    assert (area.status, area.message) == ("ok", "example.com/airflow:3.3.2 has Airflow 3.3.2 on Python 3.13.5")


@pytest.mark.parametrize(
    ("error", "status"),
    [
        ("requirements-conflict", "error"),
        ("requirements-not-installed", "error"),
        ("upgrade-image-other-version", "error"),
        ("builder-missing", "not-checked"),
        ("image-build-failed", "not-checked"),
    ],
)
def test_what_stops_the_build_for_the_upgrade_too_forbids_it(error, status):
    area = image.look(facts(image=KitError(error, "no"), new=KitError(error, "no")))
    assert area.status == status
    assert error in str(area)


def test_packages_of_both_images_are_compared():
    area, changes = packages.look(facts())
    assert [(one.name, one.change) for one in changes] == [
        ("apache-airflow", "newer"),
        ("apache-airflow-providers-git", "major"),
        ("apache-airflow-providers-old", "removed"),
        ("gone", "removed"),
    ]
    assert area.status == "warning"
    assert [(one.id, one.level, one.place.rpartition("-")[2]) for one in area.findings] == [
        ("package-major", "warning", "git"),
        ("package-removed", "warning", "old"),
        ("package-removed", "info", "gone"),
    ]
    assert "an image with Airflow 3.2.2 and one with 3.3.2" in area.message


def test_equal_packages_are_fine():
    area, changes = packages.look(facts(new=replace(NEW, packages=OLD.packages)))
    assert (area.status, changes) == ("ok", [])


class Index:
    """Knows what two versions ask for."""

    shown = "https://pypi.example.com/simple"

    def files(self, _):
        return {Version("3.2.2"): ["old"], Version("3.3.2"): ["new"]}

    def metadata(self, files):
        return {"requires_dist": {"old": ["pendulum>=3"], "new": ["pendulum>=4"]}[files[0]]}


def test_without_the_image_of_today_only_what_airflow_asks_for_is_compared_and_called_so():
    known = facts(old_image=AWAY, published=Index().files(""))
    known.__dict__["index"], known.__dict__["current"] = Index(), (Version("3.2.2"), "")
    area, changes = packages.look(known)
    assert area.status == "not-checked"
    assert "Only what Airflow 3.2.2 and 3.3.2 ask for" in area.message
    assert {(one.name, one.old, one.new) for one in changes} == {("pendulum", ">=3", ">=4")}


def test_a_server_that_the_new_airflow_is_tested_with_is_fine_and_migrations_are_told():
    area = servers.database(facts())
    assert (area.status, ids(area)) == ("ok", [("database-migration", "info")])
    assert "1 migration" in area.findings[0].message
    assert servers.database(facts(new=replace(NEW, revisions=("a", "b")))).findings == []


@pytest.mark.parametrize(
    ("database", "found"),
    [
        ({"version": "13.9", "revision": "b"}, ("database-too-old", "error")),
        ({"version": "17.1", "revision": "b"}, ("postgresql-untested", "warning")),
        ({"version": "16.1", "revision": "z"}, ("airflow-downgrade", "error")),
    ],
)
def test_a_database_that_does_not_fit_is_told(database, found):
    assert found in ids(servers.database(facts(old=replace(OLD, database=database))))


def test_without_a_release_the_charts_own_database_is_known_by_its_tag():
    area = servers.database(facts(old=AWAY, user={"postgres": {"image": {"tag": "13"}}}))
    assert (area.status, ids(area)[0]) == ("error", ("database-too-old", "error"))
    area = servers.database(facts(old=AWAY, user={"postgres": {"image": {"tag": "16"}}}))
    assert (area.status, "no release is here" in area.message) == ("not-checked", True)
    assert servers.database(facts(old=AWAY, user={"postgres": {"enabled": False}})).status == "not-checked"
    silent = replace(OLD, database={"said": "OperationalError"})
    assert "OperationalError" in servers.database(facts(old=silent)).message


def test_a_cluster_that_the_new_airflow_is_tested_with_is_fine():
    assert servers.kubernetes(facts()).status == "ok"


def test_a_cluster_that_does_not_fit_is_told():
    assert ids(servers.kubernetes(facts(running=Running(kubernetes="v1.29.1")))) == [("kubernetes-too-old", "error")]
    assert ids(servers.kubernetes(facts(running=Running(kubernetes="v1.33.1")))) == [("kubernetes-untested", "warning")]
    none = servers.kubernetes(facts(running=Running(why="nobody answers")))
    assert (none.status, none.message) == ("not-checked", "nobody answers")
    offline = facts(floors=KitError("index-unreachable", "The index is away"))
    assert (servers.kubernetes(offline).status, "The index is away" in servers.kubernetes(offline).message) == (
        "not-checked",
        True,
    )


def test_the_helm_of_this_machine_is_compared(monkeypatch):
    assert servers.helm(facts()).status == "ok"
    real = shutil.which("true")
    monkeypatch.setattr(servers.toolbox, "find", lambda _: None)
    monkeypatch.setattr(servers, "which", lambda _: real)
    assert ids(servers.helm(facts())) == [("helm-too-old", "error")]
    monkeypatch.setattr(servers, "which", lambda _: None)
    assert ids(servers.helm(facts())) == [("tool-missing", "error")]
